"""Commands about partners: what the netmap says of them, and the certificates that nodes show each other."""

from __future__ import annotations

import ssl
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from dtf import console
from dtf.cli.ordering import ordered, told
from dtf.console import Request
from dtf.errors import UsageError
from dtf.netmap import FOLDER, HOST, AdjacentNode, Netmap, NetmapError, host_address, node_name
from dtf.node import install
from dtf.transport import tls
from ksds.host_folder import FileFolder
from ksds.system import System

NODE_NAME = Annotated[str, typer.Argument(metavar="NAME", help="The partner's node name.")]


def node_add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The partner's node name, 1-16 characters.")],
    at: Annotated[str, typer.Option("--at", metavar="HOST:PORT", help="Where it listens.")] = "",
    folder: Annotated[Path | None, typer.Option("--folder", metavar="DIR", help="Its system folder, here.")] = None,
    sessions: Annotated[int, typer.Option(metavar="N", min=1, max=255, help="Sessions to it at a time: PARSESS.")] = 1,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="PEM", help="Its certificate, to be pinned: TLS only.")
    ] = None,
) -> None:
    """Add a partner to the netmap.

    A partner in a folder is made there if it is new, and learns of this node. One that is in the netmap is replaced.

    \b
    Examples:
      dtf node add LONDON --folder london
      dtf node add TOKYO --at tokyo.example.com:1364 --sessions 4
      dtf node add PARIS --at paris.example.com:1364 --certificate paris-certificate.pem
    """
    if bool(at) == (folder is not None):
        raise UsageError("give either --at HOST:PORT or --folder DIR")
    name = node_name(name)
    with System.open(context.obj) as system:
        install(system, time.time())
        with Netmap(system, "w") as nodes:
            if name == nodes.local:
                raise NetmapError(f"{name} is this node itself")
            known = next((node for node in nodes.nodes() if node.name == name), None)
            if folder is None:
                pinned = tls.pinned_certificate(read_text(certificate)) if certificate else b""
                nodes.add(AdjacentNode(name, HOST, host_address(at), sessions, certificate=pinned))
            else:
                _introduce(name, folder, nodes.local, Path(context.obj))
                nodes.add(AdjacentNode(name, FOLDER, str(folder.resolve()), sessions))
            entry = nodes.find(name)
            instead = f", INSTEAD OF {known.location}" if known and known.location != entry.location else ""
            print(f"DTX360I {nodes.local}: NODE {name} ADDED, {entry.location}{instead}")
    console.ask(context.obj, Request(verb="INQUIRE", words=["INITPARMS"]))  # a DTF that listens reads its netmap again


def node_change(
    context: typer.Context,
    name: NODE_NAME,
    at: Annotated[str, typer.Option("--at", metavar="HOST:PORT", help="Where it listens now.")] = "",
    sessions: Annotated[str, typer.Option(metavar="N,CLASS", help="PARSESS: most sessions, default class.")] = "",
    compress: Annotated[str, typer.Option(metavar="RULE", help="allow, disallow or force COMPRESS.")] = "",
) -> int:
    """Change a partner in the netmap, as UPDATE NETMAP does.

    \b
    Examples:
      dtf node change CHI --sessions 4,1
      dtf node change CHI --compress disallow
    """
    given = {"ADDRESS": at, "PARSESS": f"({sessions})" if sessions else "", "COMPRESS": compress.upper()}
    keywords = {"NODE": name, **{key: value for key, value in given.items() if value}}
    return told(ordered(context.obj, Request(verb="UPDATE", words=["NETMAP"], keywords=keywords)))


def node_remove(context: typer.Context, name: NODE_NAME) -> int:
    """Take a partner out of the netmap.

    It stays if a Process for it is in the queue.

    \b
    Example:
      dtf node add PAR --at paris.example.com:1364 ; dtf node remove PAR
    """
    return told(ordered(context.obj, Request(verb="DELETE", words=["NETMAP"], keywords={"NODE": name})))


def node_certificate(
    context: typer.Context,
    use: Annotated[
        Path | None, typer.Option("--use", metavar="PEM", help="Take this certificate and key as this node's.")
    ] = None,
) -> None:
    """Show the certificate of this node, or give it one.

    Partners pin it. --use takes certificate and key in one PEM file.

    \b
    Examples:
      openssl req -x509 -newkey rsa:3072 -nodes -days 3650 -subj /CN=NYC -keyout key.pem -out crt.pem
      cat crt.pem key.pem > nyc.pem ; dtf node certificate --use nyc.pem
      dtf node certificate > nyc-certificate.pem
    """
    with System.open(context.obj):
        own = Path(context.obj) / tls.CERTIFICATE_FILE
        if use is None and not own.is_file():
            raise UsageError(
                "this node has no certificate yet; --use PEM gives it one, see dtf node certificate --help"
            )
        if use is not None:
            text = read_text(use)
            tls.pinned_certificate(text)
            tls.check_key(use)
            with closing(FileFolder(own.parent)) as folder:
                tls.take_certificate(folder, text)
        print(ssl.DER_cert_to_PEM_cert(tls.pinned_certificate(read_text(own))), end="")


def _introduce(name: str, folder: Path, local: str, here: Path) -> None:
    """Make the partner's node in its folder, give it its name if it is new, and let it know this node."""
    with System.open(folder) as partner:
        install(partner, time.time())
        with Netmap(partner, "w") as nodes:
            if nodes.local != name and nodes.nodes():
                raise NetmapError(f"the node in {folder} is {nodes.local}, not {name}")
            nodes.name_local(name)
            nodes.add(AdjacentNode(local, FOLDER, str(here.resolve())))


def read_text(path: Path) -> str:
    """A small text file of the host. Raises UsageError."""
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'not text in ASCII'}") from None

"""TLS between nodes: each shows its certificate, each knows the other's beforehand, nobody else vouches for them.

A node's own certificate and key are in `dtf.pem` of its system folder (mode 0600); a partner's certificate is pinned
in its netmap entry. Both sides must show exactly the certificate that is pinned: names, issuers and hosts in it are
not looked at, so a self-signed one is as good as any. A partner with a pinned certificate is never talked to without
TLS. Version 1.3 only: both ends are ours.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from dtf.errors import SessionLost, TransportMissing
from dtf.netmap import NetmapError
from dtf.node.local import LocalNode
from ksds.host_folder import FileFolder

CERTIFICATE_FILE = "dtf.pem"
CLIENT_HELLO = b"\x16"
"""First byte of a TLS connection; no frame begins with it."""


def own_certificate(folder: Path) -> Path | None:
    """The file with this node's certificate and key, if it has one."""
    path = folder / CERTIFICATE_FILE
    return path if path.is_file() else None


def calling(node: LocalNode, certificate: bytes) -> ssl.SSLContext:
    """What the caller of a partner with this certificate (DER) uses. Raises SessionLost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    return _prepared(context, node, [certificate])


def called(node: LocalNode) -> ssl.SSLContext:
    """What a node that is called uses: any partner of the netmap may come. Raises SessionLost."""
    pinned = [partner.certificate for partner in node.partners.values() if partner.certificate]
    return _prepared(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), node, pinned)


def pinned_certificate(pem: str) -> bytes:
    """The first certificate of a PEM text, as DER. Raises NetmapError."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    start, stop = pem.find(begin), pem.find(end)
    if 0 <= start < stop:
        try:
            der = ssl.PEM_cert_to_DER_cert(pem[start : stop + len(end)] + "\n")
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=der)
            return der
        except (ValueError, ssl.SSLError):
            pass
    raise NetmapError("this is no certificate in PEM form")


def check_key(pem: Path) -> None:
    """Raises NetmapError if the file does not hold a certificate and its key."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pem)
    except ssl.SSLError:
        raise NetmapError(f"{pem.name} holds no certificate with its key") from None


def take_certificate(folder: FileFolder, pem: str) -> None:
    """Make this the certificate and key of the node in `folder`, durably; a crash leaves the one that was there.
    Raises OSError."""
    staged = f"{CERTIFICATE_FILE}.new"
    if folder.exists(staged):
        folder.remove(staged)
    with closing(folder.open(staged, create=True)) as file:
        file.write(0, pem.encode("ascii"))
        file.sync()
    folder.rename(staged, CERTIFICATE_FILE)
    folder.sync()


def _prepared(context: ssl.SSLContext, node: LocalNode, pinned: Iterable[bytes]) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    own = own_certificate(node.system.folder)
    if own is None:
        raise TransportMissing(f"node {node.name} has no certificate: {CERTIFICATE_FILE} is missing")
    try:
        context.load_cert_chain(own)
        for certificate in pinned:
            context.load_verify_locations(cadata=certificate)
    except (ssl.SSLError, OSError) as error:
        raise SessionLost(f"certificate of node {node.name} cannot be used: {error.strerror or error}") from None
    return context

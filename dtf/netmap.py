"""The network map: the local node and one ADJACENT.NODE record for each partner, in a KSDS.

Key: L or A, and the node's name of 1-16 characters. A partner is reached at host:port or is another system folder on
this machine. The bytes of a record are declared in `dtf.record_layouts`.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass

from dtf.errors import NodeError
from dtf.record_layouts import NETMAP_CODEC
from ksds.closing import Closing
from ksds.errors import RecordNotFound
from ksds.system import System

NAME = "DTF.NETMAP"
DEFINE = f"""  DEFINE CLUSTER(NAME({NAME}) INDEXED KEYS(17 0) -
         RECORDSIZE(128 4089) CYLINDERS(1 1) FREESPACE(10 10) -
         SHAREOPTIONS(2 3)) -
         DATA(NAME({NAME}.DATA) CONTROLINTERVALSIZE(4096)) -
         INDEX(NAME({NAME}.INDEX))
"""
FOLDER, HOST = "F", "H"
SELECTORS = ("NODE",)
COMPRESSIONS = ("ALLOW", "DISALLOW", "FORCE")
_COMPRESSIONS = {word[:1]: word for word in COMPRESSIONS}
_NAME = re.compile(r"[A-Z0-9@#$][A-Z0-9@#$.\-_]{0,15}")
_HOST = re.compile(r"[A-Za-z0-9.\-:\[\]]{1,253}:([0-9]{1,5})")
_LOCAL, _ADJACENT = "L".encode("cp037"), "A".encode("cp037")


class NetmapError(NodeError):
    """A node name or address is wrong, or the node is not in the netmap."""

    default_id = "DTX310E"


@dataclass(frozen=True, slots=True)
class AdjacentNode:
    """A partner. `kind` FOLDER or HOST; `address` the folder or host:port; PARSESS=(sessions,default class).

    `compression` ALLOW, DISALLOW or FORCE: what becomes of COMPRESS in a COPY to or from it.
    `certificate` (DER) is pinned: the partner must show it, and is not talked to without TLS.
    """

    name: str
    kind: str
    address: str
    sessions: int = 1
    default_class: int = 0
    certificate: bytes = b""
    compression: str = "ALLOW"

    @property
    def is_encrypted(self) -> bool:
        """What goes to it is encrypted, or does not leave this machine's memory."""
        return self.kind == FOLDER or bool(self.certificate)

    @property
    def location(self) -> str:
        """Where it is, for people: a folder, or host:port with the beginning of its certificate's SHA-256."""
        if self.kind == FOLDER:
            return f"folder {self.address}"
        return (
            f"{self.address}, TLS {hashlib.sha256(self.certificate).hexdigest()[:16]}"
            if self.certificate
            else self.address
        )


def node_name(text: str) -> str:
    """`text` as a node name, upper case. Raises NetmapError."""
    name = text.strip().upper()
    if not _NAME.fullmatch(name):
        raise NetmapError(f"{text[:40]!r} is not a node name: 1-16 letters, digits, @ # $ . - _")
    return name


def host_address(text: str, *, lowest_port: int = 1) -> str:
    """`text` as host:port. Raises NetmapError."""
    match = _HOST.fullmatch(text)
    if not match or not lowest_port <= int(match[1]) < 65536:
        raise NetmapError(f"{text[:60]!r} is not host:port")
    return text


def split_address(address: str) -> tuple[str, int]:
    """Host and port of host:port; an IPv6 address stands in brackets."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


class Netmap(Closing):
    """The open netmap; mode "w" to change it. Changes are durable when a method returns."""

    def __init__(self, system: System, mode: str = "r") -> None:
        self._cluster = system.key_sequenced(NAME, mode)

    def close(self) -> None:
        self._cluster.close()

    @property
    def local(self) -> str:
        """The name of this node, "" before it has one."""
        record = next(self._cluster.browse(prefix=_LOCAL), None)
        return _decode(record).name if record else ""

    def name_local(self, name: str) -> None:
        """Give this node its name, instead of any it had."""
        for record in list(self._cluster.browse(prefix=_LOCAL)):
            self._cluster.erase(record[:17])
        self._cluster.insert(_encode(_LOCAL, AdjacentNode(node_name(name), FOLDER, "")))
        self._cluster.commit()

    def nodes(self) -> list[AdjacentNode]:
        """The partners by name."""
        return [_decode(record) for record in self._cluster.browse(prefix=_ADJACENT)]

    def find(self, name: str) -> AdjacentNode:
        """Raises NetmapError if the node is not in the netmap."""
        try:
            return _decode(self._cluster.get(_ADJACENT + _padded(node_name(name))))
        except RecordNotFound:
            raise NetmapError(f"node {name} is not in the netmap") from None

    def add(self, node: AdjacentNode) -> None:
        """Insert or replace a partner."""
        record = _encode(_ADJACENT, node)
        try:
            self._cluster.update(record)
        except RecordNotFound:
            self._cluster.insert(record)
        self._cluster.commit()

    def remove(self, name: str) -> None:
        """Raises NetmapError if the node is not in the netmap."""
        self.find(name)
        self._cluster.erase(_ADJACENT + _padded(node_name(name)))
        self._cluster.commit()


def _padded(name: str) -> bytes:
    return name.encode("cp037").ljust(16, b"\x40")


def _encode(kind: bytes, node: AdjacentNode) -> bytes:
    address = node.address.encode()
    letters = (node.kind.encode("cp037"), node.compression[:1].encode("cp037"))
    fixed = (kind, _padded(node.name), letters[0], node.sessions, node.default_class, letters[1], len(address))
    record = NETMAP_CODEC.pack(*fixed) + address + node.certificate
    if len(record) > 4089:
        raise NetmapError(f"address and certificate of {node.name} are longer than a netmap record")
    return record


def _decode(record: bytes) -> AdjacentNode:
    try:
        _, name, kind, sessions, default_class, compression, length = NETMAP_CODEC.unpack_from(record)
        end = NETMAP_CODEC.size + length
        address, certificate = record[NETMAP_CODEC.size : end].decode(), record[end:]
    except (struct.error, UnicodeDecodeError):
        raise NetmapError("a netmap record is damaged") from None
    return AdjacentNode(
        name.decode("cp037").rstrip(),
        kind.decode("cp037"),
        address,
        sessions,
        default_class,
        certificate,
        _COMPRESSIONS.get(compression.decode("cp037"), "ALLOW"),
    )

"""What interrupted copies have left behind: checkpoint records and staged files to which no Process belongs.

The product leaves the record of a Process that the operator deletes until CKPT.DAYS have passed, and so do we; this
finds it before, with the staged file that it names, and staged files that no record names. Whether a Process still
exists can only be seen in the queue of its PNODE: this node's own, or that of a partner in a folder. The records of any
other partner are left alone. A copy under way with CKPT=0 has a staged file and no record: ask while none is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from dtf import initparms
from dtf.copying.checkpoint import CheckpointRecord
from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.host_target import STAGED
from dtf.errors import DtfError
from dtf.netmap import FOLDER, Netmap
from dtf.transmission_queue import TransmissionQueue
from ksds.errors import KsdsError
from ksds.host_folder import FileFolder
from ksds.system import System

_HOST_NAME = re.compile(rf"\..*{re.escape(STAGED)}[0-9a-f]{{16}}")
RECORD, DATA_SET, FILE = "RECORD", "DATA SET", "FILE"


@dataclass(frozen=True, slots=True)
class Orphan:
    """`kind` is RECORD, DATA SET (a staged file of the volume) or FILE (of the host, `name` its path)."""

    kind: str
    name: str
    what: str
    record: CheckpointRecord | None = None


def find(system: System) -> list[Orphan]:
    """All of them. Raises KsdsError, DtfError."""
    with CheckpointFile(system) as file:
        records = [record for _, record in file.records() if isinstance(record, CheckpointRecord)]
    alive = _processes(system)
    lost = [r for r in records if r.pnode in alive and (r.number, r.submitted) not in alive[r.pnode]]
    kept = {record.target_token for record in records if record not in lost}
    found = [Orphan(RECORD, f"{r.pnode} {r.number}", _described(r), r) for r in lost]
    for name in system.diagnosis.left_over():
        if name not in kept and re.fullmatch(r".+\.[0-9a-f]{8}", name):
            found.append(Orphan(DATA_SET, name, "STAGED, OR LEFT BY A CRASH"))
    for path in _staged_on_host(initparms.read(system).file_write):
        own = path.rpartition("/")[2]
        if own not in kept and not any(token and own.endswith(f".{token}") for token in kept):
            found.append(Orphan(FILE, path, "STAGED"))
    return found


def remove(system: System, orphans: list[Orphan]) -> None:
    """Delete them. Raises OpenError (168) while a DTF works this system."""
    with CheckpointFile(system, "w") as file:
        for orphan in orphans:
            if orphan.record is not None:
                file.remove(orphan.record.pnode, orphan.record.number, orphan.record.submitted)
            elif orphan.kind == DATA_SET:
                system.discard_staged(orphan.name)
            else:
                folder, _, name = orphan.name.rpartition("/")
                with closing(FileFolder(folder)) as there:
                    there.remove(name)


def _described(record: CheckpointRecord) -> str:
    step = f"STEP {record.step_number} {record.step_label}".rstrip()
    return f"{step}, {record.source_name} TO {record.target_name}" if record.target_name else f"{step}, RUN TASK"


def _processes(system: System) -> dict[str, set[tuple[int, int]]]:
    """By PNODE, for all whose queue can be looked into: number and submit time of every Process in it."""
    with Netmap(system) as nodes:
        local, partners = nodes.local, [node for node in nodes.nodes() if node.kind == FOLDER]
    found = {local: _queued(system)}
    for partner in partners:
        try:
            with System.open(partner.address, create=False) as other:
                found[partner.name] = _queued(other)
        except (KsdsError, DtfError, OSError):
            continue
    return found


def _queued(system: System) -> set[tuple[int, int]]:
    with TransmissionQueue(system) as queue:
        return {(process.number, process.submitted) for process in queue.processes()}


def _staged_on_host(roots: tuple[str, ...]) -> Iterator[str]:
    for root in roots:
        try:
            top = FileFolder(root)
        except OSError:
            continue
        yield from _walk(top)


def _walk(folder: FileFolder) -> Iterator[str]:
    """Paths of staged files in and below a folder, which is closed."""
    with closing(folder):
        yield from (str(folder.path / name) for name in folder.files() if _HOST_NAME.fullmatch(name))
        for name in folder.folders():
            yield from _walk(folder.inside(name))

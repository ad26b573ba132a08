"""Jobs that have ended, in the spool folder of their system: written once, read by `dtf jobs` and `dtf spool`.

    JOB00001.001.JES2.JESMSGLG     JOB00001.004.DEFINE.SYSPRINT     one text file for each spool file
    JOB00001.REPORT                                                 the job as JSON (`dtf.jcl.job_report`), written last

A job without a report is one whose replay was killed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dtf.errors import DtfError
from dtf.jcl.spool import Spool, SpoolFile
from ksds.system import System

REPORT_LIMIT = 1 << 24


@dataclass(frozen=True, slots=True)
class ArchivedJob:
    """One job of the spool; `report` is empty for one that did not end."""

    job_id: str
    report: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.report.get("job", ""))

    @property
    def status(self) -> str:
        return str(self.report.get("status", "NOT ENDED"))


def keep(system: System, spool: Spool, report: dict[str, Any]) -> None:
    """Write every file of a job, then its report. The first file exists since `reserve`. Raises OSError."""
    for index, file in enumerate(spool.files):
        name = f"{spool.job_id}.{index + 1:03d}.{file.step or 'NONAME'}.{file.name}"
        _write(system, name, "".join(f"{line}\n" for line in file.lines).encode(), create=index > 0)
    _write(system, f"{spool.job_id}.REPORT", json.dumps(report).encode(), create=True)
    system.spool.sync()


def _write(system: System, name: str, content: bytes, *, create: bool) -> None:
    device = system.spool.open(name, create=True) if create else system.spool.open(name)
    try:
        device.write(0, content)
        device.sync()
    finally:
        device.close()


def jobs(system: System) -> list[ArchivedJob]:
    """All jobs of the spool, the oldest first."""
    names = system.spool.names()
    numbers = sorted({name[:8] for name in names if name.startswith("JOB") and name[3:8].isdecimal()})
    return [ArchivedJob(job_id, _report(system, job_id, set(names))) for job_id in numbers]


def find(system: System, job_id: str) -> ArchivedJob:
    """The job of this number: JOB00001 or 1. Raises DtfError (DTX468E)."""
    wanted = f"JOB{int(job_id):05d}" if job_id.isascii() and job_id.isdecimal() and len(job_id) < 6 else job_id.upper()
    found = next((job for job in jobs(system) if job.job_id == wanted), None)
    if found is None:
        raise DtfError(f"JOB {job_id[:20]} IS NOT IN THE SPOOL", message_id="DTX468E", condition_code=8)
    return found


def _report(system: System, job_id: str, names: set[str]) -> dict[str, Any]:
    name = f"{job_id}.REPORT"
    if name not in names:
        return {}
    try:
        report = json.loads(_read(system, name))
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


def _read(system: System, name: str) -> str:
    device = system.spool.open(name, writable=False)
    try:
        return device.read(0, min(device.size(), REPORT_LIMIT)).decode(errors="replace")
    finally:
        device.close()


def spool_files(system: System, job: ArchivedJob, wanted: str = "") -> Iterator[SpoolFile]:
    """The spool files of a job; with `wanted` those of that ddname, or STEP.DDNAME, only."""
    controls = {entry.get("number"): bool(entry.get("carriage_control")) for entry in job.report.get("spool", [])}
    for name in system.spool.names():
        parts = name.split(".", 3)
        if parts[0] != job.job_id or len(parts) != 4 or not parts[1].isdecimal():
            continue
        if wanted and wanted.upper() not in (parts[3], f"{parts[2]}.{parts[3]}"):
            continue
        lines = _read(system, name).split("\n")[:-1]
        yield SpoolFile(parts[2], parts[3], controls.get(int(parts[1]), parts[3] in ("JESMSGLG", "JESYSMSG")), lines)

"""`dtf jobs` and `dtf spool`: what jobs there were on this system, and what they printed."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from dtf.errors import DtfError
from dtf.jcl.job_archive import find, jobs, spool_files
from dtf.jcl.spool import PAGE_WIDTH
from ksds.errors import KsdsError
from ksds.system import System

AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs: one job a line.")]


def list_jobs(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Only jobs of this name.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the jobs whose spool is kept, and how they ended.

    \b
    Examples:
      dtf jobs
      dtf jobs PAYROLL --json
    """
    with System.open(context.obj) as system:
        found = [job for job in jobs(system) if not name or job.name == name.upper()]
    if as_json:
        for job in found:
            typer.echo(json.dumps(job.report or {"jobid": job.job_id, "status": job.status}))
        return
    typer.echo(f"{'JOBID':<9} {'NAME':<8} {'STARTED':<19} {'STEPS':>5} {'DDS':>4} STATUS")
    for job in found:
        report = job.report
        began = str(report.get("started", "")).replace("T", " ")
        counts = f"{len(report.get('steps', [])):>5} {len(report.get('spool', [])):>4}"
        typer.echo(f"{job.job_id:<9} {job.name:<8} {began:<19} {counts} {job.status}")


def job_ids(context: typer.Context, incomplete: str) -> list[str]:
    """What a shell offers where a job's id belongs. A system that is not there is not made."""
    folder = context.find_root().params.get("system") or os.environ.get("KSDS_SYSTEM") or "system"
    try:
        with System.open(folder, create=False) as system:
            return [job.job_id for job in jobs(system) if job.job_id.startswith(incomplete.upper())]
    except (KsdsError, DtfError, OSError):
        return []


def show_spool(
    context: typer.Context,
    job_id: Annotated[str, typer.Argument(metavar="JOBID", help="JOB00001, or 1.", autocompletion=job_ids)],
    ddname: Annotated[str, typer.Argument(metavar="[DD]", help="Only this ddname, or STEP.DDNAME.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print what a job left in the spool: all of it, or one DD.

    \b
    Examples:
      dtf spool JOB00001
      dtf spool 1 JESYSMSG
      dtf spool 1 LOAD.SYSPRINT
    """
    with System.open(context.obj) as system:
        job = find(system, job_id)
        files = list(spool_files(system, job, ddname))
    if ddname and not files:
        raise DtfError(f"{job.job_id} HAS NO DD {ddname[:20]}", message_id="DTX468E", condition_code=8)
    if as_json:
        typer.echo(json.dumps([{"step": file.step, "ddname": file.name, "lines": file.lines} for file in files]))
        return
    for file in files:
        if not file.lines:
            continue
        if not ddname:
            step = "" if file.step == "JES2" else f"{file.step}."
            typer.echo(f"---- {job.name} ({job.job_id}) {step}{file.name} ".ljust(PAGE_WIDTH, "-"))
        for line in file.printed():
            typer.echo(line)
        if not ddname:
            typer.echo()

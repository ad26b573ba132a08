"""How a COPY step is reported: the fields of its CT record, and its lines on the console (SVTM052I)."""

from __future__ import annotations

from datetime import UTC, datetime

from dtf.copying.step import StepReport

MANY_CHECKPOINTS = 10
"""From so many in one session on the console says if the interval is a poor one."""

_YES = {True: "Y", False: "N"}


def statistics_fields(report: StepReport, *, local: str, snode: str, highest: int) -> dict[str, str]:
    """The KEY=value fields of the CT record, with the keys of the product's Unix records (connect-direct.md 6.3)."""
    request, delivery = report.request, report.delivery
    both = report.condition_code == report.partner_code == 0
    read, written = (delivery.bytes if both or sends else 0 for sends in (report.sending, not report.sending))
    fields: dict[str, object] = {
        "SNAM": request.step_label,
        "CCOD": report.condition_code,
        "MSGI": report.message_id,
        "MSST": report.text,
        "LCCD": report.condition_code,
        "LMSG": report.message_id,
        "OCCD": report.partner_code,
        "OMSG": report.partner_message,
        "LNOD": local,
        "SNOD": snode,
        "FROM": request.direction,
        "SSTA": _stamp(report.started),
        "STOP": _stamp(report.ended),
        "STPT": f"{max(0.0, report.ended - report.started):.2f}",
        "SFIL": request.source.name,
        "DFIL": request.target.name,
        "MODE": report.mode,
        "CKPT": _YES[report.interval > 0],
        "CKIV": delivery.interval,
        "CKNO": delivery.checkpoints,
        "RSTR": _YES[delivery.restarted],
        "SRCB": delivery.bytes - delivery.moved if delivery.restarted else 0,
        "RSTX": delivery.reason,
        "CKNX": report.no_checkpoint,
        "CRC": _YES[request.crc],
        "SCMP": _YES[request.compress == "P"],
        "ECMP": _YES[request.compress == "E"],
        "SBYR": read,
        "DBYW": written,
        "RECC": delivery.records,
        "BYXF": delivery.moved,
        "BYWR": delivery.wire,
        "RUSX": delivery.buffers,
        "RUSZ": report.buffer_bytes,
        "HICC": highest,
    }
    return {key: str(value) for key, value in fields.items() if value != ""}


def console_lines(report: StepReport, *, snode: str, class_: int) -> list[str]:
    """SVTM052I as four lines, the last marked #### on failure, and one of our own with what was moved and how."""
    request = report.request
    head = f"{request.step_label:<8} COPY  {request.process_name}({request.process_number:06d})"
    mark = "####" if report.condition_code > 4 else "    "
    lines = [
        f"SVTM052I {head} SNODE={snode} CLASS={class_:03d}",
        f"SVTM052I   FROM {request.source.name}",
        f"SVTM052I   TO   {request.target.name}",
        f"{mark if mark.strip() else 'SVTM052I'}        COMPLETED {report.condition_code:08d}/{report.message_id}",
    ]
    if report.condition_code:
        lines.append(f"{report.message_id} {request.step_label} {report.text}")
    advice = interval_advice(report)
    return [*lines, _moved(report), *([f"DTX251W {request.step_label} {advice}"] if advice else [])]


def interval_advice(report: StepReport) -> str:
    """What is wrong with the interval of a copy with many checkpoints, "" if nothing (connect-direct.md 1.4, 3.4)."""
    interval, buffer = report.delivery.interval, report.buffer_bytes
    if report.delivery.checkpoints < MANY_CHECKPOINTS:
        return ""
    source, target = report.request.source, report.request.target
    block = source.attributes.blksize or target.attributes.blksize
    coded = dict(source.operands).get("NCP") or dict(target.operands).get("NCP") or "1"
    ncp = max(1, int(coded)) if coded.isdecimal() else 1
    found = []
    if interval < block * ncp * 10:
        found.append(f"BELOW BLKSIZE x NCP x 10, {block} x {ncp} x 10")
    if interval < 10 * buffer and interval % buffer:
        found.append(f"NO MULTIPLE OF THE BUFFER, {buffer}")
    return f"CKPT EVERY {interval} IS {' AND '.join(found)}" if found else ""


def _moved(report: StepReport) -> str:
    delivery = report.delivery
    what = "BLOCKS" if report.mode == "B" else "RECORDS"
    counted = "" if delivery.records == delivery.bytes > 0 else f"{delivery.records} {what}, "  # bytes are no records
    line = f"DTX250I {report.request.step_label} {counted}{delivery.bytes} BYTES"
    line += f", SENT {delivery.moved}" if delivery.moved != delivery.bytes else ""
    if delivery.interval:
        line += f", CKPT EVERY {delivery.interval}: {delivery.checkpoints} TAKEN"
    if report.no_checkpoint:
        line += f", NO CHECKPOINT: {report.no_checkpoint}"
    if delivery.restarted:
        return f"{line}, RESTARTED FROM THE CHECKPOINT RECORD"
    return f"{line}, FROM THE BEGINNING: {delivery.reason}" if delivery.reason else line


def _stamp(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y/%m/%d %H:%M:%S}"

"""The SNODE's side of a session: who may call, and the steps that the caller asks for."""

from __future__ import annotations

from dtf.copying.checkpoint_file import CheckpointFile
from dtf.copying.report import statistics_fields
from dtf.copying.speaker import Line, Need, Talk, expect
from dtf.copying.step import Desk, StepReport, secondary_step
from dtf.node.local import LocalNode
from dtf.protocol.events import Accepted, Characteristics, CopyRequest, Hello, ProcessEnd, Security, SessionEnd


def answer(node: LocalNode, line: Line) -> Talk[None]:
    """Serve one session, from FMH68 to FMH75."""
    hello = yield from expect(Hello)
    why = _refusal(node, hello)
    if why:
        line.say(SessionEnd(8, "DTX311E", why))
        return
    line.say(Characteristics(node.name))
    yield from expect(Security)
    line.say(Accepted())
    while True:
        event = yield Need.EVENT
        if isinstance(event, SessionEnd):
            return
        if isinstance(event, CopyRequest):
            yield from secondary_step(_desk(node, line, hello), event)
        elif isinstance(event, ProcessEnd):
            with CheckpointFile(node.system, "w") as checkpoints:
                checkpoints.remove_done(hello.pnode, event.process_number)


def _refusal(node: LocalNode, hello: Hello) -> str:
    if hello.snode != node.name:
        return f"this node is {node.name}, not {hello.snode}"
    if hello.pnode != node.name and hello.pnode not in node.partners:
        return f"node {hello.pnode} is not in the netmap of {node.name}"
    return ""


def _desk(node: LocalNode, line: Line, hello: Hello) -> Desk:
    def settle(report: StepReport) -> None:
        request = report.request
        fields = statistics_fields(report, local=node.name, snode=node.name, highest=report.condition_code)
        node.record("CT", request.process_number, request.process_name, **fields)

    return Desk(
        system=node.system,
        line=line,
        observer=node.observer,
        pnode=hello.pnode,
        snode=node.name,
        session_id=hello.session_id,
        settle=settle,
    )

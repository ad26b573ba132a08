"""The SNODE's side of a session: who may call, and the steps that the caller asks for.

A caller is known by its name in the netmap and by where it calls from: a node of the netmap that has an address may
call from that address only, one in a folder of this machine from this machine only. A refusal is FMH75 with a
message and a line on the console; nothing else comes of it.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass

from dtf import user_table
from dtf.copying.open_source import OpenSource
from dtf.copying.report import statistics_fields
from dtf.copying.speaker import Line, Need, Talk, expect
from dtf.copying.step import Desk, StepReport, secondary_step
from dtf.netmap import HOST, split_address
from dtf.node.local import LocalNode
from dtf.node.steps import record_step, run_step
from dtf.protocol.events import (
    Accepted,
    Characteristics,
    CopyRequest,
    Hello,
    ProcessEnd,
    RunRequest,
    Security,
    SessionEnd,
)
from dtf.user_table import ANYBODY, Profile

SESSION_LIMIT = 8  # sessions of one partner at a time, unless its netmap entry has more
LOOPBACK = ("127.0.0.1", "::1")


@dataclass(slots=True)
class Caller:
    """Where a call comes from: `address` "" within this process; `certificate` (DER) b"" without TLS."""

    address: str = ""
    certificate: bytes = b""


def answer(node: LocalNode, line: Line, caller: Caller | None = None) -> Talk[None]:
    """Serve one session, from FMH68 to FMH75."""
    caller = caller or Caller()
    hello = yield from expect(Hello)
    why = _refusal(node, hello, caller)
    if why:
        node.log(f"DTX311E SESSION REFUSED{f' FROM {caller.address}' if caller.address else ''}: {why}")
        line.say(SessionEnd(8, "DTX311E", why))
        return
    session = hello.pnode, hello.session_id
    node.answered.add(session)
    try:
        yield from _serve(node, line, hello)
    finally:
        node.answered.discard(session)


def _serve(node: LocalNode, line: Line, hello: Hello) -> Talk[None]:
    line.say(Characteristics(node.name))
    security = yield from expect(Security)
    profile = ANYBODY if hello.pnode == node.name else node.users.profile(hello.pnode, security.user)
    if profile is None:
        why = f"user {security.user[:20] or '(none)'} of node {hello.pnode} is not in {user_table.NAME}"
        node.log(f"DTX312E SESSION REFUSED: {why}")
        line.say(SessionEnd(8, "DTX312E", why))
        return
    line.say(Accepted())
    node.called(hello.pnode)
    doomed: OpenSource | None = None
    worked = False
    while True:
        event = yield Need.EVENT
        if doomed and not (isinstance(event, SessionEnd) and event.condition_code):
            doomed.delete()
        doomed = None
        if isinstance(event, SessionEnd):
            return
        worked |= isinstance(event, CopyRequest | RunRequest)
        if isinstance(event, CopyRequest):
            doomed = (yield from secondary_step(_desk(node, line, hello, profile), event)).doomed
        elif isinstance(event, RunRequest):
            ended = yield from run_step(node, hello.pnode, hello.session_id, event, profile)
            record_step(node, event, ended, pnode=hello.pnode, snode=node.name)
            line.say(ended.event())
        elif isinstance(event, ProcessEnd):
            node.checkpoints.remove_done(hello.pnode, event.process_number)
            if worked or not node.has_ended(event.process_number, event.submit_tod, hello.pnode):
                _record_end(node, hello, event)
            line.say(event)


def _record_end(node: LocalNode, hello: Hello, end: ProcessEnd) -> None:
    fields = {"CCOD": end.condition_code, "MSGI": end.message_id, "PNOD": hello.pnode, "SNOD": node.name}
    node.record("PT", end.process_number, end.process_name, **fields, SUBT=end.submit_tod)


def _refusal(node: LocalNode, hello: Hello, caller: Caller) -> str:
    if hello.snode != node.name:
        return f"this node is {node.name}, not {hello.snode}"
    partner = node.partners.get(hello.pnode)
    if hello.pnode != node.name and partner is None:
        return f"node {hello.pnode} is not in the netmap of {node.name}"
    if caller.address and not _calls_from(caller.address, partner.address if partner and partner.kind == HOST else ""):
        return f"node {hello.pnode} does not call from {caller.address}"
    if caller.address and caller.certificate != (partner.certificate if partner else b""):
        return f"node {hello.pnode} {'shows another certificate' if caller.certificate else 'must use TLS'}"
    if not (caller.certificate or node.parameters.plain_tcp or caller.address in ("", *LOOPBACK)):
        return f"node {hello.pnode} must use TLS"
    if (hello.pnode, hello.session_id) in node.answered:
        return f"session {hello.session_id} of node {hello.pnode} is there already"
    limit = max(SESSION_LIMIT, partner.sessions if partner else 0)
    if sum(name == hello.pnode for name, _ in node.answered) >= limit:
        return f"node {hello.pnode} has {limit} sessions already"
    return ""


def _calls_from(caller: str, address: str) -> bool:
    """Whether the host of the netmap entry has this address; without one the caller must be on this machine."""
    if not address:
        return caller in LOOPBACK
    try:
        known = socket.getaddrinfo(*split_address(address), type=socket.SOCK_STREAM)
    except OSError:
        return False
    return caller in {entry[4][0] for entry in known}


def _desk(node: LocalNode, line: Line, hello: Hello, profile: Profile) -> Desk:
    def admit(name: str, writing: bool) -> None:
        profile.check_copy(name, writing=writing)

    def settle(report: StepReport) -> None:
        request = report.request
        fields = statistics_fields(report, local=node.name, snode=node.name, highest=report.condition_code)
        fields["PNOD"] = hello.pnode
        if profile.local:
            fields["SBID"] = profile.local
        node.record("CT", request.process_number, request.process_name, **fields)

    return Desk(
        site=node.site,
        checkpoints=node.checkpoints,
        line=line,
        observer=node.observer,
        pnode=hello.pnode,
        snode=node.name,
        session_id=hello.session_id,
        settle=settle,
        admit=admit,
    )

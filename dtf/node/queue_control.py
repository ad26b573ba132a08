"""How a Process moves between the queues: every change of state that is not the work itself.

    submitted     WA WC; HOLD=YES HO HI; HOLD=CALL HO HC; RETAIN HO HR; STARTT TI WC (HOLD wins over STARTT)
    released      HO -> WA WC, or TI WC where its start time has not come; a retained one stays and runs as a copy
    session lost  TI RE, WTRETRIES apart, MAXRETRIES times, then HO WC. The other Processes for that partner wait for
                  the one that tries: HO RH with DTX356I; with it they go to HO WC or, once it gets through, to WA WC.
                  If the operator holds or deletes the one that tries, another takes its place
    not allocated a step that ended with a message of ALLOC.CODES: TI RE, ALLOC.WAIT apart, ALLOC.RETRIES times, then
                  HO RA with REQUEUE=YES; else the step has failed
    ended         out of the queue; with RETAIN by CHANGE, when it was no longer in Hold, HO HR: to be run again
    called        a session from or to the partner releases what stands in HO HC and HO WC for it
    DTF started   what was EX waits again; so does HO WC, and HO HS; RETAIN=INITIAL runs as a copy

Source: connect-direct.md 3.9, 3.10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from dtf.errors import NodeError, ProtocolError
from dtf.node.local import LocalNode
from dtf.process import Process
from dtf.process.start_time import first_start, next_start
from dtf.transmission_queue import EXECUTION, HOLD, TIMER, WAIT, QueuedProcess, TransmissionQueue

WAITS_FOR_ANOTHER = "DTX356I"
STEP_TYPES = ("CT", "RT", "RJ", "PS")
"""Statistics records of steps that have ended; the PS record of a Process itself has no code."""
ALLOCATING = "DTX364I"
"""As `step_message` of a Process in TI RE: it waits for a data set, not for its partner."""
_NS = 1_000_000_000


class QueueControl:
    """The TCQ of one node, moved by its rules. Each move is durable when the method returns."""

    def __init__(self, local: LocalNode, queue: TransmissionQueue) -> None:
        self._local = local
        self.queue = queue

    def found(self, number: int) -> QueuedProcess:
        """Raises NodeError if the Process is not in the queue."""
        queued = self.queue.find(number)
        if queued is None:
            raise NodeError(f"there is no Process {number} in the queue", message_id="DTX321E")
        return queued

    def record(self, kind: str, queued: QueuedProcess, **fields: object) -> None:
        """A statistics record of this Process."""
        self._local.record(kind, queued.number, queued.name, **fields)

    def record_end(self, queued: QueuedProcess, code: int, message_id: str, text: str) -> None:
        """The statistics record of its end."""
        self.record("PT", queued, CCOD=code, MSGI=message_id, MSST=text, SUBT=queued.submitted)

    def say(self, message_id: str, queued: QueuedProcess, text: str) -> None:
        """A line on the console about this Process."""
        self._local.log(f"{message_id} PROCESS {queued.name}({queued.number:06d}) {text}")

    def idle(self, number: int) -> QueuedProcess:
        """Raises NodeError if the Process is not in the queue, or is executing."""
        queued = self.found(number)
        if queued.queue == EXECUTION:
            raise NodeError(f"Process {number} is executing: SUSPEND or FLUSH it", message_id="DTX323E")
        return queued

    # -- in and out of Hold -----------------------------------------------------------------------------

    def hold(self, queued: QueuedProcess, status: str, *, message_id: str = "", text: str = "", code: int = 0) -> None:
        """To the Hold queue. A `code` above 0 stays with the Process as its completion code."""
        due = 0 if (queued.queue, queued.status) == (TIMER, "RE") else queued.due
        held = replace(queued, queue=HOLD, status=status, due=due)
        if message_id:
            held = replace(held, message_id=message_id, text=text[:80])
        self.queue.update(replace(held, condition_code=max(code, held.condition_code) if code else held.condition_code))

    def release(self, queued: QueuedProcess) -> QueuedProcess:
        """From Hold to where it can run; of a retained Process a copy, which is returned."""
        if queued.retain != "NO":
            return self.copy_of(queued)
        later = queued.due > self._local.now_ns()
        queue, status = (TIMER, "WC") if later else (WAIT, "WC")
        return self.queue.update(replace(self._freed(queued), queue=queue, status=status, retries=0))

    def copy_of(self, retained: QueuedProcess) -> QueuedProcess:
        """A retained Process n runs as a new one; n itself stays in Hold."""
        fresh = replace(self._from_the_beginning(retained), retain="NO", queue=WAIT, status="WC")
        queued = self.queue.add(fresh, self.queue.document(retained))
        self.record("PS", queued, SNOD=queued.snode, TEXT=f"COPY OF RETAINED PROCESS {retained.number}")
        return queued

    def keep(self, ended: QueuedProcess) -> None:
        """A Process that has run itself, and was to be retained meanwhile, stays in Hold."""
        self.queue.update(replace(self._from_the_beginning(ended), queue=HOLD, status="HR"))

    def _from_the_beginning(self, queued: QueuedProcess) -> QueuedProcess:
        """As it was submitted, but now."""
        return replace(
            queued,
            submitted=self._local.now_ns(),
            at=0,
            retries=0,
            due=0,
            codes={},
            condition_code=0,
            message_id="",
            text="",
            step_message="",
            restart=False,
        )

    def change(self, number: int, settings: Mapping[str, str]) -> str:
        """CHANGE PROCESS: all of the settings, or NodeError and none. What there is to say about it."""
        queued = self.idle(number)
        fresh = queued
        for key, value in settings.items():
            fresh = self._changed(fresh, key, value.upper())
        self.record("CH", queued, TEXT=" ".join(f"{key}={value}" for key, value in settings.items()))
        hold = settings.get("HOLD", "").upper()
        if hold == "NO":
            if queued.queue != HOLD:
                raise NodeError(f"Process {number} is not held, it is {queued.queue} {queued.status}")
            running = self.release(fresh)
            return f"DTX358I PROCESS {number} RUNS AS {running.number}" if running.number != number else ""
        if hold:
            self.hold(fresh, "HO" if hold == "YES" else "HC")
        elif fresh.snode != queued.snode and (_retries(fresh) or _waits_for_another(fresh)):
            self._to_wait(replace(fresh, due=0))
        else:
            self.queue.update(fresh)
        self.relieve(queued)
        return ""

    def _changed(self, queued: QueuedProcess, key: str, value: str) -> QueuedProcess:
        match key:
            case "PRTY":
                return replace(queued, priority=_whole(key, value, 0, 15))
            case "CLASS":
                return replace(queued, class_=_whole(key, value, 1, 255))
            case "RETAIN":
                return replace(queued, retain=_choice(key, value, "YES", "NO", "INITIAL"))
            case "HOLD":
                _choice(key, value, "YES", "NO", "CALL")
            case "DEST":
                return replace(queued, snode=self._local.partner(value).name)
            case "STARTT":
                day, _, clock = value.strip("()").partition(",")
                due = nanoseconds(first_start((day, clock), moment(self._local.now_ns())))
                waits = (queued.queue, queued.status) if queued.queue == HOLD else (TIMER, "WC")
                return replace(queued, due=due, queue=waits[0], status=waits[1])
            case "RESTART":
                return _restarted(queued, value)
            case "CASE" | "DEBUG" | "PLEXCLASS":
                pass
            case _:
                raise NodeError(f"{key[:20]} IS NOT A KEYWORD OF CHANGE PROCESS", message_id="DTX505E")
        return queued

    # -- timers -----------------------------------------------------------------------------------------

    def next_due(self) -> float | None:
        """Seconds since 1970 of the next timer."""
        return min((p.due / _NS for p in self.queue.processes() if p.queue == TIMER), default=None)

    def expire_timers(self, meaning: Callable[[QueuedProcess], Process]) -> None:
        """What is due waits for a session; a retained Process runs as a copy and is due again later."""
        now = self._local.now_ns()
        for queued in self.queue.processes():
            if queued.queue != TIMER or queued.due > now:
                continue
            if queued.retain == "NO" or queued.status == "RE":
                self.queue.update(replace(queued, queue=WAIT, status="WC", due=0))
                continue
            self.copy_of(queued)
            last = moment(queued.due)
            startt = meaning(queued).startt
            following = next_start(startt, last) if startt else None
            if following is None:
                self.queue.update(replace(queued, queue=HOLD, status="HR", due=0))
            else:
                self.queue.update(replace(queued, due=nanoseconds(following)))

    # -- sessions ---------------------------------------------------------------------------------------

    def retry(self, queued: QueuedProcess, error: ProtocolError) -> None:
        """No session, or not any more: Timer, and after MAXRETRIES Hold HO WC. The others for the partner wait."""
        parameters = self._local.parameters
        message = "" if queued.step_message == ALLOCATING else queued.step_message
        queued = replace(queued, restart=queued.restart or queued.status in ("EX", "RS"), step_message=message)
        others = [p for p in self.queue.processes() if p.snode == queued.snode and p.number != queued.number]
        if queued.retries >= parameters.maxretries:
            self.say("SVTM105I", queued, f"ALL SESSION RETRIES USED, HELD HO WC: {error}")
            self.hold(queued, "WC", message_id="SVTM105I", text=error.what)
            for other in others:
                if other.queue == WAIT or _waits_for_another(other):
                    self.hold(other, "WC", message_id="SVTM105I", text=error.what)
            return
        due = int((self._local.clock() + parameters.wtretries) * _NS)
        self.say("SVTM110I", queued, f"TO TIMER QUEUE TI RE, RETRY {queued.retries + 1}: {error}")
        self.queue.update(replace(queued, queue=TIMER, status="RE", retries=queued.retries + 1, due=due))
        for other in others:
            if other.queue == WAIT:
                self.wait_for(other, queued)

    def allocates_again(self, queued: QueuedProcess, message_id: str, text: str) -> bool:
        """Whether the step that ended with this message is tried again: it waits now, or is held."""
        parameters = self._local.parameters
        if message_id not in parameters.alloc_codes or (
            queued.retries >= parameters.alloc_retries and not queued.requeue
        ):
            return False
        if queued.retries >= parameters.alloc_retries:
            self.say("DTX352I", queued, f"HELD FOR RESTART, HO RA: {text}")
            self.hold(queued, "RA", message_id=message_id, text=text, code=8)
            return True
        due = int((self._local.clock() + parameters.alloc_wait) * _NS)
        self.say("DTX364I", queued, f"TO TIMER QUEUE TI RE, ALLOCATION RETRY {queued.retries + 1}: {text}")
        waits = replace(queued, queue=TIMER, status="RE", retries=queued.retries + 1, due=due, step_message=ALLOCATING)
        self.queue.update(waits)
        return True

    def retrying(self) -> dict[str, QueuedProcess]:
        """By partner, the Process that tries again to get a session."""
        return {p.snode: p for p in self.queue.processes() if _retries(p)}

    def wait_for(self, queued: QueuedProcess, other: QueuedProcess) -> None:
        """To Hold, HO RH, until `other` has got a session or has given up."""
        self.hold(queued, "RH", message_id=WAITS_FOR_ANOTHER, text=f"waits for the retries of Process {other.number}")

    def relieve(self, queued: QueuedProcess) -> None:
        """`queued` was the one that tried. If the operator has taken it away, another tries."""
        if _retries(queued) and queued.snode not in self.retrying():
            for other in self.queue.processes():
                if other.snode == queued.snode and _waits_for_another(other):
                    self._to_wait(other)

    def _to_wait(self, queued: QueuedProcess) -> None:
        self.queue.update(replace(self._freed(queued), queue=WAIT, status="WC", retries=0))

    def _freed(self, queued: QueuedProcess) -> QueuedProcess:
        """Why it was held is over: its code and message are again those of the steps that count."""
        highest = max(queued.codes.values(), default=0)
        steps = (s for s in self._local.statistics.of_process(queued.number) if s.when >= queued.submitted)
        own = (s.fields for s in steps if s.kind in STEP_TYPES and "PNOD" not in s.fields)
        ended = [fields for fields in own if fields.get("CCOD") == str(highest)]
        said = ended[-1] if ended else {}
        message_id, text = said.get("MSGI", ""), said.get("MSST", "")[:80]
        return replace(queued, condition_code=highest, message_id=message_id, text=text)

    def partner_is_there(self, name: str) -> None:
        """A session with the partner stands: what waited for one goes to the Wait queue."""
        for queued in self.queue.processes():
            if queued.snode != name or queued.queue != HOLD:
                continue
            if queued.status in ("WC", "HC") or _waits_for_another(queued):
                self._to_wait(queued)

    def start(self) -> None:
        """The DTF has started (warm): what was under way goes on, RETAIN=INITIAL runs."""
        for queued in self.queue.processes():
            if queued.queue == EXECUTION:
                self.say("DTX354I", queued, "WAS EXECUTING, ITS STEP IS RESTARTED")
                self.queue.update(replace(queued, queue=WAIT, status="WC", restart=True))
            elif queued.retain == "INITIAL" and queued.queue == HOLD:
                self.copy_of(queued)
            elif _waits_for_a_start(queued):
                self._to_wait(queued)


def _restarted(queued: QueuedProcess, value: str) -> QueuedProcess:
    """RESTART=NO: its step begins at the beginning. The other forms are for volumes of tape."""
    if value == "NO":
        return replace(queued, restart=False)
    if not re.fullmatch(r"\(?((FIRST|LAST)=(SER=[A-Z0-9@#$]{1,6}|\d{1,3})|VOLCNT=\d{1,3})\)?", value):
        raise NodeError(f"RESTART={value[:20]} IS NOT NO, FIRST=, LAST= OR VOLCNT=", message_id="DTX505E")
    return queued


def _retries(queued: QueuedProcess) -> bool:
    return (queued.queue, queued.status) == (TIMER, "RE") and queued.step_message != ALLOCATING


def _waits_for_another(queued: QueuedProcess) -> bool:
    return (queued.queue, queued.status, queued.message_id) == (HOLD, "RH", WAITS_FOR_ANOTHER)


def _waits_for_a_start(queued: QueuedProcess) -> bool:
    """What the DTF takes up again when it starts."""
    stands = queued.queue, queued.status
    return stands in ((WAIT, "WT"), (HOLD, "WC"), (HOLD, "HS")) or _waits_for_another(queued)


def _whole(key: str, text: str, low: int, high: int) -> int:
    if not text.isdecimal() or not low <= int(text[:6]) <= high:
        raise NodeError(f"{key}={text[:20]} IS NOT A NUMBER FROM {low} TO {high}", message_id="DTX505E")
    return int(text)


def _choice(key: str, text: str, *allowed: str) -> str:
    if text not in allowed:
        raise NodeError(f"{key}={text[:20]} IS NOT ONE OF {' '.join(allowed)}", message_id="DTX505E")
    return text


def nanoseconds(when: datetime) -> int:
    """A moment in UTC as nanoseconds since 1970."""
    return int(when.replace(tzinfo=UTC).timestamp()) * _NS


def moment(when: int) -> datetime:
    """Nanoseconds since 1970 as a moment in UTC."""
    return datetime.fromtimestamp(when / _NS, UTC).replace(tzinfo=None)

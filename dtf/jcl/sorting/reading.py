"""The records of a sort on their way in, and the exits of a site that see them.

    input -> SKIPREC -> E15 -> INCLUDE or OMIT -> STOPAFT -> INREC -> ... -> OUTREC -> E35

An exit is a callable of the site that takes an iterator of records and gives one back: it may change, leave out and
add. Variable records carry their descriptor.
Source: z/OS DFSORT Application Programming Guide, "Using your own user exit routines".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count, islice
from operator import itemgetter

from dtf.jcl.programs import RecordExit, StepContext, not_found
from dtf.jcl.sorting.plan import Plan
from dtf.jcl.sorting.records import with_descriptor


class Counter:
    """Counts records as they pass, at the speed of the iterators it is made of."""

    def __init__(self) -> None:
        self._numbers = count()

    def over(self, records: Iterable[bytes]) -> Iterator[bytes]:
        return map(itemgetter(0), zip(records, self._numbers, strict=False))

    def value(self) -> int:
        """How many passed. Asked once, in the end."""
        return next(self._numbers)


def records_of(step: StepContext, ddname: str, *, variable: bool) -> Iterator[bytes]:
    """The records of a DD, variable ones with a descriptor; none if the step has no such DD."""
    if ddname not in step.dds:
        return iter(())
    records = step.system.records(step.dds[ddname])
    return (with_descriptor(b"\0\0\0\0" + record) for record in records) if variable else records


def chosen(step: StepContext, records: Iterator[bytes], plan: Plan) -> Iterator[bytes]:
    """What is left of `records` for sorting, in the form that INREC gives it."""
    records = through(step, plan, "E15", records)
    if plan.keep is not None:
        records = filter(plan.keep, records)
    if plan.stop is not None:
        records = islice(records, plan.stop)
    return map(plan.inrec.build, records) if plan.inrec is not None else records


def through(step: StepContext, plan: Plan, place: str, records: Iterator[bytes]) -> Iterator[bytes]:
    """The records as the exit E15 or E35 of the plan, if there is one, gives them back. Raises Abend S806."""
    name = plan.exits.get(place)
    if name is None:
        return records
    return iter(_found(step, name)(records))


def _found(step: StepContext, name: str) -> RecordExit:
    found = step.exits.get(name)
    if found is None:
        not_found(name)(step)
    assert found is not None
    return found

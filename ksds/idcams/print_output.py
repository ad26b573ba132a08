"""Where PRINT and LISTCAT write when OUTFILE names a DD: a listing of its own, on SYSOUT or in a data set.

A data set gets the lines with their carriage control bytes, as the DCB in the manuals asks for (RECFM=VBA or FBA): cut,
or for fixed records filled with blanks, to the record length.

Source: z/OS DFSMS Access Method Services Commands, PRINT and LISTCAT, OUTFILE.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ksds.codepage import code_page
from ksds.datasets import DataSetAttributes, SequentialDataSet, split_member
from ksds.errors import DataSetError
from ksds.idcams.invocation import Invocation, Refusal, acting, opening
from ksds.idcams.listing import Listing

DEFAULT = DataSetAttributes("VBA", 125, 629)
"""Of a data set that the DD asks for without saying what it is like: the DCB of the manual's example."""


@contextmanager
def output_listing(invocation: Invocation, ddname: str | None) -> Iterator[Listing]:
    """SYSPRINT, or a listing of its own for the DD. Raises Refusal (IDC3300I)."""
    if ddname is None:
        yield invocation.listing
        return
    dd = invocation.dd(ddname)
    if dd.spool is not None:
        yield Listing(dd.spool, invocation.now)
        return
    if len(dd.data_sets) != 1:
        raise Refusal(("IDC3300I", ddname), ("IDC3305I",))
    (name,) = dd.data_sets
    with opening(name):
        target = _target(invocation, name, dd.disposition[0], dd.attributes)
    with target:
        yield Listing(lambda line: _write(target, line), invocation.now)
        with acting(name):
            target.close()


def _target(invocation: Invocation, name: str, status: str, attributes: DataSetAttributes | None) -> SequentialDataSet:
    system = invocation.system
    if status in ("NEW", "MOD") and not system.exists(split_member(name)[0]):
        system.allocate(name, attributes or DEFAULT, created=invocation.now.date())
    return system.sequential(name, "a" if status == "MOD" else "w")


def _write(target: SequentialDataSet, line: str) -> None:
    attributes, page = target.attributes, code_page()
    text = line if attributes.recfm.endswith("A") else line[1:]
    try:
        record = page.encode(text[: attributes.maximum_data])
    except DataSetError:
        record = page.encode("".join(c if c.isascii() else "." for c in text[: attributes.maximum_data]))
    target.append([record.ljust(attributes.lrecl, page.encode(" ")) if attributes.kind == "F" else record])

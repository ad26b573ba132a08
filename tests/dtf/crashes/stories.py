"""The copies whose machine loses its power: what is there before, the COPY, what is to be there after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.dtf.crashes.machine import Machine
from tests.dtf.node_pair import contents, define_keyed, fill
from tests.dtf.test_every_kind import define, group, library, members_of

INTERVAL = 8_000


@dataclass(frozen=True, slots=True)
class Story:
    """`prepare` makes source and target, `copy` is what stands behind COPY, `look` what the target then holds."""

    prepare: Callable[[Machine], object]
    copy: str
    look: Callable[[Machine], object]
    interval: int = INTERVAL
    """As it is after rounding to blocks."""


def a_data_set(machine: Machine) -> None:
    fill(machine.nyc, "PAY.SRC", "FB", 80, 800, 800)


def into_cluster(kind: str) -> Callable[[Machine], None]:
    def prepare(machine: Machine) -> None:
        a_data_set(machine)
        if kind == "KSDS":
            define_keyed(machine.lon, "PAY.DST", maximum=100, average=100)
        else:
            define(machine.lon, "PAY.DST", kind)

    return prepare


def a_library(machine: Machine) -> None:
    library(
        machine.nyc, "A.LIB", {"ALPHA": ["A 1", "A 2"], "BETA": [f"B {n}" for n in range(500)], "GAMMA": ["G"] * 90}
    )
    library(machine.lon, "B.LIB", {"OTHER": ["kept"]})


def over_an_old_one(machine: Machine) -> None:
    fill(machine.lon, "PAY.DST", "VB", 104, 1000, 300, seed=2)
    fill(machine.nyc, "PAY.SRC", "VB", 104, 1000, 900)


def appended(machine: Machine) -> None:
    fill(machine.nyc, "PAY.DST", "FB", 80, 800, 100, seed=2)
    fill(machine.lon, "PAY.SRC", "FB", 80, 800, 700)


def a_group(machine: Machine) -> None:
    """Of two generations at most, and two are there: the new one rolls the older off."""
    a_data_set(machine)
    group(machine.lon, limit=2)
    for number in (1, 2):
        fill(machine.lon, f"A.GDG.G{number:04d}V00", "FB", 80, 800, number)


def bytes_at(node: str, name: str = "PAY.DST") -> Callable[[Machine], bytes]:
    return lambda machine: contents(getattr(machine, node), name)


def records(machine: Machine) -> list[bytes]:
    return list(machine.lon.records("PAY.DST"))


def generations(machine: Machine) -> list[tuple[str, bytes]]:
    names = machine.lon.generations.group("A.GDG").names()
    return [(name, contents(machine.lon, name)) for name in names]


STORIES = {
    "PS, new": Story(
        a_data_set,
        "FROM (DSN=PAY.SRC) CKPT=8K TO (DSN=PAY.DST DISP=(NEW,CATLG,DELETE))",
        bytes_at("lon"),
    ),
    "PS, replaced": Story(over_an_old_one, "FROM (DSN=PAY.SRC) CKPT=8K TO (DSN=PAY.DST DISP=RPL)", bytes_at("lon")),
    "PS, added to, from the SNODE": Story(
        appended,
        "FROM (DSN=PAY.SRC SNODE) CKPT=8K TO (DSN=PAY.DST PNODE DISP=MOD)",
        bytes_at("nyc"),
    ),
    "KSDS": Story(into_cluster("KSDS"), "FROM (DSN=PAY.SRC) CKPT=8K TO (DSN=PAY.DST DISP=RPL)", records),
    "ESDS": Story(into_cluster("ESDS"), "FROM (DSN=PAY.SRC) CKPT=8K TO (DSN=PAY.DST DISP=SHR)", records),
    "library": Story(
        a_library,
        "FROM (DSN=A.LIB) CKPT=8K TO (DSN=B.LIB DISP=RPL)",
        lambda machine: members_of(machine.lon, "B.LIB"),
        interval=32_760,
    ),
    "generation": Story(
        a_group,
        "FROM (DSN=PAY.SRC) CKPT=8K TO (DSN=A.GDG(+1) DISP=(NEW,CATLG,CATLG))",
        generations,
    ),
}

"""Data sets in memory and ACBs over them, for the tests of requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict

from ksds.access.acb import Acb
from ksds.access.options import Macrf
from ksds.access.rpl import NO_EXITS, Exits, Outcome, Rpl
from ksds.cluster.definition import ClusterDefinition
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.organizations import class_of
from ksds.cluster.space import SpaceQuantity, SpaceRequest, derive
from ksds.errors import VsamError
from ksds.storage.device import MemoryFolder

ALL = "KEY,ADR,CNV,SEQ,SKP,DIR"


class DataSet:
    """A cluster that ACBs are opened over, one after the other."""

    def __init__(self, **fields) -> None:
        shape = {"name": "T.DATA", "average_record": 20, "maximum_record": 100, "ci_size": 512, "cis_per_ca": 4}
        self.definition = ClusterDefinition(**{**shape, **fields})
        self.folder = MemoryFolder()
        class_of(self.definition).create(self.folder, "T", self.definition)

    def __str__(self) -> str:
        return "VRRDS" if self.definition.is_variable else self.definition.organization

    def acb(self, macrf: str = f"{ALL},OUT", strings: int = 1, exits: Exits = NO_EXITS) -> Acb:
        options = Macrf.parse(macrf)
        cluster = class_of(self.definition).open(self.folder, "T", self.definition, mode="w" if options.output else "r")
        try:
            return Acb(cluster, options, strings=strings, exits=exits)
        except VsamError:
            cluster.close()
            raise


def key_sequenced(keys: Iterable[int] = (), **fields) -> DataSet:
    """A KSDS of records of 20 bytes; keys are four digits."""
    data_set = DataSet(**{"key_length": 4, "key_offset": 0, "index_ci_size": 512, **fields})
    return _loaded(data_set, map(keyed, keys))


def entry_sequenced(count: int = 0, **fields) -> DataSet:
    """An ESDS of records of 20 bytes: their RBAs are 0, 20, 40..."""
    return _loaded(DataSet(organization="NONINDEXED", **fields), map(keyed, range(count)), "ADR,SEQ")


def linear(count: int = 0) -> DataSet:
    """An LDS of intervals of 4096 bytes, each filled with its number."""
    fields = {"average_record": 4096, "maximum_record": 4096, "ci_size": 4096}
    data_set = DataSet(organization="LINEAR", **fields)
    with data_set.acb() as acb:
        rpl = acb.rpl("CNV")
        for number in range(count):
            rpl.put(bytes([number]) * 4096)
    return data_set


def variable(numbers: Iterable[int] = ()) -> DataSet:
    """A VRRDS of records of 20 bytes under `numbers`."""
    request = SpaceRequest(
        name="T.DATA",
        organization="NUMBERED",
        space=SpaceQuantity("TRACKS", 1, 1),
        average_record=20,
        maximum_record=100,
        ci_size=512,
    )
    data_set = DataSet(**asdict(derive(request)))
    with data_set.acb() as acb:
        rpl = acb.rpl("KEY,DIR")
        for number in numbers:
            rpl.modify(arg=number)
            rpl.put(keyed(number))
    return data_set


def relative(numbers: Iterable[int] = (), **fields) -> DataSet:
    """An RRDS of slots of 20 bytes, those of `numbers` full."""
    fields = {"organization": "NUMBERED", "maximum_record": 20, **fields}
    data_set = DataSet(**fields)
    with data_set.acb() as acb:
        rpl = acb.rpl("KEY,DIR")
        for number in numbers:
            rpl.modify(arg=number)
            rpl.put(keyed(number))
    return data_set


def as_a_crash_leaves_it(data_set: DataSet) -> KeySequenced:
    """The data set opened from what its files hold now, without what the open handle has in memory."""
    copy = MemoryFolder()
    for name in data_set.folder.names():
        source = data_set.folder.open(name)
        copy.open(name, create=True).write(0, source.read(0, source.size()))
    return KeySequenced.open(copy, "T", data_set.definition)


def keyed(key: int, text: bytes = b"") -> bytes:
    return b"%04d" % key + text.ljust(16, b".")


def _loaded(data_set: DataSet, records: Iterable[bytes], optcd: str = "KEY,SEQ") -> DataSet:
    with data_set.acb() as acb:
        rpl = acb.rpl(optcd)
        for record in records:
            rpl.put(record)
    return data_set


def key_of(record: bytes) -> int:
    return int(record[:4])


def everything(rpl: Rpl) -> list[int]:
    """The keys of all records that GET still gives, to the end of data."""
    keys = []
    while outcome(rpl.get).return_code == 0:
        keys.append(key_of(rpl.outcome.record))
    assert code(rpl.outcome) == (8, 4)
    return keys


def outcome(macro: Callable[..., object], *operands: bytes) -> Outcome:
    """What a macro of an RPL left in it, whether it raised or not."""
    rpl: Rpl = macro.__self__
    try:
        macro(*operands)
    except VsamError as error:
        assert (error.return_code, error.feedback) == code(rpl.outcome)
    return rpl.outcome


def code(left: Outcome) -> tuple[int, int]:
    return left.return_code, left.feedback

"""Strings of one ACB beside a model that knows nothing of control intervals: every request, every code, every position.

All records are in one control interval, so that exclusive control is simple: one string has it or none.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.ksds.access.requesting import code, key_of, key_sequenced, keyed, outcome

OK = (0, 0)
KEYS = st.integers(0, 16)
STRINGS = 3
KEPT = {"SEQ": {4, 8, 12, 20, 88, 92, 96}, "SKP": {4, 12, 88, 92, 96}, "DIR": {88, 92, 96}}
"""Reasons after which the position is what it was, by order; lost after the others."""


@dataclass
class ModelString:
    """What an RPL of the model knows: (direction, key, whether it was given), the key held, if it was used before."""

    position: tuple[str, int, bool] | None = None
    held: int | None = None
    used: bool = False


class Requests(RuleBasedStateMachine):
    """Requests on three RPLs with a string each."""

    def __init__(self) -> None:
        super().__init__()
        self.records = {key: keyed(key) for key in range(0, 16, 3)}
        self.acb = key_sequenced(self.records, ci_size=4096, cis_per_ca=2).acb(strings=STRINGS)
        self.rpls = [self.acb.rpl() for _ in range(STRINGS)]
        self.strings = [ModelString() for _ in range(STRINGS)]

    def teardown(self) -> None:
        self.acb.close()

    # -- the model ----------------------------------------------------------------------------------------------

    def first(self, low: int) -> int | None:
        return min((key for key in self.records if key >= low), default=None)

    def last(self, high: int) -> int | None:
        return max((key for key in self.records if key <= high), default=None)

    def search(self, direction: str, compare: str, key: int) -> int | tuple[int, int]:
        if compare == "KGE" and direction == "FWD":
            found = self.first(key)
            return (8, 4) if found is None else found
        return key if key in self.records else (8, 16)

    def target(self, string: ModelString, order: str, direction: str, compare: str, key: int) -> int | tuple[int, int]:
        """The key that GET gives, or the code."""
        if order == "SEQ":
            if string.position is None:
                found = None if string.used or direction == "BWD" else self.first(0)
                return (8, 88) if string.used or direction == "BWD" else (8, 4) if found is None else found
            taken, at, passed = string.position
            if taken != direction:
                return 8, 88
            found = self.first(at + passed) if direction == "FWD" else self.last(at - passed)
            return (8, 4) if found is None else found
        if order == "SKP" and string.position is not None:
            taken, at, passed = string.position
            if key < (at if not passed else at + 1 if taken == "FWD" else at - 1):
                return 8, 12
        return self.search(direction, compare, key)

    def held_elsewhere(self, string: ModelString) -> bool:
        return any(other.held is not None for other in self.strings if other is not string)

    def fail(self, string: ModelString, order: str, reason: int) -> None:
        if reason not in KEPT[order]:
            string.position, string.held, string.used = None, None, True

    # -- requests -----------------------------------------------------------------------------------------------

    @rule(
        number=st.integers(0, STRINGS - 1),
        order=st.sampled_from(("SEQ", "SEQ", "SKP", "DIR")),
        direction=st.sampled_from(("FWD", "FWD", "BWD")),
        compare=st.sampled_from(("KEQ", "KGE")),
        purpose=st.sampled_from(("NUP", "NSP", "UPD")),
        key=KEYS,
    )
    def get(self, number: int, order: str, direction: str, compare: str, purpose: str, key: int) -> None:
        if order == "SKP":
            direction = "FWD"
        rpl, string = self.rpls[number], self.strings[number]
        rpl.modify(f"{order},{direction},{compare},{purpose}", arg=b"%04d" % key)
        expected = self.target(string, order, direction, compare, key)
        if isinstance(expected, int) and purpose == "UPD" and self.held_elsewhere(string):
            expected = (8, 20)
        left = outcome(rpl.get)
        if isinstance(expected, int):
            assert (code(left), left.record) == (OK, self.records[expected])
            keeps = order != "DIR" or purpose != "NUP"
            string.position = (direction, expected, True) if keeps else None
            string.held = expected if purpose == "UPD" else None
            string.used = True
        else:
            assert code(left) == expected
            self.fail(string, order, expected[1])

    @rule(
        number=st.integers(0, STRINGS - 1),
        order=st.sampled_from(("SEQ", "DIR")),
        direction=st.sampled_from(("FWD", "BWD")),
        compare=st.sampled_from(("KEQ", "KGE")),
        key=KEYS,
    )
    def point(self, number: int, order: str, direction: str, compare: str, key: int) -> None:
        rpl, string = self.rpls[number], self.strings[number]
        rpl.modify(f"{order},{direction},{compare},NUP", arg=b"%04d" % key)
        expected = self.search(direction, compare, key)
        left = outcome(rpl.point)
        if isinstance(expected, int):
            assert (code(left), left.identity) == (OK, b"%04d" % expected)
            string.position, string.held, string.used = (direction, expected, False), None, True
        else:
            assert code(left) == expected
            self.fail(string, order, expected[1])

    @rule(number=st.integers(0, STRINGS - 1), order=st.sampled_from(("SEQ", "SKP", "DIR")), nsp=st.booleans(), key=KEYS)
    def insert(self, number: int, order: str, nsp: bool, key: int) -> None:
        rpl, string = self.rpls[number], self.strings[number]
        rpl.modify(f"{order},FWD,{'NSP' if nsp else 'NUP'}")
        record = keyed(key, b"new")
        left = outcome(rpl.put, record)
        if order != "DIR" and string.position is not None and string.position[0] == "BWD":
            expected = 88
        elif order != "DIR" and string.position is not None and key < string.position[1]:
            expected = 12
        elif self.held_elsewhere(string):
            expected = 20
        else:
            expected = 8 if key in self.records else 0
        if expected:
            assert code(left) == (8, expected)
            self.fail(string, order, expected)
            if (order, expected) == ("SKP", 8):
                string.position = ("FWD", key, False)
        else:
            assert code(left) == OK
            self.records[key] = record
            string.position = ("FWD", key, True) if order != "DIR" or nsp else None
            string.held, string.used = None, True

    @rule(number=st.integers(0, STRINGS - 1), order=st.sampled_from(("SEQ", "DIR")), erase=st.booleans(), key=KEYS)
    def update(self, number: int, order: str, erase: bool, key: int) -> None:
        rpl, string = self.rpls[number], self.strings[number]
        rpl.modify(f"{order},FWD,UPD")
        changes_key = not erase and string.held is not None and key != string.held and key % 3 == 0
        record = keyed(key if changes_key else string.held or 0, b"changed %d" % key)
        left = outcome(rpl.erase) if erase else outcome(rpl.put, record)
        expected = 92 if string.held is None else 96 if changes_key else 0
        assert code(left) == ((8, expected) if expected else OK)
        if not expected:
            assert string.held is not None
            if erase:
                del self.records[string.held]
            else:
                self.records[string.held] = record
            string.held, string.used = None, True
            string.position = None if order == "DIR" else string.position

    @rule(number=st.integers(0, STRINGS - 1))
    def endreq(self, number: int) -> None:
        self.rpls[number].endreq()
        self.strings[number].position = self.strings[number].held = None

    @invariant()
    def the_records_are_those_of_the_model(self) -> None:
        assert [key_of(record) for record in self.acb.cluster.browse()] == sorted(self.records)
        assert self.acb.active_strings == sum(string.position is not None for string in self.strings)


TestRequests = Requests.TestCase
TestRequests.settings = settings(max_examples=80, stateful_step_count=40)

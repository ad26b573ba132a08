"""Copybooks and records from strangers: a result, or one CopybookError; in bounded time and memory.

20,000 texts (`KSDS_TEST_SCALE` multiplies) are sound copybooks with words exchanged, repeated and cut; what is accepted
reads a record of random bytes, as values, as CSV and as text. 20,000 records are random or damaged ones of copybooks
that have everything: whatever a record holds, nothing is refused, and what is wrong has a place in it. 20,000 values
become a record or are refused.
"""

from __future__ import annotations

import json
import os
import random
import re
from contextlib import suppress
from decimal import Decimal

import pytest

from ksds.copybook import Encoder, RecordView, parse
from ksds.copybook.decoder import Fault
from ksds.copybook.listing import objects, rows
from ksds.errors import CopybookError
from tests.fuzz.alarm import Hang, alarm, one_more
from tests.fuzz.mutations import mutated
from tests.ksds.copybook.reading import PAGE

pytestmark = pytest.mark.fuzz

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
EXECUTIONS = max(1000, round(20_000 * SCALE))
LONGEST_SHOWN = 5_000
"""Bytes of a record that is also shown as CSV and text."""

SOUND = (
    """01 R. 05 ID PIC 9(4). 05 KIND PIC X. 88 IS-A VALUES 'A' THRU 'F' SPACE. 05 B PIC S9(5)V99 COMP-3.
    05 C REDEFINES B PIC X(4). 05 D REDEFINES B. 10 D1 PIC S9(4) COMP. 10 D2 PIC S9(2) LEADING SEPARATE.""",
    """01 R. 05 N PIC 9(2). 05 M PIC S9(4) COMP. 05 T OCCURS 0 TO 20 TIMES DEPENDING ON N INDEXED BY IX. 10 A PIC X(3).
    10 V PIC 9(3) OCCURS 1 TO 3 DEPENDING ON M. 10 FILLER PIC X. 05 Z PIC ZZ9.99-.""",
    """01 H. 05 H-TYPE PIC X. 05 H-DATE PIC 9(6) BLANK WHEN ZERO. 01 D. 05 D-TYPE PIC X. 05 F COMP-1 VALUE 1.5.
    05 G COMP-2 SYNC.
    05 P POINTER. 05 X PIC N(4) VALUE N'AB'. 66 HD RENAMES D-TYPE THRU F. 77 ALONE PIC PP99.""",
    """01 COPY-ME. COPY PART REPLACING ==:T:== BY ==NEW== LEADING ==A-== BY ==B-==.
    05 FILLER REDEFINES NEW-ID. 10 E PIC X(9) JUST RIGHT VALUE 'it''s'.
    05 G SIGN TRAILING SEPARATE. 10 S PIC S9(3)V9 USAGE NATIONAL.""",
)
PART = "05 A-COUNT PIC 9(3)P(2) OCCURS 4. 05 :T:-ID PIC X(9). *> the end"
VALUES: tuple[dict[str, object], ...] = (
    {"ID": 1, "KIND": "A", "B": "-123.45"},
    {"N": 2, "M": 2, "T": [{"A": "ABC", "V": [1, 2]}, {"A": "DEF", "V": [3, 4]}], "Z": "1.00"},
    {"D": {"D-TYPE": "D", "F": 1.5, "G": -2.5, "P": "0000ABCD", "X": "ÄÖ"}},
    {"NEW-ID": "X", "B-COUNT": [100, 200], "G": {"S": "-1.5"}},
)
HOSTILE = (
    *(
        None,
        True,
        0,
        -1,
        3,
        10**40,
        1.5,
        float("nan"),
        float("inf"),
        1e300,
        "",
        "x",
        "9" * 5000,
        "1e999999999",
        "\ud800",
    ),
    *("\n", "ABC", "-0", "٣", [], [1], {}, {"A": 1}, Decimal("1.5"), Decimal("NaN"), Decimal("1E-400")),
)
CHOICES = ((), ("C if KIND=A", "D if IS-A"), ("V if N=1",), ("H if H-TYPE=H", "D if D-TYPE=D", "ALONE"), ("NEW-ID",))
WORDS = re.findall(r"\S+", " ".join((*SOUND, PART)))
WORDS += re.findall(
    r"\S+",
    """COPY LOOP EXEC END-EXEC. OCCURS 999999999 0 -1 PIC 9(31)V9(31) ' " == ==:T:== X(999999999)
    X(1000000) 49 88 66 01 REDEFINES""",
)
WORDS += ["OCCURS 1000", "\0", "\n      -    ", "\xe9"]


def library(member: str, name: str) -> tuple[str, str] | None:
    return {"PART": (member, PART), "LOOP": (member, "COPY LOOP. COPY PART.")}.get(member)


def changed(text: str, rng: random.Random) -> str:
    """The text with one to four words exchanged, put in, taken out or repeated, or with other digits."""
    words = re.split(r"(\s+)", text)
    for _ in range(rng.choice((1, 1, 2, 3, 4))):
        at, how = rng.randrange(len(words)), rng.random()
        if how < 0.3:
            words[at] = re.sub(r"\d", lambda found: rng.choice("0123456789"), words[at])
        elif how < 0.5:
            words[at] = rng.choice(WORDS)
        elif how < 0.6:
            words.insert(at, f" {rng.choice(WORDS)} ")
        elif how < 0.8:
            del words[at : at + rng.choice((1, 1, 2, 7))]
        elif how < 0.95:
            words[at:at] = words[at : at + rng.choice((2, 9))]
        else:
            words[at] = words[at][: rng.randrange(len(words[at]) + 1)]
        words = words or [""]
    return "".join(words)


def a_choice(rng: random.Random) -> str:
    return rng.choice(("{} if {}={}", "{} if {}", "{}", "{} {} = {}")).format(*(rng.choice(WORDS) for _ in range(3)))


def has_place(fault: Fault, record: bytes, view: RecordView) -> bool:
    """In the record, or where it should go on."""
    return 0 <= fault.offset <= max(len(record), *(root.length for root in view.layout.records))


def look(view: RecordView, record: bytes) -> list[Fault]:
    """Everything that is made of a record; what is wrong with it."""
    values, faults = view.decoder().decode(record)
    assert all(has_place(fault, record, view) and "\n" not in str(fault) for fault in faults)
    json.dumps(values, allow_nan=False)
    if sum(root.length for root in view.layout.records) <= LONGEST_SHOWN:
        told: list[int] = []
        list(view.text_lines(values, faults))
        b"".join(view.csv_lines([record], lambda number, found: told.append(len(found))))
        assert told == [len(faults)] * bool(faults)
    return faults


def try_copybook(text: str, rng: random.Random) -> bool:
    """True if the text is a copybook. Raises on any oddity."""
    one_more()
    try:
        layout = parse(text, "FUZZ.cpy", library)
    except CopybookError as error:
        assert "\n" not in str(error) and len(str(error)) < 300
        return False
    choices = rng.choice(CHOICES) if rng.random() < 0.7 else (a_choice(rng), a_choice(rng))
    view = RecordView(layout, PAGE, choices)
    try:
        view.decoder()
    except CopybookError as error:
        assert "\n" not in str(error) and len(str(error)) < 300
        view = RecordView(layout, PAGE)
    assert len(list(rows(layout))) >= len(list(objects(layout)))
    lengths = [root.length for root in layout.records]
    if max(lengths) <= LONGEST_SHOWN:
        with suppress(CopybookError):
            Encoder(layout, PAGE).encode({})
            Encoder(layout, PAGE).encode({layout.records[-1].key: {}})
    look(view, rng.randbytes(rng.choice((0, 1, 20, min(3000, max(lengths))))))
    return True


def test_any_text_is_a_copybook_or_one_error() -> None:
    rng = random.Random("copybooks")
    accepted = 0
    with alarm():
        assert all(try_copybook(text, rng) for text in SOUND)
        for turn in range(EXECUTIONS):
            text = changed(rng.choice(SOUND), rng)
            try:
                accepted += try_copybook(text, rng)
            except (Exception, Hang) as error:
                raise AssertionError(f"turn {turn}: {error!r} on {text!r}") from error
    print(f"\ncopybooks: {EXECUTIONS} texts, {accepted} accepted")
    assert 0 < accepted < EXECUTIONS


def test_any_record_has_values_and_faults_with_a_place() -> None:
    rng = random.Random("records")
    views = [RecordView(parse(text, "", library), PAGE) for text in SOUND]
    decoders = [view.decoder() for view in views]
    sound = [Encoder(view.layout, PAGE).encode(values) for view, values in zip(views, VALUES, strict=True)]
    clean = 0
    with alarm():
        assert not any(decoder.decode(record)[1] for decoder, record in zip(decoders, sound, strict=True))
        for turn in range(EXECUTIONS):
            which = turn % len(views)
            record = mutated(sound[which], sound, rng) if rng.random() < 0.8 else rng.randbytes(rng.randrange(80))
            one_more()
            try:
                faults = decoders[which].decode(record)[1] if turn % 10 else look(views[which], record)
                assert all(has_place(fault, record, views[which]) for fault in faults)
            except (Exception, Hang) as error:
                raise AssertionError(f"turn {turn}: {error!r} on X'{record.hex().upper()}'") from error
            clean += not faults
    print(f"\nrecords: {EXECUTIONS}, {clean} without fault")
    assert 0 < clean < EXECUTIONS


def spoiled(value: object, rng: random.Random) -> object:
    """The values with one of them exchanged for something else."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = rng.choice(list(value))
        return {**value, (name if rng.random() < 0.9 else "ELSE"): spoiled(value[name], rng)}
    if isinstance(value, list) and value and rng.random() < 0.8:
        at = rng.randrange(len(value))
        return [*value[:at], spoiled(value[at], rng), *value[at + 1 :]]
    return rng.choice(HOSTILE)


def test_any_values_are_a_record_or_one_error() -> None:
    rng = random.Random("values")
    layouts = [parse(text, "", library) for text in SOUND]
    encoders = [Encoder(layout, PAGE) for layout in layouts]
    accepted = 0
    with alarm():
        for turn in range(EXECUTIONS):
            which = turn % len(layouts)
            values = spoiled(spoiled(VALUES[which], rng), rng)
            one_more()
            try:
                if isinstance(values, dict):
                    record = encoders[which].encode(values)
                    assert len(record) <= max(root.length for root in layouts[which].records)
                    accepted += 1
            except CopybookError as error:
                assert "\n" not in str(error) and len(str(error)) < 300
            except (Exception, Hang) as error:
                raise AssertionError(f"turn {turn}: {error!r} on {values!r}") from error
    print(f"\nvalues: {EXECUTIONS}, {accepted} accepted")
    assert 0 < accepted < EXECUTIONS


def test_a_copybook_made_to_burst_does_not() -> None:
    deep = "".join(f"{level:02} G{level} OCCURS 9999. " for level in range(2, 9)) + "49 X PIC X."
    wide = "01 R. " + "05 A PIC X. " * 25_000
    empty = "01 R. 02 N PIC 9. " + "".join(f"{level:02} G{level} OCCURS 30. " for level in range(2, 5))
    with alarm():
        for text in (f"01 R. {deep}", wide, "(" * 100_000, "01 " * 100_000, "'" * 99_999, "=" * 99_999):
            one_more()
            with pytest.raises(CopybookError):
                parse(text)
        one_more()
        view = RecordView(parse(f"{empty} 20 T OCCURS 0 TO 1 DEPENDING ON N PIC X."), PAGE)
        assert not view.decoder().decode(PAGE.encode("0"))[1]
        one_more()
        same = "01 R. " + "05 A PIC X. " * 9_000
        assert len({field.key for field in parse(same).fields()}) == 9_001
        one_more()
        parse("01 R. 05 A PIC X. " + "05 B REDEFINES A PIC X. " * 9_000)

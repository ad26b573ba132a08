"""Copybook benchmark: a data set through a copybook to JSON lines, CSV and Parquet, beside plain loops.

    python -m tests.benchmarks.copybooks                     100,000 records of 300 bytes, 13 fields
    python -m tests.benchmarks.copybooks --records 10000

Each form is what `ksds export --copybook` does: records out of the data set, a host file written. Beside them stand a
loop that only reads the records, and the program that someone would write for this one copybook: fields cut out by
hand, decimals made by hand, json.dumps. Its lines are compared with ours.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ksds import host_files
from ksds.codepage import code_page
from ksds.copybook import RecordView, parse
from ksds.copybook.parquet_file import parquet_pieces
from ksds.datasets import DataSetAttributes
from ksds.system import System

NAME = "BENCH.ACCOUNTS"
PAGE = code_page()
COPYBOOK = """
       01  ACCOUNT.
           05  ID              PIC 9(11).
           05  ACTIVE          PIC X.
           05  BALANCE         PIC S9(10)V99.
           05  CREDIT-LIMIT    PIC S9(10)V99.
           05  CASH-LIMIT      PIC S9(10)V99.
           05  OPENED          PIC X(10).
           05  EXPIRES         PIC X(10).
           05  REISSUED        PIC X(10).
           05  CYCLE-CREDIT    PIC S9(9)V99 COMP-3.
           05  CYCLE-DEBIT     PIC S9(9)V99 COMP-3.
           05  VISITS          PIC S9(9) COMP.
           05  ZIP             PIC X(10).
           05  GROUP-ID        PIC X(10).
           05  FILLER          PIC X(186).
"""
LENGTH = 300


def records(count: int) -> Iterator[bytes]:
    """Seeded accounts."""
    rng = random.Random(4)
    for number in range(count):
        money = [rng.randrange(-(10**9), 10**9) for _ in range(5)]
        zoned = b"".join(_zoned(amount) for amount in money[:3])
        dates = PAGE.encode("".join(f"20{rng.randrange(10, 30)}-11-23" for _ in range(3)))
        packed = b"".join(bytes.fromhex(f"{abs(amount):011}{'d' if amount < 0 else 'c'}") for amount in money[3:])
        binary = rng.randrange(10**9).to_bytes(4)
        text = PAGE.encode(f"{rng.randrange(10**5):<10}{'GROUP':<10}".ljust(206))
        yield PAGE.encode(f"{number:011}Y") + zoned + dates + packed + binary + text


def _zoned(amount: int) -> bytes:
    digits = bytearray(PAGE.encode(f"{abs(amount):012}"))
    digits[-1] &= 0xDF if amount < 0 else 0xCF
    return bytes(digits)


def by_hand(source: Iterator[bytes]) -> Iterator[bytes]:
    """The program for this one copybook."""
    for record in source:
        text = record.decode("cp037")
        values: dict[str, object] = {"ID": int(text[:11]), "ACTIVE": text[11]}
        for at, name in ((12, "BALANCE"), (24, "CREDIT-LIMIT"), (36, "CASH-LIMIT")):
            last = record[at + 11]
            values[name] = _money(int(text[at : at + 11]) * 10 + (last & 0xF), negative=last >> 4 == 0xD)
        for at, name in ((48, "OPENED"), (58, "EXPIRES"), (68, "REISSUED")):
            values[name] = text[at : at + 10].rstrip()
        for at, name in ((78, "CYCLE-CREDIT"), (84, "CYCLE-DEBIT")):
            nibbles = record[at : at + 6].hex()
            values[name] = _money(int(nibbles[:-1]), negative=nibbles[-1] == "d")
        values["VISITS"] = int.from_bytes(record[90:94], "big", signed=True)
        values |= {"ZIP": text[94:104].rstrip(), "GROUP-ID": text[104:114].rstrip()}
        yield json.dumps(values).encode() + b"\n"


def _money(cents: int, *, negative: bool) -> str:
    return f"{'-' if negative and cents else ''}{cents // 100}.{cents % 100:02}"


def measure(folder: Path, count: int) -> dict[str, float]:
    """Seconds by what was done."""
    view = RecordView(parse(COPYBOOK), PAGE)
    assert view.layout.records[0].length == LENGTH
    seconds: dict[str, float] = {}
    with System.open(folder / "bench") as system:
        system.allocate(NAME, DataSetAttributes("FB", LENGTH))
        with system.sequential(NAME, "w") as data_set:
            data_set.append(records(count))

        def timed(what: str, make: Callable[[Iterator[bytes]], Iterator[bytes]]) -> None:
            before = time.perf_counter()
            with system.sequential(NAME) as source:
                host_files.write_whole(folder / what, make(source.records()), lambda done: None)
            seconds[what] = time.perf_counter() - before

        timed("plain loop", lambda source: (b"" for record in source if len(record) == LENGTH))
        timed("by hand", by_hand)
        timed("JSON lines", lambda source: view.json_lines(source, _no_faults))
        timed("CSV", lambda source: view.csv_lines(source, _no_faults))
        timed("Parquet", lambda source: parquet_pieces(view, source, _no_faults))
    assert (folder / "JSON lines").read_bytes() == (folder / "by hand").read_bytes()
    return seconds


def _no_faults(number: int, faults: list[object]) -> None:
    raise AssertionError(f"record {number}: {faults}")


def report(seconds: dict[str, float], count: int) -> str:
    """A table with the ratios."""
    lines = [
        f"{count:,} records of {LENGTH} bytes",
        "",
        "| | seconds | to the plain loop | to by hand |",
        "| --- | ---: | ---: | ---: |",
    ]
    for what, spent in seconds.items():
        ratios = f"{spent / seconds['plain loop']:.1f} | {spent / seconds['by hand']:.2f}"
        lines.append(f"| {what} | {spent:.2f} | {ratios} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(report(measure(Path(folder), options.records), options.records))


if __name__ == "__main__":
    main()

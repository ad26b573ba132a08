"""Parquet: types that hold every value of a field exactly, groups and tables nested as they are."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import pyarrow
import pyarrow.parquet
from hypothesis import given, settings

from ksds.copybook import Encoder, parse
from ksds.copybook.elementary import as_decimal
from ksds.copybook.parquet_file import BYTES_A_GROUP, ROWS_A_GROUP, parquet_pieces
from tests.ksds.copybook.reading import PAGE, ebcdic, view
from tests.ksds.copybook.test_round_trip import copybooks


def written(text: str, records: Iterable[bytes]) -> pyarrow.Table:
    told: list[int] = []
    pieces = parquet_pieces(view(text), records, lambda number, faults: told.append(number))
    table = pyarrow.parquet.read_table(io.BytesIO(b"".join(pieces)))
    assert [at for at, raw in enumerate(table["_raw"].to_pylist(), 1) if raw] == told
    return table


def types(text: str) -> dict[str, str]:
    return {field.name: str(field.type) for field in written(text, []).schema if field.name[0] != "_"}


def test_every_usage_has_a_type_that_holds_all_its_values() -> None:
    text = """01 R. 05 A PIC X. 05 B PIC 9(18). 05 C PIC 9(19). 05 D PIC S9(5)V99 COMP-3. 05 E PIC S9(4) COMP.
        05 F PIC 9(10) COMP. 05 G PIC PP99. 05 H PIC 9P(3). 05 I COMP-1. 05 J POINTER. 05 K INDEX. 05 L PIC ZZ9.
        05 M PIC N. 05 N PIC S9(31) COMP-3. 05 FILLER PIC X. 05 O PIC 9(3)V9 COMP. 05 P PIC S9(29)V99."""
    assert types(text) == {
        **{"A": "string", "B": "int64", "C": "decimal128(19, 0)", "D": "decimal128(7, 2)", "E": "int64"},
        **{"F": "decimal128(20, 0)", "G": "decimal128(4, 4)", "H": "int64", "I": "double", "J": "string", "K": "int64"},
        **{"L": "string", "M": "string", "N": "decimal128(31, 0)", "O": "decimal128(5, 1)", "P": "decimal128(31, 2)"},
    }


def test_groups_are_structs_and_tables_lists() -> None:
    found = types("01 R. 05 G. 10 A PIC X. 05 T OCCURS 3. 10 B PIC 9. 10 C PIC X OCCURS 2. 05 U. 10 FILLER PIC X.")
    assert found == {
        "G": "struct<A: string>",
        "T": "list<element: struct<B: int64, C: list<element: string>>>",
    }


def test_several_records_are_columns_of_their_own() -> None:
    text = "01 HEAD. 05 A PIC 9(2). 01 TAIL. 05 B PIC X(3)."
    head, tail = written(text, [ebcdic("12"), ebcdic("XYZ")]).to_pylist()
    assert (head["HEAD"], tail["TAIL"]) == ({"A": 12}, {"B": "XYZ"})


def test_more_records_than_a_row_group_holds() -> None:
    count = 2 * ROWS_A_GROUP + 3
    table = written("01 A PIC 9(6) COMP.", (number.to_bytes(4) for number in range(count)))
    assert table["A"].to_pylist() == list(range(count))


def test_a_row_group_is_no_more_than_fits_in_memory() -> None:
    records = [bytes(1 << 20)] * 40
    pieces = list(parquet_pieces(view("01 R. 05 FILLER PIC X(1048576). "), records, lambda number, faults: None))
    assert (
        pyarrow.parquet.ParquetFile(io.BytesIO(b"".join(pieces))).num_row_groups
        == 40 * len(records[0]) // BYTES_A_GROUP + 1
    )


@settings(max_examples=30)
@given(copybooks())
def test_a_table_holds_what_was_decoded(case: tuple[str, dict[str, Any]]) -> None:
    text, values = case
    record = Encoder(parse(text), PAGE).encode(values)
    expected, _ = view(text).decoder(as_decimal).decode(record)
    (row,) = written(text, [record]).to_pylist()
    assert {name: row[name] for name in expected if name in row} == {n: v for n, v in expected.items() if n in row}
    assert expected.keys() - row.keys() == {name for name, value in expected.items() if value == {}}

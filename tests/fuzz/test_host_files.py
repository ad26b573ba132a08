"""Host files with descriptor words, damaged 20,000 times each: see `tests.fuzz.targets`."""

from __future__ import annotations

import random

import pytest

from ksds.descriptors import Descriptor, Framing, Order, framed, unframed
from ksds.errors import DataSetError
from tests.fuzz.targets import Target, hammer

pytestmark = pytest.mark.fuzz

LONGEST = 60
IBM, COBRIX = Descriptor.usual(Order.IBM), Descriptor.usual(Order.COBRIX)


def target(framing: Framing) -> Target:
    def write(records: list[bytes]) -> bytes:
        return b"".join(framed(records, framing))

    def make(rng: random.Random) -> bytes:
        return write([rng.randbytes(rng.choice((1, 4, 7, rng.randrange(1, LONGEST + 1)))) for _ in range(8)])

    def read(data: bytes) -> list[bytes] | None:
        """However the file is cut, it says the same."""
        cut = len(data) // 3
        whole = list(unframed([data], framing, 0, LONGEST))
        assert list(unframed([data[:cut], data[cut:]], framing, 0, LONGEST)) == whole
        return whole or None

    return Target(str(framing), make, read, write, refusal=DataSetError)


@pytest.mark.parametrize(
    "framing", [Framing(IBM), Framing(COBRIX), Framing(IBM, IBM), Framing(COBRIX, COBRIX)], ids=str
)
def test_any_file_is_records_or_one_error(framing: Framing) -> None:
    hammer(target(framing))

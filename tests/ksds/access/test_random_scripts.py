"""Random scripts on every organization: each request ends with a code or the script with one message, and whatever they
did, the data set is sound afterwards and the same after it was opened again."""

from __future__ import annotations

import os
import random

import pytest

from ksds.access.options import OPTCD_GROUPS
from ksds.access.rehearsal import Rehearsal
from ksds.access.request_script import RequestScriptError, parse
from ksds.codepage import code_page
from tests.ksds.access.requesting import DataSet, entry_sequenced, key_sequenced, linear, relative, variable

PAGE = code_page("cp037")
SCRIPTS, STATEMENTS = round(60 * float(os.environ.get("KSDS_TEST_SCALE", "1"))), 40
VERBS = ("GET", "GET", "GET", "PUT", "PUT", "ERASE", "POINT", "ENDREQ", "CHECK", "RPL", "CLOSE")
OPEN = "OPEN MACRF=(KEY,ADR,CNV,SEQ,SKP,DIR,OUT) STRNO=2"


def spanned() -> DataSet:
    return key_sequenced(range(0, 60, 3), spanned=True, maximum_record=1500, cis_per_ca=8)


MAKERS = {
    "KSDS": lambda: key_sequenced(range(0, 60, 3)),
    "spanned KSDS": spanned,
    "ESDS": lambda: entry_sequenced(60),
    "spanned ESDS": lambda: entry_sequenced(60, spanned=True, maximum_record=1500),
    "RRDS": lambda: relative([1, 2, 5, 40]),
    "VRRDS": lambda: variable([1, 2, 5, 40]),
    "LDS": lambda: linear(3),
}


KINDS = {
    "ESDS": ("ADR", "CNV"),
    "spanned ESDS": ("ADR",),
    "RRDS": ("KEY", "CNV"),
    "VRRDS": ("KEY", "CNV"),
    "LDS": ("CNV",),
}


def argument(source: random.Random) -> str:
    key = (b"%04d" % source.randrange(70))[: source.choice((4, 4, 4, 2, 0))].hex()
    number = source.choice((0, 1, 2, 20, 40, 512, 1024, 4096, source.randrange(2000), 1 << 32))
    return source.choice((f"X'{key}'", f"X'{number % (1 << 32):08x}'", str(number)))


def record(source: random.Random) -> str:
    data = b"%04d" % source.randrange(70) + b"." * source.choice((16, 16, 16, 0, 50, 200, 1400))
    return f"X'{data[: source.choice((None, None, 2))].hex()}'"


def statement(source: random.Random) -> str:
    verb = source.choice(VERBS)
    if verb == "CLOSE":
        return source.choice((f"CLOSE\n{OPEN}", "CLOSE TYPE=T"))
    words = [verb, f"RPL={source.choice('AB')}"]
    if verb in ("GETIX", "PUTIX") and source.random() < 0.8:
        return f"{verb} RPL=A OPTCD=(CNV,DIR,UPD) ARG={source.choice((0, 512, 1024))}"
    if verb not in ("ENDREQ", "CHECK", "SHOWCB"):
        groups = source.sample(("order", "direction", "compare", "search", "purpose"), source.randrange(4))
        groups += source.choices(sorted(OPTCD_GROUPS), k=source.choice((0, 0, 0, 1)))
        words.append(f"OPTCD=({','.join(source.choice(OPTCD_GROUPS[group]) for group in dict.fromkeys(groups))})")
        if source.random() < 0.7:
            words.append(f"ARG={argument(source)}")
        if source.random() < 0.1:
            words.append(source.choice(("KEYLEN=2", "KEYLEN=0", "AREALEN=10", "AREALEN=2000")))
        if source.random() < 0.1:
            words[1:2] = source.choice((("RPL=A", "NXTRPL=B"), ("RPL=A", "NXTRPL=0")))
    if verb == "PUT" and source.random() < 0.8:
        words.append(f"RECORD={record(source)}")
    if verb == "GET":
        words.append(source.choice(("", "", "COUNT=3")))
    return " ".join(words)


@pytest.mark.fuzz
@pytest.mark.parametrize("name", MAKERS)
def test_no_script_harms_a_data_set(name: str) -> None:
    reached: set[int] = set()
    for seed in range(SCRIPTS):
        source = random.Random(f"{name} {seed}")
        usual = source.choice(KINDS.get(name, ("KEY", "KEY", "ADR", "CNV")))
        begin = [OPEN, f"RPL RPL=A OPTCD={usual}", f"RPL RPL=B OPTCD={usual}"]
        script = "\n".join([*begin, *(statement(source) for _ in range(STATEMENTS))]).splitlines()
        data_set = MAKERS[name]()
        rehearsal = Rehearsal(data_set.acb, PAGE)
        try:
            reached |= {step.outcome.feedback for step in rehearsal.run(parse(script))}
        except RequestScriptError as error:
            assert str(error).startswith("KSD401E LINE "), f"{name} seed {seed}"
        finally:
            rehearsal.close()
        with data_set.acb("CNV,SEQ") as acb:
            assert acb.cluster.verify() == [], f"{name} seed {seed}"
            assert list(acb.cluster.browse()) is not None
    assert len(reached) > 5, f"only {sorted(reached)}"

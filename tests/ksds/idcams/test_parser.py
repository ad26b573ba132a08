"""Operands into models: abbreviations, ranges, and one message for each way to get them wrong."""

from __future__ import annotations

import pytest

from ksds.idcams.commands import VERBS, Define, Delete, ListCatalog, Repro
from ksds.idcams.grammar import Key
from ksds.idcams.parser import CommandParser
from ksds.idcams.scanner import ScanError, Scanner


def parse(text):
    """(operands, unsupported keywords, warnings)."""
    warnings = []
    scanner = Scanner([f" {line}" for line in text.split("\n")], lambda _: None, warnings.append)
    verb = scanner.token()
    parsed = CommandParser(scanner, warnings.append).parse(verb, VERBS[verb.text])
    return parsed.operands, parsed.unsupported, warnings


def operands(text):
    found, unsupported, warnings = parse(text)
    assert not unsupported and not warnings
    return found


def fails(text):
    with pytest.raises(ScanError) as caught:
        parse(text)
    return caught.value.number, caught.value.insert


def test_a_define_with_everything_abbreviated():
    found = operands(
        "DEF CL(NAME(A.B) IXD CYL(1 5) VOL(V1) KEY(11 0) RECSZ(300 300) -\n"
        "FSPC(10 20) CISZ(4096) SHR(2 3) RUS SPEED BUFSP(50000) WCK ERAS -\n"
        "IMBD OWNER(ME)) DATA(NAME(A.B.D) CNVSZ(2048)) IX(NAME(A.B.I)) -\n"
        "CAT(UCAT/PASS)"
    )
    assert isinstance(found, Define)
    kind, cluster = found.target
    assert kind == "CLUSTER" and cluster.space == ("CYLINDERS", 1, 5)
    assert cluster.keys == (11, 0) and cluster.record_size == (300, 300)
    assert (cluster.free_space, cluster.share_options) == ((10, 20), (2, 3))
    assert (cluster.reuse, cluster.loading, cluster.volumes) == ("REUSE", "SPEED", ("V1",))
    assert found.data is not None and (found.data.name, found.data.ci_size) == ("A.B.D", 2048)
    assert found.index is not None and found.index.name == "A.B.I"


def test_the_same_written_out():
    short = operands("DEF CL(NAME(A.B) TRK(1) NIXD NRUS RCVY)")
    long = operands("DEFINE CLUSTER(NAME(A.B) TRACKS(1) NONINDEXED NOREUSE RECOVERY)")
    assert short == long
    assert long.target[1].organization == "NONINDEXED"


def test_names():
    assert operands("DELETE 'a.b'").entries == ("A.B",)
    assert operands("DELETE A.B/SECRET PURGE").entries == ("A.B",)
    assert operands("DEL (A.B C.D , E.F) CL").entries == ("A.B", "C.D", "E.F")
    assert operands("DELETE A.*.C").entries == ("A.*.C",)
    assert operands("LISTC ENT(A B.*) NVSAM CL ALL") == ListCatalog(
        where=("ENTRIES", "A", "B.*"), types=("NONVSAM", "CLUSTER"), detail="ALL"
    )


def test_keys_of_a_range():
    found = operands("REPRO IFILE(IN) ODS(A.B) FKEY(abc*) TOKEY(X'00FF')")
    assert isinstance(found, Repro)
    assert found.start == ("FROMKEY", Key("ABC"))
    assert found.stop == ("TOKEY", Key("", b"\x00\xff"))
    assert operands("REPRO IFILE(IN) ODS(A.B) FKEY('a*')").start == ("FROMKEY", Key("a*"))


def test_numbers_in_other_bases():
    assert operands("DEF CL(NAME(A) TRK(X'0A' B'11'))").target[1].space == ("TRACKS", 10, 3)


def test_parentheses_too_many_and_too_few_are_forgiven():
    found, _, warnings = parse("REPRO INFILE(IN) OUTFILE(OUT")
    assert isinstance(found, Repro) and found.target == ("OUTFILE", "OUT")
    assert warnings == ["IDC0234I"]
    found, _, warnings = parse("DELETE A.B )")
    assert isinstance(found, Delete) and warnings == ["IDC0233I"]


@pytest.mark.parametrize(
    ("text", "message", "insert"),
    [
        ("DEFINE CLUSTER(NAME(A.B) SPANED TRK(1 1) VOL(V1))", "IDC3211I", "SPANED"),
        ("REPRO IFILE(A) OFILE(B) ELSE", "IDC3211I", "ELSE"),
        ("DELETE A.B C.D", "IDC3200I", "A.B"),
        ("DELETE A.B CLUSTER C.D", "IDC3211I", "C.D"),
        ("DELETE", "IDC3225I", "DELETE"),
        ("DELETE ()", "IDC3225I", "DELETE"),
        ("REPRO INFILE(A)", "IDC3225I", "REPRO"),
        ("DEFINE CLUSTER(TRK(1))", "IDC3225I", "CLUSTER"),
        ("DEF CL(NAME(A) KEYS(1))", "IDC3225I", "KEYS"),
        ("DEFINE", "IDC3225I", "DEFINE"),
        ("DEF CL(NAME(A) TRK(1 2 3))", "IDC3223I", "1"),
        ("DEF CL(NAME(A) TRK)", "IDC3208I", "TRK"),
        ("DEF CL(NAME(A) TRK 5)", "IDC3208I", "TRK"),
        ("DEF CL(NAME(A) REUSE(1))", "IDC3212I", "REUSE"),
        ("DEF CL(NAME(A) TRK((1)))", "IDC3210I", ""),
        ("DEF CL(NAME(A) (B))", "IDC3205I", "("),
        ("DEF CL(NAME(A) NAME(B))", "IDC3213I", "NAME"),
        ("DEF CL(NAME(A) TRK(1) CYL(1))", "IDC3226I", "CYL"),
        ("DEF CL(NAME(A) REUSE NOREUSE)", "IDC3226I", "NOREUSE"),
        ("REPRO IFILE(A) OFILE(B) FROMKEY(A) TONUMBER(2)", "IDC3226I", "TONUMBER"),
        ("DEF CL(NAME(A) TRK(X))", "IDC3220I", "X"),
        ("DEF CL(NAME(A) TRK(X'G'))", "IDC3214I", "G"),
        ("REPRO IFILE(A) OFILE(B) FROMKEY(X'ABC')", "IDC3214I", ""),
        ("DEF CL(NAME(A) KEYS(256 0))", "IDC3221I", "256"),
        ("DEF CL(NAME(A) TRK(99999999999999999999999))", "IDC3221I", "99999999999999999999"),
        ("DEF CL(NAME(A) FREESPACE(101))", "IDC3221I", "101"),
        ("DEF CL(NAME(" + "A" * 45 + "))", "IDC3201I", "A" * 20),
        ("DEF CL(NAME(A) OWNER(TOOLONGNAME))", "IDC3201I", "TOOLONGNAME"),
        ("DEF CL(NAME(1A.B))", "IDC3203I", "1A.B"),
        ("DEF CL(NAME(A..B))", "IDC3203I", "A..B"),
        ("DEF CL(NAME(A.*))", "IDC3203I", "A.*"),
        ("DEF CL(NAME('../../ETC'))", "IDC3203I", "../../ETC"),
        ("REPRO IFILE(1DD) OFILE(B)", "IDC3203I", "1DD"),
        ("EXAMINE NAME(X'00')", "IDC3203I", "00"),
    ],
)
def test_what_does_not_fit(text, message, insert):
    assert fails(text) == (message, insert)


def test_keywords_known_to_idcams_but_not_here():
    assert parse("DEFINE PAGESPACE(NAME(A) CYL(1))")[1] == ["PAGESPACE"]
    assert parse("ALTER A.B EXTENDEDADDRESSABLE REUSE")[1] == ["EXTENDEDADDRESSABLE"]


@pytest.mark.parametrize(
    ("text", "insert"),
    [
        ("DEF CL(NAME(A) VOL(V1/PW) TRK(1))", "V1"),
        ("DEF CL(NAME(A) TRK(1/PW))", "1"),
        ("DEF CL(NAME(A) OWNER(ME/PW))", "ME"),
        ("REPRO IFILE(A) OFILE(B) FKEY(K/PW)", "K"),
    ],
)
def test_a_password_where_none_may_be(text, insert):
    assert fails(text) == ("IDC3217I", insert)


def test_passwords_of_names_and_ddnames_are_not_looked_at():
    found = operands("REPRO IFILE(IN/PW) ODS(A.B/PW) FKEY('K/PW')")
    assert (found.source, found.target, found.start[1].text) == (("INFILE", "IN"), ("OUTDATASET", "A.B"), "K/PW")


def test_repeated_lists():
    (one,) = operands("IMPORT IFILE(A) OFILE(B) OBJECTS(A.B NEWNAME(A.C))").objects
    assert (one.entry, one.new_name) == (("A.B",), "A.C")
    first, second = operands("IMP IFILE(A) OFILE(B) OBJ((A.B VOL(V1 V2)) (C.D))").objects
    assert (first.volumes, second.entry) == (("V1", "V2"), ("C.D",))
    assert fails("IMPORT IFILE(A) OFILE(B) OBJECTS((A.B) C.D)") == ("IDC3210I", "")
    assert fails("IMPORT IFILE(A) OFILE(B) OBJECTS((VOL(V1)))") == ("IDC3212I", "VOL")
    assert fails(f"IMPORT IFILE(A) OFILE(B) OBJECTS({'-(A)' * 256})".replace("-(", "-\n("))[0] == "IDC3218I"
    assert parse("IMPORT IFILE(A) OFILE(B) OBJECTS((A.B")[2] == ["IDC0234I"]


def test_a_qualifier_may_hold_a_brace():
    assert operands("DELETE A.B{C").entries == ("A.B{C",)
    assert fails("DELETE A.{C")[0] == "IDC3203I"


def test_members():
    assert operands("DELETE (A.PDS(MEMBER) 'a.pds(m*)' A.B/PW)").entries == ("A.PDS(MEMBER)", "A.PDS(M*)", "A.B")
    assert operands("REPRO IDS(A.PDS (X)) ODS(A.B)").source == ("INDATASET", "A.PDS(X)")
    assert fails("REPRO IDS(A.PDS(X*)) ODS(A.B)") == ("IDC3203I", "A.PDS(X*)")
    assert fails("DELETE A.PDS(X Y)") == ("IDC3209I", "X")

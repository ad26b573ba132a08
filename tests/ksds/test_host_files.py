"""Host files in and out by `allocate` and `export`: code pages, descriptor words, detection, Cobrix, bad input."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from ksds import cli, host_files
from ksds.cluster.definition import ClusterDefinition
from ksds.codepage import code_page
from ksds.system import System

EVERY_BYTE = bytes(range(256))
PAGES = ("cp037", "cp1047", "cp273", "cp500", "cp1140", "cp1026")
"""The EBCDIC code pages: ours, and all of Python's that map 256 bytes to 256 characters."""


class Shell:
    """Runs command lines in one folder; `out` and `err` are what the last one printed."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd
        self.out = self.err = ""

    def __call__(self, line: str) -> int:
        self._capfd.readouterr()
        status = cli.run(line.split())
        self.out, self.err = self._capfd.readouterr()
        return status


@pytest.fixture
def ksds(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KSDS_SYSTEM", raising=False)
    return Shell(capfd)


# -- code pages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_all_bytes_make_the_round_trip_as_text(page: str, ksds: Shell) -> None:
    """Every character but the two that end lines, one a line, with another behind it: blanks at an end go."""
    characters = [c for c in code_page(page).decode(EVERY_BYTE) if c not in "\n\r"]
    assert len(characters) == 254
    text = "".join(f"{c}.\n" for c in characters)
    Path("in").write_bytes(text.encode())
    assert ksds(f"allocate A.T --recfm VB --lrecl 20 --from in --text --codepage {page}") == 0
    assert ksds("browse A.T --format hex") == 0
    stored = {bytes.fromhex(line)[:1] for line in ksds.out.split()}
    assert stored == {bytes([b]) for b in EVERY_BYTE} - {code_page(page).encode(c) for c in "\n\r"}
    assert ksds(f"export A.T out --text --codepage {page}") == 0
    assert Path("out").read_bytes() == text.encode()


@pytest.mark.parametrize("page", PAGES)
def test_next_line_is_a_character_and_line_feed_is_none(page: str, ksds: Shell) -> None:
    """X'15' is NEL and travels as U+0085; a record with X'25' (LF) or X'0D' (CR) cannot be a line of text."""
    Path("nel").write_bytes(b"\xc1\x15\xc2")
    assert ksds("allocate A.NEL --recfm FB --lrecl 3 --from nel") == 0
    assert ksds(f"export A.NEL out --text --codepage {page}") == 0
    assert Path("out").read_bytes() == "A\u0085B\n".encode()
    for byte in (b"\x25", b"\x0d"):
        Path("lf").write_bytes(b"\xc1\xc2\xc3\xc1" + byte + b"\xc2")
        dsn = f"A.X{byte.hex()}"
        assert ksds(f"allocate {dsn} --recfm FB --lrecl 3 --from lf") == 0
        Path("kept").write_text("as it was", encoding="utf-8")
        assert ksds(f"export {dsn} kept --text --codepage {page}") == 12
        assert ksds.err == "KSD101E RECORD 2 HOLDS A LINE END AND CANNOT BE A LINE OF TEXT\n"
        assert Path("kept").read_text(encoding="utf-8") == "as it was"


def test_binary_is_not_touched_by_any_code_page(ksds: Shell) -> None:
    Path("in").write_bytes(EVERY_BYTE)
    for page in PAGES:
        assert ksds(f"allocate A.{page} --recfm FB --lrecl 64 --from in --codepage {page}") == 0
        assert ksds(f"export A.{page} out --codepage {page}") == 0
        assert Path("out").read_bytes() == EVERY_BYTE


@pytest.mark.parametrize(
    ("page", "said"), [("cp424", "BYTE X'70' HAS NO CHARACTER"), ("cp875", "256 DIFFERENT"), ("cp930", "IS UNKNOWN")]
)
def test_a_page_that_would_lose_bytes_is_refused(page: str, said: str, ksds: Shell) -> None:
    Path("in").write_text("A\n", encoding="utf-8")
    assert ksds(f"allocate A.T --from in --text --codepage {page}") == 12
    assert said in ksds.err and ksds.err.count("\n") == 1
    assert ksds("browse A.T") == 8


# -- descriptor words -----------------------------------------------------------------------------------------------


@pytest.fixture
def varying(ksds: Shell) -> Shell:
    """A.V, records AB, C and 60 letters."""
    Path("in").write_text(f"AB\nC\n{'D' * 60}\n", encoding="utf-8")
    assert ksds("allocate A.V --recfm VB --lrecl 84 --from in --text") == 0
    return ksds


FORMS = (
    "--rdw ibm",
    "--rdw ibm --rdw-adjustment 0",
    "--rdw cobrix",
    "--rdw cobrix --rdw-adjustment -4",
    "--rdw ibm --bdw ibm",
    "--rdw cobrix --bdw cobrix",
    "--rdw ibm --bdw cobrix",
)


@pytest.mark.parametrize("form", FORMS)
def test_records_leave_and_enter_in_every_form(form: str, varying: Shell) -> None:
    assert varying(f"export A.V out {form}") == 0
    assert varying(f"allocate A.BACK --recfm VB --lrecl 84 --from out {form}") == 0
    assert varying("export A.BACK back --text") == 0
    assert Path("back").read_bytes() == Path("in").read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_the_form_is_found_out_and_said(form: str, varying: Shell) -> None:
    varying(f"export A.V out {form}")
    assert varying("allocate A.BACK --recfm VB --lrecl 84 --from out --rdw auto") == 0
    assert varying.out == f"KSD013I out READ AS {form}, 3 RECORDS\n"
    varying("export A.BACK back --text")
    assert Path("back").read_bytes() == Path("in").read_bytes()


def test_blocks_as_they_are_stored_are_ibm_blocks(varying: Shell) -> None:
    varying("export A.V blocks")
    assert varying("allocate A.BACK --recfm VB --lrecl 84 --from blocks --rdw auto") == 0
    assert "READ AS --rdw ibm --bdw ibm, 3 RECORDS" in varying.out


def test_a_file_that_can_be_read_two_ways_is_refused(ksds: Shell) -> None:
    """Two empty records whose lengths count themselves, or one record of four bytes."""
    Path("in").write_bytes(bytes.fromhex("0004000000040000"))
    assert ksds("allocate A.V --recfm VB --lrecl 84 --blksize 88 --from in --rdw auto") == 12
    assert (
        ksds.err.startswith("KSD101E in CAN BE READ IN ") and "--rdw ibm, OR --rdw ibm --rdw-adjustment 0" in ksds.err
    )
    assert ksds("browse A.V") == 8


@pytest.mark.parametrize("content", [b"no descriptors at all in this", b"\x00\x55\x00\x00" + bytes(81), b"\x00"])
def test_a_file_that_fits_nothing_is_refused(ksds: Shell, content: bytes) -> None:
    Path("in").write_bytes(content)
    assert ksds("allocate A.V --recfm VB --lrecl 84 --from in --rdw auto") == 12
    assert ksds.err == "KSD101E in HAS NO DESCRIPTOR WORDS THAT FIT RECORDS OF 80 BYTES\n"
    assert ksds("browse A.V") == 8


def test_who_forgot_rdw_is_told(varying: Shell) -> None:
    varying("export A.V out --rdw ibm")
    assert varying("allocate A.BACK --recfm VB --lrecl 84 --from out") == 12
    assert varying.err.count("\n") == 1 and "BUT out CAN BE READ WITH --rdw ibm IN A.BACK AT OFFSET 0" in varying.err
    assert varying("browse A.BACK") == 8


def test_auto_needs_a_file(ksds: Shell) -> None:
    assert ksds("allocate A.V --recfm VB --lrecl 84 --from /dev/null --rdw auto") == 12
    assert "CANNOT" not in ksds.err and "SAY --rdw" in ksds.err


@pytest.mark.parametrize(
    "words", ["--bdw ibm", "--rdw none --bdw ibm", "--rdw auto --rdw-adjustment 0", "--text --rdw ibm"]
)
def test_options_that_say_nothing_are_refused(words: str, ksds: Shell) -> None:
    Path("in").write_bytes(b"")
    assert ksds(f"allocate A.V --recfm VB --lrecl 84 --from in {words}") == 2
    assert ksds.err.startswith("KSD001E") and ksds.err.count("\n") == 1


def test_text_has_no_descriptors(varying: Shell) -> None:
    assert varying("export A.V out --text --rdw ibm") == 2
    assert varying.err.startswith("KSD001E") and not Path("out").exists()


def test_records_of_a_cluster_that_are_shorter_than_the_others_are_not_run_together(ksds: Shell) -> None:
    """RECORDSIZE(8 8) lets a record be shorter: once its end was lost in the host file."""
    with System.open("system") as system:
        shape = {"average_record": 8, "maximum_record": 8, "ci_size": 512, "index_ci_size": 512, "cis_per_ca": 4}
        system.define_cluster(ClusterDefinition(name="A.K", key_length=4, **shape))
        with system.cluster("A.K", "w") as cluster:
            cluster.load([b"1111AAAA", b"2222"])
    assert ksds("export A.K out") == 12
    assert ksds.err == "KSD101E RECORD 2 HAS 4 BYTES, OTHERS 8: EXPORT WITH --rdw ibm OR --rdw none\n"
    assert not Path("out").exists()
    assert ksds("export A.K out --rdw ibm") == 0
    assert Path("out").read_bytes() == b"\x00\x0c\x00\x001111AAAA\x00\x08\x00\x002222"
    assert ksds("export A.K out --rdw none") == 0
    assert Path("out").read_bytes() == b"1111AAAA2222"


def test_a_record_too_long_for_a_descriptor_word_is_refused(ksds: Shell) -> None:
    with System.open("system") as system:
        shape = {"average_record": 100, "maximum_record": 70000, "ci_size": 4096, "index_ci_size": 4096}
        system.define_cluster(ClusterDefinition(name="A.S", key_length=4, spanned=True, cis_per_ca=60, **shape))
        with system.cluster("A.S", "w") as cluster:
            cluster.load([b"1111", b"2222" + bytes(66000)])
    assert ksds("export A.S out") == 12
    assert ksds.err == "KSD101E RECORD 2 OF 66004 BYTES CANNOT STAND BEHIND A DESCRIPTOR (--rdw ibm)\n"
    assert not list(Path().glob("*out*"))


# -- what does not fit ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "content", "said"),
    [
        (
            "--recfm VB --lrecl 84 --rdw ibm",
            b"\x00\x05\x00\x00A\x00\x09\x00\x00A",
            "TELLS 5 BYTES, 1 ARE THERE AT OFFSET 5",
        ),
        ("--recfm VB --lrecl 84 --rdw ibm", b"\x00\x05\x00\x00A\x00\x09", "2 BYTES AT THE END"),
        ("--recfm VB --lrecl 84 --rdw ibm", b"\x00\x55\x00\x00" + bytes(81), "MORE THAN 80 AT OFFSET 0"),
        ("--recfm FB --lrecl 4 --rdw ibm", b"\x00\x08\x00\x00AAAA\x00\x07\x00\x00AAA", "NOT 4 AT OFFSET 8"),
        ("--recfm VB --lrecl 84 --rdw cobrix --bdw cobrix", b"\x00\x00\x09\x00" + bytes(8), "9 BYTES, 8 ARE THERE"),
        ("--recfm U --rdw cobrix", b"\x00\x00\x00\x00", "IS NOT A DESCRIPTOR"),
        ("--recfm FB --lrecl 4 --text", b"AB\nABCDE\n", "LINE 2 HAS 5 CHARACTERS, A RECORD HOLDS 4"),
        ("--recfm VB --lrecl 8 --text", b"AB\n\nABCDE", "LINE 3 HAS 5 CHARACTERS, A RECORD HOLDS 4"),
        ("--recfm FB --lrecl 8 --text", "AB\nC€\n".encode(), "LINE 2: CHARACTER U+20AC AT 2 IS NOT IN CODE PAGE cp037"),
        ("--recfm FB --lrecl 8 --text", b"AB\n\xff\n", "LINE 2 OF in IS NOT TEXT IN UTF-8"),
        ("--recfm FB --lrecl 8", b"123456789", "1 BYTES AFTER THE LAST WHOLE RECORD OF 8"),
    ],
)
def test_nothing_is_left_of_a_host_file_that_does_not_fit(words: str, content: bytes, said: str, ksds: Shell) -> None:
    """One line with the place; the data set, member, generation or library is not there, and no file of it."""
    Path("in").write_bytes(content)
    Path("folder").mkdir()
    Path("folder/ok").write_bytes(b"")
    Path("folder/zbad").write_bytes(content)
    Path("define").write_text(" DEFINE GDG(NAME(A.G) LIMIT(3))\n", encoding="utf-8")
    shape = " ".join(words.split()[: 2 if "--recfm U" in words else 4])
    assert ksds(f"allocate A.LIB --dsorg PO {shape}") == 0
    assert ksds("idcams define") == 0
    before = sorted(path.name for path in Path("system/volumes").rglob("*"))
    for target in ("A.NEW --from in", "A.LIB(NEW) --from in", "A.G(+1) --from in", "A.NEW --dsorg PO --from folder"):
        assert ksds(f"allocate {target} {words}") == 12, target
        place = " zbad " if "folder" in target else " in "
        assert said.replace(" in ", place) in ksds.err and ksds.err.count("\n") == 1, ksds.err
        assert sorted(path.name for path in Path("system/volumes").rglob("*")) == before, target
    assert ksds("browse A.NEW") == 8 and ksds("browse A.G(0)") == 8
    ksds("members A.LIB --json")
    assert ksds.out == ""


def test_nothing_is_left_of_a_library_whose_last_member_cannot_leave(ksds: Shell) -> None:
    Path("folder").mkdir()
    Path("folder/aok").write_bytes(b"\xc1\xc2")
    Path("folder/bad").write_bytes(b"\xc1\x25")
    assert ksds("allocate A.LIB --dsorg PO --recfm FB --lrecl 2 --from folder") == 0
    assert ksds("export A.LIB out --text") == 12
    assert "RECORD 1 HOLDS A LINE END" in ksds.err
    assert not list(Path().glob("*out*"))
    Path("out").mkdir()
    Path("out/AOK").write_text("old", encoding="utf-8")
    assert ksds("export A.LIB out --text") == 12
    assert Path("out/AOK").read_text(encoding="utf-8") == "old" and len(list(Path("out").iterdir())) == 1
    assert ksds("export A.LIB out") == 0
    assert Path("out/BAD").read_bytes() == b"\xc1\x25"


def test_an_open_file_is_written_to_and_a_link_followed(varying: Shell) -> None:
    """Once /dev/stdout itself was replaced, where somebody was allowed to."""
    with open("out", "wb") as file:
        file.write(b"before\n")
        file.flush()
        assert varying(f"export A.V /dev/fd/{file.fileno()} --text") == 0
    assert Path("out").read_bytes() == b"before\n" + Path("in").read_bytes()
    Path("link").symlink_to("real")
    assert varying("export A.V link --text") == 0
    assert Path("link").is_symlink() and Path("real").read_bytes() == Path("in").read_bytes()


def test_a_hyphen_is_standard_output(varying: Shell) -> None:
    assert varying("export A.V - --text") == 0
    assert varying.out.encode() == Path("in").read_bytes()
    assert not Path("-").exists()


def test_a_host_file_that_cannot_be_made_is_named_as_the_user_named_it(varying: Shell) -> None:
    assert varying("export A.V no/such/file") == 12
    assert varying.err == f"KSD002E {Path.cwd()}/no/such/file: No such file or directory\n"


# -- Cobrix ---------------------------------------------------------------------------------------------------------


class Reader:
    """Stands in for spark.read with these options: reads a file as Cobrix's decoders do."""

    def __init__(self, options: dict[str, str]) -> None:
        self.options = options

    def load(self, path: str) -> list[bytes]:
        data = Path(path).read_bytes()
        form = self.options["record_format"]
        if form == "D":
            return data.splitlines()
        if form == "F":
            length = int(self.options["record_length"])
            return [data[at : at + length] for at in range(0, len(data), length)]
        blocks = self._split(data, "bdw") if form == "VB" else [data]
        return [record for block in blocks for record in self._split(block, "rdw")]

    def _split(self, data: bytes, word: str) -> list[bytes]:
        adjustment = int(self.options.get(f"{word}_adjustment", "0"))
        if self.options.get(f"is_{word}_part_of_record_length") == "true":
            adjustment -= 4
        found, at = [], 0
        while at < len(data):
            a, b, c, d = data[at : at + 4]
            big = self.options.get(f"is_{word}_big_endian", "false") == "true"
            field = 256 * a + b if big else c + 256 * d
            assert (c, d) == (0, 0) if big else (a, b) == (0, 0), "zeros where Cobrix wants them"
            length = field + adjustment
            assert length > 0
            found.append(data[at + 4 : at + 4 + length])
            at += 4 + length
        return found


def read_as_printed(printed: str) -> tuple[list[bytes], dict[str, str]]:
    """The records, and the options, which are Python."""
    ast.parse(printed)
    reader = Reader(dict(re.findall(r'^    \.option\("(\w+)", "([^"]*)"\)$', printed, re.MULTILINE)))
    (path,) = re.findall(r"^    \.load\('(.*)'\)$", printed, re.MULTILINE)
    return reader.load(path), reader.options


@pytest.mark.parametrize("form", [*FORMS, ""])
def test_the_options_printed_read_the_file(form: str, varying: Shell) -> None:
    assert varying(f"export A.V out {form} --print-cobrix-options") == 0
    records, options = read_as_printed(varying.out)
    assert records == [code_page().encode(text) for text in ("AB", "C", "D" * 60)]
    assert (options["copybook"], options["ebcdic_code_page"]) == ("COPYBOOK", "cp037")


def test_the_options_of_the_reference(varying: Shell) -> None:
    """An IBM file, as the notes on Cobrix have it: record_format V, big-endian, the RDW part of the length."""
    varying("export A.V unload.rdw --rdw ibm --print-cobrix-options --codepage 1047")
    assert varying.out == (
        "df = (\n"
        '    spark.read.format("cobol")\n'
        '    .option("copybook", "COPYBOOK")\n'
        '    .option("record_format", "V")\n'
        '    .option("is_rdw_big_endian", "true")\n'
        '    .option("is_rdw_part_of_record_length", "true")\n'
        '    .option("ebcdic_code_page", "cp1047")\n'
        "    .load('unload.rdw')\n"
        ")\n"
    )


def test_options_of_fixed_records_and_of_text(varying: Shell) -> None:
    Path("fixed").write_bytes(code_page().encode("AABBCC"))
    assert varying("allocate A.F --recfm FB --lrecl 2 --from fixed") == 0
    assert varying("export A.F out --print-cobrix-options --codepage cp500") == 0
    assert read_as_printed(varying.out)[0] == [code_page().encode(text) for text in ("AA", "BB", "CC")]
    assert "# Cobrix has no cp500" in varying.out
    assert varying("export A.F out --text --print-cobrix-options") == 0
    assert read_as_printed(varying.out)[0] == [b"AA", b"BB", b"CC"]
    assert "ebcdic" not in varying.out


@pytest.mark.parametrize("words", ["export A.V out --rdw none", "export A.U out"])
def test_what_cobrix_cannot_read_is_said_before_anything_is_written(words: str, varying: Shell) -> None:
    varying("allocate A.U --recfm U --from in --text")
    assert varying(f"{words} --print-cobrix-options") == 2
    assert varying.err.startswith("KSD001E Invalid value: Cobrix cannot read") and not Path("out").exists()


def test_options_of_clusters(ksds: Shell) -> None:
    with System.open("system") as system:
        for name, longest in (("A.FIX", 8), ("A.VAR", 20)):
            shape = {"average_record": 8, "maximum_record": longest, "ci_size": 512, "index_ci_size": 512}
            system.define_cluster(ClusterDefinition(name=name, key_length=4, cis_per_ca=4, **shape))
            with system.cluster(name, "w") as cluster:
                cluster.load([b"1111AAAA", b"2222BBBB"])
    for name, form in (("A.FIX", "F"), ("A.VAR", "V")):
        assert ksds(f"export {name} out --print-cobrix-options") == 0
        records, options = read_as_printed(ksds.out)
        assert (records, options["record_format"]) == ([b"1111AAAA", b"2222BBBB"], form)
    assert re.search(r"rdw_part", ksds.out)
    assert json.dumps(ksds.err) == '""'


def test_who_writes_is_told_how_far_it_is_wherever_it_goes(tmp_path: Path) -> None:
    for target in (tmp_path / "file", Path("/dev/null")):
        told: list[int] = []
        host_files.write_whole(target, [b"ab", b"cde"], told.append)
        assert told == [2, 3]

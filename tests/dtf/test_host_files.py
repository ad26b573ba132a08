"""Files of the host at either end of a COPY: what may be touched, what becomes of text, and exact restart."""

import os
import random

import pytest

from dtf import initparms
from dtf.initparms import Initparms
from ksds import DataSetAttributes
from tests.dtf.node_pair import define_keyed, fill, records_of
from tests.dtf.test_every_kind import library, members_of

BINARY = 'SYSOPTS="DATATYPE=BINARY"'


def copy(pair, operands, *faults):
    """One COPY in the layout that keeps the letters of paths."""
    return pair.run(f"payday process snode=LON\n step01 copy {operands}\npend;\n", *faults)


def ended_well(outcome):
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# ---- one file


@pytest.mark.parametrize("size", [0, 1, 300_000, 1_000_003])
@pytest.mark.parametrize("sysopts", ["", 'sysopts=":datatype=binary:"'])
def test_a_file_arrives_byte_by_byte(pair, folders, size, sysopts):
    out, into = folders
    data = random.Random(size).randbytes(size)
    (out / "a.bin").write_bytes(data)
    ended_well(copy(pair, f"from (file={out}/a.bin {sysopts}) ckpt=100k to (file={into}/b.bin {sysopts})"))
    assert (into / "b.bin").read_bytes() == data
    assert names(into) == ["b.bin"]
    assert pair.checkpoints() == []


@pytest.mark.parametrize("fault", ["session@ckpt:3", "session@link:1", "session@link:400000", "session@percent:100"])
@pytest.mark.parametrize("disposition", ["new", "rpl", "mod"])
def test_an_interrupted_copy_of_a_file_goes_on_at_the_byte(pair, folders, fault, disposition):
    out, into = folders
    data = random.Random(7).randbytes(700_000)
    (out / "a.bin").write_bytes(data)
    before = b""
    if disposition != "new":
        before = b"old and to be kept by MOD"
        (into / "b.bin").write_bytes(before)
    ended_well(copy(pair, f"from (file={out}/a.bin) ckpt=100k to (file={into}/b.bin disp={disposition})", fault))
    assert (into / "b.bin").read_bytes() == (before if disposition == "mod" else b"") + data
    assert names(into) == ["b.bin"]
    assert pair.checkpoints() == []
    step = pair.step()
    if fault == "session@ckpt:3":
        assert (step["RSTR"], int(step["SRCB"])) == ("Y", 300_000)


@pytest.mark.parametrize("disposition", ["new", "rpl"])
def test_until_it_is_complete_nobody_sees_anything_of_it(pair, folders, disposition):
    out, into = folders
    (out / "a.bin").write_bytes(bytes(500_000))
    if disposition == "rpl":
        (into / "b.bin").write_bytes(b"old")
    with pair.node("disk-full@300K") as node:
        to = f"to (file={into}/b.bin disp={disposition})"
        number = node.submit(f"p process snode=LON\n s copy from (file={out}/a.bin) ckpt=100k {to}\npend;")
        node.run(number)
        assert node.outcome(number).status == "HE"
    assert [name for name in names(into) if not name.startswith(".")] == (["b.bin"] if disposition == "rpl" else [])
    assert disposition == "new" or (into / "b.bin").read_bytes() == b"old"
    with pair.node() as node:
        node.release(number)
        node.run()
        assert node.outcome(number).condition_code == 0
    assert (into / "b.bin").read_bytes() == bytes(500_000)
    assert names(into) == ["b.bin"]


def test_the_staged_file_is_checked_before_it_is_believed(pair, folders):
    out, into = folders
    data = random.Random(7).randbytes(700_000)
    (out / "a.bin").write_bytes(data)
    with pair.node("disk-full@450K") as node:
        number = node.submit(
            f"p process snode=LON\n s copy from (file={out}/a.bin) ckpt=100k to (file={into}/b)\npend;"
        )
        node.run(number)
    (staged,) = into.iterdir()
    damaged = bytearray(staged.read_bytes())
    damaged[250_000] ^= 1
    staged.write_bytes(damaged)
    with pair.node() as node:
        node.release(number)
        node.run()
    assert (into / "b").read_bytes() == data
    assert pair.step()["SRCB"] == "200000"


def test_a_replaced_file_keeps_its_permissions_and_permiss_sets_them(pair, folders):
    out, into = folders
    (out / "a").write_bytes(b"new")
    (into / "a").write_bytes(b"old")
    (into / "a").chmod(0o664)
    ended_well(copy(pair, f"from (file={out}/a) to (file={into}/a disp=rpl)"))
    assert (into / "a").stat().st_mode & 0o777 == 0o664
    ended_well(copy(pair, f'from (file={out}/a) to (file={into}/a disp=rpl sysopts=":permiss=640:")'))
    assert (into / "a").stat().st_mode & 0o777 == 0o640


# ---- text


LINES = ["first line", "", "Umlaut ÄÖÜß", "blanks behind   ", "last"]


@pytest.mark.parametrize("dcb", ["", "dcb=(recfm=fb,lrecl=80,blksize=800)", "dcb=(recfm=vb,lrecl=90,blksize=900)"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_become_records_in_ebcdic(pair, folders, dcb, end):
    out, _ = folders
    (out / "a.txt").write_bytes(end.join(LINES).encode() + end.encode())
    ended_well(copy(pair, f"from (file={out}/a.txt) to (dsn=PAY.DST {dcb} disp=new)"))
    width = 80 if "fb" in dcb else 0
    assert [r.decode("cp037") for r in records_of(pair.lon, "PAY.DST")] == [line.ljust(width) for line in LINES]
    attributes = pair.lon.entry("PAY.DST").attributes
    if not dcb:
        assert (attributes.recfm, attributes.lrecl, attributes.blksize) == ("VB", 23036, 23040)


@pytest.mark.parametrize(
    ("shape", "fault"), [(("FB", 80, 800), ""), (("VB", 84, 888), "session@ckpt:2"), (("U", 0, 80), "")]
)
def test_records_become_lines_in_utf_8_without_their_trailing_blanks(pair, folders, shape, fault):
    _, into = folders
    pair.nyc.allocate("PAY.SRC", DataSetAttributes(*shape))
    lines = [f"{n:06d} Zeile ä" + "x" * (n % 40) for n in range(3000)]
    with pair.nyc.sequential("PAY.SRC", "w") as data_set:
        data_set.append(line.ljust(80).encode("cp037") for line in lines)
    ended_well(copy(pair, f"from (dsn=PAY.SRC) ckpt=20k to (file={into}/a.txt)", *[fault] if fault else []))
    assert (into / "a.txt").read_bytes().decode() == "".join(f"{line}\n" for line in lines)
    assert not fault or pair.step()["RSTR"] == "Y"


def test_code_page_xlate_and_strip_blanks(pair, folders):
    out, into = folders
    pair.nyc.allocate("PAY.SRC", DataSetAttributes("FB", 10, 100))
    with pair.nyc.sequential("PAY.SRC", "w") as data_set:
        data_set.append(["[ä]".ljust(10).encode("cp500"), "plain".ljust(10).encode("cp500")])
    options = {
        ":codepage=(IBM-500,ISO8859-1):": "[ä]\nplain\n".encode("latin-1"),
        ":codepage=(500,utf-8):strip.blanks=no:": "[ä]       \nplain     \n".encode(),
        "DATATYPE(TEXT) XLATE(NO)": b"".join(t.ljust(10).encode("cp500") + b"\n" for t in ("[ä]", "plain")),
        "DATATYPE=BINARY": b"".join(t.ljust(10).encode("cp500") for t in ("[ä]", "plain")),
    }
    for number, (sysopts, expected) in enumerate(options.items()):
        ended_well(copy(pair, f'from (dsn=PAY.SRC) to (file={into}/{number} sysopts="{sysopts}")'))
        assert (into / str(number)).read_bytes() == expected, sysopts
    (out / "t").write_bytes("ä  \nb \n".encode("latin-1"))
    both = 'sysopts=":codepage=(latin-1,utf-8):strip.blanks=yes:"'
    ended_well(copy(pair, f"from (file={out}/t) to (file={into}/t {both})"))
    assert (into / "t").read_bytes() == "ä\nb\n".encode()


@pytest.mark.parametrize("kind", ["FB", "VB", "U", "KSDS"])
def test_the_bytes_of_a_binary_file_become_records_as_long_as_the_target_takes(pair, folders, kind):
    out, _ = folders
    data = random.Random(3).randbytes(1050)
    (out / "a").write_bytes(data)
    if kind == "KSDS":
        define_keyed(pair.lon, "PAY.DST", maximum=100)
        target = "disp=rpl"
        data = b"".join(f"{n:012d}".encode() + bytes(88) for n in range(10))
        (out / "a").write_bytes(data)
    else:
        target = {"FB": "recfm=fb,lrecl=100", "VB": "recfm=vb,lrecl=104", "U": "recfm=u,blksize=100"}[kind]
        target = f"dcb=({target})"
    ended_well(copy(pair, f'from (file={out}/a sysopts="datatype=binary") to (dsn=PAY.DST {target})'))
    expected = [data[at : at + 100] for at in range(0, len(data), 100)]
    if kind == "FB":
        expected[-1] = expected[-1].ljust(100, b"\0")
    assert list(pair.lon.records("PAY.DST")) == expected


def test_a_member_and_a_keyed_cluster_go_to_files_and_a_file_into_a_member(pair, folders):
    out, into = folders
    library(pair.nyc, "A.LIB", {"ALPHA": ["one", "two"]})
    library(pair.lon, "B.LIB", {})
    ended_well(copy(pair, f"from (dsn=A.LIB(ALPHA)) to (file={into}/alpha)"))
    assert (into / "alpha").read_text() == "one\ntwo\n"
    (out / "beta").write_text("three\nfour\n")
    ended_well(copy(pair, f"from (file={out}/beta) to (dsn=B.LIB(BETA) disp=rpl)"))
    assert members_of(pair.lon, "B.LIB") == {"BETA": ["three", "four"]}
    define_keyed(pair.nyc, "PAY.KSDS", 20)
    with pair.nyc.key_sequenced("PAY.KSDS", "w") as cluster:
        cluster.load(f"{n:012d}".ljust(20).encode("cp037") for n in range(5000))
    ended_well(copy(pair, f"from (dsn=PAY.KSDS) ckpt=10k to (file={into}/k)", "session@ckpt:3"))
    assert (into / "k").read_text() == "".join(f"{n:012d}\n" for n in range(5000))


def test_the_partner_may_be_the_one_with_the_file(pair, folders):
    out, into = folders
    (out / "a").write_text("from there\n")
    ended_well(copy(pair, f"from (file={out}/a snode) to (dsn=PAY.DST pnode disp=new)"))
    assert records_of(pair.nyc, "PAY.DST") == ["from there".encode("cp037")]
    ended_well(copy(pair, f"from (dsn=PAY.DST pnode) to (file={into}/b snode)"))
    assert (into / "b").read_text() == "from there\n"


# ---- many files


@pytest.mark.parametrize(
    "fault", ["", "session@ckpt:2", "session@link:250000", "session@link:500000", "session@percent:100"]
)
@pytest.mark.parametrize("to", ["", "/"])
def test_a_name_with_wildcards_takes_all_files_that_fit_into_a_folder(pair, folders, fault, to):
    out, into = folders
    rng = random.Random(11)
    files = {f"part-{n}": rng.randbytes(n * 33_000) for n in range(6)}
    for name, data in files.items():
        (out / name).write_bytes(data)
    (out / "other").write_bytes(b"not this one")
    (out / ".part-hidden").write_bytes(b"nor this")
    (out / "part-folder").mkdir()
    (out / "part-link").symlink_to(out / "other")
    ended_well(copy(pair, f"from (file={out}/part-*) ckpt=50k to (file={into}{to})", *[fault] if fault else []))
    assert {path.name: path.read_bytes() for path in into.iterdir()} == files
    assert pair.checkpoints() == []
    if fault == "session@ckpt:2":
        assert (pair.step()["RSTR"], int(pair.step()["SRCB"]) >= 100_000) == ("Y", True)


def test_of_many_files_none_is_seen_before_all_are_there(pair, folders):
    out, into = folders
    for name in "abc":
        (out / name).write_bytes(name.encode() * 100_000)
    text = f"p process snode=LON\n s copy from (file={out}/?) ckpt=50k to (file={into}/)\npend;\n"
    with pair.node("disk-full@250K") as node:
        number = node.submit(text)
        node.run(number)
    assert all(name.startswith(".") for name in names(into))
    with pair.node() as node:
        node.release(number)
        node.run()
    assert names(into) == ["a", "b", "c"]


def test_new_refuses_a_set_of_which_a_file_is_there(pair, folders):
    out, into = folders
    for name in "abc":
        (out / name).write_bytes(b"new")
    (into / "b").write_bytes(b"old")
    outcome = copy(pair, f"from (file={out}/?) to (file={into}/ disp=new)")
    assert (outcome.condition_code, outcome.message_id) == (8, "DTX202E")
    assert (names(into), (into / "b").read_bytes()) == (["b"], b"old")


# ---- what is refused


REFUSED = [
    ("from (file=/etc/passwd) to (dsn=PAY.DST)", "DTX207E", "FILE.READ of this node does not name its folder"),
    ("from (file={out}/../in/x) to (dsn=PAY.DST)", "DTX207E", "no . and no .."),
    ("from (file=relative) to (dsn=PAY.DST)", "DTX207E", "begins with /"),
    ("from (file={out}) to (dsn=PAY.DST)", "DTX207E", "does not name its folder"),
    ("from (file={out}/nobody) to (dsn=PAY.DST)", "DTX207E", "No such file"),
    ("from (file={out}/nobody*) to (file={in}/)", "DTX207E", "no file has such a name"),
    ("from (file={out}/link) to (dsn=PAY.DST)", "DTX207E", "cannot be read"),
    ("from (file={out}/linked/a) to (dsn=PAY.DST)", "DTX207E", "folder cannot be opened"),
    ("from (file={out}/pipe) to (dsn=PAY.DST)", "DTX207E", "cannot be read"),
    ("from (file={out}/second-name) to (dsn=PAY.DST)", "DTX207E", "cannot be read"),
    ("from (file={out}/sub) to (dsn=PAY.DST)", "DTX207E", "cannot be read"),
    ("from (file={out}/a) to (file=/etc/passwd disp=rpl)", "DTX207E", "FILE.WRITE of this node"),
    ("from (file={out}/a) to (file={in}/nowhere/x)", "DTX207E", "folder cannot be opened"),
    ("from (file={out}/a) to (file={in}/x*)", "DTX207E", "only FROM has them"),
    ("from (file={out}/a) to (file={in}/b disp=old)", "DTX207E", "DISP=OLD"),
    ("from (file={out}/a) to (file={in}/there)", "DTX202E", "DISP=NEW"),
    ("from (file={out}/a) to (file={in}/link disp=rpl)", "DTX207E", "cannot be replaced"),
    ("from (file={out}/?) to (file={in}/x)", "DTX203E", "end its path with a slash"),
    ("from (file={out}/?) to (dsn=PAY.DST)", "DTX203E", "to a library or to a folder"),
    ("from (dsn=PAY.SRC) to (file={in}/)", "DTX203E", "name a file in it"),
    ('from (file={out}/a sysopts=":datatype=odd:") to (dsn=PAY.DST)', "DTX208E", "is not TEXT or BINARY"),
    ('from (file={out}/a sysopts=":pipe=yes:") to (dsn=PAY.DST)', "DTX208E", "PIPE is not one of"),
    ('from (file={out}/a sysopts="codepage=(klingon,37)") to (dsn=PAY.DST)', "DTX208E", "KLINGON"),
    ("from (file={out}/latin1) to (dsn=PAY.DST)", "DTX208E", "line 2 is not text in UTF-8"),
    ("from (file={out}/snowman) to (dsn=PAY.DST)", "DTX208E", "line 1: CHARACTER U+2603"),
    ("from (file={out}/endless) to (dsn=PAY.DST)", "DTX208E", "line 1 is longer than 32700 bytes"),
]


def test_what_is_not_allowed_or_cannot_be_is_one_error_and_touches_nothing(pair, folders, tmp_path):
    out, into = folders
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 3)
    (out / "a").write_text("text\n")
    (tmp_path / "secret").write_text("secret\n")
    (out / "link").symlink_to(tmp_path / "secret")
    (out / "linked").symlink_to(tmp_path)
    (into / "link").symlink_to(tmp_path / "secret")
    (out / "sub").mkdir()
    os.mkfifo(out / "pipe")
    (tmp_path / "hidden").write_text("hidden\n")
    os.link(tmp_path / "hidden", out / "second-name")
    (into / "there").write_text("there\n")
    (out / "latin1").write_bytes(b"good\nb\xe4d\n")
    (out / "snowman").write_text("\u2603\n")
    (out / "endless").write_bytes(bytes(100_000))
    before = {path: path.read_bytes() for path in into.iterdir()}
    for operands, message, words in REFUSED:
        outcome = copy(pair, operands.replace("{out}", str(out)).replace("{in}", str(into)))
        assert (outcome.condition_code, outcome.message_id) == (8, message), (operands, outcome)
        assert words.lower() in outcome.text.lower(), (operands, outcome.text)
        assert {path: path.read_bytes() for path in into.iterdir()} == before, operands
        assert not pair.lon.exists("PAY.DST"), operands
        assert pair.checkpoints() == [], operands


@pytest.mark.parametrize("path", ["a", "?"])
def test_a_source_is_deleted_when_its_copy_is_complete_if_the_node_may_write_there(pair, folders, path):
    out, into = folders
    (out / "a").write_text("text\n")
    to = f"to (file={into}/)" if path == "?" else "to (dsn=PAY.DST)"
    ended_well(copy(pair, f"from (file={out}/{path} disp=(old,delete)) {to}"))
    assert names(out) == []
    (out / "a").write_text("text\n")
    initparms.write(pair.nyc, Initparms(file_read=(str(out),)))
    outcome = copy(pair, f"from (file={out}/{path} disp=(old,delete)) to (dsn=PAY.OTHER)")
    assert (outcome.condition_code, outcome.message_id, names(out)) == (8, "DTX207E", ["a"])


def test_unless_the_node_says_so_no_file_of_the_host_is_touched(pair, tmp_path):
    (tmp_path / "a").write_text("text\n")
    outcome = copy(pair, f"from (file={tmp_path}/a) to (dsn=PAY.DST)")
    assert (outcome.condition_code, outcome.message_id) == (8, "DTX207E")


@pytest.mark.parametrize("inside", ["catalog", "volumes/VOL001"])
def test_the_system_of_the_node_is_never_reached_as_files(pair, tmp_path, inside):
    initparms.write(pair.nyc, Initparms(file_read=(str(tmp_path),)))
    name = next((tmp_path / "nyc" / inside).iterdir()).name
    outcome = copy(pair, f"from (file={tmp_path}/nyc/{inside}/{name}) to (dsn=PAY.DST)")
    assert (outcome.message_id, "inside the node's own system" in outcome.text) == ("DTX207E", True)


@pytest.mark.parametrize("text", ["relative", "/a/../b", "(/a,b)", "/", "//a", "/a/./b", "/snow\u2603"])
def test_a_list_of_folders_that_cannot_be_is_refused(text):
    with pytest.raises(initparms.InitparmError):
        initparms.changed(Initparms(), [f"file.read={text}"])


def test_folders_keep_their_letters_and_are_filed_however_long_they_are(pair):
    folders = tuple(f"/Very/long/{'x' * 60}/{n}" for n in range(20))
    parameters = initparms.changed(Initparms(), [f"FILE.READ=({','.join(folders)})", "file.write=/In/"])
    assert (parameters.file_read, parameters.file_write) == (folders, ("/In",))
    initparms.write(pair.nyc, parameters)
    assert initparms.read(pair.nyc) == parameters


def test_a_path_that_was_folded_to_capitals_is_told_from_one_that_is_not_allowed(pair, folders):
    out, into = folders
    (out / "a.txt").write_text("line\n")
    outcome = pair.copy(f"FROM (FILE={out}/a.txt) TO (FILE='{into}/a.txt')")
    assert outcome.text.endswith("put it in quotes, or code CASE=YES")
    assert pair.copy(f"FROM (FILE='{out}/a.txt') TO (FILE='{into}/a.txt')").condition_code == 0
    assert (into / "a.txt").read_text() == "line\n"

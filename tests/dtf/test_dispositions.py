"""What the three DISP words of FROM and TO do when a COPY ends well, fails or abends."""

import pytest

from dtf import initparms
from dtf.copying.dispositions import of_source, of_target
from dtf.initparms import Initparms
from ksds import DataSetAttributes
from tests.dtf.node_pair import contents, fill, records_of
from tests.dtf.test_every_kind import group


def volume(system, name="PAY.DST"):
    files = (system.folder / "volumes" / "VOL001").iterdir()
    return [path.name for path in files if path.name.startswith(name)]


@pytest.mark.parametrize(
    ("coded", "third_counts", "requeued", "third"),
    [
        (("NEW", "CATLG", ""), True, False, "DELETE"),
        (("NEW", "CATLG", "DELETE"), True, False, "DELETE"),
        (("NEW", "CATLG", "KEEP"), True, False, "KEEP"),
        (("NEW", "CATLG", "CATLG"), True, False, "CATLG"),
        (("NEW", "CATLG", "DELETE"), True, True, "KEEP"),
        (("NEW", "CATLG", "CATLG"), True, True, "CATLG"),
        (("NEW", "CATLG", "DELETE"), False, False, "CATLG"),
        (("NEW", "KEEP", "DELETE"), False, False, "KEEP"),
        (("", "", ""), False, False, "CATLG"),
    ],
)
def test_the_third_word_of_to(coded, third_counts, requeued, third):
    assert of_target(coded, third_counts=third_counts, requeued=requeued)[2] == third


@pytest.mark.parametrize(
    ("coded", "requeued", "words"),
    [
        (("OLD", "", ""), False, ("OLD", "KEEP", "KEEP")),
        (("OLD", "DELETE", ""), False, ("OLD", "DELETE", "KEEP")),
        (("OLD", "KEEP", "DELETE"), False, ("OLD", "KEEP", "DELETE")),
        (("OLD", "KEEP", "DELETE"), True, ("OLD", "KEEP", "KEEP")),
    ],
)
def test_the_words_of_from(coded, requeued, words):
    assert of_source(coded, requeued=requeued) == words


@pytest.mark.parametrize(
    ("status", "there", "code"),
    [
        ("NEW", False, 0),
        ("NEW", True, 8),
        ("OLD", False, 8),
        ("OLD", True, 0),
        ("SHR", False, 8),
        ("SHR", True, 0),
        ("RPL", False, 0),
        ("RPL", True, 0),
        ("MOD", False, 0),
        ("MOD", True, 0),
    ],
)
def test_the_first_word_of_to(pair, status, there, code):
    sent = fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 30)
    old = fill(pair.lon, "PAY.DST", "FB", 80, 800, 5, seed=9) if there else []
    outcome = pair.copy(f"FROM (DSN=PAY.SRC) TO (DSN=PAY.DST DISP={status})")
    assert outcome.condition_code == code, outcome
    if not code:
        assert records_of(pair.lon, "PAY.DST") == (old if status == "MOD" else []) + sent
    elif there:
        assert records_of(pair.lon, "PAY.DST") == old


@pytest.mark.parametrize(
    ("third", "requeue", "parameter", "kept"),
    [
        ("DELETE", "NO", "YES", False),
        ("", "NO", "YES", False),
        ("KEEP", "NO", "YES", True),
        ("CATLG", "NO", "YES", True),
        ("DELETE", "NO", "NO", True),
        ("DELETE", "YES", "YES", True),
    ],
)
def test_an_abend_deletes_a_target_that_the_copy_made_unless_it_is_to_be_kept(pair, third, requeue, parameter, kept):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    initparms.write(pair.nyc, Initparms(third_disp_delete=parameter == "YES"))
    copy = f"FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST DISP=(NEW,CATLG,{third}))"
    outcome = pair.run(f"P PROCESS SNODE=LON REQUEUE={requeue}\nS COPY {copy}\n", "disk-full@450K")
    assert (outcome.condition_code, outcome.message_id) == (16, "DTX240E")
    assert outcome.queue == ("HO" if requeue == "YES" else "")
    assert not pair.lon.exists("PAY.DST")
    assert (len(volume(pair.lon)), len(pair.checkpoints())) == ((1, 1) if kept else (0, 0))


def test_an_abend_never_deletes_a_target_that_was_there_before(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    old = fill(pair.lon, "PAY.DST", "FB", 100, 10000, 3, seed=9)
    copy = "FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST DISP=(RPL,CATLG,DELETE))"
    pair.run(f"P PROCESS SNODE=LON REQUEUE=NO\nS COPY {copy}\n", "disk-full@450K")
    assert records_of(pair.lon, "PAY.DST") == old


@pytest.mark.parametrize("fault", ["corrupt@450K", "disk-full@450K"])
@pytest.mark.parametrize("there", [False, True])
def test_a_copy_that_has_failed_for_good_leaves_nothing_for_a_restart(pair, fault, there):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    old = fill(pair.lon, "PAY.DST", "FB", 100, 10000, 3, seed=9) if there else None
    copy = "FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=PAY.DST DISP=RPL)"
    assert pair.run(f"P PROCESS SNODE=LON REQUEUE=NO\nS COPY {copy}\n", fault).condition_code >= 8
    assert pair.checkpoints() == []
    assert len(volume(pair.lon)) == there
    if there:
        assert records_of(pair.lon, "PAY.DST") == old


@pytest.mark.parametrize(("words", "fault", "there"), [("OLD,DELETE", "", False), ("OLD,KEEP,DELETE", "", True)])
def test_a_source_is_deleted_when_its_copy_is_complete(pair, words, fault, there):
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 30)
    assert pair.copy(f"FROM (DSN=PAY.SRC DISP=({words})) TO (DSN=PAY.DST)").condition_code == 0
    assert pair.nyc.exists("PAY.SRC") == there


@pytest.mark.parametrize(
    ("words", "requeue", "fault", "there"),
    [
        ("OLD,KEEP,DELETE", "NO", "disk-full@300K", False),
        ("OLD,KEEP,DELETE", "YES", "disk-full@300K", True),
        ("OLD,DELETE", "NO", "disk-full@300K", True),
        ("OLD,KEEP,DELETE", "NO", "corrupt@300K", True),
    ],
)
def test_a_source_goes_with_an_abend_only_if_its_third_word_says_so(pair, words, requeue, fault, there):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    copy = f"FROM (DSN=PAY.SRC DISP=({words})) CKPT=100K TO (DSN=PAY.DST)"
    assert pair.run(f"P PROCESS SNODE=LON REQUEUE={requeue}\nS COPY {copy}\n", fault).condition_code >= 8
    assert pair.nyc.exists("PAY.SRC") == there


@pytest.mark.parametrize("words", ["NEW,CATLG", "NEW,CATLG,DELETE", "NEW,CATLG,KEEP", "NEW,CATLG,CATLG"])
def test_the_retry_of_a_copy_to_a_new_generation_fails_unless_the_third_word_is_catlg(pair, words):
    fill(pair.nyc, "PAY.SRC", "FB", 100, 10000, 8000)
    group(pair.lon)
    outcome = pair.copy(f"FROM (DSN=PAY.SRC) CKPT=100K TO (DSN=A.GDG(+1) DISP=({words}))", "session@ckpt:3")
    well = words.endswith("CATLG,CATLG")
    assert (outcome.condition_code, outcome.message_id) == ((0, "SCPA000I") if well else (8, "DTX216E"))
    assert len(pair.lon.generations.group("A.GDG").active) == (1 if well else 0)
    assert pair.checkpoints() == []
    assert len(volume(pair.lon, "A.GDG")) == (1 if well else 0)


def test_without_a_retry_any_third_word_will_do_for_a_new_generation(pair):
    fill(pair.nyc, "PAY.SRC", "FB", 80, 800, 30)
    group(pair.lon)
    assert pair.copy("FROM (DSN=PAY.SRC) TO (DSN=A.GDG(+1) DISP=(NEW,CATLG))").condition_code == 0
    assert contents(pair.lon, "A.GDG.G0001V00") == contents(pair.nyc, "PAY.SRC")
    assert pair.lon.entry("A.GDG.G0001V00").attributes == DataSetAttributes("FB", 80, 800)

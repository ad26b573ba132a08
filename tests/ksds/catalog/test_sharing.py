"""SHAREOPTIONS between programs: who may have a data set open beside whom, and what each then sees and may do."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ksds.access.rpl import Rpl
from ksds.cluster.alternate_index import AlternateIndex, BuildReport, Order
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.organizations import unmaintained
from ksds.errors import ExclusiveControl, OpenError
from ksds.idcams import run as idcams
from ksds.system import System

ROOT = Path(__file__).parents[3]
NAME = "SHARED.KSDS"
ADD_MANY = """
import sys, time
from ksds.errors import ExclusiveControl
from ksds.system import System
with System.open(sys.argv[1]).cluster("SHARED.KSDS", "w") as cluster:
    for number in range(int(sys.argv[2]), 400, 2):
        while True:
            try:
                cluster.insert(b"%04d" % number + b"." * 96)
                cluster.commit()
                break
            except ExclusiveControl:
                time.sleep(0.0001)
"""
ADD_ONE_AND_DIE = """
import os, signal, sys
from ksds.system import System
cluster = System.open(sys.argv[1]).cluster("SHARED.KSDS", "w")
cluster.insert(b"0001 and no CLOSE")
cluster.commit()
os.kill(os.getpid(), signal.SIGKILL)
"""

Define = Callable[..., System]


def run(system: System, *commands: str) -> tuple[str, int]:
    deck = "\n".join(" " + " -\n ".join(textwrap.wrap(command, 60)) for command in commands)
    done = idcams(system, deck, now=datetime(2026, 11, 23))
    return "\n".join(done.sysprint), done.max_cc


@pytest.fixture
def define(tmp_path: Path) -> Define:
    def with_options(options: str, *more: str) -> System:
        system = System.open(tmp_path / "nyc")
        shared = f"DEFINE CLUSTER(NAME({NAME}) RECORDSIZE(100 400) KEYS(4 0) RECORDS(500 500) SHAREOPTIONS({options}))"
        sysprint, code = run(system, shared, *more)
        assert code == 0, sysprint
        return system

    return with_options


def keyed(system: System, mode: str = "w") -> KeySequenced:
    return system.key_sequenced(NAME, mode)


def keys(cluster: KeySequenced) -> list[bytes]:
    return [record[:4] for record in cluster.browse()]


@pytest.mark.parametrize("options", ["3 3", "4 3"])
def test_two_programs_update_one_data_set_record_by_record(define: Define, options: str) -> None:
    system = define(options)
    programs = [
        subprocess.Popen([sys.executable, "-c", ADD_MANY, str(system.folder), first], cwd=ROOT) for first in "01"
    ]
    assert [program.wait(120) for program in programs] == [0, 0]
    with keyed(system, "r") as cluster:
        assert keys(cluster) == [b"%04d" % number for number in range(400)]
        assert cluster.verify() == []


def test_a_change_is_refused_while_another_program_has_not_committed_its_own(define: Define) -> None:
    system = define("3 3")
    with keyed(system) as one, keyed(system) as other:
        one.insert(b"0001 of one")
        with pytest.raises(ExclusiveControl) as refused:
            other.insert(b"0002 of other")
        assert (refused.value.return_code, refused.value.feedback, refused.value.data_set) == (8, 20, NAME)
        assert keys(other) == []
        one.commit()
        other.insert(b"0002 of other")
        assert keys(other) == [b"0001", b"0002"]
        other.commit()
        assert keys(one) == [b"0001"], "until its next turn"
        one.erase(b"0001")
        assert keys(one) == [b"0002"]


def test_with_1_and_2_there_is_one_writer(define: Define) -> None:
    system = define("2 3")
    with keyed(system) as one:
        one.insert(b"0001")
        with pytest.raises(OpenError, match="168"):
            keyed(system)


def test_an_index_that_is_built_meanwhile_is_kept_up_to_date_from_the_next_turn_on(
    define: Define, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other program opens the base while BLDINDEX is at work: then the index is empty, and not kept up to date."""
    index = f"DEFINE AIX(NAME(SHARED.AIX) RELATE({NAME}) KEYS(2 5) RECORDSIZE(50 200) RECORDS(50 50) UPGRADE)"
    system = define("3 3", index)
    with keyed(system) as cluster:
        cluster.insert(b"0001 AA")
    programs: list[KeySequenced] = []
    build = AlternateIndex.build

    def beside(index: AlternateIndex, base: KeySequenced, order: Order | None = None) -> BuildReport:
        programs.append(keyed(system))
        return build(index, base, order)

    with monkeypatch.context() as patch:
        patch.setattr(AlternateIndex, "build", beside)
        sysprint, code = run(system, f"BLDINDEX INDATASET({NAME}) OUTDATASET(SHARED.AIX)")
        assert code == 0, sysprint
    with programs[0] as other:
        assert unmaintained(other) == ("SHARED.AIX",)
        other.insert(b"0002 BB")
        assert unmaintained(other) == ()
    with keyed(system) as cluster:
        assert keys(cluster) == [b"0001", b"0002"] and cluster.verify() == []


def get(rpl: Rpl, key: bytes) -> bytes:
    rpl.modify(arg=key)
    return rpl.get()


@pytest.mark.parametrize(("options", "sees"), [("3 3", b"0001 as loaded"), ("4 3", b"0001 as changed")])
def test_with_4_each_direct_request_reads_anew(define: Define, options: str, sees: bytes) -> None:
    system = define(options)
    with keyed(system) as cluster:
        cluster.insert(b"0001 as loaded")
    with system.acb(NAME, "KEY,DIR,IN") as reader, keyed(system) as writer:
        rpl = reader.rpl("KEY,DIR")
        assert get(rpl, b"0001") == b"0001 as loaded"
        writer.update(b"0001 as changed")
        writer.commit()
        assert get(rpl, b"0001") == sees


def test_get_for_update_keeps_others_out_until_the_record_is_back(define: Define) -> None:
    system = define("4 3")
    with keyed(system) as cluster:
        cluster.insert(b"0001 count 0")
    with system.acb(NAME, "KEY,DIR,OUT") as one, system.acb(NAME, "KEY,DIR,OUT") as other:
        mine, theirs = one.rpl("KEY,DIR,UPD"), other.rpl("KEY,DIR,UPD")
        assert get(mine, b"0001") == b"0001 count 0"
        with pytest.raises(ExclusiveControl):
            get(theirs, b"0001")
        mine.put(b"0001 count 1")
        assert get(theirs, b"0001") == b"0001 count 1"


@pytest.mark.parametrize("how", ["put", "endreq", "close_temporarily"])
def test_what_one_string_has_for_update_is_not_given_up_by_a_commit_of_another(define: Define, how: str) -> None:
    system = define("3 3")
    with keyed(system) as cluster:
        for number in range(200):
            cluster.insert(b"%04d" % number + bytes(396))
    with system.acb(NAME, "KEY,DIR,OUT", strings=2) as one, system.acb(NAME, "KEY,DIR,OUT") as other:
        mine, also_mine = one.rpl("KEY,DIR,UPD"), one.rpl("KEY,DIR,NUP")
        theirs = other.rpl("KEY,DIR,UPD")
        get(mine, b"0001")
        also_mine.put(b"9999 in another control interval")
        {"put": lambda: None, "endreq": also_mine.endreq, "close_temporarily": one.close_temporarily}[how]()
        with pytest.raises(ExclusiveControl):
            get(theirs, b"0001")
        mine.put(b"0001 count 1")
        assert get(theirs, b"0001") == b"0001 count 1"
        theirs.put(b"0001 count 2")
    with keyed(system, "r") as cluster:
        assert cluster.get(b"0001") == b"0001 count 2"


def test_alternate_indexes_go_along_with_whoever_has_the_turn(define: Define) -> None:
    system = define(
        "3 3",
        f"DEFINE AIX(NAME(SHARED.AIX) RELATE({NAME}) KEYS(3 5) RECORDS(500 500) UPGRADE SHAREOPTIONS(3 3))",
        "DEFINE PATH(NAME(SHARED.PATH) PATHENTRY(SHARED.AIX))",
    )
    with keyed(system) as cluster:
        cluster.insert(b"0001 AAA")
    assert run(system, f"BLDINDEX INDATASET({NAME}) OUTDATASET(SHARED.AIX)")[1] == 0
    with keyed(system) as one, keyed(system) as other:
        one.insert(b"0002 BBB")
        one.commit()
        other.update(b"0001 CCC")
        other.commit()
        one.insert(b"0003 AAA")
        assert run(system, f"BLDINDEX INDATASET({NAME}) OUTDATASET(SHARED.AIX)")[1] == 12, "in use"
        assert run(system, f"ALTER {NAME}.DATA SHAREOPTIONS(1 3)")[1] == 8, "in use"
    with system.cluster("SHARED.PATH") as path:
        assert [record[:4] for record in path.browse()] == [b"0003", b"0002", b"0001"]
    with keyed(system) as cluster:
        assert cluster.verify() == []


def test_threads_that_retry_lose_nothing(define: Define) -> None:
    system = define("3 3")

    def add(first: int) -> None:
        with keyed(system) as cluster:
            for number in range(first, 60, 3):
                while True:
                    try:
                        cluster.insert(b"%04d" % number)
                        cluster.commit()
                        break
                    except ExclusiveControl:
                        pass

    threads = [threading.Thread(target=add, args=(first,)) for first in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with keyed(system, "r") as cluster:
        assert keys(cluster) == [b"%04d" % number for number in range(60)]


def test_open_tells_that_the_last_writer_did_not_close(define: Define) -> None:
    """COBOL programs see file status 97; IDCAMS prints ACBERFLG 118; after a CLOSE nobody hears of it any more."""
    system = define("2 3")
    died = subprocess.run([sys.executable, "-c", ADD_ONE_AND_DIE, str(system.folder)], cwd=ROOT, timeout=60)
    assert died.returncode == -9
    with system.acb(NAME, "KEY,DIR,OUT") as acb:
        opened = acb.opened
        assert (opened.return_code, opened.feedback, opened.file_status) == (4, OpenError.NOT_CLOSED, "97")
        assert acb.showcb("ERROR") == {"ERROR": 118}
        assert get(acb.rpl("KEY,DIR"), b"0001") == b"0001 and no CLOSE"
    with system.acb(NAME, "KEY,DIR,OUT") as acb:
        assert acb.opened.return_code == 0


def test_repro_into_a_data_set_that_was_not_closed_says_so(define: Define, tmp_path: Path) -> None:
    system = define("1 3", "DEFINE CLUSTER(NAME(SHARED.OTHER) RECORDSIZE(100 400) KEYS(4 0) RECORDS(500 500))")
    with system.key_sequenced("SHARED.OTHER", "w") as other:
        other.insert(b"0002")
    subprocess.run([sys.executable, "-c", ADD_ONE_AND_DIE, str(system.folder)], cwd=ROOT, timeout=60)
    sysprint, code = run(system, f"REPRO INDATASET(SHARED.OTHER) OUTDATASET({NAME})")
    assert code == 0 and "IDC3351I ** VSAM OPEN RETURN CODE IS 118" in sysprint
    with keyed(system, "r") as cluster:
        assert keys(cluster) == [b"0001", b"0002"]

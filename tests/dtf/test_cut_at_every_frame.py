"""A small copy of every kind, its link lost behind a frame, or one byte into the next: behind every frame with
KSDS_TEST_SCALE=10, else behind some, drawn from a seed.

Whatever happens: the Process ends well, the target is the same byte for byte, no more than an interval and a buffer is
sent again, and nothing is left behind at either node.
"""

import os
import random

import pytest

from dtf import initparms
from dtf.initparms import Initparms
from dtf.node import Node, orphans
from dtf.simulation.faults import Fault, FaultPlan
from dtf.transport import memory
from ksds import DataSetAttributes
from tests.dtf.node_pair import NOW, by_tcp, contents, define_keyed, fill
from tests.dtf.test_every_kind import CODE, RECORDS, define, group, library, members_of, put
from tests.dtf.test_numbered_and_linear import SPARSE, linear, slots, sparse, window

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
TEXT = "".join(f"{n:06d} line ä of the text\n" for n in range(4000))
BINARY = random.Random(4).randbytes(100_000)

pytestmark = pytest.mark.fault


class Kind:
    """How a kind is prepared (once), what its copy number n is, and what is there then."""

    def __init__(self, pair, folder):
        self.pair, self.nyc, self.lon = pair, pair.nyc, pair.lon
        self.out, self.into = folder / "out", folder / "in"
        for path in (self.out, self.into):
            path.mkdir()
        for system in (pair.nyc, pair.lon):
            initparms.write(system, Initparms(file_read=(str(self.out),), file_write=(str(self.into),)))


class Blocks(Kind):
    def prepare(self):
        fill(self.nyc, "PAY.SRC", "FB", 100, 1000, 1000)

    def copy(self, n):
        return f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.T{n} DISP=NEW)"

    def found(self, n):
        return contents(self.lon, f"PAY.T{n}")


class Reblocked(Blocks):
    def prepare(self):
        fill(self.nyc, "PAY.SRC", "VB", 104, 6000, 1500)

    def copy(self, n):
        return f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.T{n} DISP=RPL DCB=(RECFM=VB,LRECL=200,BLKSIZE=1600))"


class Appended(Blocks):
    def copy(self, n):
        fill(self.lon, f"PAY.T{n}", "FB", 100, 1000, 50, seed=2)
        return f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.T{n} DISP=MOD)"


class Fetched(Blocks):
    def prepare(self):
        fill(self.lon, "PAY.SRC", "FB", 100, 1000, 1000)

    def copy(self, n):
        return f"FROM (DSN=PAY.SRC SNODE) CKPT=20K TO (DSN=PAY.T{n} PNODE DISP=NEW)"

    def found(self, n):
        return contents(self.nyc, f"PAY.T{n}")


class Keyed(Kind):
    def prepare(self):
        put(self.nyc, "PAY.SRC", "KSDS")

    def copy(self, n):
        define_keyed(self.lon, f"PAY.T{n}", maximum=100, average=60)
        return f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.T{n} DISP=RPL)"

    def found(self, n):
        return list(self.lon.records(f"PAY.T{n}"))


class Entries(Keyed):
    def prepare(self):
        define(self.nyc, "PAY.SRC", "ESDS")
        with self.nyc.cluster("PAY.SRC", "w") as cluster:
            for record in RECORDS[:1500]:
                cluster.append(record)

    def copy(self, n):
        define(self.lon, f"PAY.T{n}", "ESDS")
        return f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.T{n} DISP=SHR)"


class Numbered(Kind):
    organization = "RRDS"

    def prepare(self):
        sparse(self.nyc, "PAY.SRC", self.organization, SPARSE)

    def copy(self, n):
        define(self.lon, f"PAY.T{n}", self.organization)
        return f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.T{n} DISP=SHR)"

    def found(self, n):
        return slots(self.lon, f"PAY.T{n}")


class VariableNumbered(Numbered):
    organization = "VRRDS"


class Linear(Kind):
    def prepare(self):
        linear(self.nyc, "PAY.SRC", random.Random(5).randbytes(4096 * 25))

    def copy(self, n):
        define(self.lon, f"PAY.T{n}", "LDS")
        return f"FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.T{n} DISP=SHR)"

    def found(self, n):
        return window(self.lon, f"PAY.T{n}")


class Library(Kind):
    def prepare(self):
        library(self.nyc, "A.LIB", {**CODE, "BETA": CODE["BETA"][:900]})

    def copy(self, n):
        return f"FROM (DSN=A.LIB) CKPT=20K TO (DSN=PAY.T{n} DISP=NEW)"

    def found(self, n):
        return members_of(self.lon, f"PAY.T{n}")


class Member(Library):
    def copy(self, n):
        library(self.lon, f"PAY.T{n}", {"OTHER": ["kept"]})
        return f"FROM (DSN=A.LIB(BETA)) CKPT=20K TO (DSN=PAY.T{n}(BETA) DISP=RPL)"


class Generation(Blocks):
    def copy(self, n):
        if not self.lon.exists("A.GDG"):
            group(self.lon)
        return "FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=A.GDG(+1) DISP=(NEW,CATLG,CATLG))"

    def found(self, n):
        return contents(self.lon, self.lon.generations.group("A.GDG").relative(0))


class File(Kind):
    def prepare(self):
        (self.out / "a").write_bytes(BINARY)

    def copy(self, n):
        return f"FROM (FILE='{self.out}/a') CKPT=20K TO (FILE='{self.into}/{n}')"

    def found(self, n):
        return (self.into / str(n)).read_bytes()


class Lines(File):
    """Text of the host becomes records."""

    def prepare(self):
        (self.out / "a").write_text(TEXT)

    def copy(self, n):
        return f"FROM (FILE='{self.out}/a') CKPT=20K TO (DSN=PAY.T{n} DISP=NEW)"

    def found(self, n):
        return contents(self.lon, f"PAY.T{n}")


class Unloaded(File):
    """Records become text of the host."""

    def prepare(self):
        self.nyc.allocate("PAY.SRC", DataSetAttributes("FB", 80, 800))
        with self.nyc.sequential("PAY.SRC", "w") as data_set:
            data_set.append(line.ljust(80).encode("cp037") for line in TEXT.splitlines())

    def copy(self, n):
        return f"FROM (DSN=PAY.SRC) CKPT=20K TO (FILE='{self.into}/{n}')"


class Files(File):
    def prepare(self):
        for n in range(5):
            (self.out / f"part{n}").write_bytes(BINARY[n * 9000 : n * 27_000])

    def copy(self, n):
        (self.into / str(n)).mkdir()
        return f"FROM (FILE='{self.out}/*') CKPT=20K TO (FILE='{self.into}/{n}/')"

    def found(self, n):
        return {path.name: path.read_bytes() for path in (self.into / str(n)).iterdir()}


class Frames(FaultPlan):
    """Notes behind which byte of the link each frame ends."""

    def __init__(self, faults=()):
        super().__init__(faults)
        self.ends = []

    def carried(self, data):
        data = super().carried(data)
        self.ends.append(self.link_bytes)
        return data


def run(pair, operands, *faults, connect=memory.connect):
    """The plan and the newest CT record of a copy that was cut as the faults say, and ended well."""
    plan = Frames(faults)
    with Node.open(pair.nyc, clock=lambda: NOW, connect=connect, observer=plan) as node:
        number = node.submit(f"P PROCESS SNODE=LON CRC=ON\nS1 COPY {operands}\n")
        node.run(number)
        outcome = node.outcome(number)
        step = [s.fields for s in node.statistics() if s.kind == "CT"][-1]
    assert (outcome.condition_code, outcome.queue, plan.pending) == (0, "", ()), (outcome, faults)
    return plan, step


def cut(pair, story, clean, places, connect):
    """A copy for each place, cut there: what all of them must be."""
    expected = story.found(0)
    for n, place in enumerate(places, 1):
        plan, step = run(pair, story.copy(n), Fault("session", "link", place), connect=connect)
        what = (type(story).__name__, place, step)
        assert story.found(n) == expected, what
        again = plan.data_bytes - clean.data_bytes
        assert again <= 2 * int(step["CKIV"]) + 2000, what  # a buffer ends with its interval, or a unit behind it
    for system in (pair.nyc, pair.lon):
        assert pair.checkpoints(system) == []
        assert orphans.find(system) == []


ALL = [kind for parent in (Kind, Blocks, Keyed, Numbered, Library, File) for kind in parent.__subclasses__()]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_a_copy_cut_behind_any_frame_ends_as_if_nothing_had_happened(pair, tmp_path, kind):
    story = kind(pair, tmp_path)
    story.prepare()
    clean, _ = run(pair, story.copy(0))
    places = [end + torn for end in clean.ends[:-1] for torn in (0, 1)]
    rng = random.Random(kind.__name__)
    chosen = places if SCALE >= 10 else sorted(rng.sample(places, min(len(places), int(4 * SCALE))))
    cut(pair, story, clean, chosen, memory.connect)


@pytest.mark.parametrize("kind", [Fetched, Keyed, Files, Linear], ids=lambda kind: kind.__name__)
def test_the_same_over_tcp(pair, tmp_path, kind):
    story = kind(pair, tmp_path)
    story.prepare()
    clean, _ = run(pair, story.copy(0))
    rng = random.Random(kind.__name__)
    cut(pair, story, clean, [rng.randrange(1, clean.ends[-1]) for _ in range(int(2 * SCALE))], by_tcp)

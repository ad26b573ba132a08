"""A small copy of every kind: its source and target, the COPY, and what is to be there after it.

Each has some five intervals of 20K, and what its kind can have besides: members that end, splits, blocks of another
length, empty slots, several files, records that were there before.
"""

import random
from dataclasses import dataclass
from pathlib import Path

from dtf import initparms
from dtf.copying.library_rows import UNIT_BYTES
from dtf.initparms import Initparms
from ksds import DataSetAttributes, System
from tests.dtf.node_pair import contents, define_keyed, fill
from tests.dtf.test_every_kind import CODE, RECORDS, define, group, library, members_of, put
from tests.dtf.test_numbered_and_linear import SPARSE, linear, slots, sparse, window

TEXT = "".join(f"{n:06d} line ä of the text\n" for n in range(4000))
BINARY = random.Random(4).randbytes(100_000)


@dataclass
class Kind:
    """`out` is a folder of the host that NYC may read, `into` one that LON may write."""

    nyc: System
    lon: System
    out: Path
    into: Path

    copy = "FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=SHR)"
    unit = 1
    """Bytes that go together, more than a few: intervals and buffers end behind them."""

    def prepare(self):
        """Make the source, and the target where it is not new."""
        raise NotImplementedError

    def found(self):
        """What the target holds."""
        return contents(self.lon, "PAY.DST")


class Blocks(Kind):
    copy = "FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=NEW)"

    def prepare(self):
        fill(self.nyc, "PAY.SRC", "FB", 100, 1000, 1000)


class Reblocked(Kind):
    copy = "FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=RPL DCB=(RECFM=VB,LRECL=200,BLKSIZE=1600))"

    def prepare(self):
        fill(self.nyc, "PAY.SRC", "VB", 104, 6000, 1500)


class Appended(Blocks):
    copy = "FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=MOD)"

    def prepare(self):
        super().prepare()
        fill(self.lon, "PAY.DST", "FB", 100, 1000, 50, seed=2)


class Fetched(Kind):
    copy = "FROM (DSN=PAY.SRC SNODE) CKPT=20K TO (DSN=PAY.DST PNODE DISP=NEW)"

    def prepare(self):
        fill(self.lon, "PAY.SRC", "FB", 100, 1000, 1000)

    def found(self):
        return contents(self.nyc, "PAY.DST")


class Keyed(Kind):
    copy = "FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=PAY.DST DISP=RPL)"

    def prepare(self):
        put(self.nyc, "PAY.SRC", "KSDS")
        define_keyed(self.lon, "PAY.DST", maximum=100, average=60)

    def found(self):
        return list(self.lon.records("PAY.DST"))


class Entries(Kind):
    def prepare(self):
        define(self.nyc, "PAY.SRC", "ESDS")
        define(self.lon, "PAY.DST", "ESDS")
        with self.nyc.cluster("PAY.SRC", "w") as cluster:
            for record in RECORDS[:1500]:
                cluster.append(record)

    def found(self):
        return list(self.lon.records("PAY.DST"))


class Numbered(Kind):
    organization = "RRDS"

    def prepare(self):
        sparse(self.nyc, "PAY.SRC", self.organization, SPARSE)
        define(self.lon, "PAY.DST", self.organization)

    def found(self):
        return slots(self.lon, "PAY.DST")


class VariableNumbered(Numbered):
    organization = "VRRDS"


class Linear(Kind):
    def prepare(self):
        linear(self.nyc, "PAY.SRC", random.Random(5).randbytes(4096 * 25))
        define(self.lon, "PAY.DST", "LDS")

    def found(self):
        return window(self.lon, "PAY.DST")


class Library(Kind):
    copy = "FROM (DSN=A.LIB) CKPT=30K TO (DSN=B.LIB DISP=NEW)"
    unit = UNIT_BYTES

    def prepare(self):
        library(self.nyc, "A.LIB", CODE)

    def found(self):
        return members_of(self.lon, "B.LIB")


class Member(Library):
    copy = "FROM (DSN=A.LIB(BETA)) CKPT=20K TO (DSN=B.LIB(BETA) DISP=RPL)"
    unit = 1

    def prepare(self):
        super().prepare()
        library(self.lon, "B.LIB", {"OTHER": ["kept"]})


class Generation(Blocks):
    copy = "FROM (DSN=PAY.SRC) CKPT=20K TO (DSN=A.GDG(+1) DISP=(NEW,CATLG,CATLG))"

    def prepare(self):
        super().prepare()
        group(self.lon)

    def found(self):
        return [contents(self.lon, name) for name in self.lon.generations.group("A.GDG").names()]


class OfTheHost(Kind):
    def prepare(self):
        for system in (self.nyc, self.lon):
            initparms.write(system, Initparms(file_read=(str(self.out),), file_write=(str(self.into),)))


class File(OfTheHost):
    copy = "FROM (FILE='{out}/a') CKPT=20K TO (FILE='{into}/b')"

    def prepare(self):
        super().prepare()
        (self.out / "a").write_bytes(BINARY)

    def found(self):
        return (self.into / "b").read_bytes()


class Lines(OfTheHost):
    """Text of the host becomes records."""

    copy = "FROM (FILE='{out}/a') CKPT=20K TO (DSN=PAY.DST DISP=NEW)"

    def prepare(self):
        super().prepare()
        (self.out / "a").write_text(TEXT)


class Unloaded(OfTheHost):
    """Records become text of the host."""

    copy = "FROM (DSN=PAY.SRC) CKPT=20K TO (FILE='{into}/b')"

    def prepare(self):
        super().prepare()
        self.nyc.allocate("PAY.SRC", DataSetAttributes("FB", 80, 800))
        with self.nyc.sequential("PAY.SRC", "w") as data_set:
            data_set.append(line.ljust(80).encode("cp037") for line in TEXT.splitlines())

    def found(self):
        return (self.into / "b").read_bytes()


class Files(OfTheHost):
    copy = "FROM (FILE='{out}/*') CKPT=20K TO (FILE='{into}/')"

    def prepare(self):
        super().prepare()
        for n in range(5):
            (self.out / f"part{n}").write_bytes(BINARY[n * 9000 : n * 27_000])

    def found(self):
        return {path.name: path.read_bytes() for path in self.into.iterdir()}


KINDS = (
    *(Blocks, Reblocked, Appended, Fetched, Keyed, Entries, Numbered, VariableNumbered, Linear, Library, Member),
    *(Generation, File, Lines, Unloaded, Files),
)

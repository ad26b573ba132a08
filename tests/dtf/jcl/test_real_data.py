"""Real z/OS files through a replayed deck: loaded into a KSDS by REPRO and back to FB, byte for byte the same.

The files lie beside the repository, in ../shared/data/carddemo; without them these tests are skipped and say so.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dtf.cli import carry_out
from ksds.cli import run as ksds
from ksds.system import System

REPOSITORY = Path(__file__).resolve().parents[3]
DATA = REPOSITORY.parent / "shared" / "data" / "carddemo"
DECK = """\
//{name:<8} JOB (TEST),'REAL DATA',MSGLEVEL=(1,1)
//LOAD     EXEC PGM=IDCAMS
//SYSPRINT DD SYSOUT=*
//INPUT    DD DSN=REAL.{name}.PS,DISP=SHR
//SYSIN    DD *
  DEFINE CLUSTER (NAME(REAL.{name}.KSDS) INDEXED -
         KEYS({key} 0) RECORDSIZE({lrecl} {lrecl}) -
         CYLINDERS(1 1) FREESPACE(10 10))
  IF LASTCC = 0 THEN -
    REPRO INFILE(INPUT) OUTDATASET(REAL.{name}.KSDS)
  VERIFY DATASET(REAL.{name}.KSDS)
/*
//BACK     EXEC PGM=IDCAMS,COND=(0,NE)
//SYSPRINT DD SYSOUT=*
//KSDS     DD DSN=REAL.{name}.KSDS,DISP=SHR
//OUTPUT   DD DSN=REAL.{name}.BACK,DISP=(NEW,CATLG,DELETE),
//            UNIT=SYSDA,SPACE=(CYL,(1,1)),
//            DCB=(RECFM=FB,LRECL={lrecl})
//SYSIN    DD *
  REPRO INFILE(KSDS) OUTFILE(OUTPUT)
/*
//
"""


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/carddemo is absent: real z/OS files are not tested")
@pytest.mark.parametrize(("name", "lrecl", "key", "count"), [("ACCTDATA", 300, 11, 50), ("DALYTRAN", 350, 16, 300)])
def test_a_real_file_goes_through_a_ksds_and_comes_back_the_same(
    name: str, lrecl: int, key: int, count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, host = str(tmp_path / "nyc"), DATA / f"{name}.PS"
    allocate = ["--system", folder, "allocate", f"REAL.{name}.PS", "--recfm", "FB", "--lrecl", str(lrecl)]
    assert ksds([*allocate, "--from", str(host)]) == 0
    deck = tmp_path / "deck.jcl"
    deck.write_text(DECK.format(name=name, lrecl=lrecl, key=key))
    assert carry_out(["--system", folder, "replay", str(deck)]) == 0
    assert capsys.readouterr().out.count(f"IDC0005I NUMBER OF RECORDS PROCESSED WAS {count}\n") == 2
    back = tmp_path / "back"
    assert ksds(["--system", folder, "export", f"REAL.{name}.BACK", str(back)]) == 0
    assert back.read_bytes() == host.read_bytes()
    with System.open(folder) as system, system.key_sequenced(f"REAL.{name}.KSDS") as cluster:
        assert len(cluster) == count
        assert cluster.verify() == []

"""Decks as sites keep them, end to end: the shapes of a card application's nightly batch, with stubs for its programs.

Each deck is short and ours; what it is made of was seen in decks of others: comments in margins, debris behind commas,
statements that end data, delete-if-there, `IF MAXCC LE 08 THEN SET MAXCC = 0`, one procedure for every unload.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dtf.jcl.programs import Program, stub
from dtf.jcl.runner import Replay
from ksds.system import System
from tests.dtf.jcl.rules.decks import MORNING, SHOWING, Seen

Put = Callable[..., None]
LinesOf = Callable[[str], list[str]]
Play = Callable[..., list[Seen]]

DEFINE = """\
//CARDFILE JOB 'Delete define card data',CLASS=A,MSGCLASS=0,
// NOTIFY=&SYSUID
//*********************************************************************
//CLCIFIL EXEC PGM=SDSF
//ISFOUT DD SYSOUT=*
//CMDOUT DD SYSOUT=*
//ISFIN  DD *
 /F CICSPAY,'CEMT SET FIL(CARDS ) CLO'
/*
//*
//STEP05 EXEC PGM=IDCAMS
//SYSPRINT DD   SYSOUT=*
//SYSIN    DD   *
   DELETE PAY.CARDS.KSDS -
          CLUSTER
   IF MAXCC LE 08 THEN SET MAXCC = 0
   DELETE PAY.CARDS.AIX -
          ALTERNATEINDEX
   IF MAXCC LE 08 THEN SET MAXCC = 0
/*
//STEP10 EXEC PGM=IDCAMS
//SYSPRINT DD   SYSOUT=*
//CARDS DD DISP=SHR,
//         DSN=PAY.CARDS.PS
//SYSIN    DD   *
   DEFINE CLUSTER (NAME(PAY.CARDS.KSDS) -
          CYLINDERS(1 5) -
          VOLUMES(WORK01 -
          ) -
          KEYS(4 0) -
          RECORDSIZE(80 80) -
          SHAREOPTIONS(2 3) -
          ERASE -
          INDEXED -
          ) -
          DATA (NAME(PAY.CARDS.KSDS.DATA) -
          ) -
          INDEX (NAME(PAY.CARDS.KSDS.INDEX) -
          )
   REPRO INFILE(CARDS) OUTDATASET(PAY.CARDS.KSDS)
   DEFINE ALTERNATEINDEX (NAME(PAY.CARDS.AIX)-
   RELATE(PAY.CARDS.KSDS)                    -
   KEYS(5 5)                                                     -
   NONUNIQUEKEY                                                  -
   UPGRADE                                                       -
   RECORDSIZE(150,150)                                           -
   CYLINDERS(5,1))                                               -
   DATA (NAME(PAY.CARDS.AIX.DATA))                               -
   INDEX (NAME(PAY.CARDS.AIX.INDEX))
  DEFINE PATH                                           -
   (NAME(PAY.CARDS.PATH)        -
    PATHENTRY(PAY.CARDS.AIX))
   BLDINDEX                                                      -
   INDATASET(PAY.CARDS.KSDS)                 -
   OUTDATASET(PAY.CARDS.AIX)
/*
//GDGS     EXEC PGM=IDCAMS
//SYSPRINT DD   SYSOUT=*
//SYSIN    DD   *
   DEFINE GENERATIONDATAGROUP -
   (NAME(PAY.CARDS.BKUP) -
    LIMIT(5) -
    SCRATCH -
   )
   DEFINE GDG (NAME(PAY.CARDS.DALY) LIMIT(5))
//
//*
//* Ver: v1.0-15 Date: 2022-07-19 23:23:04
//*
"""

REPORT = """\
//CARDREPT JOB 'CARD REPORT',                                           00010000
// CLASS=A,MSGCLASS=0,NOTIFY=&SYSUID                                    00020000
//JOBLIB JCLLIB ORDER=('PAY.PROC')                                      00030000
//* ********************************************************`***********00040000
//STEP05R EXEC PROC=REPROC,                                             00050000
// CNTLLIB=PAY.CNTL                                                     00060000
//*                                                                     00070000
//PRC001.FILEIN  DD DISP=SHR,                                           00080000
//        DSN=PAY.CARDS.KSDS                                            00090000
//*                                                                     00100000
//PRC001.FILEOUT DD DISP=(NEW,CATLG,DELETE),                            00110000
//        UNIT=SYSDA,                                                   00120000
//        DCB=(LRECL=80,RECFM=FB,BLKSIZE=0),                            00130000
//        SPACE=(CYL,(1,1),RLSE), 00,RECFM=FB), ATA.KSDS                00140000
//        DSN=PAY.CARDS.BKUP(+1)                                        00150000
//STEP05R  EXEC PGM=SORT                                                00160000
//SORTIN   DD DISP=SHR,                                                 00170000
//         DSN=PAY.CARDS.BKUP(+1)                                       00180000
//SYMNAMES DD *
CARD-NUM,1,4,ZD
CARD-DATE,12,10,CH
CARD-AMOUNT,23,4,ZD
START-DATE,C'2022-01-01'                                           //Date
END-DATE,C'2022-07-06'                                             //Date
//SYSIN    DD *
 SORT FIELDS=(CARD-NUM,D)
 INCLUDE COND=(CARD-DATE,GE,START-DATE,AND,
         CARD-DATE,LE,END-DATE)
 OUTREC FIELDS=(CARD-NUM,X,
     CARD-DATE,X,
     CARD-AMOUNT,EDIT=(TT.TT),58X)
/*
//SYSOUT   DD SYSOUT=*
//SORTOUT  DD DISP=(NEW,CATLG,DELETE),
//         UNIT=SYSDA,
//         DCB=(*.SORTIN),
//         SPACE=(CYL,(1,1),RLSE),
//         DSN=PAY.CARDS.DALY(+1)
//STEP10R EXEC PGM=PAYREPT
//STEPLIB  DD DISP=SHR,
//         DSN=PAY.LOADLIB
//SYSOUT   DD SYSOUT=*
//CARDS    DD DISP=SHR,
//         DSN=PAY.CARDS.DALY(+1)
//CARDPATH DD DISP=SHR,DSN=PAY.CARDS.PATH
//
"""

DB2 = """\
//CREADB2  JOB (DB2CR),'ANNA',CLASS=A,MSGCLASS=A,                       00010016
//         TIME=1440,NOTIFY=&SYSUID{run}
//   SET CODER=PAY                                                      00072022
//   SET LBNM=&CODER..M2                                                00072122
//   SET DB2S=DAZ1                                                      00073021
//JOBLIB  DD  DSN=OEM.DB2.&DB2S..SDSNLOAD,DISP=SHR                      00080021
//  DD  DSN=OEM.DB2.&DB2S..SDSNLOAD,DISP=SHR                            00090021
//  DD  DSN=CEE.SCEERUN,DISP=SHR                                        00100004
//FREEPLN EXEC PGM=IKJEFT01,DYNAMNBR=20                                 00102023
//STEPLIB  DD DISP=SHR,DSN=OEM.DB2.DAZ1.SDSNEXIT                        00103023
//         DD DISP=SHR,DSN=OEMA.DB2.VERSIONA.SDSNLOAD                   00104023
//SYSTSPRT DD SYSOUT=*                                                  00106023
//SYSPUNCH DD  DUMMY
//SYSREC00 DD  DISP=(NEW,CATLG,DELETE),
//             DSN=&LBNM..TRANTYPE.PS,
//             SPACE=(TRK,(1,1),RLSE)
//SYSIN    DD *
 SELECT CAST(TR_TYPE AS CHAR(60)) FROM PAY.TYPES;
/*
//SYSTSIN DD *
  DSN SYSTEM(DAZ1)
  RUN PROGRAM(DSNTIAUL) -
  PLAN(DSNTIAUL) -
  PARMS('SQL')
/*
//NEXT     EXEC PGM=IEFBR14,COND=(4,LT)
"""

TRIGGER = """\
//INTRDRJ1 JOB (COBOL),'ANNA',CLASS=A,MSGCLASS=H,MSGLEVEL=(1,1),
//         REGION=5M,NOTIFY=&SYSUID
//IDCAMS   EXEC PGM=IDCAMS,DYNAMNBR=200
//SYSPRINT DD SYSOUT=*
//IN DD DSN=PAY.CARDS.PS,DISP=SHR
//OUT DD DSN=PAY.CARDS.COPY,DISP=(MOD,CATLG),DCB=(RECFM=FB,LRECL=80)
//SYSIN    DD *
  REPRO IFILE(IN) OFILE(OUT)
/*
//*********************************************************************
//STEP01  EXEC PGM=IEBGENER
//SYSPRINT DD SYSOUT=*
//SYSIN DD DUMMY
//SYSUT1 DD DSN=PAY.JCL(INTRDRJ2),DISP=SHR
//SYSUT2 DD SYSOUT=(A,INTRDR),DCB=(LRECL=80,BLKSIZE=80)
//*
//FTPJCLS  JOB 'FTP JCL',CLASS=A,MSGCLASS=H,MSGLEVEL=(1,1),             JOB01598
//             REGION=0M,NOTIFY=&SYSUID,TIME=1440
//STEP1 EXEC PGM=FTP,REGION=2048K
//*          PARM='10.81.148.4 (EXIT TIMEOUT 20'
//SYSIN DD *
 172.31.21.124
 QUIT
//*
//TXT2PDF1 JOB (T,TEST),'TXT2PDF',MSGCLASS=X,CLASS=A,NOTIFY=&SYSUID
//TXT2PDF  EXEC PGM=IKJEFT1B,DYNAMNBR=50,
//  PARM=(''),
//  COND=(0,NE)
//SYSTSPRT DD  SYSOUT=*
//SYSTSIN  DD  *
 %TXT2PDF BROWSE Y IN DD:INDD +
 OUT 'PAY.STATEMNT.PDF'
/*
//*
"""

COMPILE = """\
//CNJBATMP JOB 'Compile Batch COBOL Program',CLASS=A,MSGCLASS=H,
//             MSGLEVEL=(1,1),REGION=0M,NOTIFY=&SYSUID,TIME=1440
//*----->   C BATCHPGM xyz all <--------
//   SET MEMNAME=BATCHPGM
//   SET HLQ=PAY
//CCLIBS  JCLLIB ORDER=&HLQ..PROC
//BATCMP       EXEC BUILDBAT,MEM=&MEMNAME,HLQ=&HLQ
"""


@pytest.fixture
def play(system: System) -> Play:
    def run(deck: str, **stubs: int) -> list[Seen]:
        programs: dict[str, Program] = {**SHOWING, **{name: stub(code, name) for name, code in stubs.items()}}
        replay = Replay(system=system, programs=programs, clock=lambda: MORNING)
        return [Seen(result) for result in replay.run("\n".join(line.ljust(80) for line in deck.splitlines()))]

    return run


@pytest.fixture
def site(put: Put) -> None:
    """What the site keeps: cards, a procedure, its control statements, a job for the internal reader."""
    cards = (
        "0001 ACCT1 2022-03-01 0100",
        "0002 ACCT1 2022-12-31 0200",
        "0003 ACCT2 2022-07-06 0350",
        "0004 ACCT2 2021-01-01 0400",
    )
    put("PAY.CARDS.PS", *cards)
    put(
        "PAY.PROC(REPROC)",
        "//REPROC PROC",
        "//PRC001 EXEC PGM=IDCAMS",
        "//SYSPRINT DD SYSOUT=*",
        "//FILEIN  DD DISP=SHR,",
        "//        DSN=NULLFILE",
        "//FILEOUT DD DISP=SHR,",
        "//        DSN=NULLFILE",
        "//SYSIN   DD DISP=SHR,",
        "//        DSN=&CNTLLIB(REPROCT)",
        "// PEND",
        "//*",
    )
    put(
        "PAY.PROC(BUILDBAT)",
        "//BUILDBAT PROC MEM=,HLQ=",
        "//CB EXEC PGM=IGYCRCTL,PARM='LIB,MAP'",
        "//SYSIN DD DISP=SHR,DSN=&HLQ..CBL(&MEM)",
        "//SYSLIN DD DSN=&&LOADSET,DISP=(MOD,PASS),SPACE=(3120,(500,100))",
        "//LKED EXEC PGM=IEWL,COND=(4,LT)",
        "//SYSLIN DD DSN=&&LOADSET,DISP=(OLD,DELETE)",
        "//       DD DDNAME=SYSIN",
    )
    put("PAY.CBL(BATCHPGM)", "       IDENTIFICATION DIVISION.")
    put("PAY.CNTL(REPROCT)", "  REPRO INFILE(FILEIN) OUTFILE(FILEOUT)")
    put("PAY.JCL(INTRDRJ2)", "//INTRDRJ2 JOB CLASS=A", "//S EXEC PGM=IEFBR14")


@pytest.mark.usefixtures("site")
def test_files_are_defined_loaded_indexed_and_defined_again(play: Play, system: System) -> None:
    for _ in range(2):
        [seen] = play(DEFINE)
        assert seen.codes.startswith("CLCIFIL=0004 STEP05=0000 STEP10=0000 GDGS=")
        assert "NOT CARRIED OUT" in seen.printed("ISFOUT")[0]
    with system.cluster("PAY.CARDS.PATH") as path:
        assert len(list(path.browse())) == 4


@pytest.mark.usefixtures("site")
def test_a_report_by_procedure_generations_and_named_fields(play: Play, lines_of: LinesOf) -> None:
    play(DEFINE)
    [seen] = play(REPORT, PAYREPT=0)
    assert seen.codes == "STEP05R.PRC001=0000 STEP05R=0000 STEP10R=0000"
    lines = [line.rstrip(" \0") for line in lines_of("PAY.CARDS.DALY.G0001V00")]
    assert lines == ["0003 2022-07-06 03.50", "0001 2022-03-01 01.00"]
    assert "DTX481I PAYREPT IS A STUB, NOTHING RAN, CODE 0" in seen
    [again] = play(REPORT)
    assert again.codes == "STEP05R.PRC001=0000 STEP05R=0000 STEP10R=S806"


@pytest.mark.usefixtures("site")
def test_db2_decks_are_scanned_or_run_with_a_stub(play: Play, system: System) -> None:
    [scanned] = play(DB2.format(run=",TYPRUN=SCAN"))
    assert (scanned.codes, scanned.result.status) == ("", "CC 0000")
    [seen] = play(DB2.format(run=""), DSNTIAUL=0)
    assert seen.codes == "FREEPLN=0000 NEXT=0000"
    assert system.exists("PAY.M2.TRANTYPE.PS")
    system.delete("PAY.M2.TRANTYPE.PS")
    [without] = play(DB2.format(run=""))
    assert without.codes == "FREEPLN=0012 NEXT=FLUSH"


@pytest.mark.usefixtures("site")
def test_one_deck_of_three_jobs_triggers_a_fourth(play: Play, lines_of: LinesOf) -> None:
    reader, ftp, pdf, triggered = play(TRIGGER)
    assert reader.codes == "IDCAMS=0000 STEP01=0000"
    assert len(lines_of("PAY.CARDS.COPY")) == 4
    assert ftp.codes == "STEP1=S806"
    assert pdf.codes == "TXT2PDF=0012"
    assert "IKJ56500I COMMAND %TXT2PDF NOT FOUND" in pdf.printed("SYSTSPRT")
    assert (triggered.result.name, triggered.codes) == ("INTRDRJ2", "S=0000")


@pytest.mark.usefixtures("site")
def test_a_compile_with_stubs_for_compiler_and_linker(play: Play) -> None:
    [seen] = play(COMPILE, IGYCRCTL=0, IEWL=0)
    assert seen.codes == "BATCMP.CB=0000 BATCMP.LKED=0000"
    [failed] = play(COMPILE, IGYCRCTL=8, IEWL=0)
    assert failed.codes == "BATCMP.CB=0008 BATCMP.LKED=FLUSH"

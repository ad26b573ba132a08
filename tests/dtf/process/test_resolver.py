"""From text to a Process: COPY and PROCESS operands, symbolics, conditions; what is refused, and how clearly."""

from __future__ import annotations

from datetime import datetime

import pytest

from dtf.errors import ProcessError, ProcessSyntaxError, SymbolError
from dtf.process import Copy, Process, SubmittingJob, intrinsic_values, next_step, parse, resolve

SUBMITTED = datetime(2026, 1, 31, 23, 59, 7, 654_321)
INTRINSICS = intrinsic_values(
    SUBMITTED,
    pnode="CD.LOCAL",
    user="IBMUSER",
    job=SubmittingJob("PAYJOB", "JOB00042", {"OUT": "PROD.PAY.EXTRACT"}),
    random=0xABCDEF,
)


def process(steps: str = "", options: str = "SNODE=CD.BRANCH", **given: dict[str, str]) -> Process:
    """A Process with these statements; each line after the first is one statement."""
    text = f"PAYDAY PROCESS {options}\n{steps}"
    return resolve(parse(text), given.get("symbols"), INTRINSICS, given.get("overrides"))


def copy(between: str = "", source: str = "DSN=A.B", target: str = "DSN=C.D", **given: dict[str, str]) -> Copy:
    """The only step of a Process."""
    (step,) = process(f"STEP01 COPY FROM ({source}) {between} TO ({target})", **given).copies
    return step


def refused(text: str, kind: type[ProcessError] = ProcessSyntaxError) -> ProcessError:
    """The error, which has a place."""
    with pytest.raises(kind) as caught:
        resolve(parse(text), {}, INTRINSICS)
    assert "\n" not in str(caught.value)
    assert caught.value.line > 0
    assert "^" in caught.value.marked
    return caught.value


# ---- COPY


def test_a_copy_with_everything() -> None:
    step = copy(
        "CKPT=10M COMPRESS PRIMECHAR=X'F0'",
        "DSN=PROD.LIB(MEMBER) DISP=(SHR,KEEP) PNODE UNIT=SYSDA",
        "DSN=BR.PAY(+1) SNODE DISP=(NEW,CATLG,DELETE) SPACE=(CYL,(5,1),RLSE)"
        " DCB=(DSORG=PS,RECFM=FB,LRECL=80,BLKSIZE=27920)",
    )
    assert (step.label, step.number, step.line, step.direction) == ("STEP01", 1, 2, "P")
    assert (step.checkpoint, step.compress, step.prime) == (10_000_000, "P", 0xF0)
    source, target = step.source, step.target
    assert (source.name, source.member, source.node, source.disposition) == (
        "PROD.LIB",
        "MEMBER",
        "PNODE",
        ("SHR", "KEEP", ""),
    )
    assert source.operands == (("UNIT", "SYSDA"),)
    assert (target.name, target.member, target.disposition) == ("BR.PAY", "+1", ("NEW", "CATLG", "DELETE"))
    assert (target.dsorg, target.recfm, target.lrecl, target.blksize) == ("PS", "FB", 80, 27920)
    assert target.operands == (("SPACE", "(CYL,(5,1),RLSE)"),)


def test_a_copy_with_nothing_but_names() -> None:
    step = copy()
    assert (step.source.node, step.target.node, step.direction) == ("PNODE", "SNODE", "P")
    assert (step.checkpoint, step.compress, step.source.disposition) == (None, "", ("", "", ""))


def test_the_snode_may_be_the_sender() -> None:
    assert copy(source="DSN=A.B SNODE", target="DSN=C.D PNODE").direction == "S"


@pytest.mark.parametrize(
    ("written", "interval"),
    [
        ("10M", 10_000_000),
        ("10m", 10_000_000),
        ("1K", 1_000),
        ("2147483K", 2_147_483_000),
        ("2147M", 2_147_000_000),
        ("0", 0),
        ("0K", 0),
        ("NO", 0),
    ],
)
def test_checkpoint_intervals_are_decimal(written: str, interval: int) -> None:
    assert copy(f"CKPT={written}").checkpoint == interval


@pytest.mark.parametrize(
    "written", ["10", "10G", "2147484K", "2148M", "-1K", "K", "1.5M", "'1 K'", "\u0661K", "9" * 5000 + "K"]
)
def test_other_checkpoint_intervals_are_refused(written: str) -> None:
    with pytest.raises(ProcessError, match="DTX001E"):
        copy(f"CKPT={written}")


@pytest.mark.parametrize(
    ("written", "compress", "prime", "level"),
    [
        ("COMPRESS", "P", 0x40, 1),
        ("COMPRESS PRIMECHAR=X'00'", "P", 0x00, 1),
        ("COMPRESS PRIMEchar=C'0'", "P", 0xF0, 1),
        ("COMPRESS EXTENDED", "E", 0x40, 1),
        ("COMPRESS EXT", "E", 0x40, 1),
        ("COMPRESS EXTended=(CMPrlevel=9,WINdowsize=13,MEMlevel=4)", "E", 0x40, 9),
    ],
)
def test_compression(written: str, compress: str, prime: int, level: int) -> None:
    step = copy(written)
    assert (step.compress, step.prime, step.level) == (compress, prime, level)
    assert (step.window, step.memory) == ((13, 4) if "WIN" in written else (15, 8))


def test_paths_keep_their_letters_in_free_layout_or_in_quotes() -> None:
    unix = resolve(
        parse("pay process snode=b step1 copy from (file=/Home/me/In.txt pnode) to (dsn=my.data snode) pend;")
    )
    (step,) = unix.copies
    assert (step.source.name, step.source.is_path, step.target.name) == ("/Home/me/In.txt", True, "MY.DATA")
    assert unix.snode == "B"
    assert copy(source="FILE=/Home/me/In.txt").source.name == "/HOME/ME/IN.TXT"
    assert copy(source="FILE='/Home/me/In.txt'").source.name == "/Home/me/In.txt"
    assert copy(source="FILE=/Home/me", overrides={"CASE": "YES"}).source.name == "/Home/me"


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("COPY FROM (DSN=A)", "COPY NEEDS FROM"),
        ("COPY FROM (DSN=A) TO", "TO MUST BE FOLLOWED"),
        ("COPY FROM DSN=A TO (DSN=B)", "FROM MUST BE FOLLOWED"),
        ("COPY FROM (DSN=A) FROM (DSN=A) TO (DSN=B)", "FROM IS GIVEN TWICE"),
        ("COPY FROM (DSN=A DSN=B) TO (DSN=B)", "DSN IS GIVEN TWICE"),
        ("COPY FROM (DSN=A PNODE SNODE) TO (DSN=B)", "SNODE IS GIVEN TWICE"),
        ("COPY FROM (DSN=A FILE=B) TO (DSN=B)", "EXCLUDE EACH OTHER"),
        ("COPY FROM (DISP=SHR) TO (DSN=B)", "FROM HAS NO DSN= OR FILE="),
        ("COPY FROM (DSN='') TO (DSN=B)", "THE NAME IS EMPTY"),
        ("COPY FROM (DSN=A SNODE) TO (DSN=B SNODE)", "FROM AND TO ARE BOTH AT THE SNODE"),
        ("COPY FROM (DSN=A DISP=NEW) TO (DSN=B)", "DISP=NEW OF FROM IS NOT ONE OF OLD SHR"),
        ("COPY FROM (DSN=A) TO (DSN=B DISP=(NEW,PASS))", "DISP=PASS OF TO"),
        ("COPY FROM (DSN=A) TO (DSN=B DISP=(NEW,KEEP,KEEP,KEEP))", "AT MOST 3 VALUES"),
        ("COPY FROM (DSN=A) TO (DSN=B DCB=(RECFM=XX))", "'XX' IS NOT ONE OF"),
        ("COPY FROM (DSN=A) TO (DSN=B DCB=(LRECL=0))", "'0' IS NOT A NUMBER FROM 1 TO 32760"),
        ("COPY FROM (DSN=A) TO (DSN=B DCB=(LRECL=1E9))", "IS NOT A NUMBER"),
        ("COPY FROM (DSN=A) TO (DSN=B DCB=(COLOUR=RED))", "COLOUR IS NOT AN OPERAND OF DCB"),
        ("COPY FROM (DSN=A) TO (DSN=B COLOUR=RED)", "COLOUR IS NOT AN OPERAND OF TO"),
        ("COPY FROM (DSN=A RED) TO (DSN=B)", "RED IS NOT AN OPERAND OF FROM"),
        ("COPY FROM (DSN=A,,DISP=SHR) TO (DSN=B)", "AN OPERAND IS MISSING BETWEEN COMMAS"),
        ("COPY FROM (DSN=A) TO (DSN=B) PRIMECHAR=X'40'", "FOLLOWS COMPRESS"),
        ("COPY FROM (DSN=A) TO (DSN=B) COMPRESS PRIMECHAR=40", "PRIMECHAR MUST BE"),
        ("COPY FROM (DSN=A) TO (DSN=B) COMPRESS EXTENDED=(CMPRLEVEL=10)", "FROM 1 TO 9"),
        ("COPY FROM (DSN=A) TO (DSN=B) CKPT=1K CKPT=2K", "CKPT IS GIVEN TWICE"),
        ("COPY FROM (DSN=A) TO (DSN=B) NOSUCH=1", "NOT AN OPERAND OF COPY"),
        ("COPY FROM (DSN=A) TO (DSN=B) COMPRESS=YES", "NOT AN OPERAND OF COPY"),
        ("PROCESS SNODE=B", "PROCESS IS OUT OF PLACE"),
    ],
)
def test_a_wrong_copy_is_refused(statement: str, why: str) -> None:
    assert why in refused(f"P PROCESS SNODE=CD.B\nSTEP1 {statement}").what


@pytest.mark.parametrize(
    ("operand", "carried"),
    [
        ("IOEXIT=(MYEXIT,'a b')", ("IOEXIT", "(MYEXIT,a b)")),
        ("DATAEXIT=MYEXIT", ("DATAEXIT", "MYEXIT")),
        ("SUBSYS=(BLSR,BUFND=3)", ("SUBSYS", "(BLSR,BUFND=3)")),
        ("DCB=(A.MODEL,RECFM=FB,LRECL=80)", ("LIKE", "A.MODEL")),
        ("TYPE=TEXT", ("TYPE", "TEXT")),
        ("BUFND=510", ("BUFND", "510")),
        ("AVGREC=K", ("AVGREC", "K")),
        ("SYSOPTS=':datatype=text:'", ("SYSOPTS", ":datatype=text:")),
        ("SPACE=(CYL,(5,1),RLSE)", ("SPACE", "(CYL,(5,1),RLSE)")),
        ("LABEL=(1,SL,,,EXPDT=99365)", ("LABEL", "(1,SL,,,EXPDT=99365)")),
        ("VOL=(SER=VOL001)", ("VOL", "(SER=VOL001)")),
        ("VOL=SER=VOL001", ("VOL", "(SER=VOL001)")),
    ],
)
def test_operands_of_the_product_are_read_and_carried(operand: str, carried: tuple[str, str]) -> None:
    assert carried in copy(target=f"DSN=B {operand}").target.operands


@pytest.mark.parametrize(
    ("operand", "why"),
    [
        ("IOEXIT=(,A)", "ONE VALUE WAS EXPECTED"),
        ("IOEXIT=TOOLONGNAME", "'TOOLONGNAME' IS NOT A NAME OF 1-8"),
        ("SUBSYS=1X", "NOT A NAME"),
        ("TYPE=TEXT.ONE", "NOT A NAME"),
        ("BUFND=511", "NOT A NUMBER FROM 1 TO 510"),
        ("AVGREC=G", "NOT ONE OF U K M"),
        ("RECORG=XX", "NOT ONE OF KS ES RR LS"),
        ("DSNTYPE=TAPE", "NOT ONE OF PDS LIBRARY"),
        ("KEYLEN=256", "FROM 0 TO 255"),
        ("LIKE='a b'", "NOT THE NAME OF A DATA SET"),
        ("STORCLAS=(A,B)", "ONE VALUE WAS EXPECTED"),
    ],
)
def test_operands_of_the_wrong_form_are_refused_where_they_stand(operand: str, why: str) -> None:
    error = refused(f"P PROCESS SNODE=CD.B\nSTEP1 COPY FROM (DSN=A) TO (DSN=B {operand})")
    assert why in error.what
    assert error.marked.splitlines()[0][error.column - 1 :].startswith(operand.partition("=")[2][:1])


@pytest.mark.parametrize(
    ("written", "encrypted"),
    [
        ("OFF", False),
        ("SSL", True),
        ("TLS13", True),
        ("(TLS12,ENCRYPT.DATA=Y)", True),
        ("ENCRYPT.DATA=N", False),
        ("ENCRYPT.DATA=Y", True),
    ],
)
def test_secure_says_whether_the_session_must_be_encrypted(written: str, encrypted: bool) -> None:
    assert process(options=f"SNODE=B SECURE={written}").secure is encrypted
    assert process(f"S COPY FROM (DSN=A) SECURE={written} TO (DSN=B)").secure is encrypted


def test_an_address_may_stand_for_the_node() -> None:
    for written in ("SNODE=TCPNAME=HOST.EXAMPLE;1364", "SNODE=HOST.EXAMPLE;1364"):
        assert process(options=written).snode == "HOST.EXAMPLE;1364"


@pytest.mark.parametrize(
    "option",
    [
        *("DEBUG=XYZ", "PLEXCLASS=(TOOLONGNAME)", "MAXDELAY=SOON", "STARTT=(SOMEDAY)", "STARTT=(,25:00)"),
        *("SECURE=MAYBE", "RETAIN=INITIAL STARTT=(TODAY)", "PRTY=16", "CLASS=0", "NOSUCH=1"),
    ],
)
def test_a_wrong_keyword_of_process_is_refused_where_it_stands(option: str) -> None:
    error = refused(f"P PROCESS SNODE=CD.B {option}")
    assert (error.line, error.marked.splitlines()[1].strip("^ ")) == (1, "")
    assert "^" in error.marked


# ---- PROCESS and SUBMIT


def test_process_keywords_and_what_submit_overrides() -> None:
    options = "SNODE=CD.B PRTY=3 CLASS=2 HOLD=CALL RETAIN=YES REQUEUE=YES CRC=ON"
    options += " MAXDELAY=UNLIMITED STARTT=(,12:00) NOTIFY=%USER"
    written = process(options=options + " SNODEID=(USER1,SECRET) PACCT='dept 602' DEBUG=80000000 SECURE=OFF")
    assert (written.name, written.snode, written.priority, written.class_) == ("PAYDAY", "CD.B", 3, 2)
    assert (written.hold, written.retain, written.requeue, written.crc) == ("CALL", "YES", True, True)
    assert (written.maxdelay, written.startt, written.notify) == ("UNLIMITED", ("", "12:00"), "IBMUSER")
    assert (written.snodeid, written.pacct) == (("USER1", "SECRET"), "dept 602")
    assert "SECRET" not in repr(written)
    overrides = {"newname": "OTHER", "SNODE": "CD.C", "PRTY": "15", "HOLD": "NO", "SNODEID": "(U,,N)"}
    submitted = process(options=options, overrides=overrides)
    assert (submitted.name, submitted.snode, submitted.priority, submitted.hold) == ("OTHER", "CD.C", 15, "NO")
    assert submitted.snodeid == ("U", "")


def test_submit_may_name_the_snode_that_process_does_not() -> None:
    assert process(options="", overrides={"SNODE": "CD.B"}).snode == "CD.B"
    with pytest.raises(ProcessSyntaxError, match="SNODE IS REQUIRED"):
        process(options="")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("SNODE=B PRTY=16", "NUMBER FROM 0 TO 15"),
        ("SNODE=B CLASS=0", "NUMBER FROM 1 TO 255"),
        ("SNODE=B HOLD=MAYBE", "NOT ONE OF YES NO CALL"),
        ("SNODE=B CKPT=1K", "CKPT IS NOT A KEYWORD OF PROCESS"),
        ("SNODE=B BARE", "KEYWORDS ONLY"),
        ("SNODE=(A,B)", "ONE VALUE WAS EXPECTED, NOT A LIST"),
        ("SNODE=B SNODEID=(A,B,C,D)", "AT MOST 3"),
        ("SNODE=B PNODEID=(A=B)", "OUT OF PLACE"),
    ],
)
def test_wrong_process_keywords_are_refused(options: str, why: str) -> None:
    assert why in refused(f"P PROCESS {options}").what


def test_a_process_needs_a_name_and_comes_first() -> None:
    assert "HAS NO NAME" in refused("  PROCESS SNODE=B").what
    assert "FIRST STATEMENT MUST BE PROCESS" in refused("S COPY FROM (DSN=A) TO (DSN=B)").what
    with pytest.raises(ProcessSyntaxError, match="'COLOUR' IS NOT A KEYWORD OF SUBMIT"):
        process(overrides={"COLOUR": "RED"})


# ---- symbolics


def test_symbolics_come_from_submit_then_process_then_symbol() -> None:
    text = """\
P PROCESS SNODE=CD.B &IN=DEF.AULT &N=5
  SYMBOL &OUT=&IN || .COPY
S COPY FROM (DSN=&IN) CKPT=&N || M TO (DSN=&OUT)
"""
    default = resolve(parse(text))
    assert (default.copies[0].source.name, default.copies[0].target.name) == ("DEF.AULT", "DEF.AULT.COPY")
    given = resolve(parse(text), {"IN": "prod.pay", "&n": "7"})
    assert (given.copies[0].source.name, given.copies[0].target.name) == ("PROD.PAY", "PROD.PAY.COPY")
    assert given.copies[0].checkpoint == 7_000_000
    assert dict(given.symbols) == {"IN": "prod.pay", "N": "7", "OUT": "PROD.PAY.COPY"}


def test_the_process_statement_may_use_its_own_symbolics() -> None:
    assert process(options="SNODE=&NODE || .&SUB &NODE=CD &SUB=BRANCH").snode == "CD.BRANCH"
    assert copy(source="DSN=&LIB(&MEM)", symbols={"LIB": "PAY.LIB", "MEM": "X1"}).source.member == "X1"


def test_a_value_is_never_read_as_language() -> None:
    """One symbolic is one value, whatever it holds: no list, no operand, no second symbolic."""
    assert copy(source="DSN=&X", symbols={"X": "A) TO (DSN=EVIL"}).source.name == "A) TO (DSN=EVIL".upper()
    assert copy(target="DSN=B SPACE=&X", symbols={"X": "&Y"}).target.operands == (("SPACE", "&Y"),)
    with pytest.raises(ProcessSyntaxError, match="DISP=NEW,CATLG"):
        copy(target="DSN=B DISP=&X", symbols={"X": "NEW,CATLG"})


def test_double_quotes_resolve_and_single_quotes_do_not() -> None:
    values = {"A": "One"}
    assert copy(source='DSN=X SYSOPTS="a &A b&A"', symbols=values).source.operands == (("SYSOPTS", "a One bOne"),)
    assert copy(source="DSN=X SYSOPTS='a &A'", symbols=values).source.operands == (("SYSOPTS", "a &A"),)
    assert copy(source='DSN=X SYSOPTS="A & B"').source.operands == (("SYSOPTS", "A & B"),)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("D%JDATE", "D2026031"),
        ("D%SUBDATE", "D1260131"),
        ("D%SUBDATE1", "D20260131"),
        ("D%SUBDATE2", "D20263101"),
        ("T%SUBTIME", "T235907"),
        ("T%NUM1", "T590765"),
        ("T%NUM2", "TF"),
        ("%JOBID.%JOBNM", "JOB00042.PAYJOB"),
        ("X%PRAND", "XABCDEF"),
        ("%PNODE.%USER.%JUSER", "CD.LOCAL.IBMUSER.IBMUSER"),
        ("%DD2DSN(OUT)", "PROD.PAY.EXTRACT"),
        ("%NOSUCH", "%NOSUCH"),
    ],
)
def test_intrinsic_symbols_are_those_of_the_submission(written: str, value: str) -> None:
    assert copy(target=f"DSN={written}").target.name == value


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("&NOSUCH", "SYMBOLIC &NOSUCH HAS NO VALUE"),
        ("A%MAXRC", "KNOWN ONLY WHILE THE PROCESS RUNS"),
        ("%DD2DSN(NOSUCH)", "THE SUBMITTING JOB HAS NO SUCH DD"),
    ],
)
def test_a_symbolic_without_value_is_an_error_at_its_place(written: str, why: str) -> None:
    error = refused(f"P PROCESS SNODE=B\nS COPY FROM (DSN={written}) TO (DSN=B)", SymbolError)
    assert why in str(error)
    assert error.line == 2
    assert error.marked.splitlines()[1].strip(" ^") == ""


@pytest.mark.parametrize(
    ("name", "value"), [("", "x"), ("A-B", "x"), ("A" * 33, "x"), ("A", "two\nlines"), ("A", "x" * 1025), ("Ä", "x")]
)
def test_names_and_values_from_outside_are_checked(name: str, value: str) -> None:
    with pytest.raises(SymbolError, match="DTX003E"):
        copy(symbols={name: value})


def test_a_restart_tomorrow_means_the_same_data_set() -> None:
    """The values are frozen: text and values are all that the queue must keep."""
    text = "P PROCESS SNODE=B\nS COPY FROM (DSN=A) TO (DSN=OUT.D%SUBDATE1)"
    assert resolve(parse(text), {}, dict(INTRINSICS)) == resolve(parse(text), {}, dict(INTRINSICS))


# ---- the program counter


def walk(program: Process, outcomes: dict[str, int]) -> list[str]:
    """Labels of the steps that run, when each ends with the code in `outcomes`."""
    ran: list[str] = []
    codes: dict[str, int] = {}
    index = next_step(program, 0, codes)
    while index is not None:
        step = program.statements[index]
        assert isinstance(step, Copy)
        ran.append(step.label)
        codes[step.label] = outcomes.get(step.label, 0)
        index = next_step(program, index + 1, codes)
    return ran


def steps(text: str) -> str:
    """S1 S2 ... stand for COPY steps; the rest is written out."""
    lines = []
    for line in text.splitlines():
        word = line.strip()
        is_step = len(word) == 2 and word[0] == "S" and word[1].isdigit()
        lines.append(f"{word} COPY FROM (DSN=A) TO (DSN=B)" if is_step else line)
    return "\n".join(lines)


BRANCHES = steps("S1\n IF (S1 > 4) THEN\nS2\n ELSE\nS3\n IF (S3 = 0) THEN\nS4\n EIF\n EIF\nS5")


@pytest.mark.parametrize(
    ("outcomes", "ran"),
    [
        ({}, "S1 S3 S4 S5"),
        ({"S1": 4}, "S1 S3 S4 S5"),
        ({"S1": 8}, "S1 S2 S5"),
        ({"S3": 8}, "S1 S3 S5"),
    ],
)
def test_branches(outcomes: dict[str, int], ran: str) -> None:
    assert walk(process(BRANCHES), outcomes) == ran.split()


@pytest.mark.parametrize(
    ("condition", "true_for"),
    [
        ("EQ 4", {4}),
        ("= 4", {4}),
        ("== 4", {4}),
        ("NE 4", {0, 8}),
        ("¬= 4", {0, 8}),
        ("!= 4", {0, 8}),
        ("GT 4", {8}),
        (">= 4", {4, 8}),
        ("=> 4", {4, 8}),
        ("GE 4", {4, 8}),
        ("LT 4", {0}),
        ("< 4", {0}),
        ("<= 4", {0, 4}),
        ("=< 4", {0, 4}),
        ("le 4", {0, 4}),
    ],
)
def test_conditions(condition: str, true_for: set[int]) -> None:
    program = process(steps(f"S1\n IF (S1 {condition}) THEN\nS2\n EIF"))
    assert {code for code in (0, 4, 8) if "S2" in walk(program, {"S1": code})} == true_for


def test_the_highest_code_and_steps_that_did_not_run() -> None:
    program = process(
        steps("S1\nS2\n IF (%MAXRC >= 8) THEN\n EXIT\n EIF\n IF (S1 > 0) THEN\nS3\n EIF\n IF (S3 = 0) THEN\nS4\n EIF")
    )
    assert walk(program, {"S2": 8}) == ["S1", "S2"]
    assert walk(program, {}) == ["S1", "S2"]  # S3 did not run: S3 = 0 does not hold
    assert walk(program, {"S1": 4}) == ["S1", "S2", "S3", "S4"]


def test_goto_goes_forward_and_out_of_branches() -> None:
    program = process(steps("S1\n IF (S1 = 8) THEN\n GOTO S4\n EIF\nS2\nS3\nS4"))
    assert walk(program, {}) == ["S1", "S2", "S3", "S4"]
    assert walk(program, {"S1": 8}) == ["S1", "S4"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("S1\n IF (S1 = 0) THEN\nS2", "IF HAS NO EIF"),
        ("S1\n EIF", "EIF WITHOUT IF"),
        ("S1\n ELSE", "ELSE WITHOUT IF"),
        ("S1\n IF (S1 = 0) THEN\n ELSE\n ELSE\n EIF", "ELSE WITHOUT IF"),
        ("S1\n IF (S2 = 0) THEN\n EIF\nS2", "'S2' IS NOT THE LABEL OF AN EARLIER STEP"),
        ("S1\n IF (S1 IS 0) THEN\n EIF", "'IS' IS NOT A CONDITION"),
        ("S1\n IF (S1 = FOUR) THEN\n EIF", "'FOUR' IS NOT A COMPLETION CODE"),
        ("S1\nS1", "LABEL S1 IS USED TWICE"),
        ("S1\n GOTO S1", "GOTO S1 GOES BACKWARD"),
        ("S1\n GOTO S9", "NO SUCH LABEL"),
        ("S1\n GOTO", "GOTO NEEDS ONE LABEL"),
        ("S1\n EXIT NOW", "EXIT HAS NO OPERANDS"),
        (" SYMBOL X=1", "SYMBOL NEEDS &name=value"),
        (" SYMBOL", "SYMBOL NEEDS &name=value"),
    ],
)
def test_a_wrong_flow_is_refused(text: str, why: str) -> None:
    assert why in refused("P PROCESS SNODE=B\n" + steps(text)).what


def test_a_modal_may_ask_for_the_message_of_the_step_before() -> None:
    program = process(steps("S1\n IF (%MSGID NE SCPA000I) THEN\nS2\n EIF\n IF (%MSGID = DTX240E) THEN\nS3\n EIF"))
    assert next_step(program, 1, {"S1": 0}, "SCPA000I") is None
    assert program.statements[next_step(program, 1, {"S1": 16}, "DTX240E")].label == "S2"
    assert program.statements[next_step(program, 3, {"S1": 16, "S2": 8}, "DTX240E")].label == "S3"


@pytest.mark.parametrize(
    ("condition", "why"), [("%MSGID > SCPA000I", "BY EQ OR NE"), ("%MSGID = TOOLONGID", "NOT A MESSAGE ID")]
)
def test_a_message_is_only_equal_or_not(condition: str, why: str) -> None:
    assert why in refused("P PROCESS SNODE=B\nS1 COPY FROM (DSN=A) TO (DSN=B)\n IF (" + condition + ") THEN\n EIF").what

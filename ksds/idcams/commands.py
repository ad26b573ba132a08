"""The commands of IDCAMS as models: operands, abbreviations, ranges, defaults, and what operands demand of each other.

Source: z/OS DFSMS Access Method Services Commands; abbreviations also from MVS 3.8J command descriptors.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ksds.idcams.grammar import (
    Collected,
    Constant,
    Key,
    Keyword,
    Operands,
    Positional,
    ignored,
    number,
    unsupported,
    word,
)

HIGHEST = 2_147_483_647

_QUANTITY = (number(1, 16_777_215), number(0, 16_777_215))
_NAME = Constant("name")
_GENERIC_NAME = Constant("generic name")
_DDNAME = Constant("ddname", 1, 8)
_KEY = Constant("key", 1, 256)
_CATALOG = ignored("CATALOG", "CAT")

INCONSISTENT = "inconsistent"
"""The type of a validation error that says IDC3226I; its context holds the keyword."""


def _inconsistent(keyword: str) -> PydanticCustomError:
    return PydanticCustomError(INCONSISTENT, "inconsistent parameters", {"keyword": keyword})


_Erase = Annotated[Literal["ERASE", "NOERASE"] | None, Keyword("ERASE", ("ERAS",)), Keyword("NOERASE", ("NERAS",))]

Expiration = Annotated[
    tuple[Literal["TO", "FOR"], int] | None,
    Keyword("TO", (), (number(1, 9_999_366),)),
    Keyword("FOR", (), (number(0, 9999),)),
]
_RECATALOG = (ignored("NORECATALOG", "NRCTLG"), unsupported("RECATALOG", "RCTLG"))


class SpaceOperands(Operands):
    """What a cluster and its components may all say."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *(ignored("WRITECHECK", "WCK"), ignored("NOWRITECHECK", "NWCK"), ignored("EXCEPTIONEXIT", "EEXT")),
        *(ignored("FILE"), ignored("IMBED", "IMBD"), ignored("NOIMBED", "NIMBD"), ignored("REPLICATE", "REPL")),
        *(ignored("NOREPLICATE", "NREPL"), ignored("KEYRANGES", "KRNG"), ignored("ORDERED", "ORD")),
        *(ignored("UNORDERED", "UNORD"), ignored("UNIQUE", "UNQ"), ignored("SUBALLOCATION", "SUBAL")),
        *(ignored("MASTERPW", "MRPW"), ignored("CONTROLPW", "CTLPW"), ignored("UPDATEPW", "UPDPW")),
        *(ignored("READPW", "RDPW"), ignored("CODE"), ignored("ATTEMPTS", "ATT"), ignored("AUTHORIZATION", "AUTH")),
        unsupported("MODEL"),
    )

    space: Annotated[
        tuple[str, int] | tuple[str, int, int] | None,
        Keyword("CYLINDERS", ("CYLINDER", "CYL"), _QUANTITY, least=1),
        Keyword("TRACKS", ("TRACK", "TRK"), _QUANTITY, least=1),
        Keyword("RECORDS", ("RECORD", "REC"), _QUANTITY, least=1),
        Keyword("KILOBYTES", ("KILOBYTE", "KB"), _QUANTITY, least=1),
        Keyword("MEGABYTES", ("MEGABYTE", "MB"), _QUANTITY, least=1),
    ] = None
    ci_size: Annotated[int | None, Keyword("CONTROLINTERVALSIZE", ("CISZ", "CNVSZ"), (number(1, 32768),))] = None
    volumes: Annotated[tuple[str, ...], Keyword("VOLUMES", ("VOLUME", "VOL"), (word(6),), most=59)] = ()
    share_options: Annotated[
        tuple[int, ...] | None, Keyword("SHAREOPTIONS", ("SHAREOPTION", "SHR"), (number(1, 4), number(3, 4)), least=1)
    ] = None
    reuse: Annotated[Literal["REUSE", "NOREUSE"] | None, Keyword("REUSE", ("RUS",)), Keyword("NOREUSE", ("NRUS",))] = (
        None
    )
    owner: Annotated[str | None, Keyword("OWNER", (), (word(8),))] = None


class IndexOperands(SpaceOperands):
    """INDEX(...)."""

    name: Annotated[str | None, Keyword("NAME", (), (_NAME,))] = None


class DataOperands(SpaceOperands):
    """DATA(...): also what describes records."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *SpaceOperands.ALSO,
        *(ignored("NONSPANNED", "NSPND"), unsupported("SPANNED", "SPND")),
    )

    name: Annotated[str | None, Keyword("NAME", (), (_NAME,))] = None
    keys: Annotated[tuple[int, ...] | None, Keyword("KEYS", ("KEY",), (number(1, 255), number(0, 32760)))] = None
    record_size: Annotated[
        tuple[int, ...] | None, Keyword("RECORDSIZE", ("RECSZ",), (number(1, HIGHEST), number(1, HIGHEST)))
    ] = None
    free_space: Annotated[
        tuple[int, ...] | None, Keyword("FREESPACE", ("FSPC",), (number(0, 100), number(0, 100)), least=1)
    ] = None
    buffer_space: Annotated[int | None, Keyword("BUFFERSPACE", ("BUFSP", "BUFSPC"), (number(0, 16_776_704),))] = None
    erase: _Erase = None
    loading: Annotated[Literal["SPEED", "RECOVERY"] | None, Keyword("SPEED"), Keyword("RECOVERY", ("RCVY",))] = None


class ClusterOperands(DataOperands):
    """CLUSTER(...)."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *DataOperands.ALSO,
        *(ignored("LOG"), ignored("LOGSTREAMID"), ignored("FRLOG"), ignored("BWO"), ignored("RLSENABLE")),
        *(ignored("ACCOUNT", "ACCT"), ignored("DATACLASS", "DATACLAS"), ignored("MANAGEMENTCLASS", "MGMTCLAS")),
        *(ignored("STORAGECLASS", "STORCLAS"), ignored("EATTR"), ignored("KEYLABEL"), *_RECATALOG),
    )

    name: Annotated[str, Keyword("NAME", (), (_NAME,))]
    organization: Annotated[
        Literal["INDEXED", "NONINDEXED", "NUMBERED", "LINEAR", "ZFS"],
        Keyword("INDEXED", ("IXD",)),
        Keyword("NONINDEXED", ("NIXD",)),
        Keyword("NUMBERED", ("NUMD",)),
        Keyword("LINEAR", ("LIN",)),
        Keyword("ZFS"),
    ] = "INDEXED"
    expiration: Expiration = None


_OTHER_OBJECTS = (
    *(unsupported("GENERATIONDATAGROUP", "GDG"), unsupported("ALIAS"), unsupported("USERCATALOG", "UCAT")),
    unsupported("PAGESPACE", "PGSPC"),
)


class AlternateIndexOperands(DataOperands):
    """ALTERNATEINDEX(...)."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (*DataOperands.ALSO, *_RECATALOG)

    name: Annotated[str, Keyword("NAME", (), (_NAME,))]
    base: Annotated[str, Keyword("RELATE", ("REL",), (_NAME,))]
    unique: Annotated[
        Literal["UNIQUEKEY", "NONUNIQUEKEY"], Keyword("UNIQUEKEY", ("UNQK",)), Keyword("NONUNIQUEKEY", ("NUNQK",))
    ] = "NONUNIQUEKEY"
    upgrade: Annotated[
        Literal["UPGRADE", "NOUPGRADE"], Keyword("UPGRADE", ("UPG",)), Keyword("NOUPGRADE", ("NUPG",))
    ] = "UPGRADE"
    expiration: Expiration = None


class PathOperands(Operands):
    """PATH(...)."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *(
            *_RECATALOG,
            unsupported("MODEL"),
            ignored("FILE"),
            ignored("MASTERPW", "MRPW"),
            ignored("CONTROLPW", "CTLPW"),
        ),
        *(ignored("UPDATEPW", "UPDPW"), ignored("READPW", "RDPW"), ignored("CODE"), ignored("ATTEMPTS", "ATT")),
        ignored("AUTHORIZATION", "AUTH"),
    )

    name: Annotated[str, Keyword("NAME", (), (_NAME,))]
    over: Annotated[str, Keyword("PATHENTRY", ("PENT",), (_NAME,))]
    update: Annotated[Literal["UPDATE", "NOUPDATE"], Keyword("UPDATE", ("UPD",)), Keyword("NOUPDATE", ("NUPD",))] = (
        "UPDATE"
    )
    owner: Annotated[str | None, Keyword("OWNER", (), (word(8),))] = None
    expiration: Expiration = None


class Define(Operands):
    """DEFINE CLUSTER(...) DATA(...) INDEX(...), ALTERNATEINDEX(...) DATA(...) INDEX(...) or PATH(...)."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *(_CATALOG, *_OTHER_OBJECTS, unsupported("NONVSAM", "NVSAM"), unsupported("SPACE")),
        unsupported("MASTERCATALOG", "MCAT", "MRCAT"),
    )

    target: Annotated[
        tuple[Literal["CLUSTER"], ClusterOperands]
        | tuple[Literal["ALTERNATEINDEX"], AlternateIndexOperands]
        | tuple[Literal["PATH"], PathOperands],
        Keyword("CLUSTER", ("CL",), parameters=ClusterOperands),
        Keyword("ALTERNATEINDEX", ("AIX",), parameters=AlternateIndexOperands),
        Keyword("PATH", (), parameters=PathOperands),
    ]
    data: Annotated[DataOperands | None, Keyword("DATA", (), parameters=DataOperands)] = None
    index: Annotated[IndexOperands | None, Keyword("INDEX", ("IX",), parameters=IndexOperands)] = None


class Delete(Operands):
    """DELETE entry ..."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *(_CATALOG, ignored("FILE"), ignored("SCRATCH", "SCR")),
        *(ignored("NOFORCE", "NFRC"), ignored("FORCE", "FRC"), ignored("NORECOVERY", "NRCVY"), ignored("NODISCONNECT")),
        *(unsupported("NOSCRATCH", "NSCR"), unsupported("RECOVERY", "RCVY"), unsupported("EXCLUDE")),
        *(unsupported("TEST"), unsupported("LIBRARYENTRY"), unsupported("NVR"), unsupported("TRUENAME", "TNAME")),
        *(unsupported("VVR"), unsupported("VOLUMEENTRY"), *_OTHER_OBJECTS),
    )

    entries: Annotated[tuple[str, ...], Positional(_GENERIC_NAME, most=100)]
    object_type: Annotated[
        Literal["CLUSTER", "ALTERNATEINDEX", "PATH", "NONVSAM"] | None,
        Keyword("CLUSTER", ("CL",)),
        Keyword("ALTERNATEINDEX", ("AIX",)),
        Keyword("PATH"),
        Keyword("NONVSAM", ("NVSAM",)),
    ] = None
    purge: Annotated[Literal["PURGE", "NOPURGE"], Keyword("PURGE", ("PRG",)), Keyword("NOPURGE", ("NPRG",))] = "NOPURGE"
    erase: _Erase = None
    mask: Annotated[Literal["MASK", "NOMASK"], Keyword("MASK"), Keyword("NOMASK")] = "NOMASK"


class RangeOperands(Operands):
    """INFILE or INDATASET, and which of its records: where to start and where to stop."""

    source: Annotated[
        tuple[Literal["INFILE", "INDATASET"], str],
        Keyword("INFILE", ("IFILE",), (_DDNAME,)),
        Keyword("INDATASET", ("IDS",), (_NAME,)),
    ]
    start: Annotated[
        tuple[Literal["FROMKEY"], Key] | tuple[Literal["FROMADDRESS", "FROMNUMBER", "SKIP"], int] | None,
        Keyword("FROMKEY", ("FKEY",), (_KEY,)),
        Keyword("FROMADDRESS", ("FADDR",), (number(0, HIGHEST),)),
        Keyword("FROMNUMBER", ("FNUM",), (number(1, HIGHEST),)),
        Keyword("SKIP", (), (number(0, HIGHEST),)),
    ] = None
    stop: Annotated[
        tuple[Literal["TOKEY"], Key] | tuple[Literal["TOADDRESS", "TONUMBER", "COUNT"], int] | None,
        Keyword("TOKEY", (), (_KEY,)),
        Keyword("TOADDRESS", ("TADDR",), (number(0, HIGHEST),)),
        Keyword("TONUMBER", ("TNUM",), (number(1, HIGHEST),)),
        Keyword("COUNT", (), (number(1, HIGHEST),)),
    ] = None

    @model_validator(mode="after")
    def _range_of_one_kind(self) -> Self:
        if self.start and self.stop and self.start[0] != "SKIP" and self.stop[0] != "COUNT":
            one, other = self.start[0].removeprefix("FROM"), self.stop[0].removeprefix("TO")
            if one != other:
                raise _inconsistent(self.stop[0])
        return self


class Repro(RangeOperands):
    """REPRO: copy records."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *(ignored("FILE"), ignored("NOCIMODE"), ignored("NOMERGECAT"), ignored("SKIPDBCSCHECK")),
        *(ignored("NODBCSCHECK"), unsupported("CIMODE"), unsupported("MERGECAT"), unsupported("DBCS")),
        *(unsupported("ENCIPHER"), unsupported("DECIPHER"), unsupported("INSERTSHIFT"), unsupported("INSERTALL")),
        *(unsupported("LEVEL", "LVL"), unsupported("ENTRIES", "ENT"), unsupported("MESSAGELEVEL")),
        unsupported("VOLUMEENTRIES"),
    )

    target: Annotated[
        tuple[Literal["OUTFILE", "OUTDATASET"], str],
        Keyword("OUTFILE", ("OFILE",), (_DDNAME,)),
        Keyword("OUTDATASET", ("ODS",), (_NAME,)),
    ]
    replace: Annotated[
        Literal["REPLACE", "NOREPLACE"], Keyword("REPLACE", ("REP",)), Keyword("NOREPLACE", ("NREP",))
    ] = "NOREPLACE"
    reuse: Annotated[Literal["REUSE", "NOREUSE"], Keyword("REUSE", ("RUS",)), Keyword("NOREUSE", ("NRUS",))] = "NOREUSE"
    error_limit: Annotated[int, Keyword("ERRORLIMIT", ("ELIMIT",), (number(1, HIGHEST),))] = 4


class Print(RangeOperands):
    """PRINT: list records."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (ignored("SKIPDBCSCHECK"), ignored("NODBCSCHECK"), unsupported("DBCS"))

    layout: Annotated[
        Literal["CHARACTER", "HEX", "DUMP"], Keyword("CHARACTER", ("CHAR",)), Keyword("HEX"), Keyword("DUMP")
    ] = "DUMP"
    output: Annotated[str | None, Keyword("OUTFILE", ("OFILE",), (_DDNAME,))] = None


class ListCatalog(Operands):
    """LISTCAT. Types that nothing here has, such as PAGESPACE, are accepted and list nothing."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *(_CATALOG, ignored("FILE"), ignored("PREFIX"), ignored("NOPREFIX"), ignored("CDILVL"), ignored("NOCDILVL")),
        *(unsupported("CREATION", "CREAT"), unsupported("EXPIRATION", "EXPIR"), unsupported("LIBRARY")),
        unsupported("OUTFILE", "OFILE"),
    )

    where: Annotated[
        tuple[str, ...] | None,
        Keyword("ENTRIES", ("ENTRY", "ENT"), (_GENERIC_NAME,), most=255),
        Keyword("LEVEL", ("LVL",), (_GENERIC_NAME,)),
    ] = None
    types: Annotated[
        tuple[str, ...],
        Collected(),
        Keyword("CLUSTER", ("CL",)),
        Keyword("DATA"),
        Keyword("INDEX", ("IX",)),
        Keyword("NONVSAM", ("NVSAM",)),
        Keyword("ALIAS"),
        Keyword("ALTERNATEINDEX", ("AIX",)),
        Keyword("GENERATIONDATAGROUP", ("GDG",)),
        Keyword("PAGESPACE", ("PGSPC",)),
        Keyword("PATH"),
        Keyword("USERCATALOG", ("UCAT",)),
    ] = ()
    detail: Annotated[
        Literal["NAME", "HISTORY", "VOLUME", "ALLOCATION", "ALL"],
        Keyword("NAME"),
        Keyword("HISTORY", ("HIST",)),
        Keyword("VOLUME", ("VOL",)),
        Keyword("ALLOCATION", ("ALLOC",)),
        Keyword("ALL"),
    ] = "NAME"


class Verify(Operands):
    """VERIFY FILE(dd) or DATASET(name)."""

    source: Annotated[
        tuple[Literal["FILE", "DATASET"], str],
        Keyword("FILE", (), (_DDNAME,)),
        Keyword("DATASET", ("DS",), (_NAME,)),
    ]
    recover: Annotated[Literal["RECOVER"] | None, Keyword("RECOVER")] = None


class Examine(Operands):
    """EXAMINE NAME(cluster)."""

    name: Annotated[str, Keyword("NAME", (), (_NAME,))]
    index_test: Annotated[
        Literal["INDEXTEST", "NOINDEXTEST"], Keyword("INDEXTEST", ("ITEST",)), Keyword("NOINDEXTEST", ("NOITEST",))
    ] = "INDEXTEST"
    data_test: Annotated[
        Literal["DATATEST", "NODATATEST"], Keyword("DATATEST", ("DTEST",)), Keyword("NODATATEST", ("NODTEST",))
    ] = "NODATATEST"
    error_limit: Annotated[int, Keyword("ERRORLIMIT", ("ELIMIT",), (number(0, HIGHEST),))] = HIGHEST


class Parm(Operands):
    """PARM: only the margins mean something here."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (ignored("TEST"), ignored("GRAPHICS"))

    margins: Annotated[tuple[int, ...] | None, Keyword("MARGINS", (), (number(1, 32760), number(1, 32760)))] = None


VERBS: dict[str, type[Operands]] = {
    "DEFINE": Define,
    "DEF": Define,
    "DELETE": Delete,
    "DEL": Delete,
    "REPRO": Repro,
    "PRINT": Print,
    "LISTCAT": ListCatalog,
    "LISTC": ListCatalog,
    "VERIFY": Verify,
    "VFY": Verify,
    "EXAMINE": Examine,
    "PARM": Parm,
}
UNSUPPORTED_VERBS = frozenset(
    (
        *("ALTER", "EXPORT", "EXP", "IMPORT", "IMP", "BLDINDEX", "BIX", "DIAGNOSE", "ALLOCATE", "ALLOC", "CREATE"),
        *("DCOLLECT", "SHCDS"),
    )
)

"""The commands of IDCAMS as models: operands, abbreviations, ranges, defaults, and what operands demand of each other.

Source: z/OS DFSMS Access Method Services Commands; abbreviations also from MVS 3.8J command descriptors.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from ksds.idcams.allocate_operands import Allocate
from ksds.idcams.catalog_operands import (
    DATA_SET,
    DDNAME,
    ENTRY_OR_MEMBER,
    GENERIC_NAME,
    HIGHEST,
    INCONSISTENT,
    NAME,
    Alter,
    Erase,
    Purge,
    wrong_parameters,
)
from ksds.idcams.define_operands import Define
from ksds.idcams.export_operands import Diagnose, Export, Import
from ksds.idcams.grammar import Collected, Constant, Key, Keyword, Operands, Positional, number, unsupported
from ksds.idcams.without_effect import without_effect

_KEY = Constant("key", 1, 256)


class Delete(Operands):
    """DELETE entry ..."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *without_effect("CATALOG", "FILE", "NODISCONNECT"),
        *(
            unsupported("LIBRARYENTRY"),
            unsupported("NVR"),
            unsupported("TRUENAME", "TNAME"),
            unsupported("VVR"),
            unsupported("VOLUMEENTRY"),
        ),
        unsupported("PAGESPACE", "PGSPC"),
    )

    entries: Annotated[tuple[str, ...], Positional(ENTRY_OR_MEMBER, most=100)]
    object_type: Annotated[
        Literal["ALIAS", "ALTERNATEINDEX", "CLUSTER", "GENERATIONDATAGROUP", "NONVSAM", "PATH", "USERCATALOG"] | None,
        Keyword("ALIAS"),
        Keyword("ALTERNATEINDEX", ("AIX",)),
        Keyword("CLUSTER", ("CL",)),
        Keyword("GENERATIONDATAGROUP", ("GDG",)),
        Keyword("NONVSAM", ("NVSAM",)),
        Keyword("PATH"),
        Keyword("USERCATALOG", ("UCAT",)),
    ] = None
    purge: Purge = "NOPURGE"
    erase: Erase = None
    force: Annotated[Literal["FORCE", "NOFORCE"], Keyword("FORCE", ("FRC",)), Keyword("NOFORCE", ("NFRC",))] = "NOFORCE"
    recovery: Annotated[
        Literal["RECOVERY", "NORECOVERY"], Keyword("RECOVERY", ("RCVY",)), Keyword("NORECOVERY", ("NRCVY",))
    ] = "NORECOVERY"
    scratch: Annotated[
        Literal["SCRATCH", "NOSCRATCH"], Keyword("SCRATCH", ("SCR",)), Keyword("NOSCRATCH", ("NSCR",))
    ] = "SCRATCH"
    mask: Annotated[Literal["MASK", "NOMASK"], Keyword("MASK"), Keyword("NOMASK")] = "NOMASK"
    exclude: Annotated[tuple[str, ...], Keyword("EXCLUDE", (), (GENERIC_NAME,), most=100)] = ()
    test: Annotated[Literal["TEST"] | None, Keyword("TEST")] = None

    @model_validator(mode="after")
    def _one_mask(self) -> Self:
        if self.mask == "MASK" and len(self.entries) > 1:
            raise wrong_parameters(INCONSISTENT, "MASK")
        if self.mask == "NOMASK" and (self.exclude or self.test):
            raise wrong_parameters(INCONSISTENT, "EXCLUDE" if self.exclude else "TEST")
        return self


class RangeOperands(Operands):
    """INFILE or INDATASET, and which of its records: where to start and where to stop."""

    source: Annotated[
        tuple[Literal["INFILE", "INDATASET"], str],
        Keyword("INFILE", ("IFILE",), (DDNAME,)),
        Keyword("INDATASET", ("IDS",), (DATA_SET,)),
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
                raise wrong_parameters(INCONSISTENT, self.stop[0])
        return self


class Repro(RangeOperands):
    """REPRO: copy records."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *without_effect("FILE", "NOMERGECAT", "SKIPDBCSCHECK", "NODBCSCHECK"),
        *(unsupported("MERGECAT"), unsupported("DBCS")),
        *(unsupported("ENCIPHER"), unsupported("DECIPHER"), unsupported("INSERTSHIFT"), unsupported("INSERTALL")),
        *(unsupported("LEVEL", "LVL"), unsupported("ENTRIES", "ENT"), unsupported("MESSAGELEVEL")),
        unsupported("VOLUMEENTRIES"),
    )

    target: Annotated[
        tuple[Literal["OUTFILE", "OUTDATASET"], str],
        Keyword("OUTFILE", ("OFILE",), (DDNAME,)),
        Keyword("OUTDATASET", ("ODS",), (DATA_SET,)),
    ]
    replace: Annotated[
        Literal["REPLACE", "NOREPLACE"], Keyword("REPLACE", ("REP",)), Keyword("NOREPLACE", ("NREP",))
    ] = "NOREPLACE"
    reuse: Annotated[Literal["REUSE", "NOREUSE"], Keyword("REUSE", ("RUS",)), Keyword("NOREUSE", ("NRUS",))] = "NOREUSE"
    error_limit: Annotated[int, Keyword("ERRORLIMIT", ("ELIMIT",), (number(1, HIGHEST),))] = 4
    mode: Annotated[Literal["CIMODE", "NOCIMODE"], Keyword("CIMODE"), Keyword("NOCIMODE")] = "NOCIMODE"


class Print(RangeOperands):
    """PRINT: list records."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *without_effect("SKIPDBCSCHECK", "NODBCSCHECK"),
        unsupported("DBCS"),
    )

    layout: Annotated[
        Literal["CHARACTER", "HEX", "DUMP"], Keyword("CHARACTER", ("CHAR",)), Keyword("HEX"), Keyword("DUMP")
    ] = "DUMP"
    output: Annotated[str | None, Keyword("OUTFILE", ("OFILE",), (DDNAME,))] = None


class BuildIndex(Operands):
    """BLDINDEX. Work files need no DD statement: what was said of them makes no difference."""

    ALSO: ClassVar[tuple[Keyword, ...]] = without_effect(
        *("CATALOG", "SORTCALL", "NOSORTCALL", "SORTDEVICETYPE", "SORTFILENUMBER", "SORTMESSAGEDD"),
        *("SORTMESSAGELEVEL", "WORKFILES", "WORKVOLUMES"),
    )

    source: Annotated[
        tuple[Literal["INFILE", "INDATASET"], str],
        Keyword("INFILE", ("IFILE",), (DDNAME,)),
        Keyword("INDATASET", ("IDS",), (NAME,)),
    ]
    targets: Annotated[
        tuple[str, ...],
        Keyword("OUTFILE", ("OFILE",), (DDNAME,), most=255),
        Keyword("OUTDATASET", ("ODS",), (NAME,), most=255),
    ]
    sort: Annotated[
        Literal["INTERNALSORT", "EXTERNALSORT"],
        Keyword("INTERNALSORT", ("ISORT",)),
        Keyword("EXTERNALSORT", ("ESORT",)),
    ] = "INTERNALSORT"


class ListCatalog(Operands):
    """LISTCAT. Types that nothing here has, such as PAGESPACE, are accepted and list nothing."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *without_effect("CATALOG", "FILE", "PREFIX", "NOPREFIX", "CDILVL", "NOCDILVL"),
        *(unsupported("LIBRARY"), unsupported("LIBRARYENTRIES", "LIBENTRIES", "LIBENT")),
        unsupported("VOLUMEENTRIES", "VOLENTRIES", "VOLENT"),
    )

    where: Annotated[
        tuple[str, ...] | None,
        Keyword("ENTRIES", ("ENTRY", "ENT"), (GENERIC_NAME,), most=255),
        Keyword("LEVEL", ("LVL",), (GENERIC_NAME,)),
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
        Keyword("NAME", ("NAMES",)),
        Keyword("HISTORY", ("HIST",)),
        Keyword("VOLUME", ("VOL",)),
        Keyword("ALLOCATION", ("ALLOC",)),
        Keyword("ALL"),
    ] = "NAME"
    creation: Annotated[int | None, Keyword("CREATION", ("CREAT",), (number(0, 9999),))] = None
    expiration: Annotated[int | None, Keyword("EXPIRATION", ("EXPIR",), (number(0, 9999),))] = None
    output: Annotated[str | None, Keyword("OUTFILE", ("OFILE",), (DDNAME,))] = None


class Verify(Operands):
    """VERIFY FILE(dd) or DATASET(name)."""

    source: Annotated[
        tuple[Literal["FILE", "DATASET"], str],
        Keyword("FILE", (), (DDNAME,)),
        Keyword("DATASET", ("DS",), (NAME,)),
    ]
    recover: Annotated[Literal["RECOVER"] | None, Keyword("RECOVER")] = None


class Examine(Operands):
    """EXAMINE NAME(cluster)."""

    name: Annotated[str, Keyword("NAME", (), (NAME,))]
    index_test: Annotated[
        Literal["INDEXTEST", "NOINDEXTEST"], Keyword("INDEXTEST", ("ITEST",)), Keyword("NOINDEXTEST", ("NOITEST",))
    ] = "INDEXTEST"
    data_test: Annotated[
        Literal["DATATEST", "NODATATEST"], Keyword("DATATEST", ("DTEST",)), Keyword("NODATATEST", ("NODTEST",))
    ] = "NODATATEST"
    error_limit: Annotated[int, Keyword("ERRORLIMIT", ("ELIMIT",), (number(0, HIGHEST),))] = HIGHEST


class Parm(Operands):
    """PARM: only the margins mean something here."""

    ALSO: ClassVar[tuple[Keyword, ...]] = without_effect("TEST", "GRAPHICS")

    margins: Annotated[tuple[int, ...] | None, Keyword("MARGINS", (), (number(1, 32760), number(1, 32760)))] = None


VERBS: dict[str, type[Operands]] = {
    "ALLOCATE": Allocate,
    "ALLOC": Allocate,
    "ALTER": Alter,
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
    "BLDINDEX": BuildIndex,
    "BIX": BuildIndex,
    "EXPORT": Export,
    "EXP": Export,
    "IMPORT": Import,
    "IMP": Import,
    "DIAGNOSE": Diagnose,
    "PARM": Parm,
}
UNSUPPORTED_VERBS = frozenset(("CREATE", "DCOLLECT", "SHCDS"))

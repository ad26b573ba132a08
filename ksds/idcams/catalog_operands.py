"""The operands of commands about names: DEFINE GDG, NONVSAM, ALIAS and USERCATALOG, ALTER.

Source: z/OS DFSMS Access Method Services Commands; abbreviations also from MVS 3.8J command descriptors.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ksds.idcams.grammar import (
    Collected,
    Constant,
    Keyword,
    Operands,
    Positional,
    choice,
    number,
    text,
    unsupported,
    word,
)
from ksds.idcams.without_effect import CLASSES, PASSWORDS, without_effect

HIGHEST = 2_147_483_647

NAME = Constant("name")
GENERIC_NAME = Constant("generic name")
ENTRY_OR_MEMBER = Constant("generic name", member=True)
DATA_SET = Constant("name", member=True)
DDNAME = Constant("ddname", 1, 8)

INCONSISTENT = "IDC3226I"
MISSING = "IDC3225I"

Expiration = Annotated[
    tuple[Literal["TO", "FOR"], int] | None,
    Keyword("TO", (), (number(1, 9_999_366),)),
    Keyword("FOR", (), (number(0, 9999),)),
]
Erase = Annotated[Literal["ERASE", "NOERASE"] | None, Keyword("ERASE", ("ERAS",)), Keyword("NOERASE", ("NERAS",))]
WriteCheck = Annotated[
    Literal["WRITECHECK", "NOWRITECHECK"] | None, Keyword("WRITECHECK", ("WCK",)), Keyword("NOWRITECHECK", ("NWCK",))
]
ExceptionExit = Annotated[str | None, Keyword("EXCEPTIONEXIT", ("EEXT",), (DDNAME,))]
BufferSpace = Annotated[int | None, Keyword("BUFFERSPACE", ("BUFSP", "BUFSPC"), (number(0, 16_776_704),))]
Account = Annotated[str | None, Keyword("ACCOUNT", ("ACCT",), (text(32),))]
Recatalog = Annotated[
    Literal["RECATALOG", "NORECATALOG"], Keyword("RECATALOG", ("RCTLG",)), Keyword("NORECATALOG", ("NRCTLG",))
]
Purge = Annotated[Literal["PURGE", "NOPURGE"], Keyword("PURGE", ("PRG",)), Keyword("NOPURGE", ("NPRG",))]


def wrong_parameters(message: str, keyword: str) -> PydanticCustomError:
    """What a model raises when operands do not go together: `message` is that of the syntax error."""
    return PydanticCustomError(message, "parameters", {"keyword": keyword})


class GdgOperands(Operands):
    """GENERATIONDATAGROUP(...)."""

    name: Annotated[str, Keyword("NAME", (), (NAME,))]
    limit: Annotated[int, Keyword("LIMIT", ("LIM",), (number(1, 999),))]
    extended: Annotated[Literal["EXTENDED", "NOEXTENDED"], Keyword("EXTENDED"), Keyword("NOEXTENDED")] = "NOEXTENDED"
    empty: Annotated[Literal["EMPTY", "NOEMPTY"], Keyword("EMPTY", ("EMP",)), Keyword("NOEMPTY", ("NEMP",))] = "NOEMPTY"
    order: Annotated[Literal["FIFO", "LIFO"], Keyword("FIFO"), Keyword("LIFO")] = "LIFO"
    purge: Purge = "NOPURGE"
    scratch: Annotated[
        Literal["SCRATCH", "NOSCRATCH"], Keyword("SCRATCH", ("SCR",)), Keyword("NOSCRATCH", ("NSCR",))
    ] = "NOSCRATCH"
    owner: Annotated[str | None, Keyword("OWNER", (), (word(8),))] = None
    expiration: Expiration = None

    @model_validator(mode="after")
    def _limit_of_the_kind(self) -> Self:
        if self.limit > 255 and self.extended == "NOEXTENDED":
            raise wrong_parameters("IDC3221I", str(self.limit))
        return self


class NonVsamOperands(Operands):
    """NONVSAM(...)."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (*without_effect("FILESEQUENCENUMBERS", "COLLECTION", "FILE"),)

    name: Annotated[str, Keyword("NAME", (), (NAME,))]
    devices: Annotated[tuple[str, ...], Keyword("DEVICETYPES", ("DEVICETYPE", "DEVT"), (word(8),), most=255)]
    volumes: Annotated[tuple[str, ...], Keyword("VOLUMES", ("VOLUME", "VOL"), (word(6),), most=255)]
    owner: Annotated[str | None, Keyword("OWNER", (), (word(8),))] = None
    expiration: Expiration = None
    recatalog: Recatalog = "NORECATALOG"


class AliasOperands(Operands):
    """ALIAS(...)."""

    name: Annotated[str, Keyword("NAME", (), (NAME,))]
    related: Annotated[
        tuple[Literal["RELATE", "SYMBOLICRELATE"], str],
        Keyword("RELATE", ("REL",), (NAME,)),
        Keyword("SYMBOLICRELATE", (), (NAME,)),
    ]


class UserCatalogOperands(Operands):
    """USERCATALOG(...): what describes the catalog's own data set is not looked at."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *PASSWORDS,
        *CLASSES,
        *without_effect("ICFCATALOG", "VOLCATALOG", "BUFFERSPACE", "CYLINDERS", "TRACKS", "RECORDS", "KILOBYTES"),
        *without_effect("MEGABYTES", "FREESPACE", "STRNO", "RECORDSIZE", "SHAREOPTIONS", "CONTROLINTERVALSIZE"),
        *without_effect("BUFND", "BUFNI", "LOCK", "UNLOCK", "ECSHARING", "NOECSHARING", "MODEL", "FILE", "WRITECHECK"),
        *without_effect("NOWRITECHECK", "DATACLASS", "EATTR", "LOG", "RLSENABLE", "RLSQUIESCE", "SUSPEND", "RESUME"),
        *without_effect("RECONNECT"),
    )

    name: Annotated[str, Keyword("NAME", (), (NAME,))]
    volume: Annotated[str | None, Keyword("VOLUME", ("VOLUMES", "VOL"), (word(6),))] = None
    owner: Annotated[str | None, Keyword("OWNER", (), (word(8),))] = None
    expiration: Expiration = None


class Nullify(Operands):
    """NULLIFY(...)."""

    what: Annotated[
        tuple[str, ...],
        Collected(),
        Keyword("OWNER"),
        Keyword("RETENTION", ("RETN",)),
        Keyword("BWO"),
        Keyword("CODE"),
        Keyword("EXCEPTIONEXIT", ("EEXT",)),
        Keyword("LOG"),
        Keyword("LOGSTREAMID"),
        Keyword("MANAGEMENTCLASS", ("MGMTCLAS",)),
    ] = ()
    authorization: Annotated[
        Literal["MODULE", "STRING"] | None, Keyword("AUTHORIZATION", ("AUTH",), (choice("MODULE", "STRING"),))
    ] = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.what and self.authorization is None:
            raise wrong_parameters(MISSING, "NULLIFY")
        return self


class Alter(Operands):
    """ALTER entry ..."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *PASSWORDS,
        *CLASSES,
        *without_effect("CATALOG", "BUFND", "BUFNI", "BWO", "CCSID", "ECSHARING"),
        *without_effect("NOECSHARING", "FILE", "FILEDATA", "FRLOG", "LOCK", "UNLOCK", "LOG"),
        *without_effect("LOGREPLICATE", "NOLOGREPLICATE", "LOGSTREAMID", "RLSENABLE"),
        *without_effect("RLSQUIESCE", "STRNO", "SUSPEND", "RESUME"),
        unsupported("EXTENDEDADDRESSABLE"),
    )

    entries: Annotated[tuple[str, ...], Positional(ENTRY_OR_MEMBER, most=1)]
    new_name: Annotated[str | None, Keyword("NEWNAME", ("NEWNM",), (ENTRY_OR_MEMBER,))] = None
    owner: Annotated[str | None, Keyword("OWNER", (), (word(8),))] = None
    expiration: Expiration = None
    nullify: Annotated[Nullify | None, Keyword("NULLIFY", ("NULL",), parameters=Nullify)] = None
    free_space: Annotated[
        tuple[int, ...] | None, Keyword("FREESPACE", ("FSPC",), (number(0, 100), number(0, 100)), least=1)
    ] = None
    share_options: Annotated[
        tuple[int, ...] | None, Keyword("SHAREOPTIONS", ("SHAREOPTION", "SHR"), (number(1, 4), number(3, 4)), least=1)
    ] = None
    keys: Annotated[tuple[int, ...] | None, Keyword("KEYS", ("KEY",), (number(1, 255), number(0, 32760)))] = None
    record_size: Annotated[
        tuple[int, ...] | None, Keyword("RECORDSIZE", ("RECSZ",), (number(1, HIGHEST), number(1, HIGHEST)))
    ] = None
    erase: Erase = None
    write_check: WriteCheck = None
    exception_exit: ExceptionExit = None
    buffer_space: BufferSpace = None
    account: Account = None
    reuse: Annotated[Literal["REUSE", "NOREUSE"] | None, Keyword("REUSE", ("RUS",)), Keyword("NOREUSE", ("NRUS",))] = (
        None
    )
    inhibit: Annotated[
        Literal["INHIBIT", "UNINHIBIT"] | None, Keyword("INHIBIT", ("INH",)), Keyword("UNINHIBIT", ("UNINH",))
    ] = None
    reclaim: Annotated[Literal["RECLAIMCA", "NORECLAIMCA"] | None, Keyword("RECLAIMCA"), Keyword("NORECLAIMCA")] = None
    unique: Annotated[
        Literal["UNIQUEKEY", "NONUNIQUEKEY"] | None,
        Keyword("UNIQUEKEY", ("UNQK",)),
        Keyword("NONUNIQUEKEY", ("NUNQK",)),
    ] = None
    upgrade: Annotated[
        Literal["UPGRADE", "NOUPGRADE"] | None, Keyword("UPGRADE", ("UPG",)), Keyword("NOUPGRADE", ("NUPG",))
    ] = None
    update: Annotated[
        Literal["UPDATE", "NOUPDATE"] | None, Keyword("UPDATE", ("UPD",)), Keyword("NOUPDATE", ("NUPD",))
    ] = None
    limit: Annotated[int | None, Keyword("LIMIT", ("LIM",), (number(1, 999),))] = None
    empty: Annotated[Literal["EMPTY", "NOEMPTY"] | None, Keyword("EMPTY", ("EMP",)), Keyword("NOEMPTY", ("NEMP",))] = (
        None
    )
    order: Annotated[Literal["FIFO", "LIFO"] | None, Keyword("FIFO"), Keyword("LIFO")] = None
    scratch: Annotated[
        Literal["SCRATCH", "NOSCRATCH"] | None, Keyword("SCRATCH", ("SCR",)), Keyword("NOSCRATCH", ("NSCR",))
    ] = None
    purge: Annotated[Literal["PURGE", "NOPURGE"] | None, Keyword("PURGE", ("PRG",)), Keyword("NOPURGE", ("NPRG",))] = (
        None
    )
    kind: Annotated[Literal["LINEAR"] | None, Keyword("TYPE", (), (choice("LINEAR"),))] = None
    volumes_added: Annotated[tuple[str, ...], Keyword("ADDVOLUMES", ("AVOL",), (word(6),), most=59)] = ()
    volumes_removed: Annotated[tuple[str, ...], Keyword("REMOVEVOLUMES", ("RVOL",), (word(6),), most=59)] = ()
    roll_in: Annotated[Literal["ROLLIN"] | None, Keyword("ROLLIN")] = None

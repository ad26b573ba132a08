"""The operands of DEFINE: what describes a cluster, an alternate index, a path, or another name.

Source: z/OS DFSMS Access Method Services Commands; abbreviations also from MVS 3.8J command descriptors.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from ksds.idcams.catalog_operands import (
    HIGHEST,
    INCONSISTENT,
    NAME,
    Account,
    AliasOperands,
    BufferSpace,
    Erase,
    ExceptionExit,
    Expiration,
    GdgOperands,
    NonVsamOperands,
    Recatalog,
    UserCatalogOperands,
    WriteCheck,
    wrong_parameters,
)
from ksds.idcams.grammar import Keyword, Operands, number, unsupported, word
from ksds.idcams.without_effect import CLASSES, PASSWORDS, without_effect

Model = Annotated[tuple[str, ...] | None, Keyword("MODEL", (), (NAME,), most=2)]
_QUANTITY = (number(1, 16_777_215), number(0, 16_777_215))


class SpaceOperands(Operands):
    """What a cluster and its components may all say."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *without_effect("FILE", "BUFND", "BUFNI", "IMBED", "NOIMBED", "REPLICATE"),
        *without_effect("NOREPLICATE", "KEYRANGES", "ORDERED", "UNORDERED", "UNIQUE", "SUBALLOCATION"),
        *PASSWORDS,
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
    write_check: WriteCheck = None
    exception_exit: ExceptionExit = None
    owner: Annotated[str | None, Keyword("OWNER", (), (word(8),))] = None
    model: Model = None


class IndexOperands(SpaceOperands):
    """INDEX(...)."""

    name: Annotated[str | None, Keyword("NAME", (), (NAME,))] = None


class DataOperands(SpaceOperands):
    """DATA(...): also what describes records."""

    name: Annotated[str | None, Keyword("NAME", (), (NAME,))] = None
    keys: Annotated[tuple[int, ...] | None, Keyword("KEYS", ("KEY",), (number(1, 255), number(0, 32760)))] = None
    record_size: Annotated[
        tuple[int, ...] | None, Keyword("RECORDSIZE", ("RECSZ",), (number(1, HIGHEST), number(1, HIGHEST)))
    ] = None
    free_space: Annotated[
        tuple[int, ...] | None, Keyword("FREESPACE", ("FSPC",), (number(0, 100), number(0, 100)), least=1)
    ] = None
    buffer_space: BufferSpace = None
    spanned: Annotated[
        Literal["SPANNED", "NONSPANNED"] | None, Keyword("SPANNED", ("SPND",)), Keyword("NONSPANNED", ("NSPND",))
    ] = None
    erase: Erase = None
    loading: Annotated[Literal["SPEED", "RECOVERY"] | None, Keyword("SPEED"), Keyword("RECOVERY", ("RCVY",))] = None


class ClusterOperands(DataOperands):
    """CLUSTER(...)."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *DataOperands.ALSO,
        *CLASSES,
        *without_effect("LOG", "LOGSTREAMID", "FRLOG", "BWO", "RLSENABLE", "DATACLASS", "EATTR", "KEYLABEL"),
    )

    name: Annotated[str, Keyword("NAME", (), (NAME,))]
    organization: Annotated[
        Literal["INDEXED", "NONINDEXED", "NUMBERED", "LINEAR"],
        Keyword("INDEXED", ("IXD",)),
        Keyword("NONINDEXED", ("NIXD",)),
        Keyword("NUMBERED", ("NUMD",)),
        Keyword("LINEAR", ("LIN", "ZFS")),
    ] = "INDEXED"
    account: Account = None
    expiration: Expiration = None
    recatalog: Recatalog = "NORECATALOG"


class AlternateIndexOperands(DataOperands):
    """ALTERNATEINDEX(...)."""

    name: Annotated[str, Keyword("NAME", (), (NAME,))]
    base: Annotated[str, Keyword("RELATE", ("REL",), (NAME,))]
    unique: Annotated[
        Literal["UNIQUEKEY", "NONUNIQUEKEY"], Keyword("UNIQUEKEY", ("UNQK",)), Keyword("NONUNIQUEKEY", ("NUNQK",))
    ] = "NONUNIQUEKEY"
    upgrade: Annotated[
        Literal["UPGRADE", "NOUPGRADE"], Keyword("UPGRADE", ("UPG",)), Keyword("NOUPGRADE", ("NUPG",))
    ] = "UPGRADE"
    expiration: Expiration = None
    recatalog: Recatalog = "NORECATALOG"


class PathOperands(Operands):
    """PATH(...)."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (*PASSWORDS, *without_effect("FILE"))

    name: Annotated[str, Keyword("NAME", (), (NAME,))]
    over: Annotated[str, Keyword("PATHENTRY", ("PENT",), (NAME,))]
    update: Annotated[
        Literal["UPDATE", "NOUPDATE"] | None, Keyword("UPDATE", ("UPD",)), Keyword("NOUPDATE", ("NUPD",))
    ] = None
    owner: Annotated[str | None, Keyword("OWNER", (), (word(8),))] = None
    model: Model = None
    expiration: Expiration = None
    recatalog: Recatalog = "NORECATALOG"


class Define(Operands):
    """DEFINE CLUSTER(...) or ALTERNATEINDEX(...), with DATA(...) INDEX(...); or something without components."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *without_effect("CATALOG"),
        *(unsupported("PAGESPACE", "PGSPC"), unsupported("SPACE")),
    )

    target: Annotated[
        tuple[Literal["CLUSTER"], ClusterOperands]
        | tuple[Literal["ALTERNATEINDEX"], AlternateIndexOperands]
        | tuple[Literal["PATH"], PathOperands]
        | tuple[Literal["GENERATIONDATAGROUP"], GdgOperands]
        | tuple[Literal["NONVSAM"], NonVsamOperands]
        | tuple[Literal["ALIAS"], AliasOperands]
        | tuple[Literal["USERCATALOG"], UserCatalogOperands],
        Keyword("CLUSTER", ("CL",), parameters=ClusterOperands),
        Keyword("ALTERNATEINDEX", ("AIX",), parameters=AlternateIndexOperands),
        Keyword("PATH", (), parameters=PathOperands),
        Keyword("GENERATIONDATAGROUP", ("GDG",), parameters=GdgOperands),
        Keyword("NONVSAM", ("NVSAM",), parameters=NonVsamOperands),
        Keyword("ALIAS", (), parameters=AliasOperands),
        Keyword("USERCATALOG", ("UCAT", "MASTERCATALOG", "MCAT", "MRCAT"), parameters=UserCatalogOperands),
    ]
    data: Annotated[DataOperands | None, Keyword("DATA", (), parameters=DataOperands)] = None
    index: Annotated[IndexOperands | None, Keyword("INDEX", ("IX",), parameters=IndexOperands)] = None

    @model_validator(mode="after")
    def _components_of_something(self) -> Self:
        if self.target[0] not in ("CLUSTER", "ALTERNATEINDEX", "USERCATALOG") and (self.data or self.index):
            raise wrong_parameters(INCONSISTENT, "DATA" if self.data else "INDEX")
        return self

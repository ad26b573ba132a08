"""The operands of EXPORT, IMPORT and DIAGNOSE.

Source: z/OS DFSMS Access Method Services Commands; abbreviations also from MVS 3.8J command descriptors.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from ksds.idcams.catalog_operands import (
    DATA_SET,
    DDNAME,
    HIGHEST,
    INCONSISTENT,
    MISSING,
    NAME,
    Erase,
    Purge,
    wrong_parameters,
)
from ksds.idcams.grammar import Keyword, Operands, Positional, number, word
from ksds.idcams.without_effect import CLASSES, without_effect

Source = Annotated[
    tuple[Literal["INFILE", "INDATASET"], str] | None,
    Keyword("INFILE", ("IFILE",), (DDNAME,)),
    Keyword("INDATASET", ("IDS",), (DATA_SET,)),
]
Target = Annotated[
    tuple[Literal["OUTFILE", "OUTDATASET"], str] | None,
    Keyword("OUTFILE", ("OFILE",), (DDNAME,)),
    Keyword("OUTDATASET", ("ODS",), (DATA_SET,)),
]


class Export(Operands):
    """EXPORT cluster ..., or EXPORT usercatalog DISCONNECT."""

    ALSO: ClassVar[tuple[Keyword, ...]] = without_effect("CATALOG", "INFILE")

    entries: Annotated[tuple[str, ...], Positional(NAME, most=1)]
    target: Target = None
    disconnect: Annotated[Literal["DISCONNECT"] | None, Keyword("DISCONNECT", ("DCON",))] = None
    mode: Annotated[Literal["CIMODE", "RECORDMODE"] | None, Keyword("CIMODE"), Keyword("RECORDMODE")] = None
    erase: Erase = None
    inhibit_source: Annotated[
        Literal["INHIBITSOURCE", "NOINHIBITSOURCE"],
        Keyword("INHIBITSOURCE", ("INHS",)),
        Keyword("NOINHIBITSOURCE", ("NINHS",)),
    ] = "NOINHIBITSOURCE"
    inhibit_target: Annotated[
        Literal["INHIBITTARGET", "NOINHIBITTARGET"],
        Keyword("INHIBITTARGET", ("INHT",)),
        Keyword("NOINHIBITTARGET", ("NINHT",)),
    ] = "NOINHIBITTARGET"
    purge: Purge = "NOPURGE"
    kind: Annotated[
        Literal["TEMPORARY", "PERMANENT"], Keyword("TEMPORARY", ("TEMP",)), Keyword("PERMANENT", ("PERM",))
    ] = "PERMANENT"

    @model_validator(mode="after")
    def _where_to(self) -> Self:
        if self.disconnect is None and self.target is None:
            raise wrong_parameters(MISSING, "EXPORT")
        if self.disconnect and self.target:
            raise wrong_parameters(INCONSISTENT, "DISCONNECT")
        if self.inhibit_source == "INHIBITSOURCE" and self.kind == "PERMANENT":
            raise wrong_parameters(INCONSISTENT, "INHIBITSOURCE")
        return self


class ImportedObject(Operands):
    """One list of OBJECTS(...): an entry of the portable data set and what becomes of it here."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *CLASSES,
        *without_effect("FILE", "DEVICETYPES", "KEYRANGES", "ORDERED"),
    )

    entry: Annotated[tuple[str, ...], Positional(NAME, most=1)]
    new_name: Annotated[str | None, Keyword("NEWNAME", ("NEWNM",), (NAME,))] = None
    owner: Annotated[str | None, Keyword("OWNER", (), (word(8),))] = None
    volumes: Annotated[tuple[str, ...], Keyword("VOLUMES", ("VOLUME", "VOL"), (word(6),), most=59)] = ()


class Import(Operands):
    """IMPORT from a portable data set, or IMPORT CONNECT."""

    ALSO: ClassVar[tuple[Keyword, ...]] = without_effect(
        *("CATALOG", "ALIAS", "NOALIAS", "LOCK", "UNLOCK", "SAVRAC", "NOSAVRAC"),
    )

    connect: Annotated[Literal["CONNECT"] | None, Keyword("CONNECT", ("CON",))] = None
    source: Source = None
    target: Target = None
    objects: Annotated[
        tuple[ImportedObject, ...], Keyword("OBJECTS", ("OBJECT", "OBJ"), parameters=ImportedObject, repeated=True)
    ] = ()
    erase: Erase = None
    into_empty: Annotated[Literal["INTOEMPTY"] | None, Keyword("INTOEMPTY", ("IEMPTY",))] = None
    purge: Purge = "NOPURGE"

    @model_validator(mode="after")
    def _what_from_where(self) -> Self:
        if self.connect is None and (self.source is None or self.target is None):
            raise wrong_parameters(MISSING, "IMPORT")
        if self.connect and (self.source or self.target or self.into_empty):
            raise wrong_parameters(INCONSISTENT, "CONNECT")
        if self.connect and not self.objects:
            raise wrong_parameters(MISSING, "CONNECT")
        return self


class Diagnose(Operands):
    """DIAGNOSE ICFCATALOG or VVDS: there is one of each here."""

    ALSO: ClassVar[tuple[Keyword, ...]] = without_effect(
        *("COMPAREDD", "COMPAREDS", "DUMP", "NODUMP", "EXCLUDE", "INCLUDE", "INFILE", "INDATASET"),
    )

    what: Annotated[Literal["ICFCATALOG", "VVDS"], Keyword("ICFCATALOG", ("ICFCAT",)), Keyword("VVDS")]
    error_limit: Annotated[int, Keyword("ERRORLIMIT", ("ELIMIT",), (number(0, HIGHEST),))] = 16
    listed: Annotated[Literal["LIST", "NOLIST"], Keyword("LIST"), Keyword("NOLIST")] = "NOLIST"

"""The operands of ALLOCATE, which IDCAMS hands to TSO: a data set to be made, a ddname for it, or both.

Source: z/OS DFSMS Access Method Services Commands, ALLOCATE; TSO/E Command Reference.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from ksds.idcams.catalog_operands import DATA_SET, DDNAME, HIGHEST, INCONSISTENT, MISSING, NAME, wrong_parameters
from ksds.idcams.grammar import Keyword, Operands, choice, number, unsupported, word
from ksds.idcams.without_effect import CLASSES, without_effect

_QUANTITY = (number(0, 16_777_215), number(0, 16_777_215))


class Allocate(Operands):
    """ALLOCATE. What is only of a device, a class or buffers makes no difference here."""

    ALSO: ClassVar[tuple[Keyword, ...]] = (
        *CLASSES,
        *without_effect("DATACLASS", "EATTR", "UNIT", "VOLUMES", "BUFNO", "MAXVOL", "RELEASE", "ROUND", "REUSE"),
        *(unsupported("DELETE"), unsupported("UNCATALOG", "UNCAT"), unsupported("SYSOUT"), unsupported("PATH")),
    )

    data_sets: Annotated[tuple[str, ...], Keyword("DATASET", ("DSNAME", "DSN", "DA"), (DATA_SET,), most=255)] = ()
    ddname: Annotated[str | None, Keyword("FILE", ("FI", "F", "DDNAME", "DDN", "DD"), (DDNAME,))] = None
    status: Annotated[
        Literal["NEW", "OLD", "SHR", "MOD", "DUMMY"] | None,
        *(Keyword("NEW"), Keyword("OLD"), Keyword("SHR"), Keyword("MOD"), Keyword("DUMMY")),
    ] = None
    kept: Annotated[
        Literal["CATALOG", "KEEP"] | None, Keyword("CATALOG", ("CATLG", "CAT")), Keyword("KEEP", ("KEE",))
    ] = None
    space: Annotated[tuple[int, ...] | None, Keyword("SPACE", ("SP",), _QUANTITY, least=1)] = None
    unit: Annotated[
        Literal["TRACKS", "CYLINDERS"] | tuple[Literal["BLOCK", "AVBLOCK"], int] | None,
        Keyword("TRACKS", ("TRACK", "TRK", "TR")),
        Keyword("CYLINDERS", ("CYLINDER", "CYL", "CY")),
        Keyword("BLOCK", (), (number(1, 65_535),)),
        Keyword("AVBLOCK", (), (number(1, 65_535),)),
    ] = None
    multiple: Annotated[Literal["U", "K", "M"] | None, Keyword("AVGREC", (), (choice("U", "K", "M"),))] = None
    directory: Annotated[int | None, Keyword("DIR", (), (number(0, 16_777_215),))] = None
    dsorg: Annotated[Literal["PS", "PO"] | None, Keyword("DSORG", (), (choice("PS", "PO"),))] = None
    library: Annotated[Literal["LIBRARY", "PDS"] | None, Keyword("DSNTYPE", (), (choice("LIBRARY", "PDS"),))] = None
    recfm: Annotated[tuple[str, ...], Keyword("RECFM", (), (word(4),), most=4)] = ()
    lrecl: Annotated[int | None, Keyword("LRECL", (), (number(1, HIGHEST),))] = None
    blksize: Annotated[int | None, Keyword("BLKSIZE", (), (number(0, 32_760),))] = None
    organization: Annotated[
        Literal["KS", "ES", "RR", "LS"] | None, Keyword("RECORG", (), (choice("KS", "ES", "RR", "LS"),))
    ] = None
    key_length: Annotated[int, Keyword("KEYLEN", (), (number(1, 255),))] = 64
    key_offset: Annotated[int, Keyword("KEYOFF", (), (number(0, 32_760),))] = 0
    like: Annotated[str | None, Keyword("LIKE", (), (NAME,))] = None
    expiration: Annotated[
        tuple[Literal["EXPDT", "RETPD"], int] | None,
        Keyword("EXPDT", (), (number(1, 9_999_366),)),
        Keyword("RETPD", (), (number(0, 9999),)),
    ] = None

    @model_validator(mode="after")
    def _something_to_allocate(self) -> Self:
        if not self.data_sets and self.status != "DUMMY":
            raise wrong_parameters(MISSING, "ALLOCATE")
        if not self.ddname and self.status == "DUMMY":
            raise wrong_parameters(MISSING, "DUMMY")
        if len(self.data_sets) > 1 and self.status in ("NEW", "MOD"):
            raise wrong_parameters(INCONSISTENT, str(self.status))
        return self

"""PATH, PATHOPTS, PATHDISP, PATHMODE and FILEDATA of a DD statement: what their values may be.

Source: z/OS MVS JCL Reference, these parameters.
"""

from __future__ import annotations

from dtf.jcl.diagnostics import JclSyntaxError
from dtf.jcl.operands import Operand, items_of, text_of

MAXIMUM_PATH = 255
_OPTIONS = frozenset(
    {"ORDONLY", "OWRONLY", "ORDWR", "OAPPEND", "OCREAT", "OEXCL", "ONOCTTY", "ONONBLOCK", "OSYNC", "OTRUNC"}
)
_FATES = frozenset({"KEEP", "DELETE"})
_FILE_DATA = frozenset({"TEXT", "BINARY", "RECORD"})
DEFAULT_MODE = 0o644
_MODES = {
    **{"SIRUSR": 0o400, "SIWUSR": 0o200, "SIXUSR": 0o100, "SIRWXU": 0o700},
    **{"SIRGRP": 0o040, "SIWGRP": 0o020, "SIXGRP": 0o010, "SIRWXG": 0o070},
    **{"SIROTH": 0o004, "SIWOTH": 0o002, "SIXOTH": 0o001, "SIRWXO": 0o007},
}
_WITHOUT_EFFECT = frozenset({"SISUID", "SISGID"})


def check_path(text: str, operand: Operand) -> None:
    """PATH='/absolute/name'. Raises JclSyntaxError, as all of these."""
    if not text.startswith("/") or len(text) > MAXIMUM_PATH:
        raise JclSyntaxError("DTX419E", f"PATH={text[:20]} IS NOT AN ABSOLUTE PATH", operand.at)


def path_options(value: Operand) -> frozenset[str]:
    """PATHOPTS=(option,...)."""
    options = frozenset(text_of(item) for item in items_of(value))
    for unknown in sorted(options - _OPTIONS):
        raise JclSyntaxError("DTX419E", f"PATHOPTS={unknown[:12]} IS NO FILE OPTION", value.at)
    return options


def path_fates(value: Operand) -> tuple[str, str]:
    """PATHDISP=(normal,abnormal): KEEP where nothing is coded, one value counts for both."""
    words = [text_of(item) or "KEEP" for item in items_of(value)] or ["KEEP"]
    if len(words) > 2 or not set(words) <= _FATES:
        raise JclSyntaxError("DTX419E", f"PATHDISP={text_of(value)[:20]} IS NOT KEEP OR DELETE", value.at)
    return words[0], words[-1]


def path_mode(value: Operand) -> int:
    """PATHMODE=(SIRUSR,SIWUSR,...) as permission bits; set-id bits are never given."""
    mode = 0
    for item in items_of(value):
        word = text_of(item)
        if word not in _MODES and word not in _WITHOUT_EFFECT:
            raise JclSyntaxError("DTX419E", f"PATHMODE={word[:12]} IS NO FILE MODE", value.at)
        mode |= _MODES.get(word, 0)
    return mode


def file_data(value: Operand) -> str:
    """FILEDATA=TEXT, BINARY or RECORD."""
    text = text_of(value)
    if text not in _FILE_DATA:
        raise JclSyntaxError("DTX419E", f"FILEDATA={text[:8]} IS NOT TEXT, BINARY OR RECORD", value.at)
    return text

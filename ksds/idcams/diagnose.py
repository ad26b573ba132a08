"""DIAGNOSE: the catalog's entries against each other and against the volume; VVDS: what the volume has beyond them.

Source: z/OS DFSMS Managing Catalogs, "Analyzing a Catalog for Synchronization Errors" (classes of messages).
"""

from __future__ import annotations

from ksds.catalog.entries import Entry, IndexableEntry, NonVsamEntry
from ksds.idcams.export_operands import Diagnose
from ksds.idcams.invocation import Invocation

_ERRORS = 8
_INDENT = " " * 10


def diagnose(invocation: Invocation, command: Diagnose) -> int:
    """List what is wrong; 8 if anything is."""
    listing = invocation.listing
    sound: list[Entry] = []
    wrong: list[tuple[str, tuple[str, ...]]]
    if command.what == "VVDS":
        reason = ("NO ENTRY OF THE CATALOG NAMES IT",)
        wrong = [(name, reason) for name in invocation.system.diagnosis.left_over()]
        sound = [one for one in invocation.system.entries() if isinstance(one, IndexableEntry | NonVsamEntry)]
    else:
        found = invocation.system.diagnosis.entries()
        sound = [one.entry for one in found if not one.errors]
        wrong = [(f"{one.entry.name} ({one.entry.letter})", one.errors) for one in found if one.errors]
    shown = 0
    for name, errors in wrong:
        for error in errors:
            shown += 1
            if shown <= command.error_limit:
                listing.message("IDC21364I")
                listing.line(f"{_INDENT}ENTRY: {name}")
                listing.line(f"{_INDENT}REASON: {error}")
    if wrong:
        listing.message("IDC21363I")
        for name, _ in wrong:
            listing.line(f"{_INDENT}{name}")
    if command.listed == "LIST":
        listing.message("IDC01360I")
        for entry in sound:
            listing.line(f"{_INDENT}{entry.name} ({entry.letter})")
    return _ERRORS if wrong else 0

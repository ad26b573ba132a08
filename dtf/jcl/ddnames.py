"""DDNAME=: a DD statement that becomes what a later DD of its step is.

Of a concatenation only the first goes to the DDNAME=; the others go behind the DD that stands before the one named.
Source: z/OS MVS JCL Reference, "References to concatenated data sets", DDNAME parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from dtf.jcl.job import DdKind, DdPart

CONCATENABLE = frozenset({DdKind.DATA_SET, DdKind.TEMPORARY, DdKind.DUMMY, DdKind.INSTREAM, DdKind.PATH})


def resolve_ddnames(dds: dict[str, list[DdPart]], warn: Callable[[str], None]) -> None:
    """Put the DDs of a step where DDNAME= wants them; one that the step lacks is a dummy, with a warning."""
    for name, parts in list(dds.items()):
        resolved: list[DdPart] = []
        for part in parts:
            if part.kind is not DdKind.DEFERRED:
                resolved.append(part)
                continue
            before = _before(dds, part.later)
            later = dds.pop(part.later, None) if part.later != name else None
            if later is None:
                warn(f"DDNAME={part.later} OF {name} IS NOT IN THE STEP, IT IS A DUMMY")
                later = [replace(part, kind=DdKind.DUMMY)]
            if before == name or {other.kind for other in dds.get(before, ())} - CONCATENABLE:
                resolved += later
            else:
                resolved.append(later[0])
                dds.get(before, resolved).extend(later[1:])
        if name in dds:
            dds[name] = resolved


def _before(dds: Mapping[str, list[DdPart]], name: str) -> str:
    """The ddname in front of this one, or empty."""
    names = list(dds)
    return names[names.index(name) - 1] if name in names[1:] else ""

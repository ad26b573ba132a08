"""PARSESS and CLASS: which session to a partner a Process may have.

A partner's entry allows `sessions` sessions at a time, numbered from 1. A Process of class c runs on session c or a
higher one: low classes find more sessions, so they carry what is urgent (connect-direct.md 1.3). Which of several
free ones it takes, and what a class above the number of sessions means, are ours: the lowest, and the highest.
"""

from __future__ import annotations

from collections.abc import Container

from dtf.netmap import AdjacentNode


def session_class(coded: int | None, partner: AdjacentNode) -> int:
    """The class of a Process that codes this one, or none."""
    return coded or partner.default_class or 1


def free_session(class_: int, partner: AdjacentNode, taken: Container[int]) -> int | None:
    """The session that a Process of this class takes, or None while all of its sessions are busy."""
    lowest = min(class_, partner.sessions)
    return next((n for n in range(lowest, partner.sessions + 1) if n not in taken), None)

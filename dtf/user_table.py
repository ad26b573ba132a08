"""Who of a partner's users may do what here: lines of the sequential data set DTF.USERS.

    NODE=LON USER=PAYROLL LOCAL=PAYUSER UPLOAD=(PAY.*,BR.*) DOWNLOAD=PAY.*
    NODE=LON USER=* UPLOAD=IN.* RUN=YES SUBMIT=YES

A user is the one of FMH72: SNODEID of the Process, or else its submitter. The first line whose NODE and USER fit (a
trailing asterisk stands for any ending) is his profile; LOCAL is his name in the statistics, his own unless given.
UPLOAD names what he may write here, DOWNLOAD what he may read, RUN=YES allows him RUN TASK and RUN JOB, SUBMIT=YES
SUBMIT. What is not given is not allowed. Without the data set every user of every partner may do everything that the
node itself allows. A line that begins with an asterisk is a comment.

The roles are those of the product's user file, which maps remote users to local ones with rights of their own; the form
is ours. No password is asked for: a partner is known by its certificate, and answers for its users.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dtf.errors import NodeError, StepError
from ksds.codepage import code_page
from ksds.errors import DataSetNotFound
from ksds.system import System

NAME = "DTF.USERS"
_ITEM = re.compile(r"([A-Z]+)=(\([^()=]*\)|[^\s()=]+)")
_KEYS = ("NODE", "USER", "LOCAL", "UPLOAD", "DOWNLOAD", "RUN", "SUBMIT")


class UserTableError(NodeError):
    """A line of DTF.USERS is not one; the DTF does not start with it."""

    default_id = "DTX373E"


class NotAllowed(StepError):
    """The user's profile does not allow it."""

    default_id = "DTX313E"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One line: names with a trailing asterisk are beginnings."""

    node: str
    user: str
    local: str = ""
    upload: tuple[str, ...] = ()
    download: tuple[str, ...] = ()
    run: bool = False
    submit: bool = False

    def check_copy(self, name: str, *, writing: bool) -> None:
        """Raises NotAllowed unless `name` may be written, or read."""
        allowed = self.upload if writing else self.download
        if not any(_fits(name.upper(), pattern) for pattern in allowed):
            raise NotAllowed(f"{name[:60]} may not be {'written' if writing else 'read'} by {self.user} of {self.node}")

    def check_run(self, kind: str) -> None:
        """`kind` T, J or S as in RunRequest. Raises NotAllowed."""
        if not (self.submit if kind == "S" else self.run):
            raise NotAllowed(f"{'SUBMIT' if kind == 'S' else 'RUN'} is not allowed to {self.user} of {self.node}")


ANYBODY = Profile(node="*", user="*", upload=("*",), download=("*",), run=True, submit=True)


@dataclass(frozen=True, slots=True)
class UserTable:
    """The profiles in their order; None: there is no table."""

    profiles: tuple[Profile, ...] | None = None

    def profile(self, node: str, user: str) -> Profile | None:
        """What `user` of `node` may do; None if nobody knows him."""
        if self.profiles is None:
            return ANYBODY
        return next((p for p in self.profiles if _fits(node, p.node) and _fits(user.upper(), p.user)), None)


def read(system: System) -> UserTable:
    """What DTF.USERS says. Raises UserTableError."""
    decode = code_page().decode
    try:
        lines = [decode(record).strip().upper() for record in system.records(NAME)]
    except DataSetNotFound:
        return UserTable()
    return UserTable(tuple(_profile(line) for line in lines if line and not line.startswith("*")))


def _profile(line: str) -> Profile:
    items = dict(_ITEM.findall(line))
    if _ITEM.sub("", line).strip() or set(items) - set(_KEYS) or not {"NODE", "USER"} <= set(items):
        raise UserTableError(f"{line[:60]!r} is not NODE= USER= [LOCAL=] [UPLOAD=] [DOWNLOAD=] [RUN=YES] [SUBMIT=YES]")
    return Profile(
        node=items["NODE"],
        user=items["USER"],
        local=items.get("LOCAL", ""),
        upload=_names(items.get("UPLOAD", "")),
        download=_names(items.get("DOWNLOAD", "")),
        run=items.get("RUN", "NO") == "YES",
        submit=items.get("SUBMIT", "NO") == "YES",
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.strip("()").split(",") if name.strip())


def _fits(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern

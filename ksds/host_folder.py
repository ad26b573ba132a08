"""A folder of the host outside the system, opened step by step below a root that somebody trusts.

The root may be reached over links: whoever names it is believed. Below it every step is opened by its descriptor and
links are refused, as are files that are no regular files or have a second name; so no text leads out of the root,
not even while somebody moves directories about.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ksds.storage.device import FileDevice, FileFolder

__all__ = ["FileDevice", "FileFolder", "open_below"]


def open_below(root: Path, names: Sequence[str]) -> FileFolder:
    """The folder that `names` lead to from `root`. Raises OSError, also for a link on the way."""
    folder = FileFolder(root)
    for name in names:
        try:
            deeper = folder.inside(name)
        finally:
            folder.close()
        folder = deeper
    return folder

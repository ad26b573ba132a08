"""The checksums of a sphere's control intervals, in memory and in the side file.

In memory an entry is as new as the newest image of its control interval, journal included. In the side
file it changes only at a checkpoint, together with the homes; `ksds.storage.pager` journals the pages first,
so that a torn page is healed like a torn control interval.
"""

from __future__ import annotations

from array import array

from ksds.layout import checksum_page
from ksds.storage.device import Device

PER_PAGE = checksum_page.PER_PAGE


class Checksums:
    """One CRC-32C for each control interval of one component; `damaged` are pages that could not be read."""

    def __init__(self, component: int) -> None:
        self._component = component
        self._values = array("I")
        self._dirty: set[int] = set()
        self.damaged: set[int] = set()

    def load(self, device: Device, used: int) -> None:
        """Read the pages that cover `used` control intervals. A damaged page is remembered, not raised."""
        self._values = array("I")
        self._dirty.clear()
        self.damaged.clear()
        for page in range(-(-used // PER_PAGE)):
            offset = checksum_page.page_offset(self._component, page)
            self.restore(page, device.read(offset, checksum_page.PAGE_BYTES).ljust(checksum_page.PAGE_BYTES, b"\0"))

    def restore(self, page: int, data: bytes) -> None:
        """Take a whole page, from the side file or from the journal."""
        values = checksum_page.parse(data, self._component, page)
        self.damaged.discard(page)
        if values is None:
            self.damaged.add(page)
            values = array("I", bytes(4 * PER_PAGE))
        self._grow((page + 1) * PER_PAGE)
        self._values[page * PER_PAGE : (page + 1) * PER_PAGE] = values

    def _grow(self, count: int) -> None:
        missing = count - len(self._values)
        if missing > 0:
            self._values.extend(array("I", bytes(4 * missing)))

    def __getitem__(self, number: int) -> int:
        return self._values[number]

    def __setitem__(self, number: int, value: int) -> None:
        if number >= len(self._values):
            self._grow((number // PER_PAGE + 1) * PER_PAGE)
        self._values[number] = value
        self._dirty.add(number // PER_PAGE)

    def dirty_pages(self) -> list[tuple[int, bytes]]:
        """(page, its 4096 bytes) of every page that the side file does not hold yet."""
        return [(page, self._page(page)) for page in sorted(self._dirty)]

    def _page(self, page: int) -> bytes:
        return checksum_page.build(self._component, page, self._values[page * PER_PAGE : (page + 1) * PER_PAGE])

    def written(self) -> None:
        """The dirty pages are in the side file."""
        self._dirty.clear()

"""What DEFINE CLUSTER fixed for good: the shape of a cluster's records, keys and space.

Values here are already derived and checked (`ksds.cluster.space` does the arithmetic); this class only
refuses combinations that no cluster could have.

Source: z/OS DFSMS Access Method Services Commands, DEFINE CLUSTER; Using Data Sets, "Optimizing Control Interval Size".
"""

from __future__ import annotations

from dataclasses import dataclass

from ksds.layout import index_record, segment

MAXIMUM_KEY_LENGTH = 255
ORGANIZATIONS = ("INDEXED", "NONINDEXED", "NUMBERED", "LINEAR")
SPANNING = ("INDEXED", "NONINDEXED")
"""Organizations whose records may span control intervals."""
NUMBER_LENGTH = 4
"""Bytes of the record number that a variable-length relative-record data set keeps before each record."""
LINEAR_UNIT = 4096
"""The CISIZE of a linear data set is a multiple of this."""


def is_ci_size(size: int) -> bool:
    """True for 512..8192 in steps of 512 and 8192..32768 in steps of 2048."""
    if 512 <= size <= 8192:
        return size % 512 == 0
    return 8192 < size <= 32768 and size % 2048 == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterDefinition:
    """A cluster's fixed attributes. Sizes in bytes, space in `space_unit`s, CA = control area.

    `buffer_space` and what follows it make no difference here: LISTCAT shows them. A buffer space of 0 is the default.

    Raises ValueError for attributes that contradict each other.
    """

    name: str
    organization: str = "INDEXED"
    key_length: int = 0
    key_offset: int = 0
    average_record: int
    maximum_record: int
    ci_size: int
    index_ci_size: int = 0
    cis_per_ca: int
    space_unit: str = "TRACK"
    primary: int = 1
    secondary: int = 1
    ca_tracks: int = 1
    free_ci_percent: int = 0
    free_ca_percent: int = 0
    cross_region: int = 1
    cross_system: int = 3
    reuse: bool = False
    spanned: bool = False
    speed: bool = False
    erase: bool = False
    no_ca_reclaim: bool = False
    data_name: str = ""
    index_name: str = ""
    buffer_space: int = 0
    write_check: bool = False
    index_write_check: bool = False
    exception_exit: str = ""
    index_exception_exit: str = ""
    account: str = ""

    def __post_init__(self) -> None:
        if self.organization not in ORGANIZATIONS:
            raise ValueError(f"organization {self.organization} is not one of {', '.join(ORGANIZATIONS)}")
        if not is_ci_size(self.ci_size):
            raise ValueError(f"CISIZE {self.ci_size} is not 512..8192 by 512 or ..32768 by 2048")
        if self.cis_per_ca < 1:
            raise ValueError("a control area needs at least one control interval")
        if not 0 <= self.free_ci_percent <= 100 or not 0 <= self.free_ca_percent <= 100:
            raise ValueError("FREESPACE percentages are 0..100")
        prefix = NUMBER_LENGTH if self.is_variable else 0
        if not self.spanned and self.organization != "LINEAR" and self.maximum_record + prefix > self.ci_size - 7:
            raise ValueError(f"RECORDSIZE {self.maximum_record} does not fit a CI of {self.ci_size}")
        if self.organization == "LINEAR" and self.ci_size % LINEAR_UNIT:
            raise ValueError(f"CISIZE {self.ci_size} of a linear data set is not a multiple of {LINEAR_UNIT}")
        if self.spanned:
            self._check_spanned()
        if self.organization == "INDEXED":
            self._check_key()
        if self.is_variable and (self.key_length, self.key_offset) != (NUMBER_LENGTH, 0):
            raise ValueError(f"KEYS({self.key_length} {self.key_offset}) are not those of record numbers")

    def _check_spanned(self) -> None:
        each = segment.capacity(self.ci_size)
        if self.organization not in SPANNING:
            raise ValueError(f"records of a {self.organization} cluster cannot be SPANNED")
        if self.maximum_record > each * self.cis_per_ca:
            raise ValueError(f"RECORDSIZE {self.maximum_record} does not fit {self.cis_per_ca} segments of {each}")
        if self.organization == "INDEXED":
            if self.key_end > each:
                raise ValueError(f"KEYS({self.key_length} {self.key_offset}) do not lie in a first segment of {each}")
            needed = index_record.bytes_for_run(self.cis_per_ca, self.key_length)
            if needed > self.index_ci_size:
                raise ValueError(f"index CISIZE {self.index_ci_size} cannot address a record of a whole control area")

    def _check_key(self) -> None:
        if not 1 <= self.key_length <= MAXIMUM_KEY_LENGTH:
            raise ValueError(f"KEYS length {self.key_length} is not 1..{MAXIMUM_KEY_LENGTH}")
        if self.key_offset < 0 or self.key_end > self.maximum_record:
            raise ValueError(f"KEYS({self.key_length} {self.key_offset}) do not fit RECORDSIZE {self.maximum_record}")
        if not is_ci_size(self.index_ci_size):
            raise ValueError(f"index CISIZE {self.index_ci_size} is not valid")

    @property
    def is_variable(self) -> bool:
        """True for a variable-length relative-record data set: numbered, with an index."""
        return self.organization == "NUMBERED" and self.index_ci_size > 0

    @property
    def key_end(self) -> int:
        """Offset of the first byte after the key: the shortest record's length."""
        return self.key_offset + self.key_length

    @property
    def least_buffer_space(self) -> int:
        """Two data control intervals and one of the index: what BUFFERSPACE is at least, and by default."""
        return 2 * self.ci_size + self.index_ci_size

    @property
    def page_bytes(self) -> int:
        """The most that one page in memory holds: a control interval, or all of a spanned record."""
        return max(self.ci_size, self.maximum_record)

    @property
    def ca_bytes(self) -> int:
        """Bytes of one control area of the data component."""
        return self.ci_size * self.cis_per_ca

    @property
    def ci_load_limit(self) -> int:
        """Bytes of a CI that load may use: CISIZE less its FREESPACE share, fraction dropped."""
        return self.ci_size - self.ci_size * self.free_ci_percent // 100

    @property
    def ca_load_limit(self) -> int:
        """CIs of a control area that load may use, at least one."""
        return max(1, self.cis_per_ca - self.cis_per_ca * self.free_ca_percent // 100)

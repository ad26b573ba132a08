"""What a node has on its own system: name, partners, statistics log, clock, console; and the making of its files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from dtf import netmap, statistics_log, transmission_queue
from dtf.copying import checkpoint_file
from dtf.copying.progress import Observer
from dtf.errors import NodeError
from dtf.netmap import FOLDER, AdjacentNode, Netmap, NetmapError, node_name
from dtf.statistics_log import Statistic, StatisticsLog
from ksds import idcams
from ksds.system import System

BUFFER_BYTES = 256 * 1024


def install(system: System, now: float) -> None:
    """Define the DTF's own clusters that are not there yet, and name the local node after the system."""
    moment = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
    for module, name in (
        (checkpoint_file, checkpoint_file.NAME),
        (netmap, netmap.NAME),
        (transmission_queue, transmission_queue.NAME),
        (statistics_log, statistics_log.INDEX),
    ):
        if not system.exists(name):
            result = idcams.run(system, module.DEFINE, now=moment)
            if not system.exists(name):
                raise NodeError(f"{name} cannot be defined, IDCAMS ended with {result.max_cc}", condition_code=12)
    with Netmap(system) as nodes:
        named = nodes.local
    if not named:
        with Netmap(system, "w") as nodes:
            nodes.name_local(system.name)


class LocalNode:
    """The node of `system`, open. Its clock is the given one plus what was jumped over. Close it."""

    def __init__(
        self, system: System, clock: Callable[[], float], log: Callable[[str], None], observer: Observer
    ) -> None:
        install(system, clock())
        self.system = system
        self.observer = observer
        self.log = log
        self._clock = clock
        self._skipped = 0.0
        with Netmap(system) as nodes:
            self.name = nodes.local
            self.partners = {node.name: node for node in nodes.nodes()}
        self.statistics = StatisticsLog(system, "w")

    def close(self) -> None:
        self.statistics.close()

    def clock(self) -> float:
        """Seconds since 1970."""
        return self._clock() + self._skipped

    def now_ns(self) -> int:
        return int(self.clock() * 1_000_000_000)

    def jump_to(self, moment: float) -> None:
        """Make `clock` say at least `moment`: waiting without sleeping."""
        self._skipped += max(0.0, moment - self.clock())

    def record(self, kind: str, number: int, name: str, **fields: object) -> None:
        """Add a statistics record of a Process; empty fields are left out."""
        texts = {key: str(value) for key, value in fields.items() if value != ""}
        self.statistics.write(Statistic(kind=kind, when=self.now_ns(), number=number, name=name, fields=texts))

    def partner(self, name: str) -> AdjacentNode:
        """The netmap's entry, or this node itself. Raises NetmapError."""
        wanted = node_name(name)
        if wanted == self.name:
            return AdjacentNode(wanted, FOLDER, str(self.system.folder))
        try:
            return self.partners[wanted]
        except KeyError:
            raise NetmapError(f"node {wanted} is not in the netmap") from None

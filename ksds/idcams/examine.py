"""EXAMINE and VERIFY: is a cluster sound, and does the catalog's end of data match it?

EXAMINE reads every control interval of the parts asked for. A damaged index ends it before the data, unless NOINDEXTEST
was coded. VERIFY opens the cluster for output and closes it, which completes whatever a crash interrupted.

Source: z/OS DFSMS Access Method Services Commands; Managing Catalogs, "EXAMINE" (classes of messages).
"""

from __future__ import annotations

from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.variable_record import VariableRelativeRecord
from ksds.cluster.verify import Finding
from ksds.cluster.verify import verify as findings_of
from ksds.idcams.commands import Examine, Verify
from ksds.idcams.invocation import Invocation, Refusal, acting, opening


def verify(invocation: Invocation, command: Verify) -> int:
    """Open for output, which recovers, and close."""
    word, name = command.source
    if word == "FILE":
        dd = invocation.dd(name)
        if len(dd.data_sets) != 1:
            raise Refusal(("IDC3300I", name), ("IDC3318I",))
        name = dd.data_sets[0]
    with opening(name):
        if invocation.system.entry(name).type == "NONVSAM":
            raise Refusal(("IDC3300I", name), ("IDC3322I",))
        cluster = invocation.system.cluster(name, "w")
    with acting(name):
        cluster.close()
    return 0


def examine(invocation: Invocation, command: Examine) -> int:
    """Test index and data as asked; 8 if anything is damaged, 4 if something is only odd."""
    with opening(command.name):
        cluster = invocation.system.cluster(command.name)
    with cluster, acting(command.name):
        if isinstance(cluster, VariableRelativeRecord):
            cluster = cluster.keyed
        if not isinstance(cluster, KeySequenced):
            raise Refusal(("KSD303E", f"{command.name} IS NOT KEY-SEQUENCED; EXAMINE HAS NOTHING TO TEST"))
        code = 0
        if command.index_test == "INDEXTEST":
            code = _test(invocation, command, "INDEX", findings_of(cluster, data=False))
        if command.data_test == "DATATEST" and code < 8:
            found = [finding for finding in findings_of(cluster) if finding.component == "data"]
            code = max(code, _test(invocation, command, "DATA", found))
            if not found:
                _print_statistics(invocation, cluster)
        return code


def _test(invocation: Invocation, command: Examine, component: str, findings: list[Finding]) -> int:
    message = invocation.listing.message
    message("IDC01700I" if component == "INDEX" else "IDC01701I")
    for finding in findings[: command.error_limit]:
        message("KSD305E", finding.component.upper(), finding.ci, finding.message)
    if not findings:
        message("IDC01724I" if component == "INDEX" else "IDC01709I")
        return 0
    message("KSD306E", f"{component}TEST", len(findings))
    return max(finding.severity for finding in findings)


def _print_statistics(invocation: Invocation, cluster: KeySequenced) -> None:
    message = invocation.listing.message
    statistics, size = cluster.statistics, cluster.definition.ci_size
    used = statistics.high_used_rba // size
    free = statistics.free_space_bytes // size - (statistics.high_allocated_rba - statistics.high_used_rba) // size
    longest = max((len(record) for record in cluster.browse()), default=0)
    message("IDC01708I", used)
    message("IDC01710I", statistics.records)
    message("IDC01711I", free)
    message("IDC01712I", longest)
    message("IDC01722I", 100 * free // used if used else 0)

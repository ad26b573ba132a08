"""EXAMINE and VERIFY: is a cluster sound, and does the catalog's end of data match it?

EXAMINE reads every control interval of the parts asked for. A damaged index ends it before the data, unless NOINDEXTEST
was coded. A finding is IBM's message where its text is known, then our line that says where and what. VERIFY opens the
cluster for output, which completes whatever a crash interrupted, and checks what is there then, of any organization.

Source: z/OS DFSMS Access Method Services Commands; Managing Catalogs, "EXAMINE" (classes of messages).
"""

from __future__ import annotations

from collections.abc import Iterator

from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.findings import MAJOR, Finding, highest
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.organizations import Cluster
from ksds.cluster.verify import check
from ksds.idcams.commands import Examine, Verify
from ksds.idcams.invocation import Invocation, Refusal, acting, opening
from ksds.layout.control_interval import decode


def verify(invocation: Invocation, command: Verify) -> int:
    """Open for output, which recovers, check and close; 8 if anything is damaged, 4 if something is only odd."""
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
    with cluster, acting(name):
        findings = cluster.verify()
    _report(invocation, findings)
    if findings:
        invocation.listing.message("KSD306E", "VERIFY", len(findings))
    return highest(findings)


def examine(invocation: Invocation, command: Examine) -> int:
    """Test index and data as asked; 8 if anything is damaged, 4 if something is only odd."""
    with opening(command.name):
        cluster = invocation.system.cluster(command.name)
    with cluster, acting(command.name):
        if not cluster.definition.index_ci_size:
            what = f"{command.name} IS NOT KEY-SEQUENCED OR VARIABLE-LENGTH RELATIVE-RECORD"
            raise Refusal(("KSD303E", f"{what}; EXAMINE HAS NOTHING TO TEST"))
        image, code = cluster.image(), 0
        if command.index_test == "INDEXTEST":
            code = _test(invocation, command, "INDEX", check(image, data=False))
        if command.data_test == "DATATEST" and code < MAJOR:
            found = [finding for finding in check(image, index=False) if finding.component == "data"]
            code = max(code, _test(invocation, command, "DATA", found))
            if not found:
                _print_statistics(invocation, cluster, image)
        return code


def _test(invocation: Invocation, command: Examine, component: str, findings: list[Finding]) -> int:
    message = invocation.listing.message
    message("IDC01700I" if component == "INDEX" else "IDC01701I")
    _report(invocation, findings[: command.error_limit])
    if findings:
        message("KSD306E", f"{component}TEST", len(findings))
    else:
        message("IDC01724I" if component == "INDEX" else "IDC01709I")
    return highest(findings)


def _report(invocation: Invocation, findings: list[Finding]) -> None:
    for finding in findings:
        if finding.message_id:
            invocation.listing.message(finding.message_id)
        invocation.listing.message("KSD305E", finding.component.upper(), finding.ci, finding.message)


def _print_statistics(invocation: Invocation, cluster: Cluster, image: ClusterImage) -> None:
    message = invocation.listing.message
    intervals = [decode(image.read("data", number)) for number in range(image.data_cis)]
    free = sum(not interval.records for interval in intervals)
    records: Iterator[bytes] = (record for interval in intervals for record in interval.records)
    if image.definition.spanned and isinstance(cluster, KeySequenced):
        records = cluster.browse()
    longest = max(map(len, records), default=image.prefix)
    message("IDC01708I", image.data_cis)
    message("IDC01710I", cluster.statistics.records)
    message("IDC01711I", free)
    message("IDC01712I", longest - image.prefix)
    message("IDC01722I", 100 * free // image.data_cis if image.data_cis else 0)

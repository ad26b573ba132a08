"""EXAMINE and VERIFY: is a cluster sound, and does the catalog's end of data match it?

EXAMINE reads every control interval of the parts asked for, for data the sequence set too. A damaged index ends
it before the data, unless NOINDEXTEST was coded. A finding is IBM's message where its text is known, then our line that
says where and what; an index CI with findings is shown in hexadecimal behind the first. VERIFY opens the cluster for
output, which completes whatever a crash interrupted (the catalog for input), and checks what is there then, of any
organization.

Source: z/OS DFSMS Access Method Services Commands; Managing Catalogs, "EXAMINE" (classes of messages).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ksds.catalog.entries import ComponentEntry, IndexableEntry, PathEntry
from ksds.cluster.cluster_image import ClusterImage
from ksds.cluster.findings import MAJOR, Finding, highest
from ksds.cluster.key_sequenced import KeySequenced
from ksds.cluster.organizations import Cluster
from ksds.cluster.verify import check
from ksds.cluster.verify_data import as_built
from ksds.errors import Damaged
from ksds.idcams.commands import Examine, Verify
from ksds.idcams.invocation import Invocation, Refusal, acting, opening
from ksds.idcams.print_records import record_lines
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
        mode = "r" if name == invocation.system.catalog.name else "w"
        cluster = invocation.system.cluster(_meant(invocation, name), mode)
    with cluster, acting(name):
        findings = cluster.verify()
    _report(invocation, findings)
    if findings:
        invocation.listing.message("KSD306E", "VERIFY", len(findings))
    return highest(findings)


def _meant(invocation: Invocation, name: str) -> str:
    """The cluster or alternate index meant by its own name, a component's or a path's. Raises Refusal (IDC3322I)."""
    entry = invocation.system.entry(name)
    if isinstance(entry, ComponentEntry):
        return entry.cluster.name
    if isinstance(entry, PathEntry):
        return entry.over
    if not isinstance(entry, IndexableEntry):
        raise Refusal(("IDC3300I", name), ("IDC3322I",))
    return name


def examine(invocation: Invocation, command: Examine) -> int:
    """Test index and data as asked; 8 if anything is damaged, 4 if something is only odd."""
    with opening(command.name):
        cluster = invocation.system.cluster(_meant(invocation, command.name))
    with cluster, acting(command.name):
        if not cluster.definition.index_ci_size:
            what = f"{command.name} IS NOT KEY-SEQUENCED OR VARIABLE-LENGTH RELATIVE-RECORD"
            raise Refusal(("KSD303E", f"{what}; EXAMINE HAS NOTHING TO TEST"))
        image, code, known = cluster.image(), 0, list[Finding]()
        if command.index_test == "INDEXTEST":
            known = check(image, data=False)
            code = _test(invocation, command, image, "INDEX", known)
        if command.data_test == "DATATEST" and code < MAJOR:
            found = [one for one in check(image) if one.component == "data" and one not in known]
            code = max(code, _test(invocation, command, image, "DATA", found))
            if not found:
                _print_statistics(invocation, cluster, image)
        return code


def _test(
    invocation: Invocation, command: Examine, image: ClusterImage, component: str, findings: list[Finding]
) -> int:
    message = invocation.listing.message
    message("IDC01700I" if component == "INDEX" else "IDC01701I")
    shown: set[int] = set()
    for finding in findings[: command.error_limit]:
        _report(invocation, [finding])
        if finding.component == "index" and finding.ci not in shown:
            shown.add(finding.ci)
            _display(invocation, image, finding.ci)
    if findings:
        message("KSD306E", f"{component}TEST", len(findings))
    else:
        message("IDC01724I" if component == "INDEX" else "IDC01709I")
    return highest(findings)


def _report(invocation: Invocation, findings: list[Finding]) -> None:
    for finding in findings:
        if finding.message_id:
            invocation.listing.message(finding.message_id)
        invocation.listing.message("KSD305E", finding.component.upper(), finding.ci, finding.message.upper())


def _display(invocation: Invocation, image: ClusterImage, number: int) -> None:
    """An index CI as it stands, trusted or not."""
    try:
        ci = image.read("index", number)
    except Damaged as error:
        ci = error.image
    except IndexError:
        return
    invocation.listing.message("IDC01720I", number * image.definition.index_ci_size)
    for line in record_lines(ci, "DUMP"):
        invocation.listing.line(line)


def _print_statistics(invocation: Invocation, cluster: Cluster, image: ClusterImage) -> None:
    message = invocation.listing.message
    read = (image.read("data", number) for number in range(image.data_cis))
    intervals = [as_built(ci) or decode(ci).records for ci in read]
    free = sum(not records for records in intervals)
    records: Iterator[bytes] = chain.from_iterable(intervals)
    if image.definition.spanned and isinstance(cluster, KeySequenced):
        records = cluster.browse()
    longest = max(map(len, records), default=image.prefix)
    message("IDC01708I", image.data_cis)
    message("IDC01710I", cluster.statistics.records)
    message("IDC01711I", free)
    message("IDC01712I", longest - image.prefix)
    message("IDC01722I", 100 * free // image.data_cis if image.data_cis else 0)

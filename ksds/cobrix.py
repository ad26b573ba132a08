"""Options with which the Spark data source Cobrix reads a host file that was exported here.

Source: Cobrix README, "Spark SQL options" and "EBCDIC code pages" (release 2.10).
"""

from __future__ import annotations

from ksds.codepage import CodePage
from ksds.descriptors import Descriptor, Framing, Order

CODE_PAGES = {"cp037", "cp875", "cp1047"}
"""Those of ours that Cobrix has by name."""

Options = list[tuple[str, str]]


def framed_options(framing: Framing) -> Options:
    """Of records behind descriptor words."""
    options = [("record_format", "VB" if framing.block else "V")]
    if framing.block:
        options += _descriptor("bdw", framing.block)
    return options + _descriptor("rdw", framing.record)


def _descriptor(word: str, descriptor: Descriptor) -> Options:
    """Cobrix takes lengths as little-endian and for the data only unless told otherwise."""
    options = [(f"is_{word}_big_endian", "true" if descriptor.order is Order.IBM else "false")]
    if word == "rdw" and descriptor.adjustment == -4:
        return [*options, ("is_rdw_part_of_record_length", "true")]
    return [*options, (f"{word}_adjustment", str(descriptor.adjustment))] if descriptor.adjustment else options


def fixed_options(length: int) -> Options:
    """Of records of one length, one after the other."""
    return [("record_format", "F"), ("record_length", str(length))]


def text_options() -> Options:
    """Of lines of text."""
    return [("record_format", "D"), ("encoding", "ascii"), ("ascii_charset", "UTF-8")]


def snippet(options: Options, path: str, page: CodePage) -> str:
    """The lines of PySpark that read the file; the copybook is the reader's to name."""
    lines = [f'    .option("{name}", "{value}")' for name, value in options]
    if ("encoding", "ascii") not in options:
        known = page.name in CODE_PAGES
        code_page = f'    .option("ebcdic_code_page", "{page.name}")'
        lines.append(code_page if known else f"    # Cobrix has no {page.name}: give it ebcdic_code_page_class")
    lines.append(f"    .load({path!r})")
    return "\n".join(["df = (", '    spark.read.format("cobol")', '    .option("copybook", "COPYBOOK")', *lines, ")"])

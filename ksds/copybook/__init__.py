"""COBOL copybooks: what the bytes of a record mean.

    scanner      text -> tokens                     decoder       record -> values, compiled once
    copying      COPY ... REPLACING                 encoder       values -> record
    picture      PICTURE character-strings          elementary    one field's bytes <-> its value
    entries      tokens -> entries                  literals      what VALUE says
    items        entries -> a tree                  conditions    level 88, choices among redefinitions
    placement    offsets, lengths, slack bytes      record_view   text, JSON lines, CSV; parquet_file
                                                    listing       the layout as a table

Numbers stay exact everywhere: whole ones of up to 15 digits are JSON numbers, all others text with a decimal point.
"""

from ksds.copybook.encoder import Encoder
from ksds.copybook.record_view import RecordView, parse

__all__ = ["Encoder", "RecordView", "parse"]

"""Keywords that IDCAMS knows and that make no difference here: accepted, and what stands behind them is checked.

What nests deeper than a list of constants is not looked at: KEYRANGES, TEST, GRAPHICS, INCLUDE, EXCLUDE.

Source: z/OS DFSMS Access Method Services Commands; abbreviations also from MVS 3.8J command descriptors.
"""

from __future__ import annotations

from ksds.idcams.grammar import Constant, Keyword, choice, ignored, number, text, unread, word

_DDNAME = Constant("ddname", 1, 8)
_NAME = Constant("name")
_QUANTITY = (number(1, 16_777_215), number(0, 16_777_215))
_RECORD = (number(1, 2_147_483_647), number(1, 2_147_483_647))

_FLAGS = (
    "WRITECHECK WCK",
    "NOWRITECHECK NWCK",
    "IMBED IMBD",
    "NOIMBED NIMBD",
    "REPLICATE REPL",
    "NOREPLICATE NREPL",
    "ORDERED ORD",
    "UNORDERED UNORD",
    "UNIQUE UNQ",
    "SUBALLOCATION SUBAL",
    "COLLECTION COLLN",
    "ALIAS ALS",
    "NOALIAS NALS",
    *("ICFCATALOG", "VOLCATALOG", "LOCK", "UNLOCK", "ECSHARING", "NOECSHARING", "RLSENABLE", "RLSQUIESCE", "SUSPEND"),
    *("RESUME", "LOGREPLICATE", "NOLOGREPLICATE", "NODISCONNECT", "NOMERGECAT", "SAVRAC"),
    *("NOSAVRAC", "SKIPDBCSCHECK", "NODBCSCHECK", "SORTCALL", "NOSORTCALL", "PREFIX", "NOPREFIX", "CDILVL", "NOCDILVL"),
    *("DUMP", "NODUMP", "RELEASE", "ROUND", "REUSE REU", "RECONNECT"),
)
_ALL = (
    *(ignored(*names.split()) for names in _FLAGS),
    *(unread(*names.split()) for names in ("KEYRANGES KRNG", "TEST", "GRAPHICS", "EXCLUDE EXCL", "INCLUDE INCL")),
    ignored("CATALOG", "CAT", takes=(_NAME,)),
    ignored("FILE", takes=(_DDNAME,)),
    ignored("INFILE", "IFILE", takes=(_DDNAME,)),
    ignored("INDATASET", "IDS", takes=(_NAME,)),
    ignored("MODEL", takes=(_NAME,), most=2),
    ignored("MASTERPW", "MRPW", takes=(text(8),)),
    ignored("CONTROLPW", "CTLPW", takes=(text(8),)),
    ignored("UPDATEPW", "UPDPW", takes=(text(8),)),
    ignored("READPW", "RDPW", takes=(text(8),)),
    ignored("CODE", takes=(text(8),)),
    ignored("ATTEMPTS", "ATT", takes=(number(0, 7),)),
    ignored("AUTHORIZATION", "AUTH", takes=(word(8), text(256)), least=1),
    ignored("DATACLASS", "DATACLAS", takes=(word(8),)),
    ignored("MANAGEMENTCLASS", "MGMTCLAS", takes=(word(8),)),
    ignored("STORAGECLASS", "STORCLAS", takes=(word(8),)),
    ignored("LOG", takes=(choice("NONE", "UNDO", "ALL", "REDO"),)),
    ignored("FRLOG", takes=(choice("NONE", "REDO", "UNDO", "ALL"),)),
    ignored("BWO", takes=(choice("TYPECICS", "TYPEIMS", "NO"),)),
    ignored("LOGSTREAMID", takes=(word(26),)),
    ignored("EATTR", takes=(choice("NO", "OPT"),)),
    ignored("KEYLABEL", takes=(word(64),)),
    ignored("FILEDATA", takes=(choice("TEXT", "BINARY"),)),
    ignored("UNIT", takes=(word(8),)),
    ignored("VOLUMES", "VOLUME", "VOL", takes=(word(6),), most=255),
    ignored("BUFNO", takes=(number(0, 255),)),
    ignored("MAXVOL", takes=(number(1, 255),)),
    ignored("CCSID", takes=(number(0, 65_535),)),
    ignored("BUFFERSPACE", "BUFSP", "BUFSPC", takes=(number(0, 16_776_704),)),
    ignored("BUFND", takes=(number(1, 65_535),)),
    ignored("BUFNI", takes=(number(1, 65_535),)),
    ignored("STRNO", takes=(number(1, 255),)),
    ignored("CYLINDERS", "CYLINDER", "CYL", takes=_QUANTITY, least=1),
    ignored("TRACKS", "TRACK", "TRK", takes=_QUANTITY, least=1),
    ignored("RECORDS", "RECORD", "REC", takes=_QUANTITY, least=1),
    ignored("KILOBYTES", "KILOBYTE", "KB", takes=_QUANTITY, least=1),
    ignored("MEGABYTES", "MEGABYTE", "MB", takes=_QUANTITY, least=1),
    ignored("FREESPACE", "FSPC", takes=(number(0, 100), number(0, 100)), least=1),
    ignored("RECORDSIZE", "RECSZ", takes=_RECORD),
    ignored("SHAREOPTIONS", "SHAREOPTION", "SHR", takes=(number(1, 4), number(3, 4)), least=1),
    ignored("CONTROLINTERVALSIZE", "CISZ", "CNVSZ", takes=(number(1, 32_768),)),
    ignored("FILESEQUENCENUMBERS", "FSEQN", takes=(number(0, 9999),), most=255),
    ignored("DEVICETYPES", "DEVICETYPE", "DEVT", takes=(word(8),), most=255),
    ignored("SORTDEVICETYPE", takes=(word(8),)),
    ignored("SORTFILENUMBER", takes=(number(1, 255),)),
    ignored("SORTMESSAGEDD", takes=(_DDNAME,)),
    ignored("SORTMESSAGELEVEL", takes=(choice("ALL", "CRITICAL", "NONE"),)),
    ignored("WORKFILES", "WFILE", takes=(_DDNAME, _DDNAME), least=1),
    ignored("WORKVOLUMES", "WVOL", takes=(word(6),), most=59),
    ignored("COMPAREDD", "CMPRDD", takes=(_DDNAME,), most=99),
    ignored("COMPAREDS", "CMPRDS", takes=(_NAME,), most=99),
)
_BY_WORD = {keyword.word: keyword for keyword in _ALL}


def without_effect(*words: str) -> tuple[Keyword, ...]:
    """The keywords of these words, with all their names."""
    return tuple(_BY_WORD[one] for one in words)


PASSWORDS = without_effect(
    *("MASTERPW", "CONTROLPW", "UPDATEPW", "READPW", "CODE", "ATTEMPTS", "AUTHORIZATION"),
)
CLASSES = without_effect("MANAGEMENTCLASS", "STORAGECLASS")

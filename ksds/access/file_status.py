"""The COBOL file status beside each VSAM outcome: what a program sees whose READ, WRITE or START made the request.

Source of the pairs that are documented: SAS VSAM Processing for z/OS, "COBOL Status Key Values and VSAM Feedback Codes"
(8 12 16 20 32 36 96 108 192). The others follow the meaning of the status in the COBOL standard (docs/FIDELITY.md).
"""

from __future__ import annotations

from ksds.access.options import Optcd
from ksds.errors import NeverLoaded, OpenError, VsamError

SUCCESS = "00"
VERIFIED = "97"
"""OPEN succeeded after an implicit VERIFY."""
DUPLICATE_FOLLOWS = "02"
LOGIC_ERROR = "92"
PERMANENT_ERROR = "30"

_BY_FEEDBACK = {
    8: "22",
    12: "21",
    16: "23",
    20: "93",
    24: "93",
    28: "24",
    32: "90",
    36: "92",
    40: "93",
    44: "04",
    64: "93",
    92: "43",
    96: "94",
    100: "44",
    108: "92",
    140: "90",
    144: "90",
    148: "24",
    152: "93",
    192: "23",
}
_BY_OPEN_CODE = {
    4: "41",
    96: "95",
    128: "96",
    160: "37",
    168: "93",
    184: "30",
    185: "92",
    188: "39",
    192: "95",
    196: "35",
    232: "37",
}


def of_request(verb: str, optcd: Optcd, error: VsamError | None, feedback: int = 0) -> str:
    """The status after GET, PUT, ERASE or POINT with these options; `feedback` is the reason of a success."""
    if error is None:
        return DUPLICATE_FOLLOWS if feedback == 8 else SUCCESS
    if error.return_code == 12:
        return PERMANENT_ERROR
    sequential_read = verb == "GET" and optcd.order == "SEQ"
    if error.return_code != 8:
        return LOGIC_ERROR
    if error.feedback == 4:
        return "10" if sequential_read else "23"
    if error.feedback == 28 and optcd.kind != "KEY":
        return "34"
    if error.feedback == 68:
        return {"PUT": "48", "ERASE": "49"}.get(verb, "47")
    if error.feedback == 88 and sequential_read:
        return "46"
    return _BY_FEEDBACK.get(error.feedback, LOGIC_ERROR)


def of_open(error: OpenError | None) -> str:
    """The status after OPEN or CLOSE."""
    if error is None:
        return SUCCESS
    if isinstance(error, NeverLoaded):
        return "35"
    return _BY_OPEN_CODE.get(error.feedback, "90")

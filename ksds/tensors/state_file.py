"""The text file `checkpoint`: which set of a folder is the newest, and which are kept (CheckpointState, as text).

    model_checkpoint_path: "model.ckpt-200"
    all_model_checkpoint_paths: "model.ckpt-100"          oldest first
    all_model_checkpoint_paths: "model.ckpt-200"
    all_model_checkpoint_timestamps: 1795402859.1663642   as many as paths, or none
    last_preserved_timestamp: 1795402858.1286807

Paths count from the folder of the file. It is read with its own small parser, and what it names is a path only if it
is a plain name. Source: tensorflow python/checkpoint/checkpoint_management.py, training/checkpoint_state.proto.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ksds.errors import BundleError

STATE_NAME = "checkpoint"
MAXIMUM_BYTES = 1 << 20

_LINE = re.compile(r'\s*(\w+)\s*:\s*(?:"((?:[^"\\\n]|\\.)*)"|([-+.\w]+))\s*(?:#.*)?')
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_LITERALS = b"\\\"'?"


@dataclass(frozen=True, slots=True)
class CheckpointState:
    """`newest` and `kept` (oldest first) are prefixes; `stamps` are seconds, as many as `kept`, as written."""

    newest: str
    kept: tuple[str, ...] = ()
    stamps: tuple[str, ...] = ()
    preserved: str = ""


def parse_state(data: bytes) -> CheckpointState:
    """Raises BundleError for anything but such a text."""
    if len(data) > MAXIMUM_BYTES:
        raise _wrong(f"{len(data)} BYTES ARE TOO MANY")
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise _wrong("THIS IS NO TEXT IN UTF-8", error.start) from None
    found: dict[str, list[str]] = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            match = _LINE.fullmatch(line)
            if match is None:
                raise _wrong(f"LINE {number} IS NOT ONE OF FIELD: VALUE")
            is_text = match[2] is not None
            if is_text != match[1].endswith(("_path", "_paths")):
                raise _wrong(f"LINE {number} HAS ANOTHER KIND OF VALUE")
            found.setdefault(match[1], []).append(_unquoted(match[2], number) if is_text else _number(match[3], number))
    newest = found.get("model_checkpoint_path", [""])
    preserved = found.get("last_preserved_timestamp", [""])
    kept, stamps = (tuple(found.get(f"all_model_checkpoint_{what}", ())) for what in ("paths", "timestamps"))
    if len(newest) > 1 or len(preserved) > 1:
        raise _wrong("A FIELD IS THERE TWICE")
    return CheckpointState(newest[0], kept, stamps if len(stamps) == len(kept) else (), preserved[0])


def format_state(state: CheckpointState) -> bytes:
    """The text, as TensorFlow writes it."""
    lines = [f"model_checkpoint_path: {_quoted(state.newest)}"]
    lines += [f"all_model_checkpoint_paths: {_quoted(path)}" for path in state.kept]
    lines += [f"all_model_checkpoint_timestamps: {stamp}" for stamp in state.stamps]
    lines += [f"last_preserved_timestamp: {state.preserved}"] if state.preserved else []
    return "".join(f"{line}\n" for line in lines).encode()


def with_newest(state: CheckpointState | None, stem: str, stamp: str) -> CheckpointState:
    """The state when the set `stem` has come to the folder: it is the newest and the last one kept."""
    if state is None:
        return CheckpointState(stem, (stem,))
    if not state.kept and state.newest:
        state = replace(state, kept=(state.newest,), stamps=())
    others = [at for at, path in enumerate(state.kept) if path != stem]
    kept = (*(state.kept[at] for at in others), stem)
    stamps = (*(state.stamps[at] for at in others), stamp) if state.stamps else ()
    return replace(state, newest=stem, kept=kept, stamps=stamps)


def _number(text: str, line: int) -> str:
    try:
        float(text)
    except ValueError:
        raise _wrong(f"LINE {line} HAS NO NUMBER") from None
    return text


def _unquoted(text: str, line: int) -> str:
    def literal(match: re.Match[bytes]) -> bytes:
        octal, hexadecimal, letter = match.groups()
        if letter is None:
            return bytes([int(octal, 8) & 0xFF if octal else int(hexadecimal, 16)])
        if letter in _LETTERS:
            return _LETTERS[letter]
        if letter in _LITERALS:
            return bytes(letter)
        raise _wrong(f"LINE {line} HAS AN UNKNOWN ESCAPE")

    try:
        return _ESCAPE.sub(literal, text.encode()).decode("utf-8")
    except UnicodeDecodeError:
        raise _wrong(f"LINE {line} NAMES NO TEXT IN UTF-8") from None


def _quoted(text: str) -> str:
    special = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "'": "\\'", "\\": "\\\\"}
    quoted = (
        special.get(c) or (c if " " <= c <= "~" else "".join(f"\\{byte:03o}" for byte in c.encode())) for c in text
    )
    return f'"{"".join(quoted)}"'


def _wrong(what: str, offset: int | None = None) -> BundleError:
    return BundleError(what, file=STATE_NAME, offset=offset)

"""TensorFlow checkpoints: `tensors` lists a set, checks its data, keeps its index in a cluster and writes it back."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ksds.cli.operands import AsJson, open_system
from ksds.command_line import failed
from ksds.errors import BundleError
from ksds.storage.device import FileFolder
from ksds.tensor_cluster import load_index, stored_index
from ksds.tensors.bundle_files import Bundle
from ksds.tensors.dtypes import dtype_name
from ksds.tensors.entries import Entry
from ksds.tensors.publication import read_state
from ksds.tensors.tensor_data import is_checked
from ksds.tensors.tensor_index import Tensor, shown
from ksds.tensors.write_back import write_index, write_set
from ksds.text_table import print_table
from ksds.waiting import progress

DAMAGED = 8
WARNING = 4

_COLUMNS = ("Tensor", "Type", "Shape", "Shard", "Offset", "Bytes", "CRC-32C")
_BAD = "DAMAGED"
_RIGHT = ("Shard", "Offset", "Bytes")
Damage = dict[bytes, BundleError | None]


def tensors(
    context: typer.Context,
    named: Annotated[str, typer.Argument(metavar="PREFIX", help="As model.ckpt-200; a folder means its newest set.")],
    as_json: AsJson = False,
    verify: Annotated[bool, typer.Option("--verify", help="Read the data and check each tensor's CRC-32C.")] = False,
    load: Annotated[str, typer.Option("--load", metavar="DSN", help="Keep the index in this KSDS.")] = "",
    store: Annotated[str, typer.Option("--store", metavar="DSN", help="Write the set whose index is kept there.")] = "",
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="PREFIX", help="Where --store finds data; else where --load saw it."),
    ] = None,
) -> int:
    """List, check, load or store a TensorFlow checkpoint.

    Without options: type and shape of each tensor, and where its data lie.

    The exit status is 8 if a data file is missing or too short, or --verify finds damage.

    --load defines the cluster if it is not there (KEYS(255 0), REUSE); each row of the index becomes a record. --store
    makes the set PREFIX of the rows, the data files copied and checked; without a change the index is what it was, byte
    for byte. If PREFIX is where the data lie, only the index is written.

    \b
    Examples:
      ksds tensors train/model.ckpt-200
      ksds tensors train/model.ckpt-200 --verify --json
      ksds tensors train/model.ckpt-200 --load MODEL.TENSORS
      ksds tensors restored/model.ckpt-200 --store MODEL.TENSORS
    """
    if (load and store) or (data and not store):
        raise typer.BadParameter("--load and --store exclude each other; --data goes with --store")
    if as_json and (load or store):
        raise typer.BadParameter("--json goes with a list of tensors, not with --load and --store")
    prefix = Path(named)
    if named.endswith("/") and not prefix.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), named)
    with ExitStack() as opened:
        if store:
            return _store(context, prefix, store, data, opened)
        folder, stem = _located(prefix, opened)
        bundle = Bundle.open(folder, stem)
        if load:
            return _load(context, folder.path, bundle, load, verify=verify)
        return _list(bundle, as_json=as_json, verify=verify)


def _located(prefix: Path, opened: ExitStack) -> tuple[FileFolder, str]:
    """Folder and stem of a set. Raises BundleError, OSError."""
    is_folder = prefix.is_dir()
    folder = FileFolder((prefix if is_folder else prefix.parent).resolve())
    opened.callback(folder.close)
    if not is_folder:
        return folder, prefix.name
    state = read_state(folder)
    if state is None:
        raise BundleError(f"{prefix} IS A FOLDER WITHOUT A STATE FILE, checkpoint: NAME A SET IN IT")
    if not state.newest:
        raise BundleError(f"{prefix} IS A FOLDER WHOSE STATE FILE NAMES NO SET: NAME ONE")
    newest = folder.path / state.newest
    if newest.parent.resolve() != folder.path:
        raise BundleError(f"THE STATE FILE NAMES {state.newest}, WHICH IS NOT IN ITS FOLDER")
    return folder, newest.name


def _load(context: typer.Context, folder: Path, bundle: Bundle, dsn: str, *, verify: bool) -> int:
    if verify:
        bundle.check_whole()
        with progress("checking", _data_bytes(bundle)) as advance:
            bundle.check_data(advance)
    with open_system(context) as system:
        made = load_index(system, dsn, bundle.index, str(folder / bundle.stem), datetime.now().date())
    print(f"{bundle.stem}: {len(bundle.index.pairs)} RECORDS IN {dsn.upper()}{', WHICH WAS DEFINED' if made else ''}")
    if bundle.index.to_bytes() != bundle.image:
        return failed("KSD203W THE INDEX WAS NOT WRITTEN BY TENSORFLOW: --store WILL LAY IT OUT ANEW", WARNING)
    return 0


def _store(context: typer.Context, prefix: Path, dsn: str, data: Path | None, opened: ExitStack) -> int:
    with open_system(context) as system:
        index, origin = stored_index(system, dsn)
    source, source_stem = _located(data or Path(origin), opened)
    if prefix.is_dir():
        prefix = prefix / source_stem
    folder, stem = _located(prefix, opened)
    token = f"ksds-{secrets.token_hex(4)}"
    size = sum(tensor.size for tensor in index.tensors)
    with progress("checking", size) as advance:
        if (source.path, source_stem) == (folder.path, stem):
            write_index(index, folder, stem, token, advance)
            names = [f"{stem}.index"]
        else:
            names = write_set(index, (source, source_stem), (folder, stem), token, advance)
    for name in names:
        print(prefix.parent / name)
    return 0


def _list(bundle: Bundle, *, as_json: bool, verify: bool) -> int:
    wrong: list[BundleError] = []
    damage: Damage = {}
    try:
        bundle.check_whole()
    except BundleError as error:
        wrong.append(error)
    if verify:
        with progress("checking", _data_bytes(bundle)) as advance:
            damage = {tensor.name: found for tensor, found in bundle.damage(advance)}
    if as_json:
        for tensor in bundle.index.tensors:
            print(json.dumps(_described(tensor, damage)))
    else:
        _show(bundle, damage)
    wrong += [found for found in damage.values() if found is not None]
    for found in wrong:
        failed(str(found), DAMAGED)
    return DAMAGED if wrong else 0


def _data_bytes(bundle: Bundle) -> int:
    return sum(tensor.size for tensor in bundle.index.tensors)


def _described(tensor: Tensor, damage: Damage) -> dict[str, object]:
    """The members of the JSON object are a promise. `key` is the name in hexadecimal digits, `crc32c` as it is stored
    (masked); of a partitioned tensor shard, offset, size and crc32c are those of its slices. `verified` is null where
    nothing was checked."""
    entry = tensor.entry
    there = tensor.name in damage and all(map(is_checked, tensor.places))
    return {
        "name": shown(tensor.name),
        "key": tensor.name.hex(),
        "dtype": dtype_name(entry.dtype),
        "shape": list(entry.shape),
        **({"shard": None, "offset": None, "size": tensor.size, "crc32c": None} if tensor.parts else _placed(entry)),
        "slices": [
            {"extents": [list(e.within(n)) for e, n in zip(extents, entry.shape, strict=True)], **_placed(part)}
            for extents, part in tensor.parts
        ],
        "verified": damage[tensor.name] is None if there else None,
    }


def _placed(entry: Entry) -> dict[str, object]:
    return {"shard": entry.shard, "offset": entry.offset, "size": entry.size, "crc32c": entry.crc}


def _rows(bundle: Bundle, damage: Damage) -> Iterator[list[str]]:
    """A row for each tensor, and one for each slice below that of its tensor."""
    for tensor in bundle.index.tensors:
        name, entry = shown(tensor.name), tensor.entry
        front = [name, dtype_name(entry.dtype), _sizes(entry.shape)]
        last = [] if not damage else [_verdict(tensor, damage)]
        if not tensor.parts:
            yield [*front, *_cells(entry), *last]
            continue
        yield [*front, "", "", str(tensor.size), "", *last]
        for extents, part in tensor.parts:
            sides = (e.within(size) for e, size in zip(extents, entry.shape, strict=True))
            where = ", ".join(f"{start}:{end}" for start, end in sides)
            yield [f"  slice [{where}]", "", _sizes(part.shape), *_cells(part), *[""] * len(last)]


def _sizes(shape: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, shape))}]"


def _cells(entry: Entry) -> list[str]:
    return [str(entry.shard), str(entry.offset), str(entry.size), f"{entry.crc:08X}"]


def _verdict(tensor: Tensor, damage: Damage) -> str:
    if damage[tensor.name] is not None:
        return _BAD
    return "ok" if all(map(is_checked, tensor.places)) else "not checked"


def _show(bundle: Bundle, damage: Damage) -> None:
    columns = (*_COLUMNS, "Data") if damage else _COLUMNS
    print_table(columns, list(_rows(bundle, damage)), right=_RIGHT, alarm=_BAD)
    index = bundle.index
    shards = f"{index.header.shards} DATA FILE{'S' if index.header.shards > 1 else ''}"
    order = ", BIG-ENDIAN" if index.header.big_endian else ""
    print(f"{len(index.tensors)} TENSORS, {_data_bytes(bundle)} BYTES IN {shards}{order}")

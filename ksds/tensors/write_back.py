"""An index that was kept elsewhere becomes a set again: data copied from where it lies, the index made anew."""

from __future__ import annotations

from contextlib import ExitStack, closing

from ksds.errors import BundleError
from ksds.tensors.bundle_files import Bundle, BundleFolder, index_name
from ksds.tensors.publication import StagedFolder, StagingFolder, publish, staging_name, write_durably
from ksds.tensors.tensor_data import CHUNK, Advance
from ksds.tensors.tensor_index import TensorIndex


def write_index(index: TensorIndex, folder: StagingFolder, stem: str, token: str, advance: Advance) -> None:
    """Make or replace the index of a set whose data files are there, once they were held against it.

    Raises BundleError, TensorDamaged; the set is then as it was.
    """
    image = index.to_bytes()
    bundle = Bundle(folder, stem, index, image)
    bundle.check_whole()
    bundle.check_data(advance)
    name = index_name(stem)
    with ExitStack() as undo:
        waiting = staging_name(name, token)
        undo.callback(_remove, folder, waiting)
        write_durably(folder, waiting, image)
        folder.rename(waiting, name)
        folder.sync()


def write_set(
    index: TensorIndex,
    source: tuple[BundleFolder, str],
    target: tuple[StagingFolder, str],
    token: str,
    advance: Advance,
) -> list[str]:
    """Make a new set: the data files of the set `source` (folder, stem) copied, its `.meta` too, and this index.

    The copies are held against the index before the set is there. The names of its files, the index last. Raises
    BundleError if there is such a set already, or the data are not those of the index; nothing is left then.
    """
    (source_folder, source_stem), (folder, stem) = source, target
    if folder.exists(index_name(stem)):
        raise BundleError(f"THERE IS A SET {stem} ALREADY")
    image = index.to_bytes()
    original = Bundle(source_folder, source_stem, index, image)
    original.check_whole()
    staged: dict[str, str] = {}
    with ExitStack() as undo:
        for name in original.names():
            final = stem + name.removeprefix(source_stem)
            waiting = staged[final] = staging_name(final, token)
            undo.callback(_remove, folder, waiting)
            if name == index_name(source_stem):
                write_durably(folder, waiting, image)
            else:
                _copy(source_folder, name, folder, waiting)
        Bundle(StagedFolder(folder, staged), stem, index, image).check_data(advance)
        folder.sync()
        publish(folder, stem, staged)
    return list(staged)


def _copy(source: BundleFolder, name: str, target: StagingFolder, new: str) -> None:
    with closing(source.open(name, writable=False)) as old, closing(target.open(new, create=True)) as file:
        at = 0
        while data := old.read(at, CHUNK):
            file.write(at, data)
            at += len(data)
        file.sync()


def _remove(folder: StagingFolder, name: str) -> None:
    if folder.exists(name):
        folder.remove(name)

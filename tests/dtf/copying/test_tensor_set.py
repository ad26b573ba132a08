"""The receiving end of a checkpoint set, whatever the sender says."""

from datetime import date

import pytest

from dtf.copying.checkpoint import PositionSet
from dtf.copying.file_set import SetDamaged, units_of
from dtf.copying.tensor_set import TensorSetError, TensorSetTarget
from ksds.storage.device import FileFolder
from tests.dtf.test_tensor_sets import files_of, leftovers, seen
from tests.ksds.tensors import sets

TODAY = date(2026, 11, 23)
TOKEN = "dtf-0123456789abcdef"


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    sets.write(folder, "m", sets.some(), 2, meta=b"graph")
    return folder


@pytest.fixture
def into(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def target_in(into, stem="m", *, new=True, complete=False):
    return TensorSetTarget(FileFolder(into), stem, TOKEN, stamp="1.5", new=new, complete=complete, permissions=None)


def send(target, folder, names):
    """The files of a folder under these names, as a sender would."""
    target.begin()
    there = FileFolder(folder)
    for unit, _ in units_of(sorted(names, key=str.encode), lambda name: there.open(name, writable=False)):
        target.write(unit)
    target.accept()
    target.secure()
    target.publish(TODAY)


def test_what_is_right_is_published(out, into):
    target = target_in(into, "n")
    send(target, out, ["m.data-00000-of-00002", "m.data-00001-of-00002", "m.meta", "m.index"])
    assert seen(into, "n") == files_of(out, "m") and leftovers(into) == []


LIES = {
    "no index": ["m.data-00000-of-00002", "m.data-00001-of-00002"],
    "a data file missing": ["m.data-00000-of-00002", "m.index"],
    "one too many": ["m.data-00000-of-00002", "m.data-00001-of-00002", "m.data-00002-of-00003", "m.index"],
    "two sets": ["m.data-00000-of-00002", "m.data-00001-of-00002", "m.index", "o.index"],
    "a file of another kind": ["m.data-00000-of-00002", "m.data-00001-of-00002", "m.index", "m.sh"],
    "a file of another name": ["checkpoint2", "m.data-00000-of-00002", "m.data-00001-of-00002", "m.index"],
}


@pytest.mark.parametrize("what", LIES)
@pytest.mark.parametrize("before", [False, True])
def test_files_that_are_no_set_change_nothing(out, into, what, before):
    """Not even if what is missing is there already, of the set that is to be replaced."""
    for name in ("m.data-00002-of-00003", "m.sh", "checkpoint2"):
        (out / name).write_bytes(b"x")
    (out / "o.index").write_bytes((out / "m.index").read_bytes())
    if before:
        sets.write(into, "m", sets.some(), 2, meta=b"old")
    old = {path.name: path.read_bytes() for path in into.iterdir()}
    target = target_in(into, new=False)
    with pytest.raises((TensorSetError, SetDamaged)):
        send(target, out, LIES[what])
    target.close(keep=False)
    assert {path.name: path.read_bytes() for path in into.iterdir()} == old


def test_the_state_file_is_no_name_for_a_file_of_a_set(out, into):
    (out / "checkpoint").write_bytes(b"x")
    with pytest.raises(SetDamaged):
        send(target_in(into), out, ["checkpoint", *files_names(out)])
    assert not (into / "checkpoint").exists()


def files_names(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith("m.")]


@pytest.mark.parametrize("steps", range(9))
def test_a_receiver_that_died_while_it_published_goes_on(out, into, steps, monkeypatch):
    """The folder's renamings and removals fail after so many; the next try has a record that says all had arrived."""
    sets.write(into, "m", sets.some(3), 3, meta=b"old")
    (into / "checkpoint").write_bytes(b'model_checkpoint_path: "old"\n')
    left = steps

    def limited(method):
        def call(*arguments):
            nonlocal left
            left -= 1
            if left < 0:
                raise OSError(5, "the node dies here")
            return method(*arguments)

        return call

    target = target_in(into, new=False)
    with monkeypatch.context() as dying, pytest.raises(OSError, match="dies here"):
        for method in ("rename", "remove"):
            dying.setattr(FileFolder, method, limited(getattr(FileFolder, method)))
        send(target, out, files_names(out))
    target.close(keep=True)
    assert seen(into, "m") in (None, files_of(out, "m")) or steps == 0
    again = target_in(into, new=False, complete=True)
    position = PositionSet(0, 1, 1, 1)
    assert again.verified([position]) == [True]
    again.resume(position)
    again.accept()
    again.publish(TODAY)
    again.close(keep=False)
    assert seen(into, "m") == files_of(out, "m") and leftovers(into) == []
    assert (into / "checkpoint").read_bytes().startswith(b'model_checkpoint_path: "m"\n')

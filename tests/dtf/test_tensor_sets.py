"""A COPY whose source is a checkpoint prefix: the whole set, as one step, verified, never seen in part."""

import errno
from contextlib import closing
from pathlib import Path

import pytest

from dtf import cli, initparms
from dtf.initparms import Initparms
from dtf.node import Node
from dtf.simulation.faults import FaultPlan
from dtf.transport import memory
from ksds.storage.device import FileFolder
from ksds.tensors.bundle_files import Bundle
from ksds.tensors.state_file import parse_state
from tests.dtf.node_pair import NOW
from tests.ksds.tensors import sets
from tests.ksds.tensors.sets import REAL, REAL_SETS, needs_real_sets

SAMPLES = Path(__file__).parents[2] / "jcl_samples"
STEM = "model.ckpt-55695"
BUFFER = 256 * 1024


@pytest.fixture
def folders(pair, tmp_path):
    """A folder with the set that NYC sends, beside a neighbour; one that LON may write, with a set that is there."""
    out, into = tmp_path / "out", tmp_path / "in"
    out.mkdir()
    into.mkdir()
    initparms.write(pair.nyc, Initparms(file_read=(str(out),)))
    initparms.write(pair.lon, Initparms(file_write=(str(into),)))
    sets.write(out, STEM, sets.some(400), 3, meta=b"graph" * 1000)
    sets.write(out, STEM + "0", sets.some(), 1)
    sets.write(into, "model.ckpt-1", sets.some(), 1)
    (into / "checkpoint").write_bytes(b'model_checkpoint_path: "model.ckpt-1"\n')
    return out, into


def copy(pair, operands, *faults):
    """One COPY in the layout that keeps the letters of paths."""
    return pair.run(f"serve process snode=LON\n step01 copy {operands}\npend;\n", *faults)


def ended_well(outcome):
    assert (outcome.condition_code, outcome.queue) == (0, ""), outcome


def files_of(folder, stem=STEM):
    """What follows the prefix -> the bytes."""
    return {path.name[len(stem) :]: path.read_bytes() for path in folder.iterdir() if path.name.startswith(f"{stem}.")}


def leftovers(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def seen(folder, stem=STEM):
    """What a reader of the folder is shown: None, or the sound set of this prefix."""
    if not (folder / f"{stem}.index").exists():
        return None
    with closing(FileFolder(folder)) as opened:
        bundle = Bundle.open(opened, stem)
        bundle.check_whole()
        bundle.check_data(lambda count: None)
    return files_of(folder, stem)


def state_of(folder):
    return parse_state((folder / "checkpoint").read_bytes())


def test_a_prefix_names_the_whole_set_and_nothing_of_its_neighbours(pair, folders):
    out, into = folders
    ended_well(copy(pair, f"from (file={out}/{STEM}) ckpt=100k to (file={into}/{STEM})"))
    assert seen(into) == files_of(out) and len(files_of(out)) == 5
    assert seen(into, STEM + "0") is None
    assert leftovers(into) == []
    assert (state_of(into).newest, state_of(into).kept) == (STEM, ("model.ckpt-1", STEM))
    assert pair.checkpoints() == []


@pytest.mark.parametrize("to", ["", "/"])
def test_into_a_folder_it_keeps_its_prefix(pair, folders, to):
    out, into = folders
    ended_well(copy(pair, f"from (file={out}/{STEM}) to (file={into}{to})"))
    assert seen(into) == files_of(out)


def test_the_prefix_may_be_another_one_there(pair, folders):
    out, into = folders
    ended_well(copy(pair, f"from (file={out}/{STEM}) to (file={into}/served-7)"))
    assert seen(into, "served-7") == files_of(out)
    assert state_of(into).newest == "served-7"


def test_the_partner_may_be_the_one_that_sends(pair, folders):
    out, into = folders
    initparms.write(pair.lon, Initparms(file_read=(str(out),)))
    initparms.write(pair.nyc, Initparms(file_write=(str(into),)))
    ended_well(copy(pair, f"from (file={out}/{STEM} snode) to (file={into}/{STEM} pnode)", "session@ckpt:2"))
    assert seen(into) == files_of(out)


@pytest.mark.parametrize("fault", ["session@ckpt:3", "session@link:1", "session@link:200000", "session@percent:100"])
@pytest.mark.parametrize("before", [None, 1, 3])
def test_an_interrupted_copy_goes_on_and_replaces_a_set_whole(pair, folders, fault, before):
    """Over a set of the same prefix with other files, too: none of them stays."""
    out, into = folders
    if before:
        sets.write(into, STEM, sets.some(3), before, meta=b"old graph" if before == 1 else None)
    ended_well(copy(pair, f"from (file={out}/{STEM}) ckpt=50k to (file={into}/{STEM} disp=rpl)", fault))
    assert seen(into) == files_of(out)
    assert leftovers(into) == [] and pair.checkpoints() == []
    if fault == "session@ckpt:3":
        step = pair.step()
        assert step["RSTR"] == "Y" and int(step["SRCB"]) >= 96_000


def test_until_all_is_there_the_old_set_is_seen(pair, folders):
    out, into = folders
    sets.write(into, STEM, sets.some(3), 3)
    old = seen(into)
    with pair.node("disk-full@300K") as node:
        to = f"to (file={into}/{STEM} disp=rpl)"
        number = node.submit(f"p process snode=LON\n s copy from (file={out}/{STEM}) ckpt=50k {to}\npend;")
        node.run(number)
        assert node.outcome(number).status == "HE"
    assert seen(into) == old and leftovers(into)
    assert state_of(into).newest == "model.ckpt-1"
    with pair.node() as node:
        node.release(number)
        node.run()
    assert seen(into) == files_of(out) and leftovers(into) == []


def test_the_checkpoint_record_says_what_is_copied(pair, folders, capsys):
    out, into = folders
    with pair.node("disk-full@300K") as node:
        to = f"to (file={into}/{STEM})"
        number = node.submit(f"p process snode=LON\n s copy from (file={out}/{STEM}) ckpt=50k {to}\npend;")
        node.run(number)
    assert cli.carry_out(["--system", str(pair.lon.folder), "checkpoints"]) == 0
    shown = capsys.readouterr().out
    assert f"{out}/{STEM} TO {into}/{STEM}" in shown.replace("\n", "")
    assert "SOURCE    TS, a TensorFlow checkpoint set\n" in shown
    assert "SET 1     source unit 9, target 256000 bytes, 9 records" in shown


@pytest.mark.parametrize("at", [20, 300_000, -1])
def test_data_that_are_not_those_of_the_index_never_come_to_light(pair, folders, at):
    out, into = folders
    shard = out / f"{STEM}.data-00000-of-00003"
    data = bytearray(shard.read_bytes())
    data[at] ^= 1
    shard.write_bytes(data)
    outcome = copy(pair, f"from (file={out}/{STEM}) ckpt=50k to (file={into}/{STEM})")
    assert (outcome.condition_code, outcome.message_id) == (8, "DTX211E"), outcome
    assert "KSD202E TENSOR" in outcome.text
    assert files_of(into) == {} and leftovers(into) == []
    assert state_of(into).newest == "model.ckpt-1"
    assert pair.checkpoints() == []


def test_a_set_that_was_mended_at_its_source_is_copied_by_the_same_process(pair, folders):
    out, into = folders
    shard = out / f"{STEM}.data-00000-of-00003"
    sound = shard.read_bytes()
    shard.write_bytes(b"X" + sound[1:])
    with pair.node() as node:
        number = node.submit(
            f"p process snode=LON retain=yes\n s copy from (file={out}/{STEM}) ckpt=50k to (file={into}/{STEM})\npend;"
        )
        node.run(number)
        assert files_of(into) == {} and leftovers(into) == []
        shard.write_bytes(sound)
        node.release(number)
        node.run()
    assert seen(into) == files_of(out)


class Trainer(FaultPlan):
    """Writes the set anew while it is being sent."""

    def __init__(self, write):
        super().__init__()
        self._write = write

    def sent(self, progress):
        if progress.sent > 200_000:
            self._write()


def test_a_set_that_is_written_while_it_is_sent_is_not_taken(pair, folders):
    out, into = folders

    def write():
        (out / f"{STEM}.meta").write_bytes(b"another graph")

    with Node.open(
        pair.nyc, clock=lambda: NOW, connect=memory.connect, log=pair.console.append, observer=Trainer(write)
    ) as node:
        number = node.submit(f"p process snode=LON\n s copy from (file={out}/{STEM}) to (file={into}/{STEM})\npend;")
        node.run(number)
        outcome = node.outcome(number)
    assert (outcome.condition_code, outcome.message_id) == (8, "DTX211E")
    assert "was written while it was sent" in outcome.text
    assert files_of(into) == {} and leftovers(into) == []


REFUSED = [
    ("from (file={out}/{stem}) to (dsn=PAY.DST)", "DTX203E", "is copied to a set"),
    ("from (file={out}/{stem}) to (file=/etc/{stem})", "DTX207E", "FILE.WRITE"),
    ("from (file=/etc/{stem}) to (file={in}/{stem})", "DTX207E", "FILE.READ"),
    ("from (file={out}/short) to (file={in}/short)", "DTX211E", "THE INDEX NEEDS"),
    ("from (file={out}/missing) to (file={in}/missing)", "DTX211E", "missing.data-00000-of-00001 IS NOT THERE"),
    ("from (file={out}/broken) to (file={in}/broken)", "DTX211E", "KSD201E"),
    ("from (file={out}/linked) to (file={in}/linked)", "DTX207E", "cannot be read"),
    ("from (file={out}/part-00000-of-00002) to (file={in}/p)", "DTX211E", "still being written"),
    ("from (file={out}/{stem}) to (file={in}/model.ckpt-1)", "DTX202E", "DISP=NEW"),
    ("from (file={out}/{stem}) to (file={in}/{stem} disp=old)", "DTX207E", "DISP=OLD"),
    ("from (file={out}/{stem}) to (file={in}/model.ckpt-1 disp=mod)", "DTX211E", "nothing is added"),
]


@pytest.mark.parametrize(("operands", "message", "words"), REFUSED)
def test_what_cannot_be_is_one_error_and_touches_nothing(pair, folders, tmp_path, operands, message, words):
    out, into = folders
    for stem in ("short", "missing", "broken", "linked", "part-00000-of-00002"):
        sets.write(out, stem, sets.some(), 1)
    shard = out / "short.data-00000-of-00001"
    shard.write_bytes(shard.read_bytes()[:-1])
    (out / "missing.data-00000-of-00001").unlink()
    (out / "broken.index").write_bytes(b"no index")
    (out / "linked.data-00000-of-00001").rename(tmp_path / "data")
    (out / "linked.data-00000-of-00001").symlink_to(tmp_path / "data")
    before = {path: path.read_bytes() for path in into.iterdir()}
    outcome = copy(pair, operands.replace("{out}", str(out)).replace("{in}", str(into)).replace("{stem}", STEM))
    assert (outcome.condition_code, outcome.message_id) == (8, message), outcome
    assert words.lower() in outcome.text.lower(), outcome.text
    assert {path: path.read_bytes() for path in into.iterdir()} == before


def test_a_file_called_checkpoint_that_is_no_state_file_is_left_alone(pair, folders):
    out, into = folders
    (into / "checkpoint").write_bytes(b"my own notes")
    outcome = copy(pair, f"from (file={out}/{STEM}) to (file={into}/{STEM})")
    assert (outcome.condition_code, outcome.message_id) == (8, "DTX211E")
    assert (into / "checkpoint").read_bytes() == b"my own notes" and files_of(into) == {}


def test_a_set_may_be_moved(pair, folders):
    out, into = folders
    initparms.write(pair.nyc, Initparms(file_read=(str(out),), file_write=(str(out),)))
    sent = files_of(out)
    ended_well(copy(pair, f"from (file={out}/{STEM} disp=(old,delete)) to (file={into}/{STEM})"))
    assert seen(into) == sent and files_of(out) == {} and files_of(out, STEM + "0")


def test_a_set_that_may_not_be_deleted_is_not_sent_to_be_moved(pair, folders):
    """NYC may read the folder and not write it: told before anything moves, not after the set is there."""
    out, into = folders
    outcome = copy(pair, f"from (file={out}/{STEM} disp=(old,delete)) to (file={into}/{STEM})")
    assert (outcome.condition_code, outcome.message_id) == (8, "DTX207E"), outcome
    assert files_of(into) == {} and len(files_of(out)) == 5


def test_a_set_that_could_not_be_deleted_is_copied_all_the_same(pair, folders, monkeypatch):
    out, into = folders
    initparms.write(pair.nyc, Initparms(file_read=(str(out),), file_write=(str(out),)))
    sent = files_of(out)

    def refuse(folder, name):
        raise PermissionError(errno.EACCES, "Permission denied", name)

    monkeypatch.setattr(FileFolder, "remove", refuse)
    ended_well(copy(pair, f"from (file={out}/{STEM} disp=(old,delete)) to (file={into}/{STEM})"))
    assert seen(into) == sent == files_of(out)


@needs_real_sets
@pytest.mark.parametrize("folder", REAL_SETS)
def test_the_real_sets_of_tensorflow(pair, folders, folder):
    _, into = folders
    initparms.write(pair.nyc, Initparms(file_read=(str(REAL),)))
    for stem in REAL_SETS[folder]:
        ended_well(copy(pair, f"from (file={REAL}/{folder}/{stem}) ckpt=1k to (file={into}/)", "session@ckpt:1"))
        assert seen(into, stem) == files_of(REAL / folder, stem)
    assert state_of(into).kept == ("model.ckpt-1", *REAL_SETS[folder])


@pytest.mark.parametrize("fault", ["", "session@percent:50"])
def test_the_sample_process_runs_as_its_first_lines_say(tmp_path, capsys, fault):
    train, serving, here, chi = (tmp_path / name for name in ("train", "serving", "nyc", "chi"))
    train.mkdir()
    serving.mkdir()
    sets.write(train, "model.ckpt-200", sets.some(3000), 2)

    def dtf(system, *arguments):
        assert cli.carry_out(["--system", str(system), *arguments]) == 0

    dtf(here, "node", "add", "CHI", "--folder", str(chi))
    dtf(here, "initparms", f"file.read={train}")
    dtf(chi, "initparms", f"file.write={serving}")
    names = ["--set", f"FROM={train}/model.ckpt-200", "--set", f"TO={serving}/"]
    dtf(here, "submit", str(SAMPLES / "send_checkpoint.cdp"), *names, *(["--fault", fault] if fault else []))
    assert seen(serving, "model.ckpt-200") == files_of(train, "model.ckpt-200")
    assert not fault or "RESTARTED FROM THE CHECKPOINT RECORD" in capsys.readouterr().out

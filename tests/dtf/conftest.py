"""Two nodes in two folders, NYC and LON, that know each other."""

import shutil
from pathlib import Path

import pytest

from dtf import initparms
from dtf.initparms import Initparms
from dtf.netmap import AdjacentNode, Netmap
from dtf.node import install
from ksds import System
from tests.dtf.node_pair import NOW, Pair


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two systems with their DTF files defined, to be copied: DEFINE waits for the disk."""
    folder = tmp_path_factory.mktemp("installed")
    for name in ("nyc", "lon"):
        with System.open(folder / name) as system:
            install(system, NOW)
    return folder


@pytest.fixture
def transport() -> str:
    """What joins the two: a module of the conformance suite runs its stories over each."""
    return "memory"


@pytest.fixture
def pair(tmp_path: Path, installed: Path, transport: str):
    for name in ("nyc", "lon"):
        shutil.copytree(installed / name, tmp_path / name)
    with System.open(tmp_path / "nyc") as nyc, System.open(tmp_path / "lon") as lon:
        for system, name, other in ((nyc, "NYC", "LON"), (lon, "LON", "NYC")):
            with Netmap(system, "w") as nodes:
                assert nodes.local == name
                nodes.add(AdjacentNode(other, "F", str(tmp_path / other.lower())))
        yield Pair(nyc, lon, transport=transport)


@pytest.fixture
def folders(pair, tmp_path):
    """A folder that NYC may read, one that LON may write; both nodes may read and write both."""
    out, into = tmp_path / "out", tmp_path / "in"
    out.mkdir()
    into.mkdir()
    both = (str(out), str(into))
    for system in (pair.nyc, pair.lon):
        initparms.write(system, Initparms(file_read=both, file_write=both))
    return out, into

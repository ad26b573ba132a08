"""TLS between two nodes: each must show exactly the certificate that the other has pinned."""

import errno
import os
import shutil
import socket
import ssl
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from dtf.cli import carry_out
from dtf.copying.progress import Onlooker
from dtf.copying.speaker import expect
from dtf.netmap import HOST, AdjacentNode, NetmapError
from dtf.node.local import LocalNode
from dtf.protocol.events import Accepted, Characteristics, Hello, ProcessEnd, Security, SessionEnd
from dtf.transport import tls
from dtf.transport.tcp import Listener, connect
from ksds.storage.device import FileDevice
from tests.crashes.recording_device import RecordingFolder, crash_states, files_of

PEMS = Path(__file__).parent / "certificates"


def der(name):
    return tls.pinned_certificate((PEMS / f"{name}.pem").read_text(encoding="ascii"))


def give(system, name):
    shutil.copy(PEMS / f"{name}.pem", system.folder / tls.CERTIFICATE_FILE)


@pytest.fixture
def york(pair):
    give(pair.nyc, "nyc")
    with closing(LocalNode(pair.nyc, time.time, lambda line: None, Onlooker())) as node:
        yield node


@pytest.fixture
def london(pair):
    give(pair.lon, "lon")
    console = []
    with closing(LocalNode(pair.lon, time.time, console.append, Onlooker())) as node:
        node.partners["NYC"] = AdjacentNode("NYC", HOST, "127.0.0.1:1", certificate=der("nyc"))
        with closing(Listener(node, "127.0.0.1:0")) as listener:
            listener.console = console
            yield listener


def calls(line):
    line.say(Hello("NYC", "LON", 1))
    yield from expect(Characteristics)
    line.say(Security("ME"))
    yield from expect(Accepted)
    line.say(ProcessEnd("PAYDAY", 1))
    yield from expect(ProcessEnd)
    line.say(SessionEnd())


def attempt(york, london, pinned):
    """One call; what ended it, or None."""
    partner = AdjacentNode("LON", HOST, "{}:{}".format(*london.address), certificate=pinned)
    call = connect(york, partner, calls)
    end = time.monotonic() + 10
    while not (call.finished and not london.calls):
        assert time.monotonic() < end
        moved = call.advance()
        if not (london.advance() or moved):
            time.sleep(0.001)
    return call.error


def test_both_show_the_pinned_certificate_and_talk(york, london):
    assert attempt(york, london, der("lon")) is None
    assert london.console == []


def test_the_caller_finds_another_certificate_than_the_pinned_one(york, london):
    assert "TLS" in str(attempt(york, london, der("other")))


def test_the_called_finds_another_certificate_than_the_pinned_one(pair, york, london):
    give(pair.nyc, "other")
    london._node.partners["TOKYO"] = AdjacentNode("TOKYO", HOST, "127.0.0.1:1", certificate=der("other"))
    assert "shows another certificate" in str(attempt(york, london, der("lon")))
    assert "DTX311E" in london.console[0]


def test_a_certificate_that_nobody_has_pinned_does_not_get_in(pair, york, london):
    give(pair.nyc, "other")
    assert attempt(york, london, der("lon")) is not None


def test_a_partner_with_a_pinned_certificate_is_not_heard_without_tls(york, london):
    assert "must use TLS" in str(attempt(york, london, b""))


def test_a_partner_without_one_is_not_heard_with_tls(york, london):
    london._node.partners["NYC"] = replace(london._node.partners["NYC"], certificate=b"")
    london._node.partners["TOKYO"] = AdjacentNode("TOKYO", HOST, "127.0.0.1:1", certificate=der("nyc"))
    assert "another certificate" in str(attempt(york, london, der("lon")))


def test_older_versions_of_tls_are_refused(london):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(PEMS / "nyc.pem")
    with socket.create_connection(london.address) as link:
        link.setblocking(False)
        with context.wrap_socket(link, do_handshake_on_connect=False) as secured, pytest.raises(OSError):
            for _ in range(200):
                london.advance()
                try:
                    secured.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    time.sleep(0.001)
            else:
                raise AssertionError("the handshake neither ends nor fails")


def test_a_listener_with_a_certificate_may_leave_this_machine_but_hears_plain_calls_from_here_only(pair, york):
    with closing(Listener(york, "0.0.0.0:0")) as listener:
        assert listener.address[0] == "0.0.0.0"


def test_without_a_certificate_of_its_own_a_node_cannot_call_with_tls(pair, york, london):
    (pair.nyc.folder / tls.CERTIFICATE_FILE).unlink()
    with pytest.raises(Exception, match="no certificate"):
        attempt(york, london, der("lon"))


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(text):
    with pytest.raises(NetmapError, match="no certificate"):
        tls.pinned_certificate(text)


@pytest.mark.crash
@pytest.mark.parametrize("start", [{}, {"dtf.pem": b"old"}, {"dtf.pem": b"old", "dtf.pem.new": b"left by a kill"}])
def test_a_cut_leaves_the_certificate_that_was_there_or_the_new_one(start):
    recorded = RecordingFolder(start)
    tls.take_certificate(recorded, "certificate and key")
    assert recorded.image() == {"dtf.pem": b"certificate and key"}
    for _, state in crash_states(start, recorded.log, seed=20261123):
        found = files_of(state.folder()).get("dtf.pem")
        assert found in (start.get("dtf.pem"), b"certificate and key"), state.choice


def test_a_certificate_that_cannot_be_written_leaves_the_old_one(pair, monkeypatch, capsys):
    use = ["--system", str(pair.nyc.folder), "node", "certificate", "--use"]
    assert carry_out([*use, str(PEMS / "nyc.pem")]) == 0
    monkeypatch.setattr(FileDevice, "sync", full_disk)
    assert carry_out([*use, str(PEMS / "lon.pem")]) == 12
    assert "No space left on device" in capsys.readouterr().err
    assert tls.own_certificate(pair.nyc.folder).read_bytes() == (PEMS / "nyc.pem").read_bytes()


def full_disk(device):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_the_commands(pair, tmp_path, capsys):
    system = ["--system", str(pair.nyc.folder), "node"]
    assert carry_out([*system, "certificate"]) == 2
    assert "this node has no certificate yet; --use PEM gives it one" in capsys.readouterr().err
    (tmp_path / "bare.pem").write_text((PEMS / "nyc.pem").read_text().split("-----BEGIN PRIVATE")[0])
    assert carry_out([*system, "certificate", "--use", str(tmp_path / "bare.pem")]) == 8
    assert "bare.pem holds no certificate with its key" in capsys.readouterr().err
    assert not (pair.nyc.folder / tls.CERTIFICATE_FILE).exists()
    assert carry_out([*system, "certificate", "--use", str(PEMS / "nyc.pem")]) == 0
    assert (pair.nyc.folder / tls.CERTIFICATE_FILE).stat().st_mode & 0o777 == 0o600
    capsys.readouterr()
    assert carry_out([*system, "certificate"]) == 0
    shown = capsys.readouterr().out
    assert "PRIVATE KEY" not in shown
    assert tls.pinned_certificate(shown) == der("nyc")
    add = [*system, "add", "PARIS", "--at", "paris.example.com:1364", "--certificate"]
    assert carry_out([*add, str(PEMS / "lon.pem")]) == 0
    assert ", TLS " in capsys.readouterr().out
    assert carry_out([*add, __file__]) == 8
    assert carry_out([*add, str(tmp_path / "none.pem")]) == 2

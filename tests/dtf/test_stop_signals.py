"""SIGTERM and Ctrl-C to a DTF that stays: it ends between two turns, and cuts no request short."""

from __future__ import annotations

import signal

import pytest

from dtf.cli.stopping import StopSignals
from dtf.node.calls import wait


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_asks_and_wakes_a_second_one_interrupts(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with StopSignals() as stop:
        assert not stop.asked
        signal.raise_signal(number)
        assert stop.asked
        wait([stop], 1e9)  # the signal came before the wait began, which ends at once all the same
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before

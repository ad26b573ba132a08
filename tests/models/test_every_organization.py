"""Any sequence of requests, commits, crashes and reopenings on a data set of any organization, beside a model.

The changes are those of `tests/crashes/subjects.py`; which ones come, and between which deaths, Hypothesis chooses.
(The KSDS has a machine of its own besides, with every kind of browse.) A crash keeps what was synced and a seeded part
of the rest: the content is then that of the last commit or of a later request.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.crashes.recording_device import Disk, RecordingFolder
from tests.crashes.subjects import Content, Model, Request, Subject, every_subject, small_limits

SCALE = float(os.environ.get("KSDS_TEST_SCALE", "1"))
EXAMPLES = max(5, round(100 * SCALE))
STEPS = 50

seeds = st.integers(0, 1 << 32)


class DataSet(RuleBasedStateMachine):
    """`model` is what the data set holds, `hard` the contents a crash may leave: the last commit and all since."""

    subject: Subject
    steps = 0

    @initialize()
    def create(self) -> None:
        self.folder = RecordingFolder()
        self.model: Model = Model()
        self.hard: list[Content] = [()]
        self.subject.create(self.folder)
        self.cluster = self.subject.open(self.folder)

    def carry_out(self, request: Request) -> None:
        self.subject.perform(self.cluster, request)
        self.subject.on_model(self.model, request)
        self.hard.append(tuple(self.model.items()))

    @rule(seed=seeds)
    def change(self, seed: int) -> None:
        self.carry_out(self.subject.change(random.Random(seed), self.model))

    @rule(seed=seeds, many=st.integers(2, 12))
    def change_much(self, seed: int, many: int) -> None:
        rng = random.Random(seed)
        for _ in range(many):
            self.carry_out(self.subject.change(rng, self.model))

    @rule(what=st.sampled_from(["commit", "peek", "reset"]))
    def request(self, what: str) -> None:
        self.carry_out(Request(what))
        if what != "peek":
            del self.hard[:-1]

    @rule()
    def reopen(self) -> None:
        self.cluster.close()
        del self.hard[:-1]
        with self.subject.open(self.folder, "r") as reader:
            assert self.subject.content(reader) == self.hard[0]
        self.cluster = self.subject.open(self.folder)

    @rule(seed=seeds)
    def crash(self, seed: int) -> None:
        disk = Disk.at_start(self.folder.start)
        for call in self.folder.log:
            disk.step(call)
        states = list(disk.states(seed))
        self.folder = RecordingFolder(states[seed % len(states)].files)
        self.cluster = self.subject.open(self.folder)
        content = self.subject.content(self.cluster)
        assert content in self.hard
        self.model, self.hard = Model(content), [content]

    @rule()
    def check(self) -> None:
        assert [str(finding) for finding in self.cluster.verify()] == []

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        type(self).steps += 1
        content = self.subject.content(self.cluster)
        assert content == tuple(self.model.items())
        assert self.subject.count(self.cluster) == len(content)
        self.subject.read_back(self.cluster, content)

    def teardown(self) -> None:
        self.cluster.close()


@pytest.fixture
def limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        small_limits(patch, checkpoint_bytes=48 << 10)
        yield


@every_subject
@pytest.mark.usefixtures("limits")
def test_any_sequence_of_requests_matches_the_model(subject: Subject) -> None:
    machine = type(f"DataSet of {subject}", (DataSet,), {"subject": subject})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"\n{subject}: {machine.steps} steps")
    assert machine.steps > EXAMPLES

"""DEFINE with MODEL beyond whole clusters: alternate indexes, single components, paths."""

from __future__ import annotations

from dataclasses import replace

import pytest

THE_MODELS = """
DEFINE CLUSTER(NAME(A.M) TRK(2 3) KEYS(8 2) RECSZ(60 80) CISZ(2048) -
       FREESPACE(10 20) SHR(2 3) ERASE SPEED) INDEX(CISZ(1024))
DEFINE AIX(NAME(A.X) RELATE(A.M) TRK(3 1) KEYS(5 20) RECSZ(50 90) -
       CISZ(4096) FREESPACE(5 5) UNIQUEKEY NOUPGRADE SHR(3 3))
DEFINE PATH(NAME(A.P) PATHENTRY(A.X) NOUPDATE)
DEFINE CLUSTER(NAME(A.B) TRK(1) KEYS(8 2) RECSZ(80 80))
"""


@pytest.fixture
def models(console):
    assert console.run(THE_MODELS).max_cc == 0
    return console


def test_an_alternate_index_is_like_another(models):
    assert models.run("DEFINE AIX(NAME(B.X) RELATE(A.B) MODEL(A.X))").max_cc == 0
    model, made = models.system.entry("A.X"), models.system.entry("B.X")
    names = {"name": "A.X", "data_name": "A.X.DATA", "index_name": "A.X.INDEX"}
    assert replace(made.definition, **names) == model.definition
    assert (made.alternate.key_offset, made.alternate.unique, made.alternate.upgrade) == (20, True, False)
    assert (made.base, model.base) == ("A.B", "A.M")


def test_what_was_coded_goes_before_the_model_of_an_alternate_index(models):
    coded = "MODEL(A.X.DATA) NONUNIQUEKEY KEYS(3 30) CYL(1)"
    assert models.run(f"DEFINE AIX(NAME(B.X) RELATE(A.B) -\n{coded})").max_cc == 0
    made = models.system.entry("B.X")
    assert (made.alternate.key_offset, made.alternate.unique, made.alternate.upgrade) == (30, False, False)
    assert (made.definition.key_length, made.definition.space_unit, made.definition.ci_size) == (3, "CYLINDER", 4096)


def test_components_have_models_of_their_own(models):
    text = "DEFINE CLUSTER(NAME(B.K) MODEL(A.B)) -\nDATA(MODEL(A.M.DATA) RECSZ(70 70)) INDEX(MODEL(A.M.INDEX))"
    assert models.run(text).max_cc == 0
    made, model = models.system.entry("B.K").definition, models.system.entry("A.M").definition
    assert (made.primary, made.ci_size, made.index_ci_size) == (model.primary, 2048, 1024)
    assert (made.maximum_record, made.free_ci_percent, made.speed) == (70, 10, True)


def test_a_path_is_for_update_if_its_model_is(models):
    models.run("DEFINE PATH(NAME(B.P) PATHENTRY(A.X) MODEL(A.P))")
    models.run("DEFINE PATH(NAME(B.Q) PATHENTRY(A.X) MODEL(A.P) UPDATE)")
    assert (models.system.entry("B.P").update, models.system.entry("B.Q").update) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        "DEFINE AIX(NAME(B.X) RELATE(A.B) MODEL(A.M))",
        "DEFINE CLUSTER(NAME(B.K) TRK(1)) DATA(MODEL(A.M.INDEX))",
        "DEFINE CLUSTER(NAME(B.K) TRK(1)) INDEX(MODEL(A.M))",
        "DEFINE PATH(NAME(B.P) PATHENTRY(A.X) MODEL(A.X))",
    ],
)
def test_a_model_of_another_type(models, text):
    before = models.system.entries()
    printed = models.messages(text)
    assert printed[0] == "0IDC3501I  MODEL ENTYPE IS NOT CONSISTENT WITH THE OBJECT BEING DEFINED"
    assert printed[-1].endswith("WAS 12") and models.system.entries() == before

"""Random models run here and in SpiffWorkflow: the same elements are completed, at every rest and in the end.

`python -m pytest -m long -s tests/bpmn/differential` prints what the 2,000 models are made of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from SpiffWorkflow.exceptions import WorkflowException

from tests.bpmn.differential.comparing import play
from tests.bpmn.differential.generating import Feel, Maker, Python
from tests.bpmn.differential.running import Act, Engine, Ours, Spiff
from tests.bpmn.differential.settled import SETTLED, Settled

MODELS = 2_000
SAMPLE = 150
CHUNK = 100
KINDS = {
    *("userTask", "task", "manualTask", "subProcess", "loop", "timer catch", "message catch", "terminate end"),
    *("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"),
    *("timer boundary", "timer boundary, not interrupting", "message boundary", "message boundary, not interrupting"),
    *("error boundary", "multi-instance, parallel", "multi-instance, sequential"),
}


def counted(seeds: Iterable[int]) -> Counter[str]:
    """What the models of these seeds are made of, all in all."""
    used: Counter[str] = Counter()
    for seed in seeds:
        maker = Maker(seed, Feel())
        maker.xml()
        used += maker.used
    return used


@pytest.mark.parametrize("first", range(0, SAMPLE, 50))
def test_a_sample_of_models_completes_the_same_elements_in_both_engines(first: int) -> None:
    for seed in range(first, first + 50):
        assert play(seed).completed, seed


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_all_models_complete_the_same_elements_in_both_engines(first: int) -> None:
    for seed in range(first, first + CHUNK):
        assert play(seed).completed, seed


@pytest.mark.parametrize("models", [SAMPLE, MODELS])
def test_every_kind_of_element_is_among_the_models(models: int) -> None:
    used = counted(range(models))

    print(f"\n{models} models: " + ", ".join(f"{count} {kind}" for kind, count in used.most_common()))
    assert set(used) == KINDS
    assert min(used.values()) >= models // 20, used


def test_a_seed_always_makes_the_same_model_of_the_same_elements_in_both_dialects() -> None:
    ours, again, theirs = Maker(7, Feel()), Maker(7, Feel()), Maker(7, Python())

    assert ours.xml() == again.xml() != theirs.xml()
    assert ours.used == theirs.used


@pytest.mark.parametrize("one", SETTLED, ids=lambda one: one.difference[:60])
def test_where_the_engines_differ_this_one_does_what_the_standard_says(one: Settled) -> None:
    ours = Ours(one.xml(Feel()))
    ours.heard_once = False

    _follow(ours, one)

    assert ours.completed() == one.completed


@pytest.mark.parametrize("one", [one for one in SETTLED if not one.mended], ids=lambda one: one.difference[:60])
def test_each_settled_difference_is_still_one(one: Settled) -> None:
    """If this fails, the generator need not keep clear of it any more."""
    theirs = Spiff(one.xml(Python()))

    try:
        _follow(theirs, one)
    except (WorkflowException, StopIteration):
        return

    assert theirs.completed() != one.completed


def _follow(engine: Engine, one: Settled) -> None:
    for kind, element in one.acts:
        engine.do(_oldest(engine, kind, element), 0)


def _oldest(engine: Engine, kind: str, element: str) -> Act:
    return next(act for act in engine.choices() if act[:2] == (kind, element))

"""What the soundness check says of a model is what really happens when the engine runs it in every way."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn.soundness import check_soundness
from tests.bpmn.building import Shape, build
from tests.bpmn.soundness.wiring import COMPLEX, INCLUSIVE, all_runs, wired, wired_ad_hoc

LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def said(model: Shape) -> dict[str, set[str]]:
    """The elements that the check names, by what it says of them."""
    found: dict[str, set[str]] = {"deadlock": set(), "two tokens": set(), "no token": set(), "whether": set()}
    for fault in check_soundness(build(model)):
        kind = next(kind for kind in found if fault.problem.startswith(kind))
        names = fault.problem.removeprefix("no token ever comes to ").split(", ")
        found[kind].update(names if kind == "no token" else [fault.element])
    return found


def compare(model: Shape) -> str:
    """Raises `AssertionError` where check and engine differ; answers what kind of model it was."""
    check, runs = said(model), all_runs(model)
    if check["whether"]:
        return "undecided"
    assert set(runs.deadlocks) <= check["deadlock"]
    assert bool(runs.doubled) <= bool(check["two tokens"])
    if not runs.complete:
        return "too many runs"
    assert bool(check["deadlock"]) == bool(runs.deadlocks)
    assert bool(runs.doubled) or bool(runs.piled) or not check["two tokens"]
    assert check["no token"] == set(_tasks(model)) - set(runs.active)
    return " and ".join(kind for kind in ("deadlock", "two tokens", "no token") if check[kind]) or "sound"


def _tasks(shape: Shape) -> list[str]:
    return [one.id for one in shape.inside if one.tag == "userTask"] + [
        name for one in shape.inside for name in _tasks(one)
    ]


@settings(LOOSE, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_a_model_wired_at_random_goes_wrong_exactly_where_the_check_says_so(chance: Random) -> None:
    compare(wired(chance, chance.randint(2, 9)))


@settings(LOOSE, max_examples=30)
@given(st.randoms(use_true_random=False))
def test_a_model_with_inclusive_gateways_goes_wrong_exactly_where_the_check_says_so(chance: Random) -> None:
    compare(wired(chance, chance.randint(2, 7), INCLUSIVE))


@settings(LOOSE, max_examples=40)
@given(st.randoms(use_true_random=False))
def test_a_model_with_complex_gateways_goes_wrong_exactly_where_the_check_says_so(chance: Random) -> None:
    compare(wired(chance, chance.randint(2, 7), COMPLEX))


@settings(LOOSE, max_examples=40)
@given(st.randoms(use_true_random=False))
def test_an_ad_hoc_sub_process_goes_wrong_exactly_where_the_check_says_so(chance: Random) -> None:
    compare(wired_ad_hoc(chance, chance.randint(0, 5)))


def test_every_kind_of_model_is_among_those_with_complex_gateways_and_ad_hoc_sub_processes() -> None:
    complex_ = Counter(compare(wired(Random(seed), 2 + seed % 7, COMPLEX)) for seed in range(60))
    ad_hoc = Counter(compare(wired_ad_hoc(Random(seed), seed % 6)) for seed in range(60))

    assert min(complex_["sound"], complex_["deadlock"], complex_["two tokens"]) >= 3, complex_
    assert min(ad_hoc["sound"], ad_hoc["two tokens"], ad_hoc["deadlock"] + ad_hoc["deadlock and no token"]) >= 1, ad_hoc


def test_sound_models_and_every_kind_of_fault_are_among_those_compared() -> None:
    kinds = Counter(compare(wired(Random(seed), 2 + seed % 8)) for seed in range(150))

    assert min(kinds["sound"], kinds["deadlock"], kinds["two tokens"]) >= 10, kinds
    assert kinds["undecided"] + kinds["too many runs"] <= 15, kinds


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3000, 4500))
def test_many_models_go_wrong_exactly_where_the_check_says_so(seed: int) -> None:
    compare(wired(Random(seed), 2 + seed % 10))
    compare(wired(Random(seed), 2 + seed % 8, INCLUSIVE))
    compare(wired(Random(seed), 2 + seed % 7, COMPLEX))
    compare(wired_ad_hoc(Random(seed), seed % 6))
    compare(wired_ad_hoc(Random(seed), seed % 5, (*COMPLEX, "inclusive join")))

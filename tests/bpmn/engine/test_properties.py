"""What holds of every run of every model. The invariants themselves are in `invariants.py`; each drive, here and in
the tests beside this one, also compares a sliced and a reloaded shadow with the instance after every event."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn.journal import Record
from tests.bpmn.engine import driving, invariants
from tests.bpmn.engine.confluence import BLOCKS, LEAVES, ConfluentMaker, played_in_some_order
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.generating import VARIABLES, Maker, Run, played

GENERATED = {
    *("process", "subProcess", "multiInstanceBody", "callActivity", "startEvent", "endEvent", "boundaryEvent"),
    *(
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "task",
        "userTask",
        "serviceTask",
        "scriptTask",
        "receiveTask",
    ),
    *("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"),
}
"""Types of records that random runs must bring forth; who teaches the generator another kind adds it here."""

LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def digest(seed: int) -> str:
    """What a run asked and journalled, as one number."""
    drive = played(Random(seed))
    text = repr([drive.told, drive.records, drive.ledger.finished])
    return hashlib.sha256(text.encode()).hexdigest()


@settings(LOOSE, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_every_run_ends_completed_with_nothing_left_and_keeps_the_invariants(chance: Random) -> None:
    driving.driven.clear()

    drive = played(chance)

    invariants.check(drive.instance, drive.ledger, drive.records)
    assert drive.outcome == "completed"


@pytest.mark.parametrize("seed", range(40))
def test_every_run_of_a_larger_model_ends_completed(seed: int) -> None:
    assert played(Random(seed), size=40, steps=60).outcome == "completed"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 2000))
def test_every_run_of_many_models_ends_completed(seed: int) -> None:
    assert played(Random(seed), size=30, steps=60).outcome == "completed"


@settings(LOOSE, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_a_run_cancelled_at_any_point_leaves_nothing_behind(chance: Random) -> None:
    driving.driven.clear()
    drive = Drive(Maker(chance, 12).model(), VARIABLES)
    run = Run(drive, chance)
    for _ in range(chance.randint(0, 20)):
        if not drive.outcome:
            run.anything()
    done = drive.outcome

    drive.cancel()

    invariants.check(drive.instance, drive.ledger, drive.records)
    assert drive.outcome == (done or "terminated")


@pytest.mark.parametrize("seed", range(25))
def test_independent_events_in_any_order_complete_the_same_elements(seed: int) -> None:
    in_any_order(seed, orders=4)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1500))
def test_independent_events_of_many_models_in_any_order_complete_the_same_elements(seed: int) -> None:
    in_any_order(seed, orders=10)


def in_any_order(seed: int, orders: int) -> None:
    """Raises `AssertionError` where some order of events completes other elements than another."""
    model = ConfluentMaker(Random(seed), 10).model()
    driving.driven.clear()
    drives = [played_in_some_order(model, Random(order)) for order in range(orders)]

    assert [drive.outcome for drive in drives] == ["completed"] * orders
    first, *others = [Counter(drive.path()) for drive in drives]
    assert all(other == first for other in others)


def test_every_kind_that_the_confluent_models_know_is_among_them() -> None:
    used: Counter[str] = Counter()
    for seed in range(25):
        maker = ConfluentMaker(Random(seed), 10)
        maker.model()
        used += maker.used

    assert set(used) == {*LEAVES, *BLOCKS}
    assert min(used.values()) >= 3, used


def test_random_runs_complete_every_kind_of_element_that_the_generator_knows() -> None:
    completed = Counter(record.type for seed in range(40) for record in completions(seed))

    assert completed.keys() >= GENERATED
    assert min(completed[kind] for kind in GENERATED) >= 3, completed


def completions(seed: int) -> list[Record]:
    """What a run completed."""
    driving.driven.clear()
    return [record for record in played(Random(seed), size=30, steps=40).records if record.event == "completed"]


def test_the_same_events_give_the_same_commands_and_journal() -> None:
    assert [digest(seed) for seed in range(5)] == [digest(seed) for seed in range(5)]


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_with_another_hash_seed_does_the_same(hash_seed: str) -> None:
    root = Path(__file__).parents[3]
    code = "from tests.bpmn.engine.test_properties import digest; print(*[digest(s) for s in range(5)])"

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.split() == [digest(seed) for seed in range(5)], done.stderr

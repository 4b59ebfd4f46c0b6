"""What holds of every run of every model. The invariants themselves are in `invariants.py`; each drive, here and in
the tests beside this one, also compares a sliced and a reloaded shadow with the instance after every event."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bpmn.engine import driving, invariants
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.generating import VARIABLES, Maker, Run, played

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

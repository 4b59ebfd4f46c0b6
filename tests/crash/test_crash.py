"""The short form of `make crash`: a few cases come to their end over HTTP while everything is killed."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.__main__ import LATE_SURVEY
from tests.crash.company import Script
from tests.crash.installation import Kind
from tests.crash.kills import plan
from tests.crash.run import Wanted, run

TWO = (Script("survey-late", LATE_SURVEY), Script("withdrawn", leaves_at="sign_plan"))


def wanted(database: str) -> Wanted:
    return Wanted("short", 6, least=1, in_flight=3, scripts=TWO, database=database, patience=120.0, hasty=True)


@pytest.mark.timeout(300)
async def test_cases_come_to_their_end_whatever_is_killed(tmp_path: Path) -> None:
    outcome = await run(wanted("sqlite"), tmp_path)

    assert outcome.good, f"{outcome.verdict()}\n{outcome.summary()}"


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_cases_come_to_their_end_on_postgresql_too(tmp_path: Path) -> None:
    outcome = await run(wanted("postgresql"), tmp_path)

    assert outcome.good, f"{outcome.verdict()}\n{outcome.summary()}"


def test_a_seed_plans_the_same_kills_again_and_each_kind_as_often() -> None:
    first, second = (plan(random.Random("7"), 33, 400) for _ in range(2))

    assert first == second
    assert Counter(moment.victim for moment in first) == dict.fromkeys(Kind, 11)
    assert plan(random.Random("8"), 33, 400) != first

"""Bays through their activities: taken once, given back once, commissioned once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.bays import BayActivities
from domain.bays import Need
from domain.jobs import Job
from storage.database import Database
from tests.storage.grid import STATION, bays, builds, busbar, load, reserves, state, station, takes, told

MakeJob = Callable[..., Job]
CASE = "YK-2026-000317"
FIRST = f"{STATION}:512"
WANTED = {"bayVoltageKv": 10, "bayStation": STATION, "bay": None}


@pytest.fixture
def acts(database: Database) -> BayActivities:
    load(database, station(busbar(*bays("512"), *bays("513", built=False))))
    return BayActivities(database)


def run(activity: Callable[[Job], dict[str, Any]], job: Job) -> dict[str, Any]:
    result: dict[str, Any] = ActivityEnvironment().run(activity, job)
    return result


def refusal(activity: Callable[[Job], dict[str, Any]], job: Job) -> ApplicationError:
    with pytest.raises(ApplicationError) as caught:
        run(activity, job)
    assert caught.value.non_retryable
    return caught.value


def test_a_bay_is_taken_and_named(acts: BayActivities, database: Database, job: MakeJob) -> None:
    held = {"bay": FIRST, "bayName": "512间隔", "stationName": "城南变电站", "bayBuilt": True}

    assert run(acts.take_bay, job(WANTED)) == held
    assert (state(database, FIRST), told(database, FIRST)) == ("in_construction", ["load", "take"])


@pytest.mark.parametrize("voltage", [10, 10.0, "10"])
def test_the_same_job_tried_again_answers_the_same_bay(acts: BayActivities, job: MakeJob, voltage: object) -> None:
    wanted = {**WANTED, "bayVoltageKv": voltage}

    assert run(acts.take_bay, job(wanted)) == run(acts.take_bay, job(wanted))
    assert run(acts.take_bay, job(wanted, key="8"))["bayBuilt"] is False


def test_no_bay_is_an_error_of_the_diagram_that_says_what_to_do(
    acts: BayActivities, database: Database, job: MakeJob
) -> None:
    for case_no in ("YK-8", "YK-9"):
        takes(database, case_no)

    error = refusal(acts.take_bay, job(WANTED))

    sentence = "城南变电站10kV侧没有可用的间隔（在建2个），请在供电方案中另选电源点，或由发展部办理扩建"
    assert (error.type, error.message) == ("BpmnError", sentence)
    assert error.details == ("no_bay", {"bayProblem": sentence})


def test_a_station_that_there_is_not_is_for_the_plan_to_correct(acts: BayActivities, job: MakeJob) -> None:
    error = refusal(acts.take_bay, job({**WANTED, "bayStation": "CN999"}))

    assert (error.type, error.details[0]) == ("BpmnError", "no_bay")
    assert error.message.startswith("没有编号为“CN999”的变电站")


def test_a_case_takes_what_is_kept_for_its_lead(acts: BayActivities, database: Database, job: MakeJob) -> None:
    reserves(database, Need.MARKETING_LEAD, "XS-7")

    assert run(acts.take_bay, job({**WANTED, "leadNo": "XS-8"}))["bay"] == f"{STATION}:513"
    assert run(acts.take_bay, job({**WANTED, "leadNo": "XS-7"}, key="8"))["bay"] == FIRST


def test_a_withdrawn_case_gives_its_bay_back_once(acts: BayActivities, database: Database, job: MakeJob) -> None:
    held = run(acts.take_bay, job(WANTED))

    assert [run(acts.give_back_bay, job(held, key="9")) for _ in range(2)] == [{}, {}]
    takes(database, "YK-2", bay=FIRST)
    assert run(acts.give_back_bay, job(held, key="9")) == {}
    assert run(acts.give_back_bay, job(held, key="10")) == {}
    assert state(database, FIRST) == "in_construction"
    assert told(database, FIRST) == ["load", "take", "give_back", "take"]


def test_a_late_attempt_to_take_what_was_given_back_takes_nothing(
    acts: BayActivities, database: Database, job: MakeJob
) -> None:
    run(acts.give_back_bay, job(run(acts.take_bay, job(WANTED)), key="9"))

    assert refusal(acts.take_bay, job(WANTED)).message == f"不能占用间隔：512间隔已由工单{CASE}退还"
    assert state(database, FIRST) == "free"


def test_a_bay_is_commissioned_for_its_customer(acts: BayActivities, database: Database, job: MakeJob) -> None:
    held = run(acts.take_bay, job(WANTED))

    assert [run(acts.commission_bay, job(held, key="9")) for _ in range(2)] == [{"bayState": "in_use"}] * 2
    assert state(database, FIRST) == "in_use"


def test_a_bay_that_was_built_ahead_is_free(acts: BayActivities, database: Database, job: MakeJob) -> None:
    (built,) = builds(database, CASE, 1)

    assert [run(acts.commission_bay, job({"bay": built}, key="9")) for _ in range(2)] == [{"bayState": "free"}] * 2


def test_what_a_case_does_not_have_it_does_not_commission(acts: BayActivities, job: MakeJob) -> None:
    held = run(acts.take_bay, job(WANTED))
    other = replace(job(held), case_no="YK-2", workflow_id="case/YK-2")

    error = refusal(acts.commission_bay, other)
    assert (error.type, error.message) == (
        "JobRefused",
        "不能登记间隔投运：512间隔不由工单YK-2占用，不能由其投运",
    )


def test_an_unknown_bay_is_an_incident_that_says_so(acts: BayActivities, job: MakeJob) -> None:
    for activity, doing in ((acts.give_back_bay, "退还间隔"), (acts.commission_bay, "登记间隔投运")):
        assert refusal(activity, job({"bay": "none"})).message == f"不能{doing}：没有编号为“none”的间隔"


def test_reservations_that_are_over_are_freed(acts: BayActivities, database: Database) -> None:
    reserves(database, bay=FIRST)

    def freed(now: str) -> int:
        return ActivityEnvironment().run(acts.free_expired_reservations, now)

    assert freed("2027-06-30T23:59:00+08:00") == 0
    assert freed("2027-07-01T00:01:00+08:00") == 1
    assert freed("2027-07-01T00:01:00+08:00") == 0
    assert state(database, FIRST) == "free"


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({}, "间隔电压等级(kV)（bayVoltageKv）未填写；变电站编号（bayStation）未填写"),
        ({"bayVoltageKv": "ten", "bayStation": STATION}, "间隔电压等级(kV)（bayVoltageKv）应为数字"),
    ],
)
def test_what_is_missing_is_named(acts: BayActivities, job: MakeJob, variables: dict[str, Any], problem: str) -> None:
    assert refusal(acts.take_bay, job(variables)).message == f"不能占用间隔，请补正下列数据：{problem}"

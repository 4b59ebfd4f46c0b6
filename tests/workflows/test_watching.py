"""Limits are watched: what is late climbs, what is done in time does not, and nothing is said twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.starting import packed
from bpmn import read
from domain.acts import CompleteTask, SendMessage
from domain.business_time import spoken
from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.clock import Facts
from domain.records import CaseFields
from domain.start import CaseStart
from storage.clocks import bulletin_entries
from tests.bpmn.building import Part, end, message, model_xml, on_event, process, service, start, user
from tests.workflows.calling import HANDED_ON
from tests.workflows.running import House, Running
from tests.workflows.support import names
from tests.workflows.watching import (
    FACTS,
    FIELDS,
    LIMITS,
    POSTS,
    RUN_OUT,
    TWO,
    clock_changes,
    clocked,
    kept,
    key_of,
    levels,
    notices,
    outcome,
    replying,
    told,
    tomorrow,
    watched,
    workdays_ago,
)
from workflows import acts
from workflows.case import Case


async def test_a_clock_starts_when_the_step_was_done_and_says_when_it_is_due(house: House) -> None:
    case = await replying(house)
    happened = workdays_ago(2)

    await case.complete("A", happened_at=happened)
    (row,) = await case.limits()

    due = WorkingCalendar.shipped().add_workdays(datetime.fromisoformat(happened).date(), 10).date
    assert row["start"] == happened
    assert datetime.fromisoformat(row["due"]).date() == due + timedelta(days=1)
    assert any("不计入" in sentence or "起算" in sentence for sentence in row["explanation"])


async def test_a_step_in_time_stops_its_clock_and_nothing_is_raised(house: House) -> None:
    case = await replying(house)
    await case.complete("A")
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert clock_changes(case.records()) == [("reply", "起算"), ("reply", "截止")]
    assert await levels(case) == []


async def test_what_was_missed_before_it_was_entered_is_raised_once_in_order_and_marked(house: House) -> None:
    case = await replying(house)

    await case.complete("A", happened_at=workdays_ago(40), late_reason="补录")
    await case.task("B")

    assert await levels(case) == ["L0", "L1", "L2", "L3", "L4"]
    assert all(record.data["backdated"] for record in await case.recorded("escalated"))


async def test_nothing_is_raised_twice_however_often_the_case_is_continued(restless: House) -> None:
    case = await replying(restless)
    await case.complete("A", happened_at=workdays_ago(40), late_reason="补录")
    task = await case.task("B")
    for number in range(3):
        await case.act("claim", {"task": task, "by": "wang", "key": f"c{number}"})
        await case.act("release", {"task": task, "by": "wang", "key": f"r{number}"})

    assert await levels(case) == ["L0", "L1", "L2", "L3", "L4"]
    await case.complete("B")
    assert await case.outcome() == "completed"


def test_a_level_that_a_later_entry_shows_to_be_wrong_is_marked_and_stays() -> None:
    definition = read(clocked(model_xml(TWO), "p", RUN_OUT)).dump()
    calendar = WorkingCalendar.shipped().to_json()
    fields = CaseFields("YK-1", "p", 1)
    case = Case(
        CaseStart(fields, json.dumps(definition), packed(definition)[1], calendar, limits=LIMITS, facts=FACTS), ""
    )
    begun = datetime(2026, 3, 2, 9, tzinfo=BUSINESS_ZONE)
    case.begin(begun)
    acts.do(case, CompleteTask(next(iter(case.tasks)), "wang"), "update", begun)
    late = begun + timedelta(days=16)

    case.climb(late)
    done = CompleteTask(next(iter(case.tasks)), "wang", happened_at=(begun + timedelta(days=3)).isoformat())
    acts.do(case, done, "update", late)

    raised = [(one.data["level"], one.data["backdated"]) for one in case.outbox if one.event == "escalated"]
    assert raised == [
        *((level, False) for level in ("L0", "L1", "L2")),
        *((level, True) for level in ("L0", "L1", "L2")),
    ]


def test_what_the_last_step_of_a_case_breaks_some_minutes_ahead_is_raised_as_the_case_ends() -> None:
    case = kept(clocked(model_xml(TWO), "p", RUN_OUT))
    begun = datetime(2026, 11, 2, 9, tzinfo=BUSINESS_ZONE)
    case.begin(begun)
    acts.do(case, CompleteTask(key_of(case, "A"), "wang"), "update", begun)
    passed = datetime(2026, 11, 17, tzinfo=BUSINESS_ZONE)

    done = CompleteTask(key_of(case, "B"), "wang", happened_at=(passed + timedelta(minutes=1)).isoformat())
    acts.do(case, done, "update", passed - timedelta(minutes=1))

    assert case.finished
    assert [one.data["level"] for one in case.outbox if one.event == "escalated"] == ["L2"]


async def test_one_timer_watches_all_clocks_and_names_what_comes_next(house: House) -> None:
    step = Part(extension='<yekuo:clock limit="survey" department="marketing"/>')
    shapes = process(start(), user("A"), user("B", step), end(), flows=["start > A > B > end"])
    case = await watched(house, clocked(model_xml(shapes), "p", RUN_OUT))
    await case.complete("A")
    await case.limits(2)
    history = await case.handle.fetch_history()
    timers = [event for event in history.events if event.HasField("timer_started_event_attributes")]

    assert names(history).count("TIMER_STARTED") - names(history).count("TIMER_CANCELED") == 1
    assert json.loads(timers[-1].user_metadata.summary.data).startswith("B 提醒 ")


async def test_a_step_done_before_its_limit_began_is_refused_with_both_times(house: House) -> None:
    case = await replying(house)
    await case.complete("A", happened_at=workdays_ago(2))
    early = {"happened_at": workdays_ago(3), "by": "wang", "task": await case.task("B")}

    refused = await case.refused("complete", early)

    assert refused.startswith(f"办理时间{spoken(datetime.fromisoformat(workdays_ago(3)))[:-2]}")
    assert "早于“供电方案答复”的起算时间" in refused
    await case.complete("B", happened_at=workdays_ago(2))
    assert await case.outcome() == "completed"


async def test_a_case_whose_steps_are_all_entered_late_is_taken_in_their_order(house: House) -> None:
    step = Part(extension='<yekuo:clock limit="survey" department="marketing"/>')
    work = ["A", "B", "C"]
    shapes = [user(name, step) for name in work]
    path = "start > A > job > B > C > end"
    shape = process(start(), *shapes, service("job"), end(), flows=[path])
    case = await watched(house, clocked(model_xml(shape), "p", RUN_OUT))

    for days, name in zip((9, 8, 7), work, strict=True):
        await case.complete(name, happened_at=workdays_ago(days), late_reason="补录")

    assert await case.outcome() == "completed"


async def test_a_clock_goes_on_in_the_called_process_from_the_same_start(house: House) -> None:
    case = await watched(house, HANDED_ON)
    happened = workdays_ago(45)
    await case.complete("A", happened_at=happened, late_reason="补录")
    called = await case.the_child()
    await called.task("C")

    (row,) = await called.limits()
    assert row["start"] == happened
    assert clock_changes(await case.recorded("clock")) == [("works", "起算"), ("works", "移交")]
    assert await levels(case, "works") == ["L0", "L1", "L2", "L3", "L4"]
    assert await levels(called, "works") == []
    await called.complete("C")
    assert await case.outcome() == "completed"


async def test_a_clock_that_the_end_of_the_case_finds_running_is_dropped(house: House) -> None:
    never = RUN_OUT.replace('element="B" on="completed"', 'element="B" on="terminated"')
    case = await watched(house, clocked(model_xml(TWO), "p", never))
    await case.complete("A")
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert clock_changes(case.records()) == [("reply", "起算"), ("reply", "取消")]


async def test_temporal_shows_the_next_due_date_and_the_colour(house: House) -> None:
    case = await replying(house)
    await case.complete("A", happened_at=workdays_ago(40), late_reason="补录")
    await case.until(lambda view: not view["unrecorded"])

    async def attributes() -> dict[str, Any]:
        described = await case.handle.describe()
        return {pair.key.name: pair.value for pair in described.typed_search_attributes}

    shown = await attributes()
    assert shown["DeadlineStatus"] == "红"
    assert shown["DueAt"] < datetime.now(BUSINESS_ZONE)
    details = (await case.handle.query("__temporal_workflow_metadata")).current_details
    assert "| 供电方案答复 | 已超期 | 红 |" in details


async def test_a_case_without_limits_watches_nothing(house: House) -> None:
    case = await house.start_model(clocked(model_xml(TWO), "p", RUN_OUT), "p")
    await case.complete("A", happened_at=workdays_ago(40), late_reason="补录")
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert not clock_changes(case.records())


async def test_a_limit_that_no_row_sets_for_such_a_case_raises_nothing(house: House) -> None:
    week = RUN_OUT.replace('limit="supply_plan_reply"', 'limit="energization"')
    other = Facts("10", 1, False, "2026-03-02").to_json()
    case = await house.start_model(clocked(model_xml(TWO), "p", week), "p", limits=LIMITS, facts=other)
    await case.complete("A", happened_at=workdays_ago(40), late_reason="补录")

    assert await levels(case) == []
    assert await case.handle.query("limits") == []


async def test_each_level_is_told_once_to_each_post_that_it_concerns(restless: House) -> None:
    case = await told(restless)
    await case.complete("B")
    await outcome(case)

    assert [kind for kind, _, _ in notices(restless, "wang")] == ["L0", "L1", "L2"]
    assert [kind for kind, _, _ in notices(restless, "leader")] == ["L1", "L2"]
    levels_told = [one for one in notices(restless, "centre") if one[0] != "vacant"]
    assert levels_told == [("L2", "centre", "超期：供电方案答复（YK-TOLD）")]


async def test_a_vacant_post_is_reported_and_the_next_above_is_told(house: House) -> None:
    case = await told(house)
    await case.complete("B")
    await outcome(case)

    vacant = [record.data["reason"] for record in case.records() if record.event == "vacant"]
    assert "东城县营销部部门主任空缺，改送东城县分管领导。" in vacant
    assert [kind for kind, _, _ in notices(house, "deputy")] == ["L2"]


async def test_an_acknowledged_level_stands_in_the_journal_and_an_unknown_one_is_refused(house: House) -> None:
    case = await told(house)

    await case.act("acknowledge", {"clock": "reply", "level": "L2", "by": "leader"})

    (seen,) = await case.recorded("acknowledged")
    assert (seen.data["level"], seen.data["by"]) == ("L2", "leader")
    assert "没有发出过 L4" in await case.refused("acknowledge", {"clock": "reply", "level": "L4", "by": "leader"})


async def test_a_supervision_order_is_answered_once_with_its_cause_and_a_new_promise(house: House) -> None:
    case = await told(house)
    answer = {"clock": "reply", "cause": "grid", "promised": tomorrow(), "by": "leader", "text": "间隔不足"}

    await case.act("answer_order", answer)

    (answered,) = await case.recorded("answered")
    assert answered.data["answer"]["cause"] == "grid"
    assert "不能重复答复" in await case.refused("answer_order", answer)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"clock": "other"}, "期限 other 没有督办单"),
        ({"cause": "weather"}, "原因“weather”应为"),
        ({"promised": "2020-01-01T09:00:00+08:00"}, "应晚于现在"),
        ({"promised": "明天"}, "不是带时区的日期时间"),
        ({"by": ""}, "未说明经办人"),
    ],
)
async def test_an_answer_that_does_not_do_is_refused_in_words(house: House, changes: dict[str, str], text: str) -> None:
    case = await told(house)
    answer = {"clock": "reply", "cause": "grid", "promised": tomorrow(), "by": "leader", **changes}

    assert text in await case.refused("answer_order", answer)


async def test_a_case_without_clocks_has_nothing_to_acknowledge(house: House) -> None:
    case = await house.start(TWO)
    await case.task("A")

    assert "本流程没有期限" in await case.refused("acknowledge", {"clock": "reply", "level": "L1", "by": "wang"})


async def late_by(house: House, days: int) -> Running:
    """A case whose reply began so many working days ago."""
    case = await replying(house, case=FIELDS)
    await case.complete("A", happened_at=workdays_ago(days), late_reason="补录")
    await case.until(lambda view: not view["unrecorded"])
    return case


async def test_the_third_yellow_in_a_row_of_a_department_climbs_as_soon_as_it_is_late(house: House) -> None:
    first, second = await late_by(house, 12), await late_by(house, 11)
    third = await late_by(house, 11)
    await third.until_recorded("third yellow")

    assert await levels(third) == ["L0", "L1", "L2", "L3"]
    assert [await levels(first), await levels(second)] == [["L0", "L1", "L2"]] * 2


async def test_what_climbs_to_the_top_is_entered_in_the_bulletin_once(restless: House) -> None:
    case = await late_by(restless, 40)
    await case.complete("B")
    await case.outcome()

    with restless.database.session() as session:
        (entry,) = bulletin_entries(session, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert [record.data["clock"] for record in case.records() if record.event == "bulletin"] == ["reply"]
    assert (entry.name, entry.county, entry.department) == ("供电方案答复", "东城县", "marketing")
    assert entry.overdue_days > 30


async def test_a_late_step_is_raised_to_whoever_holds_it(house: House) -> None:
    step = Part(extension='<yekuo:clock limit="survey" department="marketing"/>')
    shapes = process(start(), user("A", step), end(), flows=["start > A > end"])
    case = await watched(house, model_xml(shapes), posts=POSTS, case=FIELDS)
    task = await case.task("A")
    await case.act(
        "claim",
        {
            "task": task,
            "by": "wang",
        },
    )
    await case.complete("A", happened_at=datetime.now(UTC).isoformat())
    await case.outcome()

    (stopped,) = [record for record in case.records() if record.event == "clock" and record.data["kind"] == "截止"]
    assert stopped.data["officer"] == "wang"


async def test_a_case_counts_by_the_settings_that_it_carries(house: House) -> None:
    clock = RUN_OUT.replace("<yekuo:stop", '<yekuo:start element="B" on="completed"/><yekuo:stop', 1)
    shapes = process(start(), user("A"), user("B"), user("C"), end(), flows=["start > A > B > C > end"])
    xml = clocked(model_xml(shapes), "p", clock.replace('stop element="B"', 'stop element="C"'))
    case = await watched(house, xml, clock_settings={"close": "17:30", "counts": {"reply": "B"}})
    await case.complete("A")
    assert await case.handle.query("limits") == []
    await case.complete("B")

    (row,) = await case.limits()
    assert datetime.fromisoformat(row["due"]).strftime("%H:%M") == "17:30"
    assert [(moment["name"], moment["counts"]) for moment in row["noted"]] == [("A", False), ("B", True)]
    assert "以“B”" in row["explanation"][-1]
    assert "“A”" in row["explanation"][-1]
    await case.handle.terminate()


async def test_a_withdrawal_drops_every_clock_and_nothing_is_raised_of_a_case_that_goes_on_to_be_undone(
    house: House,
) -> None:
    undoing = on_event("withdrawal", message("stop"), then="U")
    shapes = process(start(), user("A"), user("B"), end(), undoing, flows=["start > A > B > end"])
    case = await watched(house, clocked(model_xml(shapes), "p", RUN_OUT), posts=POSTS, variables={"key": "key"})
    await case.complete("A", happened_at=workdays_ago(3))
    await case.act("message", {"name": "stop", "correlation_key": "key"})
    await case.task("U")

    assert clock_changes(await case.recorded("clock")) == [("reply", "起算"), ("reply", "取消")]
    assert [row["state"] for row in await case.limits()] == ["已取消"]
    await case.complete("U")
    assert await case.outcome() == "completed"


async def test_what_was_broken_before_a_withdrawal_is_raised_all_the_same(house: House) -> None:
    undoing = on_event("withdrawal", message("stop"))
    shapes = process(start(), user("A"), user("B"), end(), undoing, flows=["start > A > B > end"])
    definition = read(clocked(model_xml(shapes), "p", RUN_OUT)).dump()
    case = Case(
        CaseStart(
            CaseFields("YK-1", "p", 1),
            json.dumps(definition),
            packed(definition)[1],
            WorkingCalendar.shipped().to_json(),
            variables={"key": "key"},
            limits=LIMITS,
            facts=FACTS,
        ),
        "",
    )
    begun = datetime(2026, 3, 2, 9, tzinfo=BUSINESS_ZONE)
    case.begin(begun)
    acts.do(case, CompleteTask(next(iter(case.tasks)), "wang"), "update", begun)

    acts.do(case, SendMessage("stop", "key"), "update", begun + timedelta(days=15))

    assert [one.data["level"] for one in case.outbox if one.event == "escalated"] == ["L2"]

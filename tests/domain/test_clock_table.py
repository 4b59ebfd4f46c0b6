"""The table of a case's clocks says of each how it stands, when it is due and by which rule."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.clock import Facts
from domain.clock_rules import ClockRule, Trigger
from domain.clock_table import HEADINGS, ClockRow, clock_rows
from domain.clocks import Clocks
from domain.ladder import Ladder
from domain.limits import LimitTable
from domain.records import Record


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


class Case:
    def __init__(self) -> None:
        def rule(name: str, limit: str) -> ClockRule:
            start, stop = (Trigger(f"{verb}_{limit}", "completed") for verb in ("begin", "end"))
            dropped = Trigger(f"begin_{limit}", "terminated")
            return ClockRule(limit, name, limit, (start,), (stop, dropped), department="marketing")

        rules = [rule("答复", "supply_plan_reply"), rule("完工", "grid_works"), rule("查勘", "survey")]
        facts = Facts("10", 1, True, "2026-01-05")
        self.clocks = Clocks(rules, LimitTable.shipped(), WorkingCalendar.shipped(), facts)
        self.ladder = Ladder(self.clocks)

    def record(self, element: str, when: str, event: str = "completed") -> None:
        self.clocks.feed(Record(1, at(when).isoformat(), event, element, "userTask", element))

    def rows(self, now: str) -> dict[str, ClockRow]:
        return {row.clock.id: row for row in clock_rows(self.clocks, self.ladder, at(now))}


def test_a_running_clock_says_how_many_working_days_are_left() -> None:
    case = Case()
    case.record("begin_supply_plan_reply", "2026-09-28T09:00")

    row = case.rows("2026-09-30T09:00")["supply_plan_reply"]

    assert (row.state, row.colour, row.left) == ("计时中", "蓝", 8)
    assert row.words() == (
        "答复",
        "计时中",
        "蓝",
        "2026年9月28日09:00",
        "2026年10月16日24:00",
        "8",
        "",
        "",
    )
    assert len(row.words()) == len(HEADINGS)


def test_a_clock_is_late_from_its_due_instant_on_as_its_colour_is() -> None:
    case = Case()
    case.record("begin_supply_plan_reply", "2026-09-28T09:00")

    rows = [case.rows(now)["supply_plan_reply"] for now in ("2026-10-16T23:59", "2026-10-17T00:00")]

    assert [(row.state, row.colour) for row in rows] == [("计时中", "黄"), ("已超期", "红")]


def test_a_late_clock_counts_on_below_zero_and_names_its_level_and_order() -> None:
    case = Case()
    case.record("begin_supply_plan_reply", "2026-09-28T09:00")
    case.ladder.reached(at("2026-10-17T00:00"))
    case.ladder.numbered("supply_plan_reply", "督〔2026〕1号")

    row = case.rows("2026-10-19T09:00")["supply_plan_reply"]

    assert (row.state, row.colour, row.left) == ("已超期", "红", -1)
    assert (row.level, row.order) == ("超期", "督〔2026〕1号")


def test_an_ended_clock_was_kept_broken_or_dropped() -> None:
    case = Case()
    for limit in ("supply_plan_reply", "grid_works", "survey"):
        case.record(f"begin_{limit}", "2026-11-02T09:00")
    case.record("end_supply_plan_reply", "2026-11-17T00:00")
    case.record("end_survey", "2026-11-06T00:01")
    case.record("begin_grid_works", "2026-11-06T00:01", event="terminated")

    rows = case.rows("2026-12-01T09:00")

    assert {row.clock.id: (row.state, row.colour, row.left) for row in rows.values()} == {
        "supply_plan_reply": ("按期完成", "黄", None),
        "survey": ("超期完成", "红", None),
        "grid_works": ("已取消", "", None),
    }


def test_a_provisional_due_date_is_marked_in_the_table() -> None:
    case = Case()
    case.record("begin_grid_works", "2026-11-23T09:00")

    row = case.rows("2026-11-24T09:00")["grid_works"]

    assert row.words()[4] == "2027年1月5日24:00（暂定）"
    assert "10.12252" in row.due.limit.source
    assert row.due.limit.verified


def test_rows_are_plain_json() -> None:
    case = Case()
    case.record("begin_grid_works", "2026-11-23T09:00")

    written = json.loads(json.dumps([row.to_json() for row in case.rows("2026-11-24T09:00").values()]))

    assert written[0]["explanation"][0] == "截止2027年1月5日24:00（暂定）。"


class Signed:
    """A clock that begins with the reply or the signature, as the company counts."""

    def __init__(self, counts: str) -> None:
        starts = (Trigger("reply", "completed"), Trigger("sign", "completed"))
        rule = ClockRule("works", "完工", "grid_works", starts, counts=counts, department="operations")
        facts = Facts("10", 1, True, "2026-01-05")
        self.clocks = Clocks([rule], LimitTable.shipped(), WorkingCalendar.shipped(), facts)
        for element, name, when in (("reply", "答复", "2026-03-02T10:00"), ("sign", "签收", "2026-03-06T15:30")):
            self.clocks.feed(Record(1, at(when).isoformat(), "completed", element, "userTask", name))

    def row(self) -> ClockRow:
        (row,) = clock_rows(self.clocks, Ladder(self.clocks), at("2026-03-09T09:00"))
        return row


@pytest.mark.parametrize(
    ("counts", "start", "said"),
    [
        ("reply", "2026年3月2日10:00（签收3月6日，不计）", "以“答复”（2026年3月2日10:00）起算"),
        ("sign", "2026年3月6日15:30（答复3月2日，不计）", "以“签收”（2026年3月6日15:30）起算"),
    ],
)
def test_reply_and_signature_are_both_shown_whichever_counts(counts: str, start: str, said: str) -> None:
    row = Signed(counts).row()

    assert start in row.words()
    assert [moment["name"] for moment in row.to_json()["noted"]] == ["答复", "签收"]
    assert row.to_json()["explanation"][-1].startswith(said)


def test_the_moments_go_with_a_clock_to_the_case_that_goes_on_with_it_and_through_a_dump() -> None:
    signed = Signed("reply")
    there = Clocks(signed.clocks.rules.values(), LimitTable.shipped(), signed.clocks.calendar, signed.clocks.facts)
    clock, _ = signed.clocks.pass_on("works", at("2026-03-09T09:00"))
    assert clock

    there.started_elsewhere(clock, signed.clocks.noted("works"))
    again = Clocks(signed.clocks.rules.values(), LimitTable.shipped(), signed.clocks.calendar, signed.clocks.facts)
    again.load(json.loads(json.dumps(there.dump())))

    assert again.noted("works") == signed.clocks.noted("works")


def test_a_dump_without_names_is_read_with_those_of_the_elements() -> None:
    case = Signed("reply").clocks
    case.load({**case.dump(), "noted": {"works": {"reply": at("2026-03-02T10:00").isoformat()}}})

    assert [(one.element, one.name, one.at) for one in case.noted("works")] == [
        ("reply", "reply", at("2026-03-02T10:00"))
    ]

"""What holds a clock up explains it and changes nothing: a shortage of materials above all (domain.md §1.1 row 5)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from domain.clock import ChangeKind, Clock
from domain.clock_rules import ClockRule, DelayRule, rule_faults
from domain.clock_table import ClockRow, clock_rows
from domain.clocks import Clocks
from domain.delays import DELAY_TEXT, Delay
from domain.ladder import Ladder
from domain.orders import Cause, Party
from domain.records import Record
from tests.domain.clock_cases import TABLE, WORKS, at, clocks, record, running

SHORT = "物资短缺：YJV22电缆缺120米（需300米，可用180米，预计2026年3月20日到货）。"
DELAYED = replace(WORKS, delays=(DelayRule("wait", "materials_shortage", "shortageText"),))


def waiting(text: str = SHORT) -> Record:
    """The case begins to wait for materials."""
    return replace(record("wait", "2026-03-09T10:00", "activated"), data={DELAY_TEXT: text})


def delayed() -> Clocks:
    """A clock that is held up by a shortage."""
    case = clocks(DELAYED)
    case.feed(record("reply", "2026-03-02T10:00"))
    case.feed(waiting())
    return case


def row(case: Clocks, rule: str = "works") -> ClockRow:
    rows = clock_rows(case, Ladder(case), at("2026-03-12T09:00"))
    return next(one for one in rows if one.clock.rule == rule)


def test_a_shortage_is_a_cause_of_its_own_and_the_utilitys() -> None:
    cause = Cause("materials_shortage")

    assert (cause.title, cause.party) == ("物资短缺", Party.UTILITY)
    assert {one.party for one in Cause if one is not Cause.CUSTOMER} == {Party.UTILITY, Party.OTHER}


def test_a_delay_is_told_with_item_and_arrival_in_the_explanation() -> None:
    assert row(delayed()).to_json()["explanation"][-1] == (
        "延误原因：物资短缺：YJV22电缆缺120米（需300米，可用180米，预计2026年3月20日到货）"
        "（供电企业原因，期限照计，自2026年3月9日10:00起，尚未消除）。"
    )


def test_a_delay_never_stops_a_clock_nor_moves_its_due_date() -> None:
    plain = clocks(WORKS)
    plain.feed(record("reply", "2026-03-02T10:00"))

    case = delayed()

    assert case.due(running(case, "works")) == plain.due(running(plain, "works"))


def test_the_milestones_of_a_clock_are_held_up_with_it() -> None:
    case = clocks(DELAYED)
    case.feed(record("reply", "2026-03-02T10:00"))

    changes = case.feed(waiting())

    assert {one.kind for one in changes} == {ChangeKind.DELAYED}
    assert sorted(one.clock for one in changes) == ["works", "works.start", "works.task"]
    assert changes[0].reason == SHORT.rstrip("。")


def test_a_delay_ends_with_its_element_and_stays_told() -> None:
    case = delayed()

    changes = case.feed(record("wait", "2026-03-11T08:30"))

    assert {one.kind for one in changes} == {ChangeKind.EASED}
    assert (
        row(case)
        .to_json()["explanation"][-1]
        .endswith("（供电企业原因，期限照计，自2026年3月9日10:00至2026年3月11日08:30）。")
    )


@pytest.mark.parametrize("event", ["completed", "terminated"])
def test_another_element_instance_ends_no_delay(event: str) -> None:
    case = delayed()

    assert case.feed(record("wait", "2026-03-11T08:30", event, key="8")) == []
    assert case.feed(record("wait", "2026-03-11T08:30", event)) != []


def test_a_second_wait_is_a_second_delay() -> None:
    case = delayed()
    case.feed(record("wait", "2026-03-11T08:30"))
    case.feed(replace(waiting("缺终端头"), key="9"))

    assert [delay["text"] for delay in row(case).to_json()["delays"]] == [SHORT, "缺终端头"]


def test_a_clock_that_does_not_run_is_not_held_up() -> None:
    case = clocks(DELAYED)

    assert case.feed(waiting()) == []


def test_a_clock_that_has_ended_keeps_its_delay_until_that_is_over() -> None:
    case = delayed()
    case.feed(record("complete_works", "2026-03-10T17:00"))

    case.feed(record("wait", "2026-03-11T08:30"))

    (delay,) = row(case).clock.delays
    assert delay.until == at("2026-03-11T08:30")


def test_delays_go_with_a_clock_through_a_dump_and_to_another_case_and_back() -> None:
    case = delayed()
    again = clocks(DELAYED)
    again.load(json.loads(json.dumps(case.dump())))
    assert list(again) == list(case)

    passed, _ = case.pass_on("works", at("2026-03-09T11:00"))
    assert passed
    there = clocks(DELAYED)
    there.started_elsewhere(Clock.from_json(passed.to_json()))
    there.feed(record("wait", "2026-03-09T12:00"))
    case.told_elsewhere(running(there, "works"), at("2026-03-09T13:00"))

    assert [delay.until for delay in row(case).clock.delays] == [at("2026-03-09T12:00")]


@pytest.mark.parametrize(
    ("text", "words"), [("", "物资短缺"), ("电缆未到。", "物资短缺：电缆未到"), (SHORT, SHORT.rstrip("。"))]
)
def test_the_cause_is_named_once(text: str, words: str) -> None:
    assert Delay(Cause.MATERIALS_SHORTAGE, text, at("2026-03-09T10:00"), "7").words == words


MOVED = replace(WORKS, milestones=(), delays=(DelayRule("moved", "grid", "moveText", until="work"),))


def moved(text: str, when: str) -> Record:
    """The case hears that an outage was moved."""
    return replace(record("moved", when), data={DELAY_TEXT: text})


def test_a_delay_that_began_with_an_event_lasts_until_another_element_has_ended() -> None:
    case = clocks(MOVED)
    case.feed(record("reply", "2026-03-02T10:00"))
    case.feed(record("moved", "2026-03-03T10:00", "activated"))
    assert not row(case).clock.delays

    case.feed(moved("停电改期", "2026-03-04T10:00"))
    assert row(case).to_json()["explanation"][-1] == (
        "延误原因：电网受限：停电改期（供电企业原因，期限照计，自2026年3月4日10:00起，尚未消除）。"
    )

    (eased,) = case.feed(record("work", "2026-03-05T10:00"))
    assert (eased.kind, eased.reason) == (ChangeKind.EASED, "电网受限：停电改期")
    assert [delay.until for delay in row(case).clock.delays] == [at("2026-03-05T10:00")]


def test_a_second_event_takes_the_place_of_the_first() -> None:
    case = clocks(MOVED)
    case.feed(record("reply", "2026-03-02T10:00"))
    case.feed(moved("改至周四", "2026-03-03T10:00"))

    changes = case.feed(moved("改至周五", "2026-03-04T10:00"))

    assert [one.kind for one in changes] == [ChangeKind.EASED, ChangeKind.DELAYED]
    assert [(delay.text, delay.until) for delay in row(case).clock.delays] == [
        ("改至周四", at("2026-03-04T10:00")),
        ("改至周五", None),
    ]


def test_rules_with_delays_travel_as_json_and_a_wrong_cause_is_named() -> None:
    assert ClockRule.from_json(json.loads(json.dumps(DELAYED.to_json()))) == DELAYED
    assert rule_faults([DELAYED], TABLE) == ()

    wrong = replace(WORKS, milestones=(), delays=(DelayRule("wait", "rain"),))

    (fault,) = rule_faults([wrong], TABLE)
    assert fault.startswith("计时“works”：元素“wait”的延误原因“rain”不存在，可用：customer（客户）、")
    assert fault.endswith("materials_shortage（物资短缺）")

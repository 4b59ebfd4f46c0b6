"""What officers are told: how things stand, what is asked of them, and when nothing is any more."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from domain.chinese import BUSINESS_ZONE
from domain.clock import Change, ChangeKind, Clock, Outcome
from domain.escalation import Escalation
from domain.levels import Colour, Level
from domain.moved import DueMoved
from domain.posts import Post, Seat, Vacancy
from domain.warnings import since_then, subject, text, vacancy

DUE = dt.datetime(2026, 11, 17, tzinfo=BUSINESS_ZONE)
SUMMARY = "YK-1 高压业扩 10kV专线 开发区"


def raised(level: Level = Level.L2, **more: Any) -> dict[str, Any]:
    late = Escalation("reply", level, "供电方案答复", "marketing", DUE, DUE, DUE, False, Colour.RED, **more)
    return late.to_json()


def test_a_level_is_told_with_its_clock_and_its_case() -> None:
    assert subject(raised(), "YK-1") == "超期：供电方案答复（YK-1）"


@pytest.mark.parametrize(
    ("level", "asked"),
    [
        (Level.L0, "请按期办理"),
        (Level.L1, "请确认收到"),
        (Level.L2, "请在一个工作日内答复督办单"),
        (Level.L3, "已列入督办"),
        (Level.L4, "将列入周通报"),
    ],
)
def test_each_level_says_when_it_was_due_and_what_it_asks(level: Level, asked: str) -> None:
    words = text(raised(level), SUMMARY)

    assert words.startswith(SUMMARY)
    assert "2026年11月16日24:00前办结" in words
    assert asked in words


def test_a_level_with_an_order_names_its_number() -> None:
    assert "督办单：供督〔2026〕0001号。" in text(raised(), SUMMARY, "供督〔2026〕0001号")


def test_a_level_that_was_learned_late_says_so_and_asks_all_the_same() -> None:
    words = text(raised(backdated=True), SUMMARY)

    assert "系统获知时该时点已过" in words
    assert "请在一个工作日内答复督办单" in words


def test_a_level_that_was_taken_back_asks_for_nothing_any_more() -> None:
    one = raised(backdated=True, taken_back=True)

    assert subject(one, "YK-1") == "超期（补录）：供电方案答复（YK-1）"
    assert "事项当时已经办结" in text(one, SUMMARY)
    assert "请在一个工作日内" not in text(one, SUMMARY)


@pytest.mark.parametrize("more", [{}, {"backdated": True, "taken_back": True}])
def test_a_level_names_its_clock_by_the_id_that_acts_on_it_need(more: dict[str, Any]) -> None:
    assert text(raised(**more), SUMMARY).splitlines()[-1] == "期限编号：reply"


DONE = Clock("reply", "reply", DUE, DUE, ended=DUE + dt.timedelta(hours=9), outcome=Outcome.STOPPED)


@pytest.mark.parametrize(
    ("clock", "kind", "taken_back", "words"),
    [
        pytest.param(DONE, "L1", False, "该事项已于2026年11月17日09:00办结，无须再办理。", id="a warning asks no more"),
        pytest.param(DONE, "L2", False, "该事项已于2026年11月17日09:00办结。", id="an order is still to be answered"),
        pytest.param(DONE, "L2", True, "该事项已于2026年11月17日09:00办结，无须再办理。", id="not one taken back"),
        pytest.param(
            replace(DONE, outcome=Outcome.DROPPED),
            "L2",
            False,
            "该事项已于2026年11月17日09:00终止，无须再办理。",
            id="what was dropped asks nothing",
        ),
        pytest.param(replace(DONE, outcome=Outcome.PASSED_ON), "L2", False, "", id="it goes on in a called case"),
        pytest.param(replace(DONE, ended=None, outcome=None), "L2", False, "", id="it runs"),
    ],
)
def test_what_has_happened_to_a_clock_since_then_is_one_line(
    clock: Clock, kind: str, taken_back: bool, words: str
) -> None:
    assert since_then(clock, kind, taken_back=taken_back) == words


def test_a_vacancy_says_which_seat_is_vacant_who_was_written_to_and_what_to_do() -> None:
    head, leader = (Seat(Post.DEPARTMENT_HEAD, "marketing", "东城县"), Seat(Post.LEADER, "", "东城县"))

    one = vacancy(Vacancy(head, leader), SUMMARY, "YK-1")

    assert one == (
        "岗位空缺：东城县营销部部门主任（YK-1）",
        f"{SUMMARY}\n东城县营销部部门主任空缺，改送东城县分管领导。\n请在岗位表中补上人员。",
    )


def test_a_repeat_is_marked() -> None:
    assert subject(raised(Level.L1, repeat=2), "YK-1") == "预警（重复）：供电方案答复（YK-1）"


def test_a_moved_due_date_says_from_when_to_when_by_whom_and_why() -> None:
    change = Change(
        ChangeKind.MOVED,
        "reply",
        "供电方案答复",
        DUE.isoformat(),
        (DUE + dt.timedelta(2)).isoformat(),
        previous=DUE.isoformat(),
        days=2,
        reason="客户变更容量",
    )
    moved = DueMoved(change, "marketing", DUE, 7, "head").to_json()

    words = text(moved, SUMMARY)

    assert subject(moved, "YK-1") == "期限调整：供电方案答复（YK-1）"
    assert "原定2026年11月16日24:00前办结，现为2026年11月18日24:00前办结，推迟2天。" in words
    assert "调整人：head；理由：客户变更容量。" in words

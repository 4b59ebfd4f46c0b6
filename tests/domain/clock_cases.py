"""What tests of clocks share: the rules of a diagram, records of a journal, and clocks that have heard them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.clock import Clock, ClockSettings, Facts
from domain.clock_rules import ClockRule, Milestone, Trigger
from domain.clocks import Clocks
from domain.due import Due
from domain.limits import LimitTable
from domain.records import Record

TABLE = LimitTable.shipped()
CALENDAR = WorkingCalendar.shipped()
DEDICATED_10KV = Facts("10", 1, True, "2024-01-02")


def done(element: str) -> tuple[Trigger, ...]:
    return (Trigger(element, "completed"),)


REPLY = ClockRule("reply", "供电方案答复", "supply_plan_reply", done("accept"), done("reply"), department="marketing")
WORKS = ClockRule(
    "works",
    "配套电网工程完工",
    "grid_works",
    (*done("reply"), *done("sign")),
    done("complete_works"),
    (Trigger("rectify_works", "activated"),),
    (
        Milestone("task", "下达任务", "grid_works.task_issued", done("issue_task")),
        Milestone("start", "开工", "grid_works.works_start", done("start_works")),
    ),
    counts="reply",
    department="construction",
)
WEEK = ClockRule("week", "一周内送电", "energization", done("apply"), done("energize"))
SURVEY = ClockRule("survey", "现场勘查", "survey", (Trigger("survey", "activated"),), done("survey"), per_step=True)
CONTRACT = ClockRule("contract", "补签施工合同", "late_contract", done("start_works"), done("sign_contract"))
VALIDITY = ClockRule("validity", "供电方案有效期", "plan_validity", done("reply"), done("build"))
RULES = (REPLY, WORKS, WEEK, SURVEY, CONTRACT, VALIDITY)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


def record(element: str, when: str, event: str = "completed", key: str = "7", happened: str = "") -> Record:
    data = {"happenedAt": at(happened).isoformat()} if happened else {}
    return Record(1, at(when).isoformat(), event, element, "userTask", element, key=key, data=data)


def clocks(
    *rules: ClockRule,
    facts: Facts = DEDICATED_10KV,
    calendar: WorkingCalendar = CALENDAR,
    settings: ClockSettings | None = None,
) -> Clocks:
    return Clocks(rules or RULES, TABLE, calendar, facts, settings)


def passed_on() -> tuple[Clocks, Clock]:
    """A caller that has passed its clock on, and the clock as the called case begins with it."""
    parent = clocks(WORKS)
    parent.feed(record("reply", "2026-03-02T10:00"))
    passed, _ = parent.pass_on("works", at("2026-03-04T10:00"))
    assert passed
    return parent, passed


def running(case: Clocks, rule: str) -> Clock:
    clock = case.latest(rule)
    assert clock is not None
    assert clock.running
    return clock


def due_of(case: Clocks, rule: str) -> Due:
    due = case.due(running(case, rule))
    assert due is not None
    return due


def due_after(rule: ClockRule, start: str, **how: Any) -> dt.datetime:
    case = clocks(rule, **how)
    case.feed(record(rule.starts[0].element, start))
    return due_of(case, rule.id).instant

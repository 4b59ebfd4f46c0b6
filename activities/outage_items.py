"""Activities of one outage of an issued plan: notices with proof of delivery, how it was carried out, moves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session
from temporalio import activity

from activities.outage_plans import plan_from, standing
from activities.outage_requests import history_of
from activities.refusals import refusing
from domain.business_time import spoken
from domain.fields import Fields, Rows, Text, read_fields
from domain.jobs import Job, JobRefused
from domain.outage.breaks import breaks
from domain.outage.rules import OutageRules
from domain.outage.values import Instant
from storage.base import instant
from storage.database import Database
from storage.outages import ItemState, OutageItem, OutagePlan, item, plan_of

EXECUTED, CANCELLED, MOVED = "executed", "cancelled", "moved"


class DeliveredNotice(Fields):
    """A notice that was given: to whom, how, when, and what proves it."""

    recipient: Text = Field(title="通知对象")
    delivery: Text = Field(title="送达方式")
    delivered_at: Instant = Field(title="送达时间")
    proof: Text = Field(title="送达凭证")


class Deliveries(Fields):
    """All notices of one outage."""

    deliveries: Rows[DeliveredNotice] = Field(title="送达记录")


class Execution(Fields):
    """How an outage was carried out; which fields are given depends on the state."""

    execution_state: Text = Field(title="执行结果")
    execution_reason: Text = Field("", title="延期、取消或改期原因")
    actual_from: Instant | None = Field(None, title="实际停电时间")
    actual_to: Instant | None = Field(None, title="实际送电时间")
    moved_from: Instant | None = Field(None, title="改期停电时间")
    moved_to: Instant | None = Field(None, title="改期送电时间")


class OutageItemActivities:
    """Outages of issued plans, kept in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="record-outage-notices")
    @refusing
    def record_notices(self, job: Job) -> dict[str, Any]:
        """Keeps the proof that the customers were told."""
        told = read_fields(Deliveries, "登记停电通知", job.variables)
        with self._database.transaction() as session:
            kept = _item(session, job)
            kept.deliveries = [one.model_dump(mode="json", by_alias=True) for one in told.deliveries]
        return {}

    @activity.defn(name="record-outage-execution")
    @refusing
    def record_execution(self, job: Job) -> dict[str, Any]:
        """Keeps how an outage was carried out: executed with its actual times, cancelled or moved with the reason.

        A move that would break a hard rule changes nothing. Answers `item`, whose state says what became of it,
        `moveBreaks`, the rules that a move would break, and `moveText`, the move in words, null where there was none.
        """
        done = read_fields(Execution, "登记停送电执行", job.variables)
        with self._database.transaction() as session:
            kept = _item(session, job)
            broken: list[str] = []
            text = None
            if done.execution_state == MOVED:
                before = kept.starts_at
                broken = self._move(session, kept, done, job)
                text = None if broken else _words(before, kept.starts_at, done.execution_reason)
            else:
                kept.state = ItemState(done.execution_state)
                kept.actual_from, kept.actual_to = done.actual_from, done.actual_to
                kept.reason, kept.settled_at = done.execution_reason, instant(job.now)
            state = "approved" if broken else done.execution_state
            kept.data = {**kept.data, "state": state}
            return {"item": kept.data, "moveBreaks": broken, "moveText": text}

    @activity.defn(name="remove-withdrawn-outage")
    @refusing
    def remove_withdrawn(self, job: Job) -> dict[str, Any]:
        """Takes the request withdrawnRequestNo out of an outage; the last one takes the outage with it.

        Answers `item`, and `executionState` cancelled with its reason where nothing is left of it, else null.
        """
        number, reason = str(job.variables["withdrawnRequestNo"]), str(job.variables["withdrawalReason"])
        with self._database.transaction() as session:
            kept = _item(session, job)
            left = [one for one in kept.data["requestNos"] if one != number]
            cases = [one for one in kept.data["cases"] if one["requestNo"] != number]
            kept.data = {**kept.data, "requestNos": left, "cases": cases}
            gone = not left
            return {
                "item": kept.data,
                "executionState": CANCELLED if gone else None,
                "executionReason": reason if gone else None,
            }

    def _move(self, session: Session, kept: OutageItem, done: Execution, job: Job) -> list[str]:
        if done.moved_from is None or done.moved_to is None:
            raise JobRefused("改期须写明新的停电时间和送电时间")
        plan = plan_of(session, kept.unit, kept.week)
        assert plan is not None  # an item is always one of a plan
        broken = move_breaks(session, plan, kept, done.moved_from, done.moved_to, datetime.fromisoformat(job.now))
        if not broken:
            before = {
                "from": kept.data["start"],
                "to": kept.data["end"],
                "reason": done.execution_reason,
                "at": job.now,
            }
            kept.moves = [*kept.moves, before]
            kept.starts_at, kept.ends_at = done.moved_from, done.moved_to
            kept.data = {
                **kept.data,
                "start": done.moved_from.isoformat(),
                "end": done.moved_to.isoformat(),
                "date": done.moved_from.date().isoformat(),
                "notice": {**kept.data["notice"], "givenAt": job.now},
            }
        return broken


def _words(before: datetime, after: datetime, reason: str) -> str:
    return f"停电由{spoken(before)}改至{spoken(after)}：{reason}"


def move_breaks(
    session: Session, plan: OutagePlan, moved: OutageItem, start: datetime, end: datetime, now: datetime
) -> list[str]:
    """Which hard rules an issued plan would break if one of its outages were moved: its customers hear of it now."""
    requests, items = standing(session, plan)
    concerned = set(moved.data["requestNos"])
    known = [
        one.model_copy(update={"noticed_at": None, "latest_end": max(one.latest_end, end)})
        if one.request_no in concerned
        else one
        for one in requests
    ]
    for one in items:
        if one["itemNo"] == moved.item_no:
            one.update(start=start.isoformat(), end=end.isoformat())
    rules = OutageRules.from_json(plan.rules)
    history = history_of(session, [moved.feeder], plan.ends_at, (plan.unit, plan.week))
    after = plan_from(plan, items, notices_at=now)
    return [one.sentence for one in breaks(after, known, rules, history) if concerned & set(one.requests)]


def _item(session: Session, job: Job) -> OutageItem:
    number = str((job.variables.get("item") or {}).get("itemNo", ""))
    if kept := item(session, number):
        return kept
    raise JobRefused(f"没有计划项“{number}”，请核对编号")

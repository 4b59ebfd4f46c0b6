"""The door through which a case's journal comes in: stored and projected in one transaction, once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from domain.ladder import Level
from domain.records import EarlyMessage, JournalBatch, JournalReply, Record
from storage.base import instant, json_text, on_sqlite, table_of
from storage.broadcasts import missed
from storage.clocks import lock_standings, third_yellows
from storage.feed import append
from storage.feed_events import feed_rows
from storage.journal_rows import (
    JournalRow,
    LastRecord,
    contents,
    current_epoch,
    effective_records,
    first_after_epoch,
    last_of_epoch,
)
from storage.locks import lock
from storage.messages import Handover, carried_waits, hand_over, handed_with, lock_waits, take_back
from storage.projection import View, project
from storage.read_model import PROJECTED, create, load, replace, save
from storage.subscriptions import Subscription

WORKFLOWS_AT_ONCE = 200


class JournalConflict(Exception):
    """A record arrived under the key of another one: the workflow did not replay what it once did."""

    def __init__(self, workflow_id: str, epoch: str, seq: int, stored: dict[str, Any], given: dict[str, Any]) -> None:
        both = f"stored {json_text(stored)}, given {json_text(given)}"
        super().__init__(f"journal of {workflow_id}, epoch {epoch!r}, record {seq}: {both}")
        self.workflow_id, self.epoch, self.seq = workflow_id, epoch, seq
        self.stored, self.given = stored, given


class JournalGap(Exception):
    """A record does not follow the last one of its workflow and epoch."""

    def __init__(self, workflow_id: str, epoch: str, expected: int, given: int) -> None:
        super().__init__(f"journal of {workflow_id}, epoch {epoch!r}: expected record {expected}, given {given}")
        self.workflow_id, self.epoch, self.expected, self.given = workflow_id, epoch, expected, given


@dataclass(frozen=True)
class _Place:
    """Where a batch's new records go: the number of their epoch, whether they simply go on from what was last, and
    whether they begin an epoch that takes the place of another."""

    epoch_no: int
    goes_on: bool
    resets: bool = False


def record_batch(session: Session, batch: JournalBatch, now: datetime) -> JournalReply:
    """Stores a batch and brings the read model up to it; the answer carries the early messages for waits it opened.

    Idempotent: records that are there already with the same content are passed over, and the same batch gets the same
    answer again. Raises `JournalConflict` for other content under the same key, `JournalGap` for records that do not
    follow (a new epoch other than the first may begin anywhere), `ValueError` for a record whose `at` is no instant or
    whose data is no JSON; nothing is written then.
    """
    if not batch.records:
        return JournalReply()
    lock(session, f"journal {batch.workflow_id}")
    current = current_epoch(session, batch.workflow_id)
    new = _new_records(session, batch, _follows(batch, current))
    if new:
        place = _place(session, batch, new[0].seq, current)
        session.execute(insert(table_of(JournalRow)), [_row(batch, record, place.epoch_no, now) for record in new])
        if place.goes_on:
            view = _go_on(session, batch, new, first=current is None)
            append(session, feed_rows(batch, new, view.case, now))
        elif counting := _still_counting(session, batch, place, new):
            view = _begin_again(session, batch, counting)
            append(session, feed_rows(batch, counting, view.case, now, reset=place.resets))
    yellows = third_yellows(session, batch.workflow_id, _warned(batch))
    return JournalReply(_handed(session, batch), yellows, missed(session, batch.workflow_id) if _opens(batch) else [])


def _opens(batch: JournalBatch) -> bool:
    """Whether the batch tells of a case that was not known before, and runs on; one that was reset was known."""
    last = batch.records[-1]
    over = last.type == "process" and last.event in ("completed", "terminated")
    return not batch.epoch and batch.records[0].seq == 1 and not over


def _handed(session: Session, batch: JournalBatch) -> list[EarlyMessage]:
    if not batch.epoch and all(record.event != "subscribed" for record in batch.records):
        return []
    return handed_with(session, batch.workflow_id, batch.epoch, batch.records[0].seq, batch.records[-1].seq)


def _warned(batch: JournalBatch) -> list[str]:
    """The clocks of which the batch tells a first warning."""
    told = [record.data for record in batch.records if record.event == "escalated"]
    return [str(data.get("clock")) for data in told if data.get("level") == Level.L1.name and not data.get("repeat")]


def rebuild(session: Session, workflow_id: str | None = None) -> None:
    """Makes the read model of one workflow, or the whole of it, again from the journal table alone.

    Batches that arrive meanwhile wait until this transaction ends.
    """
    if workflow_id is not None:
        lock(session, f"journal {workflow_id}")
        replace(session, _views(session, [workflow_id]))
        return
    if not on_sqlite(session):
        session.execute(text("LOCK TABLE journal IN SHARE ROW EXCLUSIVE MODE"))
    for model in PROJECTED:
        session.execute(delete(model))
    for workflow_ids in _in_portions(session.scalars(select(JournalRow.workflow_id).distinct()).all()):
        replace(session, _views(session, workflow_ids))


def _follows(batch: JournalBatch, current: LastRecord | None) -> bool:
    """Whether the batch begins right behind all that is stored: then nothing of it can be there."""
    if current is None:
        return True
    return current.epoch == batch.epoch and batch.records[0].seq == current.seq + 1


def _new_records(session: Session, batch: JournalBatch, follows: bool) -> list[Record]:
    """The batch's records that are not stored yet; all of it is checked first."""
    for position, record in enumerate(batch.records):
        expected = batch.records[0].seq + position
        if record.seq != expected:
            raise JournalGap(batch.workflow_id, batch.epoch, expected, record.seq)
        instant(record.at)
    first, last = batch.records[0].seq, batch.records[-1].seq
    stored = {} if follows else contents(session, batch.workflow_id, batch.epoch, first, last)
    for record in batch.records:
        given = _content(record)
        canonical, known = _canonical(given), stored.get(record.seq)
        if known is not None and _canonical(known) != canonical:
            raise JournalConflict(batch.workflow_id, batch.epoch, record.seq, known, given)
    return [record for record in batch.records if record.seq not in stored]


def _place(session: Session, batch: JournalBatch, seq: int, current: LastRecord | None) -> _Place:
    if current and current.epoch == batch.epoch:
        _check_follows(batch, current.seq + 1, seq)
        return _Place(current.epoch_no, goes_on=True)
    known = last_of_epoch(session, batch.workflow_id, batch.epoch) if current else None
    if known:
        _check_follows(batch, known.seq + 1, seq)
        return _Place(known.epoch_no, goes_on=False)
    if not batch.epoch:
        _check_follows(batch, 1, seq)
    return _Place(current.epoch_no + 1, goes_on=False, resets=True) if current else _Place(1, goes_on=True)


def _check_follows(batch: JournalBatch, expected: int, given: int) -> None:
    if given != expected:
        raise JournalGap(batch.workflow_id, batch.epoch, expected, given)


def _go_on(session: Session, batch: JournalBatch, new: Sequence[Record], first: bool) -> View:
    view = View(batch.workflow_id, batch.case_no) if first else load(session, batch.workflow_id, batch.case_no, new)
    project(view, new)
    lock_standings(session, [clock for clock in view.clocks.values() if clock.warned_at])
    if first:
        create(session, [view])
    else:
        save(session, view)
    opened = [Handover(wait.wait_id, wait.seq, wait.opened_at) for wait in _by_seq(view)]
    lock_waits(session, [handover.wait_id for handover in opened])
    hand_over(session, batch.workflow_id, batch.epoch, opened)
    return view


def _still_counting(session: Session, batch: JournalBatch, place: _Place, new: Sequence[Record]) -> Sequence[Record]:
    """Those of the new records that no later epoch has taken back: a run's last batch may come after its reset."""
    taken_back = first_after_epoch(session, batch.workflow_id, place.epoch_no)
    return new if taken_back is None else [record for record in new if record.seq < taken_back]


def _begin_again(session: Session, batch: JournalBatch, new: Sequence[Record]) -> View:
    """A reset: the read model follows the records that still count, and what their waits missed is handed over."""
    (view,) = _views(session, [batch.workflow_id])
    replace(session, [view])
    arrived = {record.seq for record in new}
    opened = [
        Handover(wait.wait_id, wait.seq if wait.seq in arrived else new[0].seq, wait.opened_at)
        for wait in _by_seq(view)
    ]
    lock_waits(session, [*carried_waits(session, batch.workflow_id), *(handover.wait_id for handover in opened)])
    take_back(session, batch.workflow_id)
    hand_over(session, batch.workflow_id, batch.epoch, opened)
    return view


def _views(session: Session, workflow_ids: Sequence[str]) -> list[View]:
    views = []
    for workflow_id, (case_no, records) in effective_records(session, workflow_ids).items():
        view = View(workflow_id, case_no)
        project(view, records)
        views.append(view)
    return views


def _by_seq(view: View) -> list[Subscription]:
    return sorted(view.subscriptions.values(), key=lambda wait: wait.seq)


def _row(batch: JournalBatch, record: Record, epoch_no: int, now: datetime) -> dict[str, Any]:
    return {
        "workflow_id": batch.workflow_id,
        "epoch": batch.epoch,
        "seq": record.seq,
        "epoch_no": epoch_no,
        "case_no": batch.case_no,
        "at": instant(record.at),
        "recorded_at": now,
        "content": _content(record),
    }


def _content(record: Record) -> dict[str, Any]:
    return dict(vars(record))


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, allow_nan=False)


def _in_portions(workflow_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(workflow_ids), WORKFLOWS_AT_ONCE):
        yield workflow_ids[start : start + WORKFLOWS_AT_ONCE]

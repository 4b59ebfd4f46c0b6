"""How the clocks of a case stand together with those of the cases it has called: told, shown, and reported upwards.

A called case watches its clocks itself; whoever called it hears of each change, shows what runs there as if it ran
here, and knows of the clocks that it has passed on when they ended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.clock_table import ClockRow
from domain.levels import Colour, worst
from domain.start import CalledClocks, ClockReport
from workflows.called import dropped
from workflows.case import Case
from workflows.watch import Watch


def take(case: Case, report: ClockReport, now: datetime) -> None:
    """A called case tells how its clocks stand. Raises `ValueError` for what no case of ours has sent.

    One that is not waited for any more is not heard.
    """
    key = str(report.call_key)
    if case.children.get(key) != report.workflow_id:
        return
    case.called.take(key, report.cases)
    if case.watch:
        for child, there in case.called.of(key):
            case.note_told(case.watch.told(child, there, now), report.workflow_id, now)
    case.news_of_clocks()


def forget(case: Case, key: str, child: str, now: datetime, *, taken_back: bool) -> None:
    """A called case is not waited for any more; where its call was `taken_back`, what it had running is dropped."""
    if taken_back and case.watch:
        for clock in dropped(case.called.of(key), now):
            case.note_told(case.watch.clocks.told_elsewhere(clock, now), child, now)
    case.called.forget(key)
    case.news_of_clocks()


def for_caller(case: Case, own_id: str) -> tuple[list[CalledClocks], str]:
    """How the clocks of this case and of those it called stand, and a hash of it; of no clocks it is empty."""
    own = case.watch.report(case.start.passed) if case.watch else {}
    cases = [CalledClocks(own_id, case.start.case.process, own)] if own else []
    cases += case.called.for_caller()
    if not cases:
        return [], ""
    text = json.dumps([asdict(one) for one in cases], sort_keys=True)
    return cases, hashlib.sha256(text.encode()).hexdigest()


def rows(case: Case, now: datetime) -> Iterator[tuple[str, ClockRow]]:
    """Every clock of the case and those that run in the cases it has called, each once.

    With each goes the workflow id of the called case that it runs in; empty where that is this one.
    """
    for row in case.watch.rows(now) if case.watch else []:
        if not case.called.goes_on_with(row.clock):
            yield "", row
    for child, watch in case.called:
        for row in watch.rows(now):
            if row.clock.running:
                yield child, row


def table(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Every clock with its dates and their explanation, for queries; `called` is the called case it runs in."""
    return [{**row.to_json(), "called": child} for child, row in rows(case, now)]


def due_at(case: Case) -> datetime | None:
    """When the next running clock is due, of the case and of those it has called."""
    return min(filter(None, (watch.due_at for watch in _watches(case))), default=None)


def colour(case: Case, now: datetime) -> Colour:
    """How the case stands with those it has called: the worst of the running clocks."""
    return worst(watch.colour(now) for watch in _watches(case))


def _watches(case: Case) -> Iterator[Watch]:
    if case.watch:
        yield case.watch
    for _, watch in case.called:
        yield watch

"""The cases that may come to the weekly outage plan, as their clocks show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.outage.outlook import CaseStanding
from storage.bay_projects import PROCESS
from storage.cases import Case, CaseState
from storage.clocks import CaseClock, ClockState


def standing_cases(session: Session, counties: Collection[str], stages: Sequence[str]) -> list[CaseStanding]:
    """The running cases of these counties that are at one of these stages, each at the last of its stages in their
    order, with when its running clocks are due. Projects that build ahead energize nobody and are left out.

    On which feeder a case will be energized is not known before it applies: it is left empty.
    """
    place = {stage: number for number, stage in enumerate(stages)}
    wanted = [Case.county.in_(counties), Case.stage.in_(stages), Case.state == CaseState.RUNNING]
    found = session.execute(select(Case.case_no, Case.stage).where(*wanted, Case.process != PROCESS)).all()
    furthest: dict[str, str] = {}
    for case_no, stage in found:
        if case_no not in furthest or place[furthest[case_no]] < place[stage]:
            furthest[case_no] = stage
    due = _due(session, counties)
    return [CaseStanding(number, stage, "", tuple(due[number])) for number, stage in sorted(furthest.items())]


def _due(session: Session, counties: Collection[str]) -> dict[str, list[datetime]]:
    runs = [CaseClock.state == ClockState.RUNNING, CaseClock.handed_on.is_(False), CaseClock.due_at.is_not(None)]
    rows = session.execute(
        select(CaseClock.case_no, CaseClock.due_at).where(CaseClock.county.in_(counties), *runs)
    ).all()
    due: dict[str, list[datetime]] = defaultdict(list)
    for case_no, moment in rows:
        if moment:
            due[case_no].append(moment)
    return due

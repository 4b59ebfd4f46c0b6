"""The activity by which a schedule opens the weeks of outage plans, so that a week without a request has its plan."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.company import company_context
from activities.outage_requests import opened
from activities.starting import begin, case_start
from domain.jobs import JobRefused
from domain.on_demand import ON_DEMAND
from domain.outage.applying import plan_opening
from domain.outage.weeks import open_week
from domain.records import CaseFields
from domain.start import CaseStart
from storage.bundles import current_bundle
from storage.database import Database
from storage.outage_rules import outage_rules

_PLAN = ON_DEMAND["outage_requested"]


@dataclass(frozen=True)
class _Week:
    """A plan that is to be there."""

    workflow_id: str
    start: CaseStart


class OutageWeekActivities:
    """Needs the database, where rules and diagrams stand, and a Temporal client."""

    def __init__(self, database: Database, client: Client, task_queue: str) -> None:
        self._database = database
        self._client = client
        self._task_queue = task_queue

    @activity.defn(name="open-outage-weeks")
    async def open_outage_weeks(self, now: str) -> list[str]:
        """Begins, for every dispatch unit, the plan of the week that takes requests at the instant `now`.

        Its workflow id is that by which a request would begin it: what is there already stays as it is. The board shows
        the plan from now on. Answers the workflow ids of those that it began.
        """
        weeks = await asyncio.to_thread(self._weeks, datetime.fromisoformat(now))
        return [
            week.workflow_id
            for week in weeks
            if await begin(self._client, self._task_queue, week.workflow_id, week.start)
        ]

    def _weeks(self, at: datetime) -> list[_Week]:
        with self._database.transaction() as session:
            rules = outage_rules(session)
            if not rules.units:
                return []
            bundle = current_bundle(session, _PLAN.process)
            if bundle is None:
                problem = f"没有部署流程 {_PLAN.process}，无法打开停送电周计划，请先部署"
                raise ApplicationError(problem, type=JobRefused.__name__, non_retryable=True)
            context, week = company_context(session), open_week(at, rules)
            openings = {f"{unit.code}/{week.id}": plan_opening(unit, week, rules) for unit in rules.units}
            for unit in rules.units:
                opened(session, unit.code, week.id)
            return [
                _Week(
                    _PLAN.workflow_id(key),
                    case_start(bundle, CaseFields.of(opening["caseNo"], bundle.key, opening), opening, context, at),
                )
                for key, opening in openings.items()
            ]

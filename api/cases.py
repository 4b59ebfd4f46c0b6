"""Starting cases: from an application to its workflow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.starting import LateEntry, case_start
from api.case_settings import CaseRules, CaseSettings, check_clocks, read_rules
from domain.feel import feel_functions
from domain.records import CaseFields
from domain.start import CaseStart, StartContext
from storage.bundles import current_bundle
from storage.database import Database
from storage.rules import current_rules
from workflows import definitions, showing

_OPENING = "opening"


class NotDeployed(Exception):
    """No version of the process has been deployed."""


def workflow_id(case_no: str) -> str:
    """The id of a case's main workflow."""
    return f"case/{case_no}"


async def opening_of(client: Client, case_no: str) -> str:
    """The sign that `start_case` kept with a case; empty for none."""
    described = await client.get_workflow_handle(workflow_id(case_no)).describe()
    return str((await described.memo()).get(_OPENING, ""))


def start_context(database: Database) -> StartContext:
    """What a case that begins now is given of the company's tables. Raises `SettingsRefused`."""
    with database.session() as session:
        return context_of(read_rules(None, current_rules(session)))


def context_of(rules: CaseRules, simulation: bool = False, clock_offset: float = 0.0) -> StartContext:
    """What a case that begins now is given of these tables."""
    return StartContext(
        rules.calendar.to_json(),
        rules.limits_json,
        rules.posts_json,
        simulation,
        clock_offset,
        rules.clocks.to_json(),
        rules.authority_json,
        rules.authority_version,
    )


async def start_case(
    client: Client,
    database: Database,
    task_queue: str,
    process: str,
    variables: dict[str, Any],
    *,
    simulation: bool = False,
    clock_offset: float = 0.0,
    settings: CaseSettings | None = None,
    opening: str = "",
    entry: LateEntry | None = None,
) -> WorkflowHandle[Any, Any]:
    """Start a case of the current version of `process`; the id follows from the case number, so twice starts once.

    It carries the company's tables as `read_rules` finds them now. `opening` is kept with it as the sign of the
    application that it was opened by (`opening_of`). With an `entry` its clocks and limits are those of when the
    application was received.

    Raises `NotDeployed`; `SettingsRefused` for limits, posts or settings that do not do; `MissingFields` for an
    application whose voltage or sources are no numbers; `WorkflowAlreadyStartedError` where the case number has a case.
    """

    def prepared() -> CaseStart:
        return _start(database, process, variables, simulation, clock_offset, settings, entry)

    start = await asyncio.to_thread(prepared)
    return await client.start_workflow(
        process,
        start,
        id=workflow_id(start.case.case_no),
        task_queue=task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        static_summary=showing.summary(start.case),
        memo={_OPENING: opening} if opening else None,
        search_attributes=showing.first_attributes(start.case),
    )


def _start(
    database: Database,
    process: str,
    variables: dict[str, Any],
    simulation: bool,
    clock_offset: float,
    settings: CaseSettings | None,
    entry: LateEntry | None,
) -> CaseStart:
    with database.session() as session:
        bundle = current_bundle(session, process)
        if bundle is None:
            raise NotDeployed(f"流程 {process} 尚未部署")
        loaded = current_rules(session)
    rules = read_rules(settings, loaded)
    context = context_of(rules, simulation, clock_offset)
    accepted_at = entry.received_at if entry else datetime.now(UTC) + timedelta(seconds=clock_offset)
    fields = CaseFields.of(str(variables["caseNo"]), process, variables)
    start = case_start(bundle, fields, variables, context, accepted_at, entry=entry)
    functions = feel_functions(rules.calendar, rules.authority)
    check_clocks(definitions.load(start.definition_sha256, start.definition, functions), rules)
    return start

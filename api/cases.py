"""Starting cases: from an application to its workflow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.cases import case_start
from api.case_settings import CaseSettings, check_clocks, read_rules
from domain.calendar import WorkingCalendar
from domain.feel import feel_functions
from domain.records import CaseFields
from domain.start import StartContext
from storage.bundles import current_bundle
from storage.database import Database
from workflows import definitions, showing


class NotDeployed(Exception):
    """No version of the process has been deployed."""


def workflow_id(case_no: str) -> str:
    """The id of a case's main workflow."""
    return f"case/{case_no}"


def case_fields(process: str, variables: Mapping[str, Any]) -> CaseFields:
    """What lists show of a case, taken from its application."""
    voltage = variables.get("voltageKv", "")
    return CaseFields(
        case_no=str(variables["caseNo"]),
        process=process,
        version=0,
        case_type=f"{voltage}kV专线" if variables.get("dedicatedLine") else f"{voltage}kV",
        voltage_kv=str(voltage),
        county=str(variables.get("county", "")),
        customer=str(variables.get("customer", "")),
        address=str(variables.get("address", "")),
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
) -> WorkflowHandle[Any, Any]:
    """Start a case of the current version of `process`; the id follows from the case number, so twice starts once.

    Raises `NotDeployed`; `SettingsRefused` for limits, posts or settings that do not do; `MissingFields` for an
    application whose voltage or sources are no numbers;
    `WorkflowAlreadyStartedError` where the case number has a case.
    """
    with database.session() as session:
        bundle = current_bundle(session, process)
        if bundle is None:
            raise NotDeployed(f"流程 {process} 尚未部署")
    rules, calendar = read_rules(settings), WorkingCalendar.shipped()
    context = StartContext(
        calendar.to_json(),
        rules.limits_json,
        rules.posts_json,
        simulation,
        clock_offset,
        rules.clocks.to_json(),
    )
    now = datetime.now(UTC) + timedelta(seconds=clock_offset)
    start = case_start(bundle, case_fields(process, variables), variables, context, now)
    check_clocks(definitions.load(start.definition_sha256, start.definition, feel_functions(calendar)), rules)
    return await client.start_workflow(
        process,
        start,
        id=workflow_id(start.case.case_no),
        task_queue=task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        static_summary=showing.summary(start.case),
        search_attributes=showing.first_attributes(start.case),
    )

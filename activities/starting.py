"""What a new case is started with: its definition as it was deployed, and the rules it keeps."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zlib
from datetime import datetime
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.calendar import shanghai_date
from domain.clock import Facts
from domain.fields import FieldProblem, MissingFields
from domain.records import CaseFields
from domain.start import CaseStart, StartContext, summary
from storage.bundles import Bundle

_LARGEST_LISTED = 2_000
"""Bytes, as JSON without other signs than ASCII, of what Temporal lists cases by: it ends a case that gives a search
attribute more than 2048."""


@dataclasses.dataclass(frozen=True)
class LateEntry:
    """An application that is entered after it was received (补录): when that was, and why it is late."""

    received_at: datetime
    reason: str = ""


def packed(definition: dict[str, Any]) -> tuple[bytes, str]:
    """A compiled definition as it is stored: compressed JSON, and the SHA-256 that tells contents apart."""
    text = json.dumps(definition, ensure_ascii=False, separators=(",", ":")).encode()
    return zlib.compress(text, 9), hashlib.sha256(text).hexdigest()


def unpacked(payload: bytes) -> str:
    """The JSON text of a definition that `packed` stored."""
    return zlib.decompress(payload).decode()


def case_start(
    bundle: Bundle,
    case: CaseFields,
    variables: dict[str, Any],
    context: StartContext,
    accepted_at: datetime,
    start_message: str = "",
    entry: LateEntry | None = None,
    start_event: str = "",
) -> CaseStart:
    """The input of a new case of a deployed process, accepted at its own time `accepted_at`.

    `start_message` is the message that starts it, `start_event` the event at which it begins, if one is given. With an
    `entry` the application was received then, and is entered only now. Raises `MissingFields` for variables that state
    the facts of the case in no way that can be read, or more text than Temporal lists it by.
    """
    _check_listed(case)
    definition = unpacked(bundle.payload)
    title = next(process["name"] for process in json.loads(definition)["processes"] if process["id"] == bundle.key)
    return CaseStart(
        case=dataclasses.replace(case, process=bundle.key, version=bundle.version, title=title),
        definition=definition,
        definition_sha256=bundle.sha256,
        calendar=context.calendar,
        limits=context.limits,
        posts=context.posts,
        authority=context.authority,
        authority_version=context.authority_version,
        facts=Facts.of(variables, shanghai_date(accepted_at)).to_json(),
        variables=variables,
        start_message=start_message,
        start_event=start_event,
        received_at=entry.received_at.isoformat() if entry else "",
        late_reason=entry.reason if entry else "",
        clock_settings=context.clock_settings,
        clock_reports=True,
        simulation=context.simulation,
        clock_offset=context.clock_offset,
    )


def _check_listed(case: CaseFields) -> None:
    listed = {("caseNo", "工单号"): case.case_no, ("county", "区县"): case.county}
    problem = f"过长，至多{_LARGEST_LISTED // 6}个汉字"
    if long := [FieldProblem(*one, problem) for one, text in listed.items() if len(json.dumps(text)) > _LARGEST_LISTED]:
        raise MissingFields("启动流程", long)


def short_hash(text: str) -> str:
    """What stands for a sender's text in the ids of workflows and the numbers of cases, whatever signs it has."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


def triggered(
    bundle: Bundle, element: str, variables: dict[str, Any], context: StartContext, at: datetime, trigger: str
) -> CaseStart:
    """The input of a case that begins at the event `element`, by the signal or condition of the id `trigger`.

    Its number is the one that the variables bring, else one of its own and of the event. Raises `MissingFields` as
    `case_start` does.
    """
    given = variables.get("caseNo")
    own = f"{bundle.key}-{short_hash(f'{trigger} {element}')}"
    number = given if isinstance(given, str) and given.strip() else own
    fields = CaseFields.of(number, bundle.key, variables)
    return case_start(bundle, fields, {**variables, "caseNo": number}, context, at, start_event=element)


async def begin(client: Client, task_queue: str, workflow_id: str, start: CaseStart) -> bool:
    """Starts the workflow of a case, once for its id; false where it has been started before."""
    try:
        await client.start_workflow(
            start.case.process,
            start,
            id=workflow_id,
            task_queue=task_queue,
            static_summary=summary(start.case),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        )
    except WorkflowAlreadyStartedError:
        return False
    return True

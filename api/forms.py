"""The forms of tasks as the browser shows them: the schema that a case is pinned to, and what it shows of the case."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from temporalio.client import Client

from activities.starting import unpacked
from api.sight import Place
from storage.bundles import Bundle
from storage.cases import Case
from storage.tasks import Task

_PATIENCE = timedelta(seconds=5)
_KEPT = 50
_forms: dict[str, dict[str, dict[str, Any]]] = {}
"""The forms of definitions by their hash; unpacking one takes longer than all the rest of an answer."""


def form_of(session: Session, task: Task) -> dict[str, Any] | None:
    """The form-js schema of a task's form, of the version that its case is pinned to; None for a task without one.

    A called process runs by the definition of the case that called it.
    """
    if not task.form:
        return None
    main = (Case.case_no == task.case_no) & (Case.parent_workflow_id == "")
    pinned = (Bundle.key == Case.process) & (Bundle.version == Case.version)
    sha256 = session.scalar(select(Bundle.sha256).join(Case, pinned).where(main))
    if sha256 is None:
        return None
    if sha256 not in _forms:
        payload = session.scalars(select(Bundle.payload).where(Bundle.sha256 == sha256).limit(1)).one()
        while len(_forms) >= _KEPT:
            _forms.pop(next(iter(_forms)), None)
        _forms[sha256] = json.loads(unpacked(payload))["forms"]
    return _forms[sha256].get(task.form)


async def shown_variables(client: Client, place: Place) -> dict[str, Any] | None:
    """The variables that the form of an open task shows, as its case has them now; None where the case has the task no
    more. Raises `RPCError` where it does not answer.
    """
    handle = client.get_workflow_handle(place.workflow_id)
    shown: dict[str, Any] | None = await handle.query("form", place.task, rpc_timeout=_PATIENCE)
    return shown

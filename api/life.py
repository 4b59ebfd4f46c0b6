"""The process of a case that somebody wants to change while it runs."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from api.context import Context
from api.identity import Caller
from api.problems import Problem, Said
from api.sight import family_of, process_id
from storage.cases import Case

ProcessName = Annotated[str, StringConstraints(max_length=300)]


def process_in(context: Context, caller: Caller, case_no: str, process: str = "") -> Case:
    """A process of the case, as addresses name it; the main one where it is not named. Raises `Problem` (not found)."""
    family = family_of(context, caller, case_no)
    found = [one for one in family if not process or process_id(one.workflow_id) == process]
    if not found:
        raise Problem("not-found", Said(f"工单 {case_no} 没有流程 {process}", f"{case_no} has no process {process}"))
    return found[0]

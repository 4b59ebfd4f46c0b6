"""What the deployed diagrams of a case say: which file each process stands in, and the stages in their order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from activities.starting import unpacked
from bpmn.feel import Environment, compile_expression
from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.feel import feel_functions
from storage.bundles import Bundle, bundle
from storage.cases import Case

_FUNCTIONS = feel_functions(WorkingCalendar.shipped())


@dataclass(frozen=True)
class Stage:
    """A stage of a process. One that is `aside` belongs to an event sub-process, such as a withdrawal, and is on
    nobody's way."""

    process: str
    name: str
    aside: bool = False


@dataclass(frozen=True)
class Outline:
    """By process: its file, and its stages with those of the processes that it calls, each where it is called."""

    files: Mapping[str, str]
    stages: Mapping[str, tuple[Stage, ...]]


def pinned(session: Session, family: Sequence[Case], shown: Case) -> Bundle | None:
    """The bundle that a process runs by; None for one that is not here. What a case calls travels with it, in the
    bundle that the case began with."""
    by_id = {one.workflow_id: one for one in family}
    root = shown
    while root.parent_workflow_id in by_id:
        root = by_id[root.parent_workflow_id]
    return bundle(session, root.process, root.version)


@lru_cache(maxsize=128)
def outline(payload: bytes, voltage_kv: str = "") -> Outline:
    """What a bundle says of its processes, for a case of that voltage."""
    processes = {process["id"]: process for process in json.loads(unpacked(payload))["processes"]}
    files = {name: process["file"] for name, process in processes.items()}
    known = {"voltageKv": json.loads(voltage_kv)} if voltage_kv else {}
    return Outline(files, {name: _stages(processes, name, (), known) for name in processes})


def _stages(
    processes: Mapping[str, Any], name: str, around: tuple[str, ...], known: Mapping[str, Any]
) -> tuple[Stage, ...]:
    """The stages of a process, each once; `around` are the processes that it is called within, `known` what is known of
    the case."""
    elements = processes[name]["elements"]
    scopes = {element["id"]: element for element in elements}
    found: dict[Stage, None] = {}
    for element in elements:
        aside = _is_aside(element, scopes)
        if stage := (element.get("properties") or {}).get("stage"):
            found[Stage(name, stage, aside)] = None
        for called in _called((element.get("call") or {}).get("process", ""), known):
            if called in processes and called not in (*around, name):
                found |= dict.fromkeys(_stages(processes, called, (*around, name), known))
    return tuple(found)


def _called(process: str, known: Mapping[str, Any]) -> tuple[str, ...]:
    """The processes that a call activity runs; all that it chooses among where what is known does not decide."""
    if not process.startswith("="):
        return (process,)
    choice = compile_expression(process[1:], frozenset(_FUNCTIONS))
    chosen = choice.evaluate(known, Environment(datetime.now(UTC), BUSINESS_ZONE, _FUNCTIONS)).value
    return (chosen,) if isinstance(chosen, str) and known else choice.choices or ()


def _is_aside(element: Mapping[str, Any], scopes: Mapping[str, Any]) -> bool:
    """Whether an element is an event sub-process or lies within one."""
    here: Mapping[str, Any] | None = element
    while here is not None:
        if here.get("triggered_by_event"):
            return True
        here = scopes.get(here.get("scope", ""))
    return False

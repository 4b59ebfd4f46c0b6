"""Which processes begin because a condition holds (BPMN 2.0 §10.5.5): their conditional start events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from activities.starting import triggered, unpacked
from api.case_settings import CaseRules
from api.cases import context_of
from bpmn.definition import Definition
from bpmn.faults import ModelRefused
from bpmn.model import definitions as definitions_of
from bpmn.options import Options
from bpmn.starts import Starts
from domain.feel import feel_functions
from domain.fields import MissingFields
from domain.start import CaseStart
from storage.bundles import Bundle, current_bundles
from workflows import definitions


@dataclass(frozen=True)
class Fulfilled:
    """Cases that are to begin, by workflow id, and why others cannot."""

    begins: dict[str, CaseStart]
    refused: list[str]


def fulfilled(session: Session, rules: CaseRules, variables: dict[str, Any], now: datetime, trigger: str) -> Fulfilled:
    """What begins because these variables fulfil its condition; `trigger` is the id of who asks, for workflow ids."""
    found = Fulfilled({}, [])
    options = Options(functions=feel_functions(rules.calendar, rules.authority))
    context = context_of(rules)
    for bundle, definition in _conditional(session, options):
        try:
            for start in Starts(definition, options, now).fulfilled(bundle.key, variables):
                case = triggered(bundle, start.element, variables, context, now, trigger)
                found.begins[f"condition/{trigger}/{bundle.key}/{start.element}"] = case
        except (MissingFields, ModelRefused) as refusal:
            found.refused.append(f"{bundle.key}：{refusal}")
    return found


def _conditional(session: Session, options: Options) -> Iterator[tuple[Bundle, Definition]]:
    """The current processes that have a conditional start event."""
    for bundle in current_bundles(session):
        definition = definitions.load(bundle.sha256, unpacked(bundle.payload), options.functions)
        process = definition.processes[bundle.key]
        starts = [e for e in process.elements.values() if e.kind == "startEvent" and e.scope == process.id]
        if any(part.condition for e in starts for part in definitions_of(e.event)):
            yield bundle, definition

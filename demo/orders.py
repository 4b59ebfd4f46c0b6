"""What followed when a limit was late: who acknowledged a level, which orders went out, what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.orders import Cause
from storage.journal_rows import JournalLine


@dataclass(frozen=True)
class SupervisionOrder:
    """A supervision order and its answer; what is not there is empty. Instants are ISO 8601."""

    number: str
    clock: str
    name: str
    issued: str
    cause: str = ""
    promised: str = ""
    by: str = ""
    answered: str = ""
    text: str = ""


@dataclass(frozen=True)
class Acknowledgement:
    """Somebody has seen a level."""

    at: str
    level: str
    name: str
    by: str


def orders(lines: Iterable[JournalLine]) -> list[SupervisionOrder]:
    """The supervision orders in the order of their numbers, each told once where a called case went on with it."""
    names: dict[str, str] = {}
    numbers: dict[tuple[str, str], str] = {}
    found: dict[str, SupervisionOrder] = {}
    for line in lines:
        data, key = line.record.data, (line.workflow_id, str(line.record.data.get("clock")))
        if line.record.event == "clock":
            names[data["clock"]] = data["name"]
        elif line.record.event == "ordered":
            numbers[key] = number = data["number"]
            found.setdefault(number, SupervisionOrder(number, data["clock"], names[data["clock"]], data["issued"]))
        elif line.record.event == "answered":
            found[numbers[key]] = _answered(found[numbers[key]], data["answer"])
    return [found[number] for number in sorted(found)]


def _answered(order: SupervisionOrder, answer: Mapping[str, Any]) -> SupervisionOrder:
    cause = Cause(answer["cause"]).title
    return replace(
        order,
        cause=cause,
        promised=answer["promised"],
        by=answer["by"],
        answered=answer["at"],
        text=answer["text"],
    )


def acknowledgements(lines: Iterable[JournalLine]) -> list[Acknowledgement]:
    """Which levels were acknowledged, in order."""
    names: dict[str, str] = {}
    found = []
    for line in lines:
        data = line.record.data
        if line.record.event == "clock":
            names[data["clock"]] = data["name"]
        elif line.record.event == "acknowledged":
            found.append(Acknowledgement(line.record.at, data["level"], names[data["clock"]], data["by"]))
    return found

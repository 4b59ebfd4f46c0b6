"""What a case reports to the read model: its journal, in batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Record:
    """One line of a case's journal.

    `seq` counts from 1 without gap within one workflow and epoch; `at` is the case's instant (ISO 8601 with offset);
    `key` is the element instance (or wait) it speaks of, `scope` the instance that encloses it.
    """

    seq: int
    at: str
    event: str
    element: str
    type: str
    name: str
    scope: str = ""
    key: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JournalBatch:
    """Consecutive records of one workflow.

    `epoch` is empty in the ordinary course and the run id of a run that a reset began, or that took the place of a
    called case which was lost: earlier records keep their epoch, so nothing that really happened is overwritten.
    """

    workflow_id: str
    epoch: str
    case_no: str
    records: list[Record]


@dataclass(frozen=True)
class EarlyMessage:
    """A message that came before the case waited for it."""

    message_id: str
    name: str
    correlation_key: str
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MissedSignal:
    """A signal that was sent to all while the read model did not know yet of a case that ran already."""

    id: str
    name: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class JournalReply:
    """What the read model answers: messages that waited for a subscription this batch opened, those clocks it told of a
    warning of with which a department or an officer has a yellow for the third time in a row, and the signals that
    were sent since the case began that this batch tells of."""

    early: list[EarlyMessage] = field(default_factory=list)
    third_yellows: list[str] = field(default_factory=list)
    missed: list[MissedSignal] = field(default_factory=list)


@dataclass(frozen=True)
class CaseFields:
    """What lists of cases show and search; carried by the `case` record that opens a case's journal."""

    case_no: str
    process: str
    version: int
    title: str = ""
    case_type: str = ""
    voltage_kv: str = ""
    county: str = ""
    customer: str = ""
    address: str = ""
    parent_workflow_id: str = ""

    @classmethod
    def of(cls, case_no: str, process: str, variables: Mapping[str, Any]) -> CaseFields:
        """What the variables that a case begins with say of it."""
        voltage = str(variables.get("voltageKv", ""))
        line = f"{voltage}kV专线" if variables.get("dedicatedLine") else f"{voltage}kV"
        return cls(
            case_no=case_no,
            process=process,
            version=0,
            case_type=line if voltage else "",
            voltage_kv=voltage,
            county=str(variables.get("county", "")),
            customer=str(variables.get("customer", "")),
            address=str(variables.get("address", "")),
        )

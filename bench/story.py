"""The journal of one real case, cut off at many of its moments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from api.cases import workflow_id
from demo.play import play, prepare, time_skipping
from demo.scenario import read_scenario
from domain.records import JournalBatch, Record
from storage.base import instant
from storage.cases import case_family
from storage.database import Database
from storage.journal_rows import case_journal

HOLDER = "经办人"
"""Who has claimed the open tasks of a moment."""
_STEP = 3
"""Every how many acts of the story a moment is taken."""
_BEFORE = timedelta(minutes=1)
_INCIDENT_AT = 7
"""In which of the moments something has stopped."""


@dataclass(frozen=True)
class Moment:
    """The case as it stood at an instant: all records of its workflows until then. `mark` is its number."""

    mark: str
    at: datetime
    ended: bool
    batches: Sequence[JournalBatch]


async def moments(folder: Path) -> list[Moment]:
    """Plays the demo's case and answers it at a row of moments, and at its end."""
    scenario = read_scenario("10kv")
    async with time_skipping() as environment:
        stage = prepare(environment, folder)
        [case_no] = await play(stage, scenario)
    journals = _journals(stage.database, case_no)
    stage.database.close()
    instants = [act.at - _BEFORE for act in scenario.acts[1::_STEP]]
    found = [
        _until(journals, case_no, at, number * 2 + claimed, bool(claimed))
        for number, at in enumerate(instants)
        for claimed in (0, 1)
    ]
    end = max(instant(record.at) for records in journals.values() for record in records)
    return [*found, _until(journals, case_no, end, len(found), claimed=False)]


def _journals(database: Database, case_no: str) -> dict[str, list[Record]]:
    """The records of each workflow of the case, the main one first."""
    with database.session() as session:
        journals: dict[str, list[Record]] = {one.workflow_id: [] for one in case_family(session, case_no)}
        for line in case_journal(session, case_no, limit=1_000_000):
            journals[line.workflow_id].append(line.record)
    return {name: sorted(records, key=lambda one: one.seq) for name, records in journals.items()}


def _until(journals: dict[str, list[Record]], case_no: str, at: datetime, number: int, claimed: bool) -> Moment:
    mark = f"MOMENT-{number:03d}"
    batches, ended = [], False
    for name, records in journals.items():
        here = [_renamed(record, case_no, mark) for record in records if instant(record.at) <= at]
        if not here:
            continue
        ended = ended or (name == workflow_id(case_no) and len(here) == len(records))
        if claimed:
            here += _claims(here, at)
        if number % (2 * _INCIDENT_AT) == _INCIDENT_AT and name == workflow_id(case_no):
            here.append(_incident(here[-1], at))
        batches.append(JournalBatch(name.replace(case_no, mark), "", mark, here))
    return Moment(mark, at, ended, batches)


def _renamed(record: Record, case_no: str, mark: str) -> Record:
    return Record(**json.loads(json.dumps(vars(record)).replace(case_no, mark)))


def _claims(records: Sequence[Record], at: datetime) -> Iterator[Record]:
    """Somebody claims all tasks that are still open."""
    closed = {record.key for record in records if record.event == "closed"}
    waiting = [record for record in records if record.event == "opened" and record.key not in closed]
    for seq, one in enumerate(waiting, records[-1].seq + 1):
        yield Record(
            seq, at.isoformat(), "claimed", one.element, one.type, one.name, one.scope, one.key, {"by": HOLDER}
        )


def _incident(last: Record, at: datetime) -> Record:
    data = {"kind": "job_failed", "message": "机器人地址不可达"}
    return Record(
        last.seq + 1, at.isoformat(), "incident", last.element, last.type, last.name, last.scope, last.key, data
    )

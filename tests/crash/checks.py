"""What has to hold when every case has come to its end, whoever was killed on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import Session
from temporalio.client import Client as Temporal
from temporalio.client import WorkflowExecutionStatus

from demo.client import Client
from demo.officers import Done
from storage.archives import Archive
from storage.base import row_of
from storage.call_offs import CallOff
from storage.cases import Case, CaseState
from storage.clocks import open_orders
from storage.database import Database
from storage.documents import Document, case_documents
from storage.files import FileStore
from storage.incidents import Incident
from storage.journal import rebuild
from storage.journal_rows import JournalRow
from storage.materials import MaterialSlip, SlipKind
from storage.notices import case_notices
from storage.numbers import NumberSeries
from storage.openings import Opening
from storage.read_model import PROJECTED
from storage.reservations import Reservation
from storage.tasks import Task, TaskState
from tests.crash.company import Script
from tests.crash.planning import Plan, serials

_REQUESTS = "outage_request-"
"""The series in which the requests of cases, which are papers, and those of other works are numbered."""


@dataclass(frozen=True)
class End:
    """All that can be looked at when everything is over: `calm` are cases that nobody disturbed."""

    database: Database
    files: FileStore
    scripts: Mapping[str, Script]
    calm: Mapping[str, Script]
    done: Sequence[Done]
    plan: Plan | None = None

    @property
    def plan_no(self) -> str:
        """The number under which the plan stands; empty for none."""
        return self.plan.case_no if self.plan else ""


@dataclass(frozen=True)
class Record:
    """One line of the journal, as far as it is compared."""

    workflow_id: str
    epoch: str
    seq: int
    event: str
    element: str
    key: str
    data: Mapping[str, object]


def faults(end: End) -> dict[str, list[str]]:
    """By what has to hold: where it does not."""
    with end.database.session() as session:
        records = {case_no: list(_journal(session, case_no)) for case_no in (*end.scripts, *end.calm)}
        return {
            "every case is where it should be": list(_places(session, end)),
            "no journal has a gap or a double": list(chain(*map(_gaps, records.values()))),
            "every act was done once": list(_acts(records, end)),
            "cases leave behind what they leave undisturbed": list(_like_calm(session, records, end)),
            "every escalation and every order came once": list(chain(*map(_escalations, records.values()))),
            "every number was given once, without a gap": list(_numbers(session)),
            "every paper is there and is what was written": list(_papers(session, end)),
            "every application is one case": list(_openings(session, end)),
            "every request for an outage is in its plan, once": [
                *(end.plan.faults(session) if end.plan else ()),
                *_gaps(list(_journal(session, end.plan_no))),
            ],
            "the read model is what the journal says": list(_rebuilt(end.database)),
        }


def workflows(end: End) -> Sequence[str]:
    """All that ran."""
    with end.database.session() as session:
        return session.scalars(select(Case.workflow_id).order_by(Case.workflow_id)).all()


async def temporal_faults(temporal: Temporal, end: End) -> list[str]:
    """Workflows that have not completed as they should; the plan goes on until its week is over."""
    with end.database.session() as session:
        plans = set(session.scalars(select(Case.workflow_id).where(Case.case_no == end.plan_no)))
    names = [name for name in workflows(end) if name not in plans]
    states = {name: (await temporal.get_workflow_handle(name).describe()).status for name in names}
    wrong = {name: state for name, state in states.items() if state is not WorkflowExecutionStatus.COMPLETED}
    return [f"{name}: {state.name if state else 'unknown'}" for name, state in wrong.items()]


async def download_faults(reader: Client, end: End) -> list[str]:
    """Papers that the API does not give out as they were written."""
    found = []
    for case_no in end.scripts:
        for paper in (await reader.get(f"/cases/{case_no}/papers"))["issued"]:
            content = await reader.download(f"/papers/{quote(paper['id'], safe='')}/content")
            if content != end.files.get(paper["sha256"]):
                found.append(f"{case_no} {paper['number']}")
    return found


def _journal(session: Session, case_no: str) -> Iterator[Record]:
    rows = select(JournalRow).where(JournalRow.case_no == case_no)
    for row in session.scalars(rows.order_by(JournalRow.workflow_id, JournalRow.epoch_no, JournalRow.seq)):
        told = row.content
        yield Record(
            row.workflow_id,
            row.epoch,
            row.seq,
            told["event"],
            told.get("element", ""),
            told.get("key", ""),
            told["data"],
        )


def _places(session: Session, end: End) -> Iterator[str]:
    for case_no in (*end.scripts, *end.calm):
        for case in session.scalars(select(Case).where(Case.case_no == case_no)):
            if case.state == CaseState.RUNNING:
                yield f"{case.workflow_id} is running, at {case.stage}"
        open_tasks = select(Task).where(Task.case_no == case_no, Task.state == TaskState.OPEN)
        yield from (f"{case_no}: the task {task.element} is open" for task in session.scalars(open_tasks))
    for clock in open_orders(session):
        yield f"{clock.workflow_id}: the order {clock.order_no} of {clock.clock} waits for an answer"
    for incident in session.scalars(select(Incident)):
        yield f"{incident.workflow_id} had an incident at {incident.element}: {incident.message}"


def _gaps(records: Sequence[Record]) -> Iterator[str]:
    numbers: dict[tuple[str, str], list[int]] = {}
    for record in records:
        numbers.setdefault((record.workflow_id, record.epoch), []).append(record.seq)
    for (workflow, epoch), found in numbers.items():
        if epoch:
            yield f"{workflow} has begun anew as {epoch}"
        if found != list(range(1, len(found) + 1)):
            yield f"{workflow}: records {found[0]} to {found[-1]}, {len(found)} in all"


def _acts(records: Mapping[str, Sequence[Record]], end: End) -> Iterator[str]:
    """What the officers were told is done is in the journal once, and nothing else is."""
    told = Counter((one.case_no, one.workflow_id, one.act) for one in end.done)
    found: Counter[tuple[str, str, str]] = Counter()
    for case_no, lines in records.items():
        for line in lines:
            if line.event == "act" and line.data["act"] == "complete":
                found[case_no, line.workflow_id, "complete"] += 1
            elif line.event == "claimed":
                found[case_no, line.workflow_id, "claim"] += 1
        closed = Counter((line.workflow_id, line.key) for line in lines if line.event == "closed")
        yield from (
            f"{case_no}: task {key} was closed {count} times" for (_, key), count in closed.items() if count > 1
        )
    for place in sorted({*told, *found}):
        if told[place] != found[place]:
            yield f"{place[1]}: {told[place]} {place[2]} were answered, the journal has {found[place]}"


def _like_calm(session: Session, records: Mapping[str, Sequence[Record]], end: End) -> Iterator[str]:
    undisturbed = {script.kind: case_no for case_no, script in end.calm.items()}
    for case_no, script in end.scripts.items():
        if calm := undisturbed.get(script.kind):
            for what, left, expected in (
                ("steps", _steps(records[case_no]), _steps(records[calm])),
                ("papers", _kinds(session, case_no), _kinds(session, calm)),
                ("notices", _notices(session, case_no), _notices(session, calm)),
            ):
                if left != expected:
                    yield f"{case_no}, {what}: more {dict(left - expected)}, missing {dict(expected - left)}"


def _steps(records: Sequence[Record]) -> Counter[str]:
    """What happened; a level of a clock by its name.

    An order counts once, whichever process learned its number: a called one that goes on with a clock writes its paper
    again, the same, where that was still being written. Nor does it matter in which of them it was answered.
    """
    steps = Counter(_step(one) for one in records if one.event != "ordered")
    steps["ordered"] = len({str(one.data["number"]) for one in records if one.event == "ordered"})
    return steps


def _step(one: Record) -> str:
    where = one.data["clock"] if one.event == "answered" else one.element
    return f"{one.event} {where} {one.data.get('level', '')}".strip()


def _kinds(session: Session, case_no: str) -> Counter[str]:
    return Counter(f"{one.kind} {one.version} {one.status}" for one in case_documents(session, case_no))


def _notices(session: Session, case_no: str) -> Counter[str]:
    return Counter(f"{one.kind} to {one.recipient}" for one in case_notices(session, case_no))


def _escalations(records: Sequence[Record]) -> Iterator[str]:
    raised = Counter(
        (one.workflow_id, str(one.data["clock"]), str(one.data["level"]), str(one.data["repeat"]))
        for one in records
        if one.event == "escalated"
    )
    ordered = Counter((str(one.data["number"]), one.workflow_id) for one in records if one.event == "ordered")
    for place, count in chain(raised.items(), ordered.items()):
        if count > 1:
            yield f"{' '.join(place)} came {count} times"


def _numbers(session: Session) -> Iterator[str]:
    """A series that counts further than things were numbered has lost a number; none has two, by the tables' keys."""
    numbered = Counter(session.scalars(select(Document.series)))
    slips = Counter(session.scalars(select(MaterialSlip.kind)))
    others = {"material_issue": slips[SlipKind.ISSUE], "material_return": slips[SlipKind.RETURN]}
    others["material_reservation"] = len(session.scalars(select(Reservation.number)).all())
    others["call_off"] = len(session.scalars(select(CallOff.number)).all())
    others["archive"] = len(session.scalars(select(Archive.number)).all())
    last: Counter[str] = Counter()
    for row in session.scalars(select(NumberSeries)):
        kind = row.series.partition("-")[0]
        last[kind if kind in others else row.series] += row.last
    given = numbered + Counter(others)
    for series in last:
        if series.startswith(_REQUESTS):
            given[series] += len(serials(session))
    for series in sorted({*given, *last}):
        if not series.startswith("case-") and given[series] != last[series]:
            yield f"{series}: counts to {last[series]}, {given[series]} are there"
    for series in numbered:
        taken = list(session.scalars(select(Document.serial).where(Document.series == series)))
        if series.startswith(_REQUESTS):
            taken += serials(session)
        if sorted(taken) != list(range(1, len(taken) + 1)):
            yield f"{series}: {sorted(taken)}"


def _papers(session: Session, end: End) -> Iterator[str]:
    for document in session.scalars(select(Document)):
        if not end.files.get(document.sha256):
            yield f"{document.number} of {document.case_no} is empty"


def _openings(session: Session, end: End) -> Iterator[str]:
    opened = sorted(session.scalars(select(Opening.case_no)))
    cases = select(Case.case_no).where(Case.parent_workflow_id == "", Case.case_no != end.plan_no)
    main = sorted(session.scalars(cases))
    known = sorted((*end.scripts, *end.calm))
    if not opened == main == known:
        yield f"numbered {opened}, cases {main}, answered {known}"
    last = session.scalars(select(NumberSeries.last).where(NumberSeries.series.startswith("case-"))).all()
    if sum(last) != len(opened):
        yield f"{sum(last)} case numbers were given, {len(opened)} are used"


class _NothingToKeep(Exception):
    """Takes back what a rebuilding has written."""


def _rebuilt(database: Database) -> Iterator[str]:
    """Tables that look other when they are made again from the journal alone; nothing is kept of that."""
    differing: list[str] = []
    try:
        with database.transaction() as session:
            before = _projected(session)
            rebuild(session)
            session.flush()
            session.expire_all()
            after = _projected(session)
            differing = [name for name in before if before[name] != after[name]]
            raise _NothingToKeep
    except _NothingToKeep:
        pass
    for name in differing:
        rows = [*(before[name] - after[name]), *(after[name] - before[name])]
        yield f"{name}: {rows[:2]}"


def _projected(session: Session) -> dict[str, Counter[str]]:
    return {
        model.__tablename__: Counter(str(sorted(row_of(row).items())) for row in session.scalars(select(model)))
        for model in PROJECTED
    }

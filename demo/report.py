"""What happened in a case, told from its journal: as a timeline, and as data."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from demo.limits import Deadline, Raised, clock_table, deadlines, escalation_lines, escalations
from demo.orders import Acknowledgement, SupervisionOrder, acknowledgements, orders
from demo.play import Stage
from demo.scenario import Scenario
from domain.calendar import WorkingCalendar
from domain.departments import department_name
from domain.documents import DOCUMENTS
from storage.documents import Document, case_documents
from storage.journal_rows import JournalLine, case_journal

WEEKDAYS = "一二三四五六日"
_ACTIVITIES = ("userTask", "serviceTask", "scriptTask", "businessRuleTask", "callActivity")
_SYSTEM = "系统"


@dataclass(frozen=True)
class Step:
    """One completed activity."""

    element: str
    name: str
    at: datetime
    by: str
    department: str
    stage: str
    type: str
    note: str


@dataclass(frozen=True)
class Paper:
    """One document as it lies in the demo's folder."""

    kind: str
    title: str
    number: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Report:
    """The whole of a played case, or of a plan."""

    title: str
    case_no: str
    steps: list[Step]
    papers: list[Paper]
    deadlines: list[Deadline]
    escalations: list[Raised]
    orders: list[SupervisionOrder]
    acknowledgements: list[Acknowledgement]

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        """For programs."""
        return {
            "steps": [
                {"element": step.element, "name": step.name, "at": step.at.isoformat(), "by": step.by}
                for step in self.steps
            ],
            "deadlines": [
                {"clock": one.clock, "start": one.start, "due": one.due, "stop": one.stop} for one in self.deadlines
            ],
            "escalations": [
                {"clock": one.clock, "level": one.level.name, "at": one.at, "to": [post.value for post in one.to]}
                for one in self.escalations
            ],
            "orders": [asdict(order) for order in self.orders],
            "documents": [
                {"kind": paper.kind, "number": paper.number, "path": str(paper.path), "sha256": paper.sha256}
                for paper in self.papers
            ],
        }


def as_json(told: Sequence[Report]) -> dict[str, list[dict[str, Any]]]:
    """What is told of all cases together, each row with the case it is of."""
    whole: dict[str, list[dict[str, Any]]] = {}
    for one in told:
        for name, rows in one.as_json().items():
            whole.setdefault(name, []).extend({"case": one.case_no, **row} for row in rows)
    return whole


def report(stage: Stage, title: str, case_no: str, folder: Path) -> Report:
    """Read the case's journal and put its documents, under names that people know, into `folder`."""
    with stage.database.session() as session:
        lines = case_journal(session, case_no, limit=100_000)
        papers = [_paper(stage, document, folder) for document in case_documents(session, case_no)]
    raised, ordered, seen = escalations(lines), orders(lines), acknowledgements(lines)
    return Report(title, case_no, _steps(lines), papers, deadlines(lines), raised, ordered, seen)


def reports(stage: Stage, scenario: Scenario, numbers: Iterable[str], folder: Path) -> list[Report]:
    """A report of each case and plan of a scenario, in the order of their numbers as they are given."""
    titles = {one.case_no: str(one.variables["customer"]) for one in scenario.openings}
    told = [report(stage, titles.get(number, "周停电计划"), number, folder) for number in numbers]
    return [replace(told[0], title=scenario.title), *told[1:]] if len(told) == 1 else told


def _paper(stage: Stage, document: Document, folder: Path) -> Paper:
    title = DOCUMENTS[document.kind].title
    path = folder / f"{title} {document.number}.docx"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(stage.files.path(document.sha256), path)
    return Paper(document.kind, title, document.number, path, document.sha256)


def _steps(lines: list[JournalLine]) -> list[Step]:
    steps = []
    stages: dict[str, str] = {}
    departments: dict[tuple[str, str], str] = {}
    people: dict[tuple[str, str], str] = {}
    for line in sorted(lines, key=lambda one: (one.record.at, one.recorded_at, one.workflow_id, one.record.seq)):
        record, key = line.record, (line.workflow_id, line.record.key)
        if record.event == "stage":
            stages[line.workflow_id] = record.data["stage"]
        elif record.event == "opened":
            departments[key] = "、".join(map(department_name, record.data.get("candidateGroups", [])))
        elif record.event == "closed":
            people[key] = record.data.get("by", "")
        elif record.event == "completed" and record.type in _ACTIVITIES:
            steps.append(
                Step(
                    record.element,
                    record.name,
                    datetime.fromisoformat(record.at),
                    people.get(key) or _SYSTEM,
                    departments.get(key, ""),
                    stages.get(line.workflow_id, ""),
                    record.type,
                    _note(record.data.get("variables", {})),
                )
            )
    return steps


def _note(result: dict[str, Any]) -> str:
    """What a step leaves behind, as far as it has a number or a reason."""
    return "，".join(f"{label} {_listed(result[name])}" for name, label in _NOTED.items() if result.get(name))


def _listed(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


_NOTED = {
    "documentNo": "写成",
    "refusalReason": "不同意：",
    "wayOutReason": "理由：",
    "executionReason": "原因：",
    "missingPapers": "尚缺",
    "designApprovalNo": "批复",
    "earlyStartApprovalDate": "审批日期",
    "issueNo": "领料单",
    "signDate": "签收日期",
    "inspectionReceivedOn": "检验意见单签收日期",
    "designCommissionReceivedOn": "委托书签收日期",
    "safetyAgreementDate": "安全协议签订日期",
    "rectificationReceivedOn": "整改通知签收日期",
    "supplyContractSignedOn": "合同签订日期",
    "settlementSignedOn": "结算协议签订日期",
    "contractSignedOn": "施工合同签订日期",
    "weeklyPlanNo": "周计划",
    "settlementNo": "结算书",
    "archiveNo": "档案号",
}


def timeline(told: Report) -> str:
    """The case as a person likes to read it: a heading for each stage, a line for each step."""
    first, last = told.steps[0].at, told.steps[-1].at
    lines = [told.title, f"工单 {told.case_no}  {first:%Y-%m-%d} 至 {last:%Y-%m-%d}"]
    if WorkingCalendar.shipped().day(last.date()).provisional:
        lines.append(f"{last.year}年的放假安排尚未公告，其工作日为暂定")
    stage = day = ""
    for step in told.steps:
        if step.type not in ("userTask", "serviceTask"):
            continue
        if step.stage != stage:
            stage, day = step.stage, ""
            lines += ["", f"【{stage}】"] if stage else [""]
        date = f"{step.at:%m-%d} 周{WEEKDAYS[step.at.weekday()]}"
        shown = date if date != day else " " * _width(date)
        day = date
        who = f"{step.department} {step.by}".strip()
        note = f"  — {step.note}" if step.note else ""
        lines.append(f"  {shown}  {step.at:%H:%M}  {_padded(step.name, 26)}{_padded(who, 18)}{note}".rstrip())
    return "\n".join(lines)


def papers(told: Report) -> str:
    """Where the documents lie."""
    lines = ["", "文书"]
    lines += [f"  {_padded(paper.title, 22)}{_padded(paper.number, 24)}{paper.path}" for paper in told.papers]
    return "\n".join(lines)


def limits(told: Report) -> str:
    """The clocks of the case, and who was written to when one was late."""
    lines = ["", "期限"]
    lines += [_columns(row, (28, 22, 30, 22)) for row in clock_table(told.deadlines, told.escalations)]
    if told.escalations:
        lines += ["", "提醒与督办"]
        lines += [_columns(row, (22, 22, 28)) for row in _followed(told)]
    return "\n".join(lines)


def _followed(told: Report) -> list[tuple[str, ...]]:
    return escalation_lines(told.escalations, told.acknowledgements, told.orders)


def _columns(row: tuple[str, ...], widths: tuple[int, ...]) -> str:
    *first, last = row
    return "  " + "".join(_padded(text, width) for text, width in zip(first, widths, strict=True)) + last


def _width(text: str) -> int:
    """Columns of a terminal: Chinese characters take two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - _width(text), 1)

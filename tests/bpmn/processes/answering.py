"""What the jobs of a walk are answered, as the activities answer them: papers, materials, bays, frameworks, stock."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from activities.documents import DocumentSettings
from bpmn import commands
from domain.documents import Document as Paper
from domain.documents import model_from_variables
from domain.fields import MissingFields

if TYPE_CHECKING:
    from tests.bpmn.processes.play import Play, Running


class Thrown(Exception):
    """A job ends with a BPMN error of that code, with variables."""

    def __init__(self, code: str, variables: dict[str, Any]) -> None:
        super().__init__(code)
        self.code, self.variables = code, variables


@dataclass
class Document:
    """A document written by one process instance of the case."""

    owner: Running
    model: Paper
    number: str
    void: bool = False

    @property
    def kind(self) -> str:
        return self.model.kind


def _write_document(play: Play, one: Running, job: commands.RunJob) -> dict[str, Any]:
    try:
        model = model_from_variables(job.headers["kind"], DocumentSettings().completed(job.variables))
    except MissingFields as missing:
        raise AssertionError(f"{job.element}: {missing}") from missing
    number = f"文〔2026〕{len(play.documents) + 1}号"
    play.documents.append(Document(one, model, number))
    return {"documentNo": number, "documentSha256": "0" * 64}


def _void_documents(play: Play, one: Running, job: commands.RunJob) -> dict[str, Any]:
    assert job.variables["reason"], job
    of_case = job.headers.get("of") == "case"
    valid = [document for document in play.documents if (of_case or document.owner is one) and not document.void]
    voided = [document for document in valid if document.kind in job.headers.get("kind", document.kind).split()]
    for document in voided:
        document.void = True
    return {"voided": [document.number for document in voided]}


def _record_papers(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    for paper in job.variables["papers"]:
        until = paper.get("validUntil")
        play.papers[paper["kind"]] = date.fromisoformat(until) if until else None
    return {"recorded": len(job.variables["papers"])}


def _find_papers(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    on = date.fromisoformat(job.variables["onDate"])
    required = job.variables["requiredPapers"]
    held = [kind for kind in required if kind in play.papers and (play.papers[kind] or on) >= on]
    return {"heldPapers": held, "missingPapers": [kind for kind in required if kind not in held]}


def _issue_materials(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    """What was reserved is there; what is issued against an approval is only there where the stock has it."""
    assert all(line["quantity"] > 0 for line in job.variables["materials"])
    if "against" in job.headers:
        assert job.headers["against"] == "early_start_approval"
        assert job.variables["earlyStartApprovalNo"]
        for line in job.variables["materials"]:
            _take_from_stock(play, line)
    return {"issueNo": "LL-2026-0001"}


def _take_from_stock(play: Play, line: dict[str, Any]) -> None:
    kept = play.stock.get(line["item"], {"onHand": line["quantity"]})
    if (missing := line["quantity"] - kept["onHand"]) > 0:
        text = f"物资短缺：{line['item']}缺{missing}{line['unit']}"
        on = (play.now + timedelta(days=3)).date().isoformat()
        raise Thrown("shortage", {"shortages": [], "shortageText": text, "shortageRecheckOn": on})


def _return_materials(_play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    assert job.variables["issueNo"] == "LL-2026-0001"
    return {"returnNo": "TL-2026-0001"}


def _assess_outage(play: Play, one: Running, job: commands.RunJob) -> dict[str, Any]:
    """As where nothing stands in the way of the promise; of the plan says the walk whether a unit keeps one."""
    del one
    return {"assessed": job.variables, "feasibility": None, "plan": play.plan, "wayOutProblem": ""}


def _take_bay(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    station, wanted = job.variables["bayStation"], job.variables["bay"]
    assert job.variables["bayVoltageKv"] >= 35
    play.leads.append(job.variables["leadNo"])
    if not play.bays[station] or not (wanted or station).startswith(station):
        raise Thrown("no_bay", {"bayProblem": f"{station}没有可用的间隔"})
    play.bays[station] -= 1
    number = play.bays[station]
    return {"bay": f"{station}:{number}", "bayName": f"{number}间隔", "stationName": station, "bayBuilt": True}


def _give_back_bay(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    station = job.variables["bay"].partition(":")[0]
    play.bays[station] = play.bays.get(station, 0) + 1
    return {}


def _call_off(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    number, lot, amount = (job.variables[key] for key in ("framework", "lot", "amount"))
    assert job.variables["matter"], job
    framework = play.frameworks.get(number, {"validUntil": "1999-12-31", "lots": {}})
    if framework["validUntil"] < play.now.date().isoformat():
        raise Thrown("framework_unusable", {"frameworkProblem": f"框架{number}已到期"})
    if framework["lots"].get(lot, 0) < amount:
        raise Thrown("framework_unusable", {"frameworkProblem": f"框架{number}{lot}余额不足"})
    framework["lots"][lot] -= amount
    return {
        "callOffNo": f"{number}/{lot}/{amount}",
        "frameworkRemaining": framework["lots"][lot],
        "frameworkContractor": framework["contractor"],
        "frameworkAward": framework["award"],
        "frameworkAwardedOn": framework["awardedOn"],
        "frameworkValidFrom": framework["validFrom"],
        "frameworkValidUntil": framework["validUntil"],
        "frameworkLicence": framework["licence"],
        "frameworkLicenceUntil": framework["licenceUntil"],
    }


def _cancel_call_off(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    number, lot, amount = job.variables["callOffNo"].split("/")
    play.frameworks[number]["lots"][lot] += int(amount)
    return {}


def _reserve_materials(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    wanted = {line["item"]: line["quantity"] for line in job.variables["materials"]}
    short = [item for item, quantity in wanted.items() if play.stock[item]["onHand"] < quantity]
    if short:
        again = max(play.stock[item]["arrivesOn"] for item in short)
        told = {"shortages": short, "shortageText": f"物资短缺：{short}", "shortageRecheckOn": again}
        raise Thrown("shortage", told)
    for item, quantity in wanted.items():
        play.stock[item]["onHand"] -= quantity
    return {"reservationNo": json.dumps(wanted)}


def _release_materials(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    play.receive(json.loads(job.variables["reservationNo"]))
    return {}


def _commission_bay(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    play.commissioned.append(job.variables["bay"])
    return {}


def _archive(play: Play, _one: Running, _job: commands.RunJob) -> dict[str, Any]:
    index = [{"kind": document.kind, "number": document.number} for document in play.documents]
    return {"archiveNo": "DA-2026-0001", "archiveIndex": index}


JOBS: dict[str, Callable[[Play, Running, commands.RunJob], dict[str, Any]]] = {
    "write-document": _write_document,
    "void-documents": _void_documents,
    "record-papers": _record_papers,
    "find-papers": _find_papers,
    "issue-materials": _issue_materials,
    "return-materials": _return_materials,
    "take-bay": _take_bay,
    "give-back-bay": _give_back_bay,
    "call-off-framework": _call_off,
    "cancel-call-off": _cancel_call_off,
    "reserve-materials": _reserve_materials,
    "release-materials": _release_materials,
    "commission-bay": _commission_bay,
    "archive-case": _archive,
    "assess-outage-request": _assess_outage,
}
_OF_PLANS = (
    "enter-outage-request",
    "defer-outage-request",
    "withdraw-outage-request",
    "propose-outage-plan",
    "check-outage-plan",
    "issue-outage-plan",
    "add-emergency-outage",
    "close-outage-plan",
    "record-outage-notices",
    "record-outage-execution",
    "remove-withdrawn-outage",
)
"""Jobs of the weekly outage plan, which is played on Temporal only (`tests.cases.test_outage_plan`)."""
KNOWN_JOBS = frozenset(JOBS) | frozenset(_OF_PLANS)
"""The job types that the worker has activities for."""

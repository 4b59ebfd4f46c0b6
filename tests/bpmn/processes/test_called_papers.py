"""The called processes write each of their papers at its step, once or once a version, from what is known then."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bpmn.definition import Definition
from bpmn.feel import Environment
from bpmn.options import Options
from domain.documents import (
    ConstructionContract,
    EarlyStartApproval,
    IntegratedDesignCommission,
    OutageRequest,
    SafetyAgreement,
)
from tests.bpmn.processes.play import REWORK, WALKS, Play, of_kind, played, written


def papers(play: Play, process: str) -> list[str]:
    """The kinds of what a process has written, in order."""
    return [one.kind for one in play.documents if one.owner.process == process]


def variables(play: Play, process: str) -> dict[str, Any]:
    """The variables of a called process that runs."""
    found = next(one for one in play.running if one.process == process)
    return found.instance.variables()


def test_the_commission_is_numbered_before_the_design_is_handed_in(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="commission_design")
    (commission,) = of_kind(play, "integrated_design_commission")

    assert "hand_in_design" in play.open_tasks()
    assert variables(play, "grid_project_10kv")["designCommissionNo"] == commission.number


def test_the_commission_says_what_the_task_and_the_reply_said(whole: Play) -> None:
    (commission,) = written(whole, "integrated_design_commission")

    assert isinstance(commission, IntegratedDesignCommission)
    assert commission.reply_document_no == of_kind(whole, "supply_plan_reply")[-1].number
    assert commission.project_need == _entered("issue_grid_task")["projectNeed"]
    assert commission.design_days == 2


def test_what_a_commission_need_not_name_is_said_to_be_nothing(reworked: Play) -> None:
    (commission,) = written(reworked, "integrated_design_commission")

    assert (commission.grid_design_framework_no, commission.grid_design_notes) == ("无", "无")


def test_the_receipt_of_a_commission_keeps_its_date_and_who_signed_for_it(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="approve_integrated_design")
    kept = variables(play, "grid_project_10kv")

    assert kept["designCommissioner"] == _entered("commission_design")["designCommissioner"]
    assert kept["designCommissionReceivedOn"] == _entered("hand_in_design")["designCommissionReceivedOn"]


def test_the_safety_agreement_is_written_before_it_is_signed(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="draft_safety_agreement")
    (agreement,) = of_kind(play, "safety_agreement")
    kept = variables(play, "grid_project_10kv")

    assert "sign_safety_agreement" in play.open_tasks()
    assert "safetyAgreementDate" not in kept
    assert kept["safetyAgreementNo"] == agreement.number


def test_the_safety_agreement_is_between_the_owner_and_the_builder(whole: Play) -> None:
    (agreement,) = written(whole, "safety_agreement")

    assert isinstance(agreement, SafetyAgreement)
    assert agreement.owner.name == _entered("issue_grid_task")["projectOwner"]
    assert agreement.builder.safety_officer == _entered("draft_safety_agreement")["builderSafetyOfficer"]
    assert [hazard.responsible for hazard in agreement.hazards] == ["双方", "承包人", "承包人"]


def test_the_signing_of_a_safety_agreement_keeps_its_date_and_its_signers(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="sign_safety_agreement")

    assert _entered("sign_safety_agreement").items() <= variables(play, "grid_project_10kv").items()


def test_no_early_start_follows_from_an_agreement_signed_after_the_planned_start(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="draft_safety_agreement")
    play.reach("2026-03-27T16:00+08:00")
    play.complete("sign_safety_agreement", _entered("sign_safety_agreement") | {"safetyAgreementDate": "2026-03-27"})
    play.complete("apply_early_start", _entered("apply_early_start"))

    assert "approve_early_start" not in play.open_tasks()
    assert variables(play, "grid_project_10kv")["earlyStartMissing"] == ["文本日期之后、计划开工日之前签订的安全协议"]


@pytest.mark.parametrize("day", ["2026-03-23", "2026-03-26"], ids=["of its text", "of the start"])
def test_an_agreement_may_be_signed_on_the_very_day(definition: Definition, day: str) -> None:
    play = played(definition, "ordinary_customer", until="draft_safety_agreement")
    play.reach(f"{day}T18:00+08:00")
    play.complete("sign_safety_agreement", _entered("sign_safety_agreement") | {"safetyAgreementDate": day})
    play.complete("apply_early_start", _entered("apply_early_start"))

    assert "approve_early_start" in play.open_tasks()


def test_an_agreement_signed_anew_leaves_the_old_one_void(definition: Definition) -> None:
    play = played(definition, REWORK, until="sign_safety_agreement", times=2)
    first, second = of_kind(play, "safety_agreement")

    assert (first.void, second.void) == (True, False)
    assert variables(play, "grid_project_10kv")["safetyAgreementNo"] == second.number
    assert [model.site_manager for model in written(play, "safety_agreement")] == ["吴强", "吴刚"]


def test_an_early_start_that_is_refused_or_taken_back_gets_no_paper(definition: Definition) -> None:
    play = played(definition, REWORK, until="approve_early_start")

    assert "apply_early_start" in play.open_tasks()
    assert of_kind(play, "early_start_approval") == []


@pytest.mark.parametrize(
    ("day", "possible"),
    [("2026-03-22", False), ("2026-03-23", True), ("2026-03-26", True), ("2026-03-27", False)],
    ids=["before agreement and design", "on their day", "on the planned start", "after it"],
)
def test_an_early_start_is_approved_between_its_prerequisites_and_the_planned_start(
    definition: Definition, day: str, possible: bool
) -> None:
    play = played(definition, "ordinary_customer", until="apply_early_start")
    entered = _entered("approve_early_start") | {"earlyStartApprovalDate": day}
    play.reach("2026-03-27T16:00+08:00")
    known, environment = variables(play, "grid_project_10kv"), Environment(play.now, Options().zone)
    form = definition.forms["early_start_approval"]

    faults = form.validate(entered, known, environment)
    assert [fault.key for fault in faults] == ["earlyStartVerdict"] * (not possible)
    assert not form.validate(entered | {"earlyStartVerdict": "refused"}, known, environment)


def test_the_approval_is_numbered_before_materials_are_issued(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="approve_early_start")
    (approval,) = of_kind(play, "early_start_approval")

    assert "check_materials" in play.open_tasks()
    assert variables(play, "grid_project_10kv")["earlyStartApprovalNo"] == approval.number


def test_the_approval_quotes_the_agreement_that_holds_and_the_day_it_was_signed(reworked: Play) -> None:
    (approval,) = written(reworked, "early_start_approval")

    assert isinstance(approval, EarlyStartApproval)
    assert approval.safety_agreement_no == of_kind(reworked, "safety_agreement")[-1].number
    assert approval.safety_agreement_date == date(2026, 3, 24)
    assert approval.reply_document_no == of_kind(reworked, "supply_plan_reply")[-1].number


@pytest.mark.parametrize(
    ("signed", "approved", "started", "allowed"),
    [
        ("2026-03-23", "2026-03-24", "2026-03-24", True),
        ("2026-03-23", "2026-03-24", "2026-03-23", False),
        ("2026-03-25", "2026-03-24", "2026-03-24", False),
    ],
)
def test_works_start_only_when_agreement_and_approval_are_there(
    definition: Definition, signed: str, approved: str, started: str, allowed: bool
) -> None:
    play = played(definition, "ordinary_customer", until="check_materials")
    known = variables(play, "grid_project_10kv")
    faults = definition.forms["works_start"].validate(
        _entered("start_works") | {"worksStartDate": started},
        known | {"safetyAgreementDate": signed, "earlyStartApprovalDate": approved},
        Environment(play.now, Options().zone),
    )

    assert [fault.key for fault in faults] == ["worksStartBasis"] * (not allowed)


def test_the_contract_keeps_when_it_was_signed_beside_the_date_of_its_text(definition: Definition) -> None:
    play = played(definition, REWORK, until="sign_construction_contract")
    kept = variables(play, "grid_project_10kv")
    (contract,) = written(play, "construction_contract")

    assert kept["contractSignedOn"] == "2026-05-06"
    assert kept["contractDate"] == contract.contract_date.isoformat()


def test_the_contract_is_late_when_the_days_that_the_approval_states_are_over(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="start_works")
    (approval,) = written(play, "early_start_approval")

    play.pass_time(timedelta(days=approval.contract_due_days - 1))
    assert "explain_late_contract" not in play.open_tasks()
    play.pass_time(timedelta(days=1))
    assert "explain_late_contract" in play.open_tasks()


@pytest.mark.parametrize("walk", ["whole", "reworked"])
def test_the_construction_contract_quotes_the_papers_that_were_written(
    request: pytest.FixtureRequest, walk: str
) -> None:
    play: Play = request.getfixturevalue(walk)
    (contract,), (approval,) = written(play, "construction_contract"), of_kind(play, "early_start_approval")
    agreement, number = written(play, "safety_agreement")[-1], of_kind(play, "safety_agreement")[-1].number

    assert isinstance(contract, ConstructionContract)
    assert contract.early_start_approval_no == approval.number
    assert contract.safety_agreement_no == number
    assert contract.safety_agreement_date == written(play, "early_start_approval")[0].safety_agreement_date
    assert (contract.framework_award_no, contract.wbs) == (agreement.framework_award_no, agreement.wbs)


def test_a_grid_project_without_rework_gets_each_paper_once(whole: Play) -> None:
    assert papers(whole, "grid_project_10kv") == [
        "integrated_design_commission",
        "safety_agreement",
        "early_start_approval",
        "construction_contract",
    ]


def test_rework_writes_anew_only_what_changed(reworked: Play) -> None:
    assert papers(reworked, "grid_project_10kv") == [
        "integrated_design_commission",
        "safety_agreement",
        "safety_agreement",
        "early_start_approval",
        "construction_contract",
    ]


def test_an_energization_without_rework_gets_its_request_once(whole: Play) -> None:
    assert papers(whole, "energization") == ["outage_request"]


def test_the_request_is_numbered_before_dispatch_decides(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="apply_outage")
    (request,) = of_kind(play, "outage_request")

    assert "approve_outage" in play.open_tasks()
    assert variables(play, "energization")["outageRequestNo"] == request.number


def test_the_request_quotes_the_papers_of_the_case(whole: Play) -> None:
    (request,) = written(whole, "outage_request")

    assert isinstance(request, OutageRequest)
    assert request.inspection_no == of_kind(whole, "inspection_opinion")[-1].number
    assert request.supply_contract_no == of_kind(whole, "supply_contract")[-1].number


def test_each_new_version_of_a_request_leaves_the_old_one_void(reworked: Play) -> None:
    requests = of_kind(reworked, "outage_request")

    assert papers(reworked, "energization") == ["outage_request"] * 3
    assert [request.void for request in requests] == [True, True, False]


def test_a_request_that_only_energizes_says_nothing_of_the_outage_of_an_earlier_version(reworked: Play) -> None:
    first, second, _ = written(reworked, "outage_request")

    assert first.planned_outage_at == datetime.fromisoformat("2026-04-29T08:00+08:00")
    assert second.planned_outage_at is None


@pytest.mark.parametrize(("kind", "asked"), [("送电", False), ("停电", True), ("停送电", True)])
def test_when_the_power_goes_off_is_asked_where_it_does(definition: Definition, kind: str, asked: bool) -> None:
    entered = _entered("apply_outage") | {"outageKind": kind}
    environment = Environment(datetime.fromisoformat("2026-04-24T09:00+08:00"), Options().zone)
    faults = definition.forms["outage_request"].validate(entered, {}, environment)

    assert [fault.key for fault in faults] == ["plannedOutageAt"] * asked


def test_a_withdrawal_voids_the_request(definition: Definition) -> None:
    play = played(definition, "weekly_plan_by_message_then_withdrawn")

    assert [request.void for request in of_kind(play, "outage_request")] == [True]


def _entered(element: str) -> dict[str, Any]:
    """What is entered at an element of a case in which nothing goes wrong."""
    acts = WALKS["ordinary_customer"]["acts"]
    found: dict[str, Any] = next(act["data"] for act in acts if act.get("element") == element)
    return found

"""The connection process writes each of its papers at its step, once or once a version, from what is known then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bpmn.definition import Definition
from bpmn.feel import Environment
from bpmn.options import Options
from domain.documents import (
    InspectionOpinion,
    OneTimeNotice,
    RectificationNotice,
    ReviewMinutes,
    SettlementAgreement,
    SupplyContract,
)
from tests.bpmn.processes.play import REWORK, WALKS, Play, played, written


def numbers(play: Play, kind: str) -> list[str]:
    return [document.number for document in play.documents if document.kind == kind]


def of_the_main_process(play: Play) -> Iterator[str]:
    return (document.kind for document in play.documents if document.owner is play.case)


def test_a_case_without_rework_gets_each_paper_once(whole: Play) -> None:
    assert list(of_the_main_process(whole)) == [
        "one_time_notice",
        "review_minutes",
        "supply_plan_reply",
        "inspection_opinion",
        "supply_contract",
        "settlement_agreement",
    ]


def test_the_notice_names_what_is_missing_and_what_the_company_holds(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="give_notice")
    (notice,) = written(play, "one_time_notice")

    assert isinstance(notice, OneTimeNotice)
    assert "营业执照" not in notice.missing_papers
    assert notice.first_contact_name == play.case.instance.variables()["firstContact"]["name"]
    assert play.case.instance.variables()["noticeNo"] == numbers(play, "one_time_notice")[0]


def test_each_version_of_a_plan_has_minutes_of_its_own(definition: Definition) -> None:
    play = played(definition, "papers_missing_and_plan_returned", until="reply_plan")
    minutes = written(play, "review_minutes")

    assert all(isinstance(one, ReviewMinutes) for one in minutes)
    assert [one.refusing for one in minutes] == [1, 0, 0]
    assert play.case.instance.variables()["minutesNo"] == numbers(play, "review_minutes")[-1]


def test_a_failed_inspection_is_followed_by_a_notice_of_what_to_put_right(definition: Definition) -> None:
    play = played(definition, REWORK, until="inspect_completion")
    (opinion,), (notice,) = written(play, "inspection_opinion"), written(play, "rectification_notice")

    assert isinstance(opinion, InspectionOpinion)
    assert isinstance(notice, RectificationNotice)
    assert notice.inspection_no == numbers(play, "inspection_opinion")[0]
    assert notice.failed_items == (opinion.failed_items,) == ("接地电阻",)
    assert play.open_tasks().count("rectify") == 1


def test_every_finding_that_fails_is_named_as_the_opinion_names_it(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="report_completion")
    play.reach("2026-04-22T16:00+08:00")
    failed = {check: "bad" for check in _entered("inspect_completion") if check.endswith("Check")}
    verdict = {"inspectionVerdict": "fail", "rectificationContent": "逐项整改", "rectificationDue": "2026-04-30"}
    play.complete("inspect_completion", _entered("inspect_completion") | failed | verdict)
    (opinion,), (notice,) = written(play, "inspection_opinion"), written(play, "rectification_notice")

    assert "、".join(notice.failed_items) == opinion.failed_items
    assert len(notice.failed_items) == 11


def test_the_next_inspection_counts_on_and_says_nothing_of_the_measures_of_the_last(reworked: Play) -> None:
    first, second = written(reworked, "inspection_opinion")

    assert (first.inspection_round, second.inspection_round) == (1, 2)
    assert second.completion_reported_on > first.completion_reported_on
    assert (second.rectification_content, second.rectification_due) == ("无", None)
    assert len(written(reworked, "rectification_notice")) == 1


def test_what_does_not_conform_cannot_be_passed(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="report_completion")
    play.reach("2026-04-22T16:00+08:00")
    faults = definition.forms["completion_inspection"].validate(
        _entered("inspect_completion") | {"interlockCheck": "bad", "inspectionVerdict": "pass"},
        play.case.instance.variables(),
        Environment(play.now, Options().zone),
    )

    assert [(fault.key, fault.problem) for fault in faults] == [("inspectionVerdict", "“pass”不在选项中")]


def test_contract_and_settlement_are_written_before_they_are_signed(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="agree_settlement")
    variables = play.case.instance.variables()
    (contract,), (settlement,) = written(play, "supply_contract"), written(play, "settlement_agreement")

    assert isinstance(contract, SupplyContract)
    assert isinstance(settlement, SettlementAgreement)
    assert "sign_supply_contract" in play.open_tasks()
    assert "supplyContractSignedOn" not in variables
    assert contract.supply_contract_date == settlement.settlement_agreement_date == date(2026, 4, 24)
    assert [settlement.supply_contract_no] == numbers(play, "supply_contract") == [variables["supplyContractNo"]]
    assert numbers(play, "settlement_agreement") == [variables["settlementAgreementNo"]]


def test_the_contract_says_what_the_case_knows(whole: Play, reworked: Play) -> None:
    (contract,), (important,) = written(whole, "supply_contract"), written(reworked, "supply_contract")

    assert contract.business_fees == Decimal(1280000)
    assert contract.transformer_kva == contract.approved_capacity_kva == Decimal(8000)
    assert contract.importance == "普通电力用户"
    assert contract.consumer.name == contract.customer
    assert contract.consumer.address == contract.address
    assert contract.inspection_no == numbers(whole, "inspection_opinion")[-1]
    assert contract.reply_document_no == numbers(whole, "supply_plan_reply")[-1]
    assert important.importance == "二级重要电力用户"
    assert important.dispatch_agreement_no == "DDXY-2026-0023"


@pytest.mark.parametrize("fees", [None, []])
def test_a_plan_without_fees_gives_a_contract_without_fees(definition: Definition, fees: list[Any] | None) -> None:
    walk = WALKS["ordinary_customer"]
    play = Play(definition, walk["start"], walk["variables"])
    for act in walk["acts"]:
        changes = {"fees": fees} if act["element"] == "draft_supply_plan" else {}
        play.act({**act, "data": act["data"] | changes})
        if act["element"] == "agree_settlement":
            break
    (contract,) = written(play, "supply_contract")

    assert contract.business_fees == 0


def test_the_signing_keeps_its_date_and_its_signers(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="sign_supply_contract")

    assert _entered("sign_supply_contract").items() <= play.case.instance.variables().items()


@pytest.mark.parametrize(
    ("changes", "demanded"),
    [
        ({}, False),
        ({"ownGeneration": "无"}, False),
        ({"planVoltageKv": 35}, True),
        ({"supplySources": [{"role": "主供"}, {"role": "备供"}]}, True),
        ({"ownGeneration": "柴油发电机400千瓦"}, True),
        ({"importantCustomer": "二级"}, True),
    ],
)
def test_a_dispatch_agreement_is_demanded_where_dispatch_has_a_say(
    definition: Definition, changes: dict[str, Any], demanded: bool
) -> None:
    play = played(definition, "ordinary_customer", until="inspect_completion")
    play.reach("2026-04-24T16:00+08:00")
    terms = _entered("agree_supply_contract") | {"ownGenerationAgreementNo": "ZBDY-2026-0017"}
    if changes.get("ownGeneration", "无") == "无":
        del terms["ownGenerationAgreementNo"]
    faults = definition.forms["supply_contract_terms"].validate(
        terms, play.case.instance.variables() | changes, Environment(play.now, Options().zone)
    )

    assert [fault.key for fault in faults] == ["dispatchAgreementNo"] * demanded


def _entered(element: str) -> dict[str, Any]:
    """What is entered at an element of a case in which nothing goes wrong."""
    acts = WALKS["ordinary_customer"]["acts"]
    found: dict[str, Any] = next(act["data"] for act in acts if act.get("element") == element)
    return found

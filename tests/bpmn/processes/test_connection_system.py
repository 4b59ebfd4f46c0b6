"""35kV and above: who reviews how a customer is connected, what the customer's own time is, and which bay it gets."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bpmn.definition import Definition
from domain.calendar import WorkingCalendar
from domain.clock import Facts
from domain.documents import ConnectionReviewOpinion, JointReviewSheet, RuleConflictRecord
from tests.bpmn.processes.play import WALKS, Play, authorities, begun, of_kind, played, written
from tests.bpmn.processes.test_clocks import Timed

CITY, PROVINCE, ENDS = (
    "110kv_reviewed_by_the_city",
    "220kv_reviewed_by_the_province",
    "110kv_delegation_ends_then_withdrawn",
)
REVIEW, CONFIRMATION = "decide_connection_review", "confirm_conflict_decision"
AT_110KV = Facts("110", 1, True, "2026-03-02")
CALENDAR = WorkingCalendar.shipped()


def until(definition: Definition, name: str, element: str, times: int = 1) -> Play:
    """A walk up to where the element is to be done for that time."""
    acts = WALKS[name]["acts"]
    return acted(definition, name, [n for n, act in enumerate(acts) if act.get("element") == element][times - 1])


def acted(definition: Definition, name: str, acts: int) -> Play:
    """A walk after so many acts."""
    play = begun(definition, name)
    for act in WALKS[name]["acts"][:acts]:
        play.act(act)
    return play


def go_on(play: Play, name: str, element: str) -> None:
    """Do the first act of a walk at an element."""
    play.act(next(act for act in WALKS[name]["acts"] if act.get("element") == element))


def entered(name: str, element: str, times: int = 1) -> dict[str, Any]:
    """What a walk enters at an element."""
    found = [act["data"] for act in WALKS[name]["acts"] if act.get("element") == element]
    return dict(found[times - 1])


def called(play: Play, process: str) -> dict[str, Any]:
    """The variables of a called process that runs."""
    return next(one for one in play.running if one.process == process).instance.variables()


class TestAuthority:
    """domain.md §1.1 row 3: the province's planning delegates the review of 110kV connection systems to the city."""

    @pytest.mark.parametrize(
        ("name", "department", "level"),
        [(CITY, "planning", "市公司"), (PROVINCE, "province_planning", "省公司")],
    )
    def test_row_3_the_review_goes_to_the_level_that_has_the_authority_and_its_paper_says_so(
        self, definition: Definition, name: str, department: str, level: str
    ) -> None:
        assert until(definition, name, REVIEW).candidates(REVIEW) == (department,)

        opinion = written(played(definition, name), "connection_review_opinion")[-1]
        assert isinstance(opinion, ConnectionReviewOpinion)
        assert opinion.authority.level == level
        assert opinion.authority.rule

    def test_row_3_a_delegation_that_ends_while_a_case_waits_moves_the_task_to_the_province(
        self, definition: Definition
    ) -> None:
        play = until(definition, CITY, REVIEW)
        play.use_authorities([{"id": "review-110-delegated", "to": "2026-04-20"}])
        assert play.candidates(REVIEW) == ("planning",)

        play.reach("2026-04-20T23:59+08:00")
        assert play.candidates(REVIEW) == ("planning",)
        play.reach("2026-04-21T00:00+08:00")
        assert play.candidates(REVIEW) == ("province_planning",)

    def test_row_3_a_delegation_that_is_taken_back_moves_the_task_at_once(self, definition: Definition) -> None:
        play = until(definition, CITY, REVIEW)

        play.use_authorities([{"id": "review-110-delegated", "gone": True}])
        assert play.candidates(REVIEW) == ("province_planning",)
        play.use_authorities([])
        assert play.candidates(REVIEW) == ("planning",)

    def test_a_conflict_of_rules_is_confirmed_by_whoever_has_the_authority_then(self, definition: Definition) -> None:
        play = until(definition, ENDS, CONFIRMATION)
        assert play.candidates(CONFIRMATION) == ("planning",)

        play.reach("2026-04-16T00:00+08:00")
        assert play.candidates(CONFIRMATION) == ("province_planning",)

    def test_the_table_that_ends_a_delegation_is_one_that_officers_may_load(self) -> None:
        assert authorities([{"id": "review-110-delegated", "to": "2026-04-20"}]).rows


class TestReview:
    def test_each_department_signs_and_the_sheet_says_what_it_said(self, definition: Definition) -> None:
        play = until(definition, CITY, "connection_opinion")
        play.reach("2026-04-14T14:00+08:00")
        groups = []
        for number in (1, 2, 3):
            groups.append(play.candidates("connection_opinion"))
            play.complete("connection_opinion", entered(CITY, "connection_opinion", number))
        (sheet,) = written(play, "joint_review_sheet")

        assert groups == [("planning",), ("operations",), ("dispatch",)]
        assert isinstance(sheet, JointReviewSheet)
        assert [one.reviewer for one in sheet.countersignatures] == ["周凯", "马超", "何静"]
        assert sheet.sheet_outcome == "各部门同意"
        assert called(play, "connection_system")["jointReviewSheetNo"] == of_kind(play, "joint_review_sheet")[0].number

    def test_what_a_department_refuses_cannot_be_agreed(self, definition: Definition) -> None:
        play = until(definition, PROVINCE, REVIEW)
        refused = entered(PROVINCE, REVIEW)
        play.reach("2026-04-15T16:00+08:00")

        (fault,) = play.faults(REVIEW, refused | {"connectionVerdict": "approved"})
        assert (fault.key, fault.problem) == ("connectionVerdict", "“approved”不在选项中")
        assert play.faults(REVIEW, refused) == ()

    def test_a_refusal_goes_back_to_the_customer_with_all_its_reasons(self, definition: Definition) -> None:
        play = until(definition, PROVINCE, "submit_connection_design", times=2)

        assert play.open_tasks() == ["submit_connection_design"]
        assert play.candidates("submit_connection_design") == ("customer", "marketing")
        assert called(play, "connection_system")["connectionReturnReason"] == (
            "短路水平复核不足，退回修改；补充短路电流校核；何静：短路电流校核未计入新能源场站"
        )
        assert of_kind(play, "connection_review_opinion") == []

    def test_the_plan_is_drafted_when_the_connection_system_is_agreed_and_quotes_its_paper(
        self, definition: Definition
    ) -> None:
        play = until(definition, CITY, "draft_supply_plan")

        assert play.open_tasks() == ["draft_supply_plan"]
        (paper,) = of_kind(play, "connection_review_opinion")
        assert play.case.instance.variables()["connectionReviewNo"] == paper.number

    def test_no_10kv_case_has_a_connection_system_or_takes_a_bay(self, definition: Definition) -> None:
        play = played(definition, "ordinary_customer")

        assert not {"take-bay", "give-back-bay"} & set(play.jobs)
        assert {process for process, _ in play.journal} == {"hv_connection", "grid_project_10kv", "energization"}


class TestTheCustomersTime:
    """domain.md §1.2: for 110kV and above the time the customer spends on the design is subtracted."""

    def test_the_reply_has_what_is_left_of_its_limit_when_the_connection_system_is_agreed(
        self, definition: Definition
    ) -> None:
        play, timed = until(definition, CITY, "draft_supply_plan"), Timed(definition, "hv_connection", AT_110KV)
        timed.follow(play, "hv_connection")

        used = CALENDAR.workdays_between(date(2026, 3, 2), date(2026, 3, 5))
        assert timed.due_on("supply_plan_reply") == CALENDAR.add_workdays(play.now.date(), 10 - used).date

    def test_no_clock_of_the_company_runs_while_the_customer_designs(self, definition: Definition) -> None:
        play = until(definition, CITY, "submit_connection_design")
        for process in ("hv_connection", "connection_system"):
            timed = Timed(definition, process, AT_110KV)
            timed.follow(play, process)
            assert [clock.rule for clock in timed.clocks if clock.running] == []

    def test_the_review_counts_from_each_submission_to_its_answer(self, definition: Definition) -> None:
        timed = Timed(definition, "connection_system", AT_110KV)
        timed.tell("submit_connection_design", "2026-04-10T16:00")
        assert timed.due_on("connection_review") == CALENDAR.add_workdays(date(2026, 4, 10), 10).date
        timed.tell("return_connection_design", "2026-04-15T16:00")
        assert timed.due("connection_review") is None

        timed.tell("submit_connection_design", "2026-05-11T16:00")
        assert timed.due_on("connection_review") == CALENDAR.add_workdays(date(2026, 5, 11), 10).date
        timed.tell("write_connection_review_opinion", "2026-05-14T16:00")
        assert timed.due("connection_review") is None

    @pytest.mark.parametrize("voltage", ["35", "66", "110", "220"])
    def test_none_of_the_10kv_rules_starts_in_the_main_diagram(self, definition: Definition, voltage: str) -> None:
        play = played(definition, CITY)
        timed = Timed(definition, "hv_connection", Facts(voltage, 1, True, "2026-03-02"))
        timed.follow(play, "hv_connection")

        assert {clock.rule.partition(".")[0] for clock in timed.clocks} == {
            "accept_application",
            "survey",
            "supply_plan_reply",
            "plan_validity",
            "inspect_completion",
            "metering",
            "archive",
        }


CONFLICT = "35kv_plan_changed_then_withdrawn_in_a_conflict"


class TestConflictOfRules:
    """domain.md §1.1 row 2: where no standard speaks, the rules of connections prevail over others if that is safe."""

    def test_row_2_a_rule_that_is_safely_set_aside_leaves_its_departments_opinion_as_consent(
        self, definition: Definition
    ) -> None:
        play = until(definition, ENDS, REVIEW)
        (record,) = written(play, "rule_conflict_record")
        (number,) = [paper.number for paper in of_kind(play, "rule_conflict_record")]
        opinions = called(play, "connection_system")["connectionOpinions"]

        assert isinstance(record, RuleConflictRecord)
        assert (record.conflicting_rule, record.conflict_raised_by) == ("线路保护通道配置管理办法", "马超")
        assert (record.safety_verdict, record.conflict_decision) == ("不影响安全", "执行业扩报装规定")
        assert (record.conflict_decided_by, record.conflict_decided_post) == ("陈雪、丁悦", "营销部主任、发展部主任")
        assert "110kV接入系统方案审查由" in record.conflict_authority
        assert [one["verdict"] for one in opinions] == ["agree"] * 3
        assert opinions[1]["conditions"] == f"业扩报装规定优先（规则冲突处理单{number}）"

    def test_row_2_the_rules_of_connections_do_not_prevail_where_that_is_not_safe(self, definition: Definition) -> None:
        play = until(definition, ENDS, "give_safety_opinion")
        play.complete("give_safety_opinion", entered(ENDS, "give_safety_opinion") | {"safetyVerdict": "unsafe"})
        decided = entered(ENDS, "decide_conflict")

        (fault,) = play.faults("decide_conflict", decided)
        assert (fault.key, fault.problem) == ("conflictDecision", "“connection”不在选项中")
        play.complete("decide_conflict", decided | {"conflictDecision": "other"})
        play.complete(CONFIRMATION, entered(ENDS, CONFIRMATION, 2) | {"conflictConfirmedOn": "2026-04-14"})
        assert [one["verdict"] for one in called(play, "connection_system")["connectionOpinions"]] == [
            "agree",
            "refuse",
            "agree",
        ]

    @pytest.mark.parametrize("decision", ["connection", "other"])
    def test_row_2_where_a_standard_speaks_it_is_followed_and_nothing_else(
        self, definition: Definition, decision: str
    ) -> None:
        play = until(definition, CONFLICT, "decide_conflict")
        standard = entered(CONFLICT, "decide_conflict")

        assert play.faults("decide_conflict", standard) == ()
        assert [fault.key for fault in play.faults("decide_conflict", standard | {"conflictDecision": decision})] == [
            "conflictDecision"
        ]

    @pytest.mark.parametrize(
        ("name", "owner", "safety"), [(ENDS, "operations", "dispatch"), (CONFLICT, "planning", "operations")]
    )
    def test_a_department_does_not_judge_the_safety_of_its_own_rule(
        self, definition: Definition, name: str, owner: str, safety: str
    ) -> None:
        play = until(definition, name, "give_safety_opinion")

        assert called(play, "rule_conflict")["conflictingRuleOwner"] == owner
        assert play.candidates("give_safety_opinion") == (safety,)

    def test_a_decision_that_is_not_confirmed_is_taken_anew(self, definition: Definition) -> None:
        play = until(definition, ENDS, "decide_conflict", times=2)

        assert play.open_tasks() == ["decide_conflict"]
        assert of_kind(play, "rule_conflict_record") == []

    def test_the_joint_review_of_a_plan_settles_conflicts_in_the_same_way(self, definition: Definition) -> None:
        play = until(definition, ENDS, "write_minutes")
        go_on(play, ENDS, "write_minutes")
        record, (minutes,) = written(play, "rule_conflict_record")[-1], written(play, "review_minutes")

        assert record.conflict_step == "供电方案会商"
        assert minutes.refusing == 0
        assert "规则冲突处理单" in minutes.review_opinions[2].conditions

    def test_a_10kv_plan_may_have_its_conflict_settled_too(self, definition: Definition) -> None:
        own = {key: value for key, value in entered(ENDS, "review_opinion", 3).items() if key != "reviewer"}
        play = played(definition, "ordinary_customer", until="review_opinion", times=2)
        play.complete("review_opinion", {"reviewer": "何静", **own})

        assert play.open_tasks() == ["state_conflict"]
        assert called(play, "rule_conflict")["conflictingRuleOwner"] == "dispatch"


class TestWithdrawal:
    @pytest.mark.parametrize("name", [ENDS, CONFLICT])
    def test_no_paper_of_a_withdrawn_case_stays_valid_whichever_process_wrote_it(
        self, definition: Definition, name: str
    ) -> None:
        play = played(definition, name)

        assert play.documents
        assert [paper.kind for paper in play.documents if not paper.void] == []


class TestBays:
    def test_a_bay_is_taken_with_the_approved_plan_and_not_before(self, definition: Definition) -> None:
        play = until(definition, CITY, "approve_plan")
        assert play.bays == {"WS220": 1}
        go_on(play, CITY, "approve_plan")

        assert play.bays == {"WS220": 0}
        known = play.case.instance.variables()
        assert (known["bay"], known["bayStation"], known["bayName"]) == ("WS220:0", "WS220", "0间隔")

    def test_the_lead_for_which_a_bay_is_reserved_goes_with_the_case_that_takes_it(
        self, definition: Definition
    ) -> None:
        with_lead, without = played(definition, CITY), played(definition, PROVINCE)

        assert with_lead.leads == ["XS-2026-017"]
        assert set(without.leads) == {None}

    def test_a_case_that_gets_no_bay_waits_for_planning_to_choose(self, definition: Definition) -> None:
        play = until(definition, PROVINCE, "choose_bay")

        assert play.open_tasks() == ["choose_bay"]
        assert play.candidates("choose_bay") == ("planning",)
        assert play.case.instance.variables()["bayProblem"] == "ZB500没有可用的间隔"

    def test_a_bay_is_asked_for_again_when_there_may_be_one(self, definition: Definition) -> None:
        play = until(definition, PROVINCE, "choose_bay", times=2)
        go_on(play, PROVINCE, "choose_bay")
        asked = play.jobs.count("take-bay")
        play.bays["ZB500"] = 1

        play.send("bay_available", WALKS[PROVINCE]["variables"]["caseNo"], {})
        assert (play.jobs.count("take-bay"), play.open_tasks()) == (asked + 1, ["reply_plan"])

    def test_a_change_of_plan_has_the_connection_system_designed_and_reviewed_again(
        self, definition: Definition
    ) -> None:
        play = until(definition, CONFLICT, "commission_connection_design", times=2)

        assert play.open_tasks() == ["commission_connection_design"]
        reason = called(play, "connection_system")["connectionReturnReason"]
        assert reason == "无可用间隔：清水站35kV侧无扩建条件，改由T接方案"

    def test_a_new_plan_gives_back_the_bay_of_the_plan_before_it(self, definition: Definition) -> None:
        play = played(definition, PROVINCE)

        assert play.jobs.count("give-back-bay") == 1
        assert play.bays == {"ZB500": 0, "SD500": 0}

    def test_a_customer_who_withdraws_gives_the_bay_back(self, definition: Definition) -> None:
        acts = WALKS[ENDS]["acts"]
        play = acted(definition, ENDS, len(acts) - 1)
        assert play.bays == {"WS220": 0}
        play.act(acts[-1])

        assert play.bays == {"WS220": 1}
        assert play.running == []
        assert play.jobs[-1] == "archive-case"

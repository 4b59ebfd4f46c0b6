"""Energization from 35kV: the agreement before the plan, the committee, charging, phases, the trial run, withdrawal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bpmn.definition import Definition
from domain.calendar import WorkingCalendar
from domain.clock import Facts, Moment
from domain.clocks import Clocks
from domain.documents import DispatchAgreement, StartUpPlan
from domain.limits import LimitTable
from domain.records import Record
from tests.bpmn.processes.dating import dates_taken
from tests.bpmn.processes.play import ANY, WALKS, Play, begun, of_kind, played, written
from tests.bpmn.processes.test_bay_extension import reached
from workflows.watch import clock_rules

HV = "energization_hv"
REWORK, PLAIN = "hv_energized_after_much_rework", "hv_energized_without_outage"
WITHDRAWN, EARLY = "hv_energization_withdrawn", "hv_energization_withdrawn_early"
KEPT = "hv_outage_kept_by_the_weekly_plan"


@pytest.fixture(scope="module")
def reworked(definition: Definition) -> Play:
    return played(definition, REWORK)


@pytest.fixture(scope="module")
def plain(definition: Definition) -> Play:
    return played(definition, PLAIN)


def entered(element: str) -> dict[str, Any]:
    found: dict[str, Any] = next(act["data"] for act in WALKS[PLAIN]["acts"] if act.get("element") == element)
    return found


def variables(play: Play) -> dict[str, Any]:
    return play.case.instance.variables()


def planned(definition: Definition, voltage: float, committee: str = "no", until: str = "review_start_up_plan") -> Play:
    """The plain case of another voltage, its plan drafted and agreed to by both departments."""
    walk = WALKS[PLAIN]
    play = Play(definition, walk["start"], walk["variables"] | {"voltageKv": voltage}, process=HV)
    left = 2
    for act in walk["acts"]:
        changes = {"startUpCommitteeWanted": committee} if act.get("element") == "draft_start_up_plan" else {}
        play.act({**act, "data": act["data"] | changes})
        left -= act.get("element") == until
        if not left:
            break
    return play


# -- order -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "first"),
    [
        # domain.md §4.1: the dispatch agreement comes before the start-up plan.
        ("draft_start_up_plan", "sign_dispatch_agreement"),
        ("agree_dispatch", "name_equipment"),
        ("agree_dispatch", "apply_settings"),
        ("record_start_up_step", "write_start_up_plan"),
        ("record_start_up_step", "check_hv_prerequisite"),
        ("record_charging", "record_start_up_step"),
        ("take_load", "check_phases"),
        ("hand_over_operation", "watch_trial_run"),
        ("record_hv_energization", "hand_over_operation"),
    ],
)
def test_nothing_comes_before_what_it_rests_on(definition: Definition, element: str, first: str) -> None:
    process = definition.processes[HV]

    assert element in reached(process)
    assert element not in reached(process, without=first)


def test_the_dispatch_agreement_is_numbered_before_it_is_signed(definition: Definition) -> None:
    play = played(definition, PLAIN, until="agree_dispatch")
    (agreement,) = of_kind(play, "dispatch_agreement")

    assert play.open_tasks() == ["sign_dispatch_agreement"]
    assert variables(play)["dispatchAgreementNo"] == agreement.number
    assert isinstance(agreement.model, DispatchAgreement)
    assert agreement.model.protection_setting_no == entered("issue_settings")["protectionSettingNo"]


def test_the_names_of_station_line_and_bay_are_those_of_the_first_source(definition: Definition) -> None:
    kept = variables(begun(definition, PLAIN))

    assert (kept["stationName"], kept["lineName"], kept["bayName"]) == ("110kV清水站", "35kV清恒线", "317间隔")


# -- outage and prerequisites ------------------------------------------------------------------------------------------


def test_an_outage_is_applied_for_only_where_one_is_needed(reworked: Play, plain: Play) -> None:
    requests = of_kind(reworked, "outage_request")

    assert [paper.void for paper in requests] == [True, True, False]
    assert of_kind(plain, "outage_request") == []
    assert (reworked.result["approvedDate"], plain.result["approvedDate"]) == ("2026-05-11", None)


def test_an_outage_is_filed_with_the_weekly_plan_of_the_unit_that_keeps_one(definition: Definition) -> None:
    play = played(definition, KEPT, until="apply_hv_outage")
    (filed,) = play.early
    (request,) = of_kind(play, "outage_request")

    assert (filed.message, filed.correlation_key) == ("outage_requested", "ZD/2026-W20")
    assert filed.variables["request"]["requestNo"] == request.number
    assert play.open_tasks() == []


def test_an_outage_that_the_plan_cancels_is_asked_for_anew_and_a_move_changes_its_day(definition: Definition) -> None:
    play = played(definition, KEPT, until="check_hv_prerequisite")
    play.send("outage_moved", ANY, {"approvedDate": "2026-05-12"})
    assert variables(play)["approvedDate"] == "2026-05-12"
    assert play.open_tasks() == ["check_hv_prerequisite"]

    play.send("outage_cancelled", ANY, {"outageRefusal": "迎峰度夏保供"})
    assert play.open_tasks() == ["apply_hv_outage"]
    assert all(paper.void for paper in of_kind(play, "outage_request"))


def test_the_start_up_plan_of_an_outage_that_was_cancelled_is_void(definition: Definition) -> None:
    play = played(definition, REWORK, until="record_start_up_step")
    assert [paper.void for paper in of_kind(play, "start_up_plan")] == [False]

    play.send("outage_cancelled", ANY, {"outageRefusal": "迎峰度夏保供"})

    assert play.open_tasks() == ["apply_hv_outage"]
    assert [paper.void for paper in of_kind(play, "start_up_plan")] == [True]


def test_a_case_without_an_outage_hears_nothing_of_outages(definition: Definition) -> None:
    play = played(definition, PLAIN, until="judge_outage")
    keys = {wait.correlation_key for wait in play.case.instance.waits if wait.name.startswith("outage_")}

    assert keys == {"YK-2026-0032/无停电"}


def test_each_prerequisite_is_confirmed_by_its_own_department(definition: Definition) -> None:
    play = played(definition, PLAIN, until="judge_outage")
    play.reach("2026-04-24T16:00+08:00")
    groups: list[str] = []
    while play.open_tasks() == ["check_hv_prerequisite"]:
        groups += play.candidates("check_hv_prerequisite")
        play.complete("check_hv_prerequisite", entered("check_hv_prerequisite"))

    assert groups == ["marketing"] * 4 + ["operations"] * 2 + ["dispatch"] * 4


def test_the_plan_lists_every_prerequisite_as_fulfilled(reworked: Play) -> None:
    (plan,) = written(reworked, "start_up_plan")

    assert isinstance(plan, StartUpPlan)
    assert len({row.name for row in plan.start_up_prerequisites}) == len(plan.start_up_prerequisites) == 10
    assert plan.dispatch_agreement_no == of_kind(reworked, "dispatch_agreement")[0].number


# -- the start-up plan -------------------------------------------------------------------------------------------------


def test_the_plan_is_reviewed_by_dispatch_and_from_35kv_by_planning(definition: Definition) -> None:
    play = played(definition, PLAIN, until="draft_start_up_plan")
    first = play.candidates("review_start_up_plan")
    play.complete("review_start_up_plan", entered("review_start_up_plan"))

    assert (first, play.candidates("review_start_up_plan")) == (("dispatch",), ("planning",))


@pytest.mark.parametrize(
    ("voltage", "wanted", "convened"), [(35, "no", False), (35, "yes", True), (66, "no", False), (110, "no", True)]
)
def test_the_committee_meets_for_110kv_and_where_it_is_wanted(
    definition: Definition, voltage: float, wanted: str, convened: bool
) -> None:
    play = planned(definition, voltage, wanted)

    assert play.open_tasks() == (["convene_committee"] if convened else ["record_start_up_step"])
    assert len(of_kind(play, "start_up_plan")) == (not convened)


def test_a_plan_that_is_returned_is_drafted_and_reviewed_anew(definition: Definition) -> None:
    refused = played(definition, REWORK, until="review_start_up_plan", times=2)
    returned = played(definition, REWORK, until="convene_committee")

    assert refused.open_tasks() == returned.open_tasks() == ["draft_start_up_plan"]
    assert of_kind(returned, "start_up_plan") == []


# -- the day itself ----------------------------------------------------------------------------------------------------


def test_each_charge_is_recorded_of_line_and_transformer(definition: Definition) -> None:
    play = played(definition, REWORK, until="record_start_up_step", times=2)
    (plan,) = written(play, "start_up_plan")
    assert (plan.line_charges, plan.transformer_charges) == (3, 5)

    play = played(definition, REWORK, until="check_phases")
    told = [record["content"] for record in variables(play)["chargingRecords"]]
    assert told == [f"线路第{n}次冲击" for n in (1, 2, 3)] + [f"变压器第{n}次冲击" for n in (1, 2, 3, 4, 5)]


@pytest.mark.parametrize(("times", "lowest", "highest"), [("lineCharges", 3, 5), ("transformerCharges", 3, 5)])
def test_there_are_three_to_five_charges(definition: Definition, times: str, lowest: int, highest: int) -> None:
    play = played(definition, REWORK, until="settle_hv_prerequisites")
    play.complete("check_hv_prerequisite", entered("check_hv_prerequisite") | {"checkedOn": "2026-05-07"})
    plan = next(act["data"] for act in WALKS[REWORK]["acts"] if act.get("element") == "draft_start_up_plan")
    wrong = [n for n in range(8) if play.faults("draft_start_up_plan", plan | {times: n})]

    assert wrong == [n for n in range(8) if not lowest <= n <= highest]


@pytest.mark.parametrize(
    ("element", "times", "found"), [("record_charging", 8, "冲击异常"), ("check_phases", 1, "核相")]
)
def test_after_a_fault_is_mended_all_is_charged_anew(
    definition: Definition, element: str, times: int, found: str
) -> None:
    play = played(definition, REWORK, until=element, times=times)
    assert play.open_tasks() == ["mend_start_up_fault"]
    running = next(task for task in play.case.tasks.values())
    assert found in play.case.instance.variables(running.key)["faultSummary"]

    act = next(act for act in WALKS[REWORK]["acts"] if act.get("element") == "mend_start_up_fault")
    play.reach("2026-05-12T14:00+08:00")
    play.complete("mend_start_up_fault", act["data"] | {"faultMendedAt": "2026-05-12T14:00+08:00"})
    assert play.open_tasks() == ["record_charging"]


def test_the_trial_run_ends_by_itself_a_day_after_load_was_taken(definition: Definition) -> None:
    play = played(definition, PLAIN, until="take_load")

    play.reach("2026-04-29T10:59+08:00")
    assert play.open_tasks() == ["watch_trial_run"]
    play.reach("2026-04-29T11:00+08:00")
    assert play.open_tasks() == ["hand_over_operation"]


def test_a_trial_run_entered_after_it_was_over_is_not_waited_for(definition: Definition) -> None:
    play = played(definition, PLAIN, until="check_phases")
    play.reach("2026-05-04T09:00+08:00")
    play.complete("take_load", entered("take_load"))
    play.pass_time(timedelta())

    assert play.open_tasks() == ["hand_over_operation"]


def test_an_interrupted_trial_run_begins_anew_after_mending(definition: Definition) -> None:
    play = played(definition, REWORK, until="take_load", times=2)

    assert list(play.case.timers.values()) == [datetime.fromisoformat("2026-05-14T09:00+08:00")]
    (fault,) = variables(play)["trialFaults"]
    assert fault["cause"] == "客户侧冷却器全停"


def test_what_the_connection_takes_from_it_is_there(reworked: Play) -> None:
    kept = reworked.result

    assert (kept["energizedAt"], kept["meterNo"], kept["meterReading"]) == (
        "2026-05-12T16:10+08:00",
        "1330001234567",
        0,
    )


def test_the_time_for_metering_ends_when_load_is_taken_not_after_the_trial_run(definition: Definition) -> None:
    # domain.md §1.2: 装表接电 is done when power is on; the trial run that follows is no part of it.
    facts = Facts("110", 1, True, "2026-04-20")
    rules = clock_rules(definition.processes[HV])
    clocks = Clocks(rules, LimitTable.shipped(), WorkingCalendar.shipped(), facts)
    assert [(rule.id, [stop.element for stop in rule.stops]) for rule in rules] == [("metering", ["take_load"])]

    # As it is passed on from the connection, where the contract was signed.
    caller = Clocks(
        clock_rules(definition.processes["hv_connection"]), LimitTable.shipped(), WorkingCalendar.shipped(), facts
    )
    caller.feed(Record(1, "2026-04-17T16:00:00+08:00", "completed", "sign_supply_contract", "", "", key="1"))
    passed, _ = caller.pass_on("metering", datetime.fromisoformat("2026-04-20T09:00+08:00"))
    assert passed is not None
    clocks.started_elsewhere(passed, list[Moment]())
    clocks.feed(Record(2, "2026-04-22T11:00:00+08:00", "completed", "take_load", "", "", key="2"))
    stopped = clocks.latest("metering")
    assert stopped is not None
    assert not stopped.running


# -- withdrawal --------------------------------------------------------------------------------------------------------


def test_a_withdrawn_case_cancels_the_outage_that_it_asked_for(definition: Definition) -> None:
    play = played(definition, WITHDRAWN, until="approve_hv_outage")
    play.send("energization_withdrawn", "YK-2026-0033", {})

    assert play.open_tasks() == ["cancel_hv_outage"]
    play.complete("cancel_hv_outage", WALKS[WITHDRAWN]["acts"][-1]["data"])
    assert play.running == []
    assert all(paper.void for paper in play.documents)


def test_a_withdrawn_case_takes_its_request_back_from_the_plan(definition: Definition) -> None:
    play = played(definition, KEPT)
    *_, taken_back = play.early

    assert (taken_back.message, taken_back.correlation_key) == ("outage_withdrawn", "ZD/2026-W20")
    assert taken_back.variables["withdrawnRequestNo"] == of_kind(play, "outage_request")[-1].number


def test_a_withdrawn_case_that_asked_for_no_outage_has_none_to_cancel(definition: Definition) -> None:
    play = played(definition, EARLY)

    assert play.running == []
    assert [(paper.kind, paper.void) for paper in play.documents] == [("dispatch_agreement", True)]


# -- dates -------------------------------------------------------------------------------------------------------------

AHEAD_OF_TODAY = {
    "dispatchAgreementValidUntil",
    "plannedOutageAt",
    "plannedEnergizeAt",
    "startUpAt",
}


def test_no_date_is_taken_of_long_before_the_case(definition: Definition) -> None:
    assert dates_taken(definition, REWORK, "1999") == set()


def test_no_date_of_what_has_happened_lies_in_the_future(definition: Definition) -> None:
    assert dates_taken(definition, REWORK, "2099") == AHEAD_OF_TODAY

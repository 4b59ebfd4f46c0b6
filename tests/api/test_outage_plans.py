"""The weekly outage plan over HTTP: its rules, its board, what an edit would break, and requests on their way to it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest

from activities.outage_plans import row_of_item
from api.deployment import SHIPPED, deploy, read_folder
from api.rights import Role
from domain.outage.issuing import figures_of, item_of
from domain.outage.plan import Plan, PlanItem
from domain.outage.requests import OutageRequest
from storage.base import Base
from storage.cases import Case
from storage.clocks import CaseClock
from storage.outages import OutageEntry, OutageItem, OutagePlan
from storage.rules import RuleKind, load_rules
from tests.api.serving import Person, Site, eventually
from tests.api.test_statements import Listing, fill
from tests.cases.planning import COUNTY, rules
from tests.domain.outage.made import CUT_OFF, WEEK, at, request

UNIT = "city"
BOARD = f"/outage-plans/{UNIT}/{WEEK}"
_keys = count(1)


def key() -> dict[str, str]:
    return {"Idempotency-Key": f"act-{next(_keys)}"}


def planned_by(here: Site, unit: str = UNIT, **changes: Any) -> None:
    """The rules under which a dispatch unit keeps a plan for our county."""
    with here.database.transaction() as session:
        content = rules(unit, **changes).to_json()
        load_rules(session, RuleKind.OUTAGE, content, "", "测试", datetime.now(UTC))


def kept(here: Site, *requests: OutageRequest, week: str = WEEK, state: str = "collecting", **more: Any) -> OutagePlan:
    """A plan with these requests."""
    row: dict[str, Any] = {
        "unit": UNIT,
        "week": week,
        "workflow_id": f"outage-plan/{UNIT}/{week}",
        "case_no": f"{UNIT}-{week}",
        "state": state,
        "cut_off_at": CUT_OFF,
        "starts_at": at(1),
        "ends_at": at(8),
        "rules": rules(UNIT).to_json(),
        **more,
    }
    plan = OutagePlan(**row)
    with here.database.transaction() as session:
        session.add(plan)
        session.flush()
        session.add_all(
            OutageEntry(
                request_no=one.request_no,
                unit=UNIT,
                week=week,
                case_no=one.case_no,
                data=one.to_json(),
                findings=[{"code": "customers", "severity": "warn", "sentence": "影响用户较多。", "related": []}],
                state="entered",
                reason="",
                entered_at=CUT_OFF - timedelta(days=2),
            )
            for one in requests
        )
    return plan


def asked(number: str, feeder: str = "", **changes: Any) -> OutageRequest:
    return request(number, unit=UNIT, feeder=feeder or f"F-{number}", **changes)


def item(number: str, day: int = 2, hour: int = 8, feeder: str = "", crew: str = "pd-1") -> dict[str, Any]:
    """Four hours of a day of the week for one request."""
    return {
        "feeder": feeder or f"F-{number}",
        "start": at(day, hour).isoformat(),
        "end": at(day, hour + 4).isoformat(),
        "works": [{"request": number, "crew": crew}],
        "team": "cz-1",
    }


def issued(here: Site, plan: OutagePlan, items: list[dict[str, Any]], requests: list[OutageRequest]) -> None:
    """The plan's items, numbered."""
    table = rules(UNIT)
    made = [
        item_of(f"{plan.case_no}-{n:02d}", "调周〔2026〕0001号", PlanItem.model_validate(one), requests, table, CUT_OFF)
        for n, one in enumerate(items, 1)
    ]
    with here.database.transaction() as session:
        session.add_all(OutageItem(**row_of_item(plan, one, emergency=False)) for one in made)


def works(**changes: Any) -> dict[str, Any]:
    """A request for other works, in time for the week after the next."""
    begins = datetime.now(UTC) + timedelta(days=15)
    return {
        "unit": UNIT,
        "station": "城西站",
        "feeder": "城西一线",
        "equipment": ["城西一线开关"],
        "work_place": "3号杆",
        "work_content": "更换开关",
        "earliest_start": begins.isoformat(),
        "latest_end": (begins + timedelta(days=20)).isoformat(),
        "duration_hours": 4,
        "affects_others": True,
        "customers_affected": 120,
        "crew": "pd-1",
        **changes,
    }


async def dispatcher(here: Site, name: str = "zhao") -> Person:
    return await here.person(name, departments=["dispatch"])


async def test_the_shipped_rules_hold_until_a_table_is_loaded_and_two_versions_are_compared(here: Site) -> None:
    keeper = await here.person("keeper", Role.OPERATOR)
    shipped = (await keeper.get("/outage-rules/current")).json()
    changed = rules(UNIT, noticeDays={"value": 10, "source": "省公司要求", "verified": True}).to_json()

    first = await keeper.post("/outage-rules", {"content": shipped["content"]}, headers=key())
    loaded = await keeper.post("/outage-rules", {"content": changed}, headers=key())
    told = (await keeper.get("/outage-rules/compare", **{"from": "1", "to": "2"})).json()

    assert (shipped["version"], shipped["note"]) == (0, "随程序提供")
    assert (first.json()["version"]["version"], loaded.json()["version"]["version"]) == (1, 2)
    assert [(row["key"], row["title"]) for row in told["added"]] == [("unit:city", "调度单位（市调控中心）")]
    [row] = told["changed"]
    assert (row["key"], row["changes"][-1]) == (
        "figure:noticeDays",
        {"field": "value", "label": "数值", "old": 7, "new": 10},
    )


async def test_a_table_of_rules_with_faults_is_refused_with_all_of_them(here: Site) -> None:
    keeper = await here.person("keeper", Role.OPERATOR)
    content = {**rules(UNIT).to_json(), "noticeDay": 7, "crews": []}

    answer = await keeper.post("/outage-rules", {"content": content}, headers=key())

    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"noticeDay", "crews"}


async def test_units_are_those_of_the_county_with_the_week_that_is_open(here: Site) -> None:
    planned_by(here)
    near, far = await dispatcher(here), await here.person("li", county="西山县")

    [unit] = (await near.get("/outage-units")).json()

    assert (unit["code"], unit["counties"], unit["keeps_plan"]) == (UNIT, [COUNTY], True)
    assert datetime.fromisoformat(unit["cut_off_at"]) > datetime.now(UTC)
    assert (await far.get("/outage-units")).json() == []


async def test_plans_come_in_pages_the_newest_week_first(here: Site) -> None:
    planned_by(here)
    for week in ("2026-W50", "2026-W52", "2026-W51"):
        kept(here, week=week)
    zhao = await dispatcher(here)

    first = (await zhao.get("/outage-plans", unit=UNIT, limit=2)).json()
    rest = (await zhao.get("/outage-plans", unit=UNIT, limit=2, after=first["next"])).json()

    assert [one["week"] for one in first["items"]] == ["2026-W52", "2026-W51"]
    assert ([one["week"] for one in rest["items"]], rest["next"]) == (["2026-W50"], None)


async def test_the_board_shows_requests_with_findings_the_proposal_and_the_outages(here: Site) -> None:
    planned_by(here)
    one, two = asked("R1"), asked("R2")
    proposal = {
        "items": [item("R1")],
        "refused": [{"requestNo": "R2", "reason": "班组排满"}],
        "figures": figures_of(plan_with(item("R1")), [one, two]),
        "bound": "已证明最优",
        "objective": 0.0,
        "leastPossible": 0.0,
        "firstCome": {"served": 1, "customerHours": 0.0},
    }
    more: dict[str, Any] = {
        "proposal": proposal,
        "figures": proposal["figures"],
        "issued_at": CUT_OFF,
        "plan_no": "调周〔2026〕0001号",
    }
    plan = kept(here, one, two, state="issued", **more)
    issued(here, plan, [item("R1"), item("R2", day=3)], [one, two])
    with here.database.transaction() as session:
        done = session.get_one(OutageItem, f"{UNIT}-{WEEK}-01")
        done.state, done.actual_from, done.actual_to = "executed", at(2, 8, 5), at(2, 11)
        done.moves = [
            {"from": at(4, 8).isoformat(), "to": at(4, 12).isoformat(), "reason": "雨", "at": at(1).isoformat()}
        ]
        proof = {"recipient": "居民", "delivery": "公告", "deliveredAt": at(-6).isoformat(), "proof": "网站公告"}
        done.deliveries = [proof]
    zhao = await dispatcher(here)

    board = (await zhao.get(BOARD)).json()

    assert (board["state"], board["rules_version"], board["unit_name"]) == ("issued", "2026-11", "市调控中心")
    assert (board["planned"], board["executed"], board["execution_rate"]) == (2, 1, 50.0)
    assert [(r["request_no"], r["state"], r["findings"][0]["sentence"]) for r in board["requests"]] == [
        ("R1", "entered", "影响用户较多。"),
        ("R2", "entered", "影响用户较多。"),
    ]
    assert (board["proposal"]["bound"], board["proposal"]["refused"]) == (
        "已证明最优",
        [{"request_no": "R2", "reason": "班组排满"}],
    )
    assert board["proposal"]["figures"]["served"] == 1
    first, second = board["items"]
    assert (first["state"], first["crews"], first["request_nos"]) == ("executed", "配电一班", ["R1"])
    assert (first["moves"][0]["reason"], first["deliveries"][0]["proof"]) == ("雨", "网站公告")
    assert datetime.fromisoformat(first["actual_from"]) == at(2, 8, 5)
    assert second["actual_from"] is None


def plan_with(*items: dict[str, Any]) -> Plan:
    return Plan.from_json({"unit": UNIT, "week": WEEK, "noticesAt": CUT_OFF.isoformat(), "items": list(items)})


async def test_a_plan_is_not_there_for_another_county_or_before_the_first_request(here: Site) -> None:
    planned_by(here)
    kept(here)
    zhao, far = await dispatcher(here), await here.person("li", county="西山县", departments=["dispatch"])

    answers = [
        await far.get(BOARD),
        await zhao.get(f"/outage-plans/{UNIT}/2026-W40"),
        await zhao.get(f"/outage-plans/{UNIT}/2026-W99"),
        await far.post(f"{BOARD}/what-if", {"items": []}),
    ]

    assert [one.status_code for one in answers] == [404] * 4
    assert (await zhao.get(f"/outage-plans/{UNIT}/latest")).status_code == 422


async def test_an_edited_plan_says_what_it_breaks_and_achieves_and_changes_nothing(here: Site) -> None:
    planned_by(here)
    kept(here, asked("R1"), asked("R2", crew="pd-1"))
    zhao = await dispatcher(here)
    before = (await zhao.get(BOARD)).json()

    good = await zhao.post(f"{BOARD}/what-if", {"items": [item("R1", day=2), item("R2", day=3)]})
    bad = await zhao.post(f"{BOARD}/what-if", {"items": [item("R1", hour=1), item("R2", hour=1)]})

    assert (good.json()["breaks"], good.json()["figures"]["served"]) == ([], 2)
    assert {one["rule"] for one in bad.json()["breaks"]} == {"hours", "crew"}
    assert bad.json()["breaks"][0]["sentence"].endswith("超出每日作业时间08:00至18:00。")
    assert bad.json()["breaks"][0]["requests"] == ["R1"]
    assert (await zhao.get(BOARD)).json() == before


async def test_what_is_no_item_is_named_where_it_stands(here: Site) -> None:
    planned_by(here)
    kept(here)
    zhao = await dispatcher(here)

    answer = await zhao.post(f"{BOARD}/what-if", {"items": [{**item("R1"), "start": "2026-12-01T08:00:00"}]})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "items.0.start")


async def test_of_an_issued_plan_what_stays_has_been_told_and_what_moves_is_told_now(here: Site) -> None:
    """The week lies ahead by less than the notice that a moved outage needs."""
    planned_by(here)
    known = [asked(number, affectsOthers=True, customersAffected=9) for number in ("R1", "R2")]
    items = [item("R1", day=4), item("R2", day=5)]
    plan = kept(here, *known, state="issued", issued_at=CUT_OFF)
    issued(here, plan, items, known)
    here.clock.ahead = at(-1, 12) - datetime.now(UTC)
    zhao = await dispatcher(here)

    same = (await zhao.post(f"{BOARD}/what-if", {"items": items})).json()
    moved = (await zhao.post(f"{BOARD}/what-if", {"items": [items[0], item("R2", day=3)]})).json()

    assert same["breaks"] == []
    assert [(one["rule"], one["requests"]) for one in moved["breaks"]] == [("notice", ["R2"])]


async def test_only_those_who_plan_may_try_out_edits_and_only_those_who_work_may_file(here: Site) -> None:
    planned_by(here)
    kept(here)
    finance = await here.person("qian", departments=["finance"])
    marketing = await here.person("wang", departments=["marketing"])

    tried = await finance.post(f"{BOARD}/what-if", {"items": []})
    filed = await marketing.post("/outage-requests", works(), headers=key())

    assert (tried.status_code, filed.status_code) == (403, 403)
    assert filed.json()["detail"] == "停送电申请由调控中心、运检部、建设部办理，wang 不在其中"


async def test_a_promise_that_cannot_be_kept_is_seen_before_filing_with_the_four_ways_out(here: Site) -> None:
    planned_by(here)
    zhao = await dispatcher(here)
    due = datetime.now(UTC) + timedelta(days=3)
    begins = {"earliest_start": datetime.now(UTC).isoformat(), "promise_due": due.isoformat()}

    told = (await zhao.post("/outage-feasibility", works(**begins))).json()
    without = (await zhao.post("/outage-feasibility", works(voltage_kv=35))).json()

    assert not told["feasibility"]["feasible"]
    assert "一周承诺不能兑现" in told["feasibility"]["explanation"]
    ways = told["feasibility"]["ways_out"]
    assert [way["code"] for way in ways] == ["no_outage", "join_window", "pre_application", "waiver"]
    assert {"key": "approver", "label": "批准人"} in ways[3]["needs"]
    assert without["feasibility"] is None


async def test_what_does_not_fit_together_is_named_by_the_field_that_was_sent(here: Site) -> None:
    planned_by(here)
    zhao = await dispatcher(here)
    over = works(latest_end=datetime(2026, 1, 1, tzinfo=UTC).isoformat())

    late = await zhao.post("/outage-feasibility", over)
    unknown = await zhao.post("/outage-feasibility", works(unit="nowhere"))

    assert [(one["field"], one["message"]) for one in late.json()["errors"]] == [
        ("latest_end", "最迟结束时间应晚于最早开始时间")
    ]
    assert [one["field"] for one in unknown.json()["errors"]] == ["unit"]


async def test_nothing_is_numbered_where_the_plan_is_not_deployed(here: Site) -> None:
    planned_by(here)
    zhao = await dispatcher(here)

    answer = await zhao.post("/outage-requests", works(), headers=key())

    assert (answer.status_code, answer.json()["detail"]) == (503, "周计划流程尚未部署")


async def test_the_outlook_tells_the_running_cases_by_their_clocks(here: Site) -> None:
    planned_by(here)
    due = datetime.now(UTC) + timedelta(days=7)
    running = {"county": COUNTY, "state": "running", "process": "hv_connection", "parent_workflow_id": ""}
    cases: list[tuple[type[Base], Any]] = [
        (Case, lambda n: {**running, "workflow_id": f"case/C{n}", "case_no": f"C{n}", "stage": "装表送电"}),
        (Case, lambda n: {**running, "workflow_id": f"case/C{n}/a", "case_no": f"C{n}", "stage": "施工"}),
        (Case, lambda n: {**running, "workflow_id": f"case/D{n}", "case_no": f"D{n}", "stage": "受理"}),
        (CaseClock, lambda n: {**running, "workflow_id": f"case/C{n}", "case_no": f"C{n}", "due_at": due}),
    ]
    fill(here.database, Listing("", cases), range(1))
    zhao = await dispatcher(here)

    told = (await zhao.get("/outage-outlook", unit=UNIT)).json()

    assert len(told["weeks"]) == 4
    assert [(one["case_no"], one["stage"], one["feeder"], one["probability"]) for one in told["cases"]] == [
        ("C0", "装表送电", "", 95.0)
    ]
    assert sum(week["expected"] for week in told["weeks"]) == pytest.approx(0.95)


async def test_a_message_that_says_nothing_of_the_plan_is_refused_in_words(here: Site) -> None:
    deploy(here.database, read_folder(SHIPPED), datetime.now(UTC))
    boss = await here.person("boss", Role.ADMINISTRATOR)
    made = await boss.post("/tokens", {"name": "ERP", "scopes": ["messages:send"]})
    erp = Person(here.client, made.json()["token"])
    message = {"id": str(uuid4()), "name": "outage_requested", "correlation_key": f"{uuid4()}/2026-W49"}

    without = await erp.post("/messages", message)
    unnumbered = await erp.post("/messages", {**message, "variables": {"plan": {"unit": "city"}}})

    assert [(one.status_code, one.json()["errors"][0]["field"]) for one in (without, unnumbered)] == [
        (422, "plan"),
        (422, "plan.caseNo"),
    ]
    assert without.json()["detail"] == (
        "不能送出消息「outage_requested」，请补正下列数据：流程起始数据（plan）未填写，应为一组字段"
    )


async def test_a_request_that_is_filed_begins_its_plan_and_stands_on_the_board(working: Site) -> None:
    unit = f"ZD-{uuid4().hex[:8]}"
    planned_by(working, unit)
    zhao, sent, first = await dispatcher(working), works(unit=unit), key()

    answer = await zhao.post("/outage-requests", sent, headers=first)
    again = await zhao.post("/outage-requests", sent, headers=first)
    filed = answer.json()
    told = await eventually(lambda: zhao.get(f"/outage-requests/{filed['request_no']}"), lambda told: True, 60)
    board = (await zhao.get(f"/outage-plans/{unit}/{filed['week']}")).json()

    assert (answer.status_code, again.json()) == (202, filed)
    assert filed["request_no"].startswith("TSD-")
    assert (filed["in_time"], filed["process"]) == (True, f"outage-plan~{unit}~{filed['week']}")
    assert (told["state"], told["unit"], told["week"]) == ("entered", unit, filed["week"])
    assert (board["state"], [one["request_no"] for one in board["requests"]]) == ("collecting", [filed["request_no"]])


async def test_an_emergency_after_the_cut_off_waits_for_its_approver(working: Site) -> None:
    unit = f"ZD-{uuid4().hex[:8]}"
    planned_by(working, unit)
    zhao, now = await dispatcher(working), datetime.now(UTC)
    span = {"earliest_start": now.isoformat(), "latest_end": (now + timedelta(days=2)).isoformat()}

    sent = works(unit=unit, kind="emergency", emergency_approver="郑调控", **span)
    filed = (await zhao.post("/outage-requests", sent, headers=key())).json()

    def lines(page: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in page["items"] if one["element"] == "approve_emergency"]

    page = await eventually(lambda: zhao.get("/inbox", view="department"), lambda page: bool(lines(page)), 60)
    [task] = lines(page)
    claimed = await zhao.post(f"/tasks/{task['id']}/claim", {}, headers=key())
    told = (await zhao.get(f"/outage-requests/{filed['request_no']}")).json()

    assert (filed["in_time"], told["state"]) == (False, "late")
    assert task["id"].startswith(f"outage-plan~{unit}~{filed['week']}~")
    assert claimed.status_code == 200, claimed.text


async def test_fifty_requests_at_once_begin_one_plan_and_all_arrive(working: Site) -> None:
    unit = f"ZD-{uuid4().hex[:8]}"
    planned_by(working, unit)
    zhao = await dispatcher(working)

    async def file(number: int) -> dict[str, Any]:
        answer = await zhao.post("/outage-requests", works(unit=unit, feeder=f"F{number}"), headers=key())
        assert answer.status_code == 202, answer.text
        filed: dict[str, Any] = answer.json()
        return filed

    filed = await asyncio.gather(*map(file, range(50)))
    [week] = {one["week"] for one in filed}
    board = await eventually(
        lambda: zhao.get(f"/outage-plans/{unit}/{week}"), lambda told: len(told["requests"]) == 50, 240
    )

    assert len({one["process"] for one in filed}) == 1
    assert {one["request_no"] for one in board["requests"]} == {one["request_no"] for one in filed}

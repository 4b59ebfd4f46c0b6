"""Stations, bays, reservations and proposals over HTTP, and cases that take bays while people plan them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from api.deployment import deploy
from api.rights import Role
from domain.bays import Claim
from storage.bay_holding import Source, Work, take
from storage.bay_projects import PROCESS
from tests.api.company import key
from tests.api.serving import Person, Site, eventually
from tests.api.small import COUNTY, begin
from tests.bpmn.building import (
    boundary,
    compensation,
    end,
    error,
    io,
    model_xml,
    process,
    service,
    start,
    throw,
    user,
    zeebe,
)
from tests.storage.filling import fill

FIRST, SECOND = "CN110:512", "CN110:513"
TENS: dict[str, Any] = {
    "code": "10-1",
    "voltage_kv": 10,
    "load_mw": 40,
    "growth_percent": 10,
    "bays": [
        {"code": "511", "name": "511间隔", "in_use": True},
        {"code": "512", "name": "512间隔"},
        {"code": "513", "name": "513间隔", "built": False},
        {"code": "514", "name": "514间隔", "built": False},
    ],
}
STATION = {"name": "城南变电站", "kind": "substation", "county": COUNTY, "busbars": [TENS]}
UNIT = {
    "name": "规划二路1号环网柜",
    "kind": "ring_main_unit",
    "county": COUNTY,
    "outside_of": "CN110",
    "busbars": [{"code": "10-1", "voltage_kv": 10, "bays": [{"code": "1", "name": "1号位"}]}],
}
LEAD = {
    "station": "CN110",
    "voltage_kv": 10,
    "need": "marketing_lead",
    "reference": "XS-2026-017",
    "source": "工业园二期，意向容量12000kVA",
    "probability": 80,
    "needed_year": datetime.now(UTC).year + 1,
}
WANTED = {"bayVoltageKv": "=10", "bayStation": '="CN110"', "bay": "=null", "leadNo": '="XS-2026-017"'}
TAKING = service("A", io(WANTED), type_="take-bay")
MARKETING = zeebe("assignmentDefinition", candidateGroups="marketing")


class People:
    """Who plans bays: marketing, the city's and the province's planning departments, and one who looks on."""

    def __init__(self, site: Site, marketing: Person, planning: Person, province: Person, auditor: Person) -> None:
        self.site, self.auditor = site, auditor
        self.marketing, self.planning, self.province = marketing, planning, province

    async def load(self, code: str = "CN110", **fields: Any) -> dict[str, Any]:
        base = UNIT if code.startswith("HW") else STATION
        return done(await self.planning.send("PUT", f"/stations/{code}", json={**base, **fields}, headers=key()))

    async def propose(self, person: Person | None = None, **fields: Any) -> dict[str, Any]:
        answer = await (person or self.marketing).post("/bay-reservations", {**LEAD, **fields}, headers=key())
        return done(answer, 201)

    async def decide(self, number: str, act: str = "approve", person: Person | None = None) -> httpx.Response:
        body = {"remark": "同意"} if act == "approve" else {"reason": "依据不足"}
        return await (person or self.province).post(f"/bay-reservations/{number}/{act}", body, headers=key())

    async def state(self, bay: str) -> str:
        return str(done(await self.planning.get(f"/bays/{bay}"))["state"])

    async def proposals(self) -> list[dict[str, Any]]:
        answer = await self.planning.get("/bay-proposals")
        assert answer.status_code == 200, answer.text
        told: list[dict[str, Any]] = answer.json()
        return told

    async def approve(
        self, proposal: str, units: int, by: Person | None = None, header: Mapping[str, str] | None = None
    ) -> httpx.Response:
        path = f"/bay-proposals/{proposal}/approve"
        return await (by or self.province).post(path, {"units": units}, headers=header or key())


def done(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    return told


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


async def people_of(site: Site) -> People:
    return People(
        site,
        await site.person("wang"),
        await site.person("zhou", departments=["planning"]),
        await site.person("province", departments=["province_planning"], county=""),
        await site.person("auditor", Role.AUDITOR, county=""),
    )


@pytest_asyncio.fixture(loop_scope="session")
async def people(here: Site) -> People:
    return await people_of(here)


@pytest_asyncio.fixture(loop_scope="session")
async def office(working: Site) -> People:
    """`people` with a worker and a project process, as short as can be."""
    model = model_xml(process(start(), user("A", MARKETING), end(), flows=["start > A > end"], id_=PROCESS))
    deploy(working.database, {f"{PROCESS}.bpmn": model}, datetime.now(UTC))
    return await people_of(working)


def takes(site: Site, case_no: str) -> None:
    """A case has taken a bay."""
    now = site.clock()
    with site.database.transaction() as session:
        work = Work(f"case/{case_no}", "5", case_no, "占用间隔", now.date(), now)
        take(session, work, Claim(case_no), Source("CN110", "10"))


async def test_a_station_is_loaded_whole_and_shown_with_its_counts(people: People) -> None:
    await people.load()
    await people.load("HW1")

    one = done(await people.auditor.get("/stations/CN110"))
    listed = done(await people.auditor.get("/stations"))["items"]

    counts = {"free": 3, "room": 2, "reserved": 0, "in_construction": 0, "in_use": 1}
    assert (one["name"], one["kind_name"], one["loaded_by"], one["counts"]) == ("城南变电站", "变电站", "zhou", counts)
    (busbar,) = one["busbars"]
    assert (busbar["voltage_kv"], busbar["load_mw"], busbar["growth_percent"]) == ("10", 40, 10)
    assert [(bay["id"], bay["state_name"], bay["built"]) for bay in busbar["bays"]] == [
        ("CN110:511", "运行", True),
        (FIRST, "空闲", True),
        (SECOND, "空闲", False),
        ("CN110:514", "空闲", False),
    ]
    assert [(unit["code"], unit["counts"]["free"]) for unit in one["outside"]] == [("HW1", 1)]
    assert [(line["code"], line["kind_name"]) for line in listed] == [("CN110", "变电站"), ("HW1", "站外环网柜")]


async def test_only_planning_officers_of_the_county_keep_the_books(people: People) -> None:
    away = await people.site.person("away", departments=["planning"], county="宣化区")
    system = done(
        await (await people.site.person("admin", Role.ADMINISTRATOR)).post(
            "/tokens", {"name": "PMS", "scopes": ["bays:plan"]}
        ),
        201,
    )
    machine = Person(people.site.client, system["token"])

    async def put(person: Person) -> httpx.Response:
        return await person.send("PUT", "/stations/CN110", json=STATION, headers=key())

    assert refused(await put(people.marketing)) == (403, "站和间隔台账由发展部、省公司发展部办理，wang 不在其中")
    assert refused(await put(away)) == (403, "只能登记宣化区的站")
    assert refused(await put(people.auditor)) == (403, "auditor 没有“bays:plan”权限")
    assert (await put(machine)).status_code == 200


async def test_what_is_wrong_with_a_station_is_told_by_line(people: People) -> None:
    await people.load()
    takes(people.site, "YK-1")
    twice = {**TENS, "bays": [*TENS["bays"], {"code": "512", "name": "又一个"}]}
    moved = {**TENS, "bays": [{**bay, "built": False} for bay in TENS["bays"][1:]]}

    async def put(busbar: Mapping[str, Any]) -> dict[str, Any]:
        answer = await people.planning.send(
            "PUT", "/stations/CN110", json={**STATION, "busbars": [busbar]}, headers=key()
        )
        told: dict[str, Any] = answer.json()
        return told

    faulty, contrary = await put(twice), await put(moved)
    assert (faulty["status"], [one["message"] for one in faulty["errors"]]) == (422, ["间隔512出现两次"])
    assert (contrary["status"], [one["message"] for one in contrary["errors"]]) == (
        409,
        ["512间隔由工单YK-1占用，只能改名称", "511间隔为“运行”，不能从台账中去掉"],
    )


async def test_the_same_key_loads_a_station_once(people: People) -> None:
    header = key()
    for name in ("甲站", "甲站", "乙站"):
        answer = await people.planning.send("PUT", "/stations/S1", json={**STATION, "name": name}, headers=header)

    assert answer.status_code == 409
    assert done(await people.planning.get("/stations/S1"))["name"] == "甲站"


async def test_stations_bays_and_reservations_of_other_counties_are_not_there(people: People) -> None:
    await people.load()
    number = (await people.propose())["number"]
    away = await people.site.person("away", departments=["planning"], county="宣化区")

    for path in ("/stations", "/bays", "/bay-reservations"):
        assert done(await away.get(path))["items"] == []
        assert done(await away.get(path, county=COUNTY))["items"] == []
    for path in ("/stations/CN110", f"/bays/{FIRST}", f"/bays/{FIRST}/events", f"/bay-reservations/{number}"):
        assert (await away.get(path)).status_code == 404
    assert (await away.get("/bay-proposals")).json() == []
    answer = await away.post(f"/bay-reservations/{number}/release", {"reason": "无"}, headers=key())
    assert answer.status_code == 404


async def test_bays_are_found_by_station_state_voltage_and_county_and_tell_their_lives(people: People) -> None:
    await people.load()
    number = (await people.propose(bay=FIRST))["number"]
    done(await people.decide(number))

    async def found(**query: Any) -> list[str]:
        return [one["id"] for one in done(await people.auditor.get("/bays", **query))["items"]]

    assert await found(station="CN110", state="reserved", voltage_kv="10", county=COUNTY) == [FIRST]
    assert await found(voltage_kv="110") == []
    first = done(await people.auditor.get("/bays", limit=3))
    rest = done(await people.auditor.get("/bays", limit=3, after=first["next"]))
    assert [one["code"] for one in [*first["items"], *rest["items"]]] == ["511", "512", "513", "514"]
    one = done(await people.auditor.get(f"/bays/{FIRST}"))
    assert (one["reservation"], one["reserved_for"], one["case_no"]) == (number, "XS-2026-017", None)
    events = done(await people.auditor.get(f"/bays/{FIRST}/events"))["items"]
    assert [(event["act_name"], event["by"], event["why"]) for event in events] == [
        ("登记", "zhou", "登记为“空闲”"),
        ("预留", "province", LEAD["source"]),
    ]


async def test_a_reservation_is_proposed_approved_and_given_up(people: People) -> None:
    await people.load()

    proposed = await people.propose()
    assert (proposed["state_name"], proposed["need_name"], proposed["bay"]) == ("待批复", "营销线索", None)
    approved = done(await people.decide(proposed["number"]))
    assert (approved["state_name"], approved["level"], approved["decided_by"]) == ("预留中", "province", "province")
    assert (approved["bay"], approved["remark"], await people.state(FIRST)) == (FIRST, "同意", "reserved")

    path = f"/bay-reservations/{proposed['number']}/release"
    released = done(await people.planning.post(path, {"reason": "项目取消"}, headers=key()))
    assert (released["state_name"], released["ended_by"], released["ended_why"]) == ("已释放", "zhou", "项目取消")
    assert await people.state(FIRST) == "free"
    again = await people.planning.post(path, {"reason": "项目取消"}, headers=key())
    assert refused(again) == (409, f"预留{proposed['number']}为“已释放”，不能释放")


async def test_the_same_key_proposes_once(people: People) -> None:
    await people.load()
    header = key()

    first, second = [await people.marketing.post("/bay-reservations", LEAD, headers=header) for _ in range(2)]

    assert first.json() == second.json()
    assert len(done(await people.planning.get("/bay-reservations"))["items"]) == 1


async def test_only_the_level_that_has_the_authority_decides_and_nobody_on_their_own(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people.load()
    number, own = (await people.propose())["number"], (await people.propose(people.province))["number"]

    for act in ("approve", "refuse"):
        answer = await people.decide(number, act, people.planning)
        assert refused(answer) == (403, "间隔预留和扩建由省公司发展部批复，zhou 没有这项权限")
    assert refused(await people.decide(own)) == (403, "提出人不能批复自己的预留")
    monkeypatch.setenv("YEKUO_BAY_RESERVATION_LEVEL", "city")
    answer = await people.decide(number, "approve")
    assert refused(answer) == (403, "间隔预留和扩建由发展部批复，province 没有这项权限")
    assert done(await people.decide(number, "approve", people.planning))["level"] == "city"


async def test_another_system_may_propose_and_never_approves(people: People) -> None:
    await people.load()
    admin = await people.site.person("admin", Role.ADMINISTRATOR)
    token = done(await admin.post("/tokens", {"name": "PMS", "scopes": ["bays:plan"]}), 201)["token"]
    machine = Person(people.site.client, token)

    number = (await people.propose(machine))["number"]

    assert (await people.decide(number, "approve", machine)).status_code == 403


async def test_officers_of_other_departments_neither_propose_nor_give_up(people: People) -> None:
    await people.load()
    number = (await people.propose())["number"]
    crew = await people.site.person("crew", departments=["operations"])

    answer = await crew.post("/bay-reservations", LEAD, headers=key())
    assert refused(answer) == (403, "间隔预留申请由营销部、发展部、省公司发展部办理，crew 不在其中")
    answer = await crew.post(f"/bay-reservations/{number}/release", {"reason": "无"}, headers=key())
    assert refused(answer) == (403, "释放预留由发展部、省公司发展部办理，crew 不在其中")
    answer = await people.marketing.post(f"/bay-reservations/{number}/release", {"reason": "线索取消"}, headers=key())
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "detail"),
    [
        ({"station": "CN999"}, 404, "没有编号为 CN999 的站"),
        ({"bay": "none"}, 404, "该站该电压没有间隔 none"),
        ({"voltage_kv": 110, "bay": FIRST}, 404, f"该站该电压没有间隔 {FIRST}"),
        ({"reference": None}, 422, "来源为营销线索的预留须写明线索编号"),
        ({"need": "load_growth"}, 422, "按负荷增长的预留不指定工单或线索"),
        ({"expires_on": "2020-01-01"}, 422, "预留到期日应在"),
    ],
)
async def test_a_proposal_that_does_not_do_is_refused_with_the_reason(
    people: People, fields: dict[str, Any], status: int, detail: str
) -> None:
    await people.load()

    answer = await people.marketing.post("/bay-reservations", {**LEAD, **fields}, headers=key())

    assert answer.status_code == status
    assert answer.json()["detail"].startswith(detail)


async def test_an_approval_without_a_free_bay_says_what_to_do(people: People) -> None:
    await people.load(busbars=[{**TENS, "bays": [{"code": "511", "name": "511间隔", "in_use": True}]}])
    await people.load("HW1")
    number = (await people.propose())["number"]

    assert refused(await people.decide(number)) == (
        409,
        "城南变电站10kV侧没有可用的间隔（运行1个），请改由站外环网柜规划二路1号环网柜（空位1个）接入；"
        "或在供电方案中另选电源点，或由发展部办理扩建",
    )
    assert done(await people.planning.get(f"/bay-reservations/{number}"))["state"] == "proposed"


async def test_reservations_are_listed_by_state_and_by_what_they_are_for(people: People) -> None:
    await people.load()
    first, second = [(await people.propose(reference=name))["number"] for name in ("XS-1", "XS-2")]
    done(await people.decide(second, "refuse"))

    async def found(**query: Any) -> list[str]:
        return [one["number"] for one in done(await people.planning.get("/bay-reservations", **query))["items"]]

    assert await found() == [first, second]
    assert (await found(state="refused"), await found(reference="XS-1")) == ([second], [first])


async def test_proposals_come_with_their_figures_from_growth_leads_and_cases(people: People) -> None:
    await people.load()
    fill(people.site.database, 6)
    await people.propose()

    (one,) = await people.proposals()

    assert (one["id"], one["remedy"], one["units"]) == ("CN110:10:1", "bays", 2)
    figures = one["figures"]
    assert (figures["growth_mw"], figures["growth"], figures["leads"], figures["cases"]) == (8.4, 1.68, 0.8, 1.4)
    assert (figures["needed"], figures["free"], figures["room"], figures["shortfall"]) == (3.88, 1, 2, 2.88)
    assert [line["bays"] for line in figures["by_year"]] == [1.4, 3.0, 3.88]
    assert one["sentence"].startswith("城南变电站10kV侧今后2年预计需要间隔3.9个")


async def test_where_the_project_process_is_not_deployed_nothing_is_approved(people: People) -> None:
    await people.load()

    answer = await people.approve("CN110:10:1", 1)

    assert refused(answer) == (503, "流程 grid_project_bay_extension 尚未部署")
    assert await people.state(SECOND) == "free"


async def test_an_approved_proposal_opens_one_project_whoever_approves_it_again(office: People) -> None:
    await office.load()
    other = await office.site.person("chen", departments=["province_planning"], county="")
    header = key()

    first = done(await office.approve("CN110:10:1", 1, header=header))
    again = [
        done(await office.approve("CN110:10:1", 1, header=header)),
        done(await office.approve("CN110:10:1", 1, other)),
    ]

    assert again == [first, first]
    assert (first["remedy"], first["units"], first["bays"]) == ("bays", 1, [SECOND])
    case = await eventually(
        lambda: office.planning.get(f"/cases/{first['case_no']}"), lambda told: bool(told.get("holders"))
    )
    assert case["line"]["county"] == COUNTY
    bay = done(await office.planning.get(f"/bays/{SECOND}"))
    assert (bay["state"], bay["case_no"], bay["purpose"]) == ("in_construction", first["case_no"], "build")
    assert await office.proposals() == []
    cases = done(await office.planning.get("/cases"))["items"]
    assert [one["case_no"] for one in cases] == [first["case_no"]]


async def test_a_proposal_is_approved_as_it_was_seen_by_who_may_and_only_while_it_stands(office: People) -> None:
    await office.load()

    answer = await office.approve("CN110:10:1", 1, office.planning)
    assert refused(answer) == (403, "间隔预留和扩建由省公司发展部批复，zhou 没有这项权限")
    answer = await office.approve("CN110:10:1", 2)
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith("该建议现为1个（台），不是2个（台）")
    for gone in ("CN110:10:2", "CN999:10:1"):
        answer = await office.approve(gone, 1)
        assert refused(answer) == (404, f"现在没有建议 {gone}：所缺的间隔已有着落，或已另行批准")


async def test_where_neither_bays_nor_units_can_be_built_there_is_nothing_to_approve(office: People) -> None:
    high = {"code": "110-1", "voltage_kv": 110, "load_mw": 400, "growth_percent": 20}
    await office.load(busbars=[high])
    (one,) = await office.proposals()

    answer = await office.approve(one["id"], 1)

    assert (one["remedy"], one["units"]) == ("other_source", 0)
    assert refused(answer) == (409, one["sentence"])


async def test_row_6_bays_are_reserved_ahead_and_extended_by_one_or_two_and_outside_where_no_position_remains(
    office: People, dev_server: WorkflowEnvironment
) -> None:
    """domain.md §1.1 row 6: 市公司发展部 proposes from load growth and marketing's leads, 省公司发展部 approves; 1–2
    bays ahead for each likely station, 1–2 站外环网柜 where no position remains."""
    await office.load()
    lead = await office.propose()
    growth = await office.propose(office.planning, need="load_growth", reference=None, source="负荷年增长10%")
    assert {one["state"] for one in (lead, growth)} == {"proposed"}

    # The province approves, and the bay is kept for the lead: the case that comes from it takes it, no other does.
    assert done(await office.decide(lead["number"]))["bay"] == FIRST
    model = process(start(), TAKING, user("B", MARKETING), end(), flows=["start > A > B > end"])
    await begin(office.site, dev_server, model)
    taken = await eventually(lambda: office.planning.get(f"/bays/{FIRST}"), lambda bay: bay["state"] != "reserved")
    assert (taken["state"], taken["case_no"][:3]) == ("in_construction", "YK-")
    assert done(await office.planning.get(f"/bay-reservations/{lead['number']}"))["state_name"] == "已占用"

    # What load growth needs beyond that is proposed: not more than two bays, though much more is needed.
    await office.load(busbars=[{**TENS, "load_mw": 400}])
    (bays,) = await office.proposals()
    assert (bays["remedy"], bays["units"], bays["figures"]["room"]) == ("bays", 2, 2)
    opened = done(await office.approve(bays["id"], 2))
    assert opened["bays"] == [SECOND, "CN110:514"]

    # No position remains: one or two ring-main units outside, and again a project of its own.
    (units,) = await office.proposals()
    assert (units["id"], units["remedy"], units["units"]) == ("CN110:10:2", "ring_main_units", 2)
    assert "站内已无间隔位置，建议在站外预留2台环网柜" in units["sentence"]
    assert done(await office.approve(units["id"], 2))["case_no"] != opened["case_no"]

    # Nothing is kept for ever: the other reservation is refused, and the first would have ended by its last day.
    assert done(await office.decide(growth["number"], "refuse"))["state_name"] == "未批准"
    assert lead["expires_on"] > str((office.site.clock() + timedelta(days=300)).date())


async def test_a_case_that_is_undone_gives_its_bay_back(office: People, dev_server: WorkflowEnvironment) -> None:
    await office.load()
    outputs = {"bay": "=bay"}
    model = process(
        start(),
        service("A", io(WANTED, outputs), type_="take-bay"),
        boundary("A", "undone", compensation()),
        service("G", io({"bay": "=bay"}), type_="give-back-bay", undoes=True),
        user("B", MARKETING),
        throw("U", compensation()),
        end(),
        flows=["start > A > B > U > end"],
        links=["undone > G"],
    )
    await begin(office.site, dev_server, model)
    inbox = await eventually(
        lambda: office.marketing.get("/inbox", view="department"), lambda told: bool(told["items"])
    )
    assert await office.state(FIRST) == "in_construction"

    task = inbox["items"][0]["id"]
    done(await office.marketing.post(f"/tasks/{task}/complete", {"data": {}}, headers=key()))

    await eventually(lambda: office.planning.get(f"/bays/{FIRST}"), lambda bay: bay["state"] == "free")
    events = done(await office.planning.get(f"/bays/{FIRST}/events"))["items"]
    assert [event["act_name"] for event in events] == ["登记", "占用", "退还"]


async def test_a_case_that_gets_no_bay_goes_on_where_its_diagram_says(
    office: People, dev_server: WorkflowEnvironment
) -> None:
    await office.load(busbars=[{**TENS, "bays": [{"code": "511", "name": "511间隔", "in_use": True}]}])
    model = process(
        start(),
        TAKING,
        boundary("A", "none", error("no_bay")),
        user("P", MARKETING),
        end(),
        end("planned"),
        flows=["start > A > end", "none > P > planned"],
    )
    case = await begin(office.site, dev_server, model)

    await case.task("P")

    assert (await case.view())["variables"]["bayProblem"] == (
        "城南变电站10kV侧没有可用的间隔（运行1个），请在供电方案中另选电源点，或由发展部办理扩建"
    )

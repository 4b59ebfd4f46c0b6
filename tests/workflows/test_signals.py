"""A signal that a case throws reaches every running case that waits for it, and begins those that start by it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from activities.signals import Broadcaster, begun_id
from api.deployment import deploy
from domain.calendar import WorkingCalendar
from domain.start import Broadcast, Reached, StartContext
from storage.broadcasts import Broadcast as Row
from storage.cases import Case
from storage.database import Database
from tests.bpmn.building import call, catch, end, model_xml, on_event, process, signal, start, throw, user
from tests.workflows.fragile import Fragile
from tests.workflows.office import eventually
from tests.workflows.running import House, Running
from tests.workflows.support import child_named, events_of

THROWER = process(
    start("t1"), user("A"), throw("T", signal("alarm")), end("t2"), flows=["t1 > A > T > t2"], id_="thrower"
)
HEARER = process(start("h1"), catch("S", signal("alarm")), end("h2"), flows=["h1 > S > h2"], id_="hearer")
CALLER = process(start("c1"), call("C", "hearer"), end("c2"), flows=["c1 > C > c2"], id_="caller")
BEGUN = process(start("b1", signal("alarm")), user("B"), end("b2"), flows=["b1 > B > b2"], id_="begun")
OTHER = process(start("o1"), catch("S2", signal("all clear")), end("o2"), flows=["o1 > S2 > o2"], id_="other")
ANY = process(start("y1"), catch("S3", signal("=sign")), end("y2"), flows=["y1 > S3 > y2"], id_="any")


def deploy_all(house: House, *shapes: Any) -> None:
    deploy(house.database, {"model.bpmn": model_xml(*shapes)}, datetime.now(UTC))


async def listening(house: House, name: str, **variables: Any) -> Running:
    """A case that the read model knows, and that waits."""
    case = await house.start_deployed(name, variables)
    await case.until(lambda view: view["waits"] or view["children"] or view["tasks"])
    await known(house, case.handle.id)
    return case


async def known(house: House, workflow_id: str) -> Case:
    async def found() -> Case | None:
        with house.database.session() as session:
            return session.get(Case, workflow_id)

    return await eventually(found, f"the case {workflow_id}")


def running(house: House, workflow_id: str) -> Running:
    return Running(house, house.client.get_workflow_handle(workflow_id))


def sent(broadcast_id: str = "b1", name: str = "alarm", **variables: Any) -> Broadcast:
    context = StartContext(WorkingCalendar.shipped().to_json())
    return Broadcast(broadcast_id, name, variables, datetime.now(UTC).isoformat(), "scada", context)


async def test_a_thrown_signal_reaches_other_cases_and_what_they_call(house: House) -> None:
    deploy_all(house, THROWER, HEARER, CALLER, OTHER)
    hearer, caller, other = [await listening(house, one) for one in ("hearer", "caller", "other")]
    called = await child_named(caller, "hearer")
    await called.until(lambda view: view["waits"])
    thrower = await house.start_deployed("thrower", {})
    await thrower.complete("A")

    assert await hearer.outcome() == await caller.outcome() == await thrower.outcome() == "completed"
    assert (await other.view())["waits"]


async def test_a_signal_whose_name_only_the_case_tells_is_heard(house: House) -> None:
    deploy_all(house, THROWER, ANY)
    hearing, deaf = await listening(house, "any", sign="alarm"), await listening(house, "any", sign="bell")
    thrower = await house.start_deployed("thrower", {})
    await thrower.complete("A")

    assert await hearing.outcome() == "completed"
    assert (await deaf.view())["waits"]


async def test_a_signal_begins_a_case_of_each_process_that_starts_by_it(house: House) -> None:
    deploy_all(house, THROWER, BEGUN)
    thrower = await house.start_deployed("thrower", {})
    await thrower.complete("A")
    assert await thrower.outcome() == "completed"

    def begun() -> list[str]:
        with house.database.session() as session:
            return list(session.scalars(select(Case.workflow_id).where(Case.process == "begun")))

    async def one() -> list[str]:
        return begun()

    (workflow_id,) = await eventually(one, "a case that the signal begins")
    case = running(house, workflow_id)
    assert (await case.view())["variables"]["caseNo"].startswith("begun-")
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert events_of(case.records(), "b1") == ["activated", "completed"]


async def test_a_signal_from_outside_is_sent_once_by_its_id(house: House) -> None:
    counting = process(
        start("c1"),
        user("W"),
        end("c2"),
        on_event("E", signal("alarm"), interrupting=False),
        flows=["c1 > W > c2"],
        id_="counting",
    )
    deploy_all(house, counting, BEGUN)
    case = await listening(house, "counting")
    sender = Broadcaster(house.database, house.client, house.queue)

    assert await sender.send(sent(caseNo="YK-7")) == await sender.send(sent(caseNo="YK-7")) == Reached(1, 1)
    await case.handle.signal("bpmn_signal", {"name": "alarm", "variables": {}, "source": "", "id": "b1"})
    await case.complete("W")
    assert await case.outcome() == "completed"
    assert events_of(case.records(), "E").count("completed") == 1
    assert (await running(house, begun_id("b1", "begun", "b1")).view())["case"]["case_no"] == "YK-7"


async def test_two_events_of_one_process_that_a_signal_begins_are_cases_of_different_numbers(house: House) -> None:
    twice = process(
        start("b1", signal("alarm")),
        start("b2", signal("alarm")),
        user("B"),
        end(),
        flows=["b1 > B > end", "b2 > B"],
        id_="twice",
    )
    deploy_all(house, twice)

    assert await Broadcaster(house.database, house.client, house.queue).send(sent()) == Reached(0, 2)

    views = [await running(house, begun_id("b1", "twice", one)).view() for one in ("b1", "b2")]
    assert len({view["case"]["case_no"] for view in views}) == 2


async def test_what_a_signal_cannot_begin_is_told(house: House) -> None:
    deploy_all(house, BEGUN)

    reached = await Broadcaster(house.database, house.client, house.queue).send(sent(voltageKv="viel"))

    assert (reached.cases, reached.begun) == (0, 0)
    assert reached.refused[0].startswith("begun：")


@pytest.mark.parametrize("field", ["caseNo", "county"])
async def test_a_case_begins_with_no_more_text_than_temporal_lists(house: House, field: str) -> None:
    deploy_all(house, BEGUN)
    sender = Broadcaster(house.database, house.client, house.queue)

    reached = await sender.send(sent(**{field: "区" * 334}))
    longest = await sender.send(sent(f"longest {field}", **{field: "区" * 333}))

    assert (reached.begun, longest.begun) == (0, 1)
    assert f"（{field}）过长，至多333个汉字" in reached.refused[0]
    case = running(house, begun_id(f"longest {field}", "begun", "b1"))
    await case.complete("B")
    assert await case.outcome() == "completed"


async def test_the_tree_of_a_case_hears_its_signal_once_though_two_ways_lead_to_it(restless: House) -> None:
    thrower = process(
        start("t1"),
        user("A"),
        throw("T", signal("alarm")),
        user("D"),
        end("t2"),
        flows=["t1 > A > T > D > t2"],
        id_="child",
    )
    parent = process(
        start("p1"),
        call("C", "child"),
        end("p2"),
        on_event("E", signal("alarm"), interrupting=False),
        flows=["p1 > C > p2"],
        id_="parent",
    )
    deploy_all(restless, thrower, parent)
    case = await listening(restless, "parent")
    child = await child_named(case, "child")
    await child.complete("A")
    await child.task("D")

    async def done() -> Row | None:
        with restless.database.session() as session:
            return session.scalar(select(Row).where(Row.reached == 1))

    await eventually(done, "the broadcast")
    await child.complete("D")
    assert await case.outcome() == "completed"
    assert events_of(case.records(), "E").count("completed") == 1


async def test_a_case_hears_a_signal_that_was_sent_before_the_read_model_knew_of_it(
    fragile: tuple[House, Fragile], tmp_path: Path
) -> None:
    house, database = fragile
    deploy_all(house, HEARER)
    senders_own = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    database.down = True
    case = await house.start_deployed("hearer", {})
    await case.until(lambda view: view["waits"])

    reached = await Broadcaster(senders_own, house.client, house.queue).send(sent())
    database.down = False

    assert reached == Reached(0, 0)
    assert await case.outcome() == "completed"
    senders_own.close()


async def test_a_case_that_was_over_before_it_was_known_has_no_use_for_a_signal(
    fragile: tuple[House, Fragile], tmp_path: Path
) -> None:
    house, database = fragile
    short = process(start("s1"), end("s2"), on_event("E", signal("alarm")), flows=["s1 > s2"], id_="short")
    deploy_all(house, short)
    senders_own = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    database.down = True
    case = await house.start_deployed("short", {})
    await case.until(lambda view: view["outcome"])

    await Broadcaster(senders_own, house.client, house.queue).send(sent())
    database.down = False

    assert await case.outcome() == "completed"
    assert events_of(case.records(), "E") == []
    senders_own.close()

"""Framework tender (domain.md §1.1 row 8, 框架招标) in a running case.

A 35–110kV bay extension is designed under a framework: called off within period and amount, stopped with what to do
where that is impossible, given back where the case is withdrawn.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.calendar import shanghai_date
from tests.bpmn.building import (
    boundary,
    compensation,
    end,
    error,
    io,
    message,
    process,
    service,
    start,
    sub,
    throw,
    user,
)
from tests.storage.frameworking import DESIGN, Frameworks
from tests.workflows.running import House, Running

WANTED = {"framework": DESIGN.number, "lot": "1", "amount": 250, "matter": "110kV间隔扩建可研初设一体化", "key": "case"}
SHAPE = process(
    start(),
    service("call_off", type_="call-off-framework"),
    boundary("call_off", "unusable", error("framework_unusable")),
    boundary("call_off", "undo", compensation()),
    service("cancel", io(inputs={"callOffNo": "=callOffNo"}), type_="cancel-call-off", undoes=True),
    user("design"),
    user("ask_for_tender"),
    sub(
        "withdrawn",
        start("withdraw", message("withdraw")),
        throw("undone", compensation()),
        end("gone"),
        flows=["withdraw > undone > gone"],
        by_event=True,
    ),
    end(),
    flows=["start > call_off > design > end", "unusable > ask_for_tender > call_off"],
    links=["undo > cancel"],
)


def kept(house: House, **changes: Any) -> Frameworks:
    """A framework in force today, of 600 yuan for the lot."""
    today = shanghai_date(datetime.now(UTC))
    days = {
        "valid_from": today - timedelta(9),
        "valid_to": today + timedelta(90),
        "licence_until": today + timedelta(90),
    }
    frameworks = Frameworks(house.database, datetime.now(UTC))
    return frameworks.save(**{"awarded_on": today - timedelta(20), **days, **changes})


async def variables(case: Running) -> dict[str, Any]:
    told: dict[str, Any] = (await case.view())["variables"]
    return told


async def test_row_8_a_design_is_called_off_from_its_framework(house: House) -> None:
    frameworks = kept(house)
    case = await house.start(SHAPE, variables=WANTED)
    await case.task("design")

    told = await variables(case)

    assert (told["frameworkRemaining"], told["frameworkContractor"]) == (350, DESIGN.contractor)
    assert (told["frameworkAward"], told["callOffNo"][:4]) == (DESIGN.award_no, "KJWT")
    assert frameworks.remaining()["1"] == Decimal(350)
    await case.handle.terminate()


async def test_row_8_an_exhausted_framework_stops_the_step_and_says_what_to_do(house: House) -> None:
    frameworks = kept(house)
    frameworks.call(500, case_no="other")
    case = await house.start(SHAPE, variables=WANTED)
    await case.task("ask_for_tender")

    told = await variables(case)
    assert told["frameworkProblem"] == (
        "框架KJ-2026-01标段1余额100.00元，不足本次委托的250.00元。"
        f"可改用框架KJ-2026-01标段2（承包单位{DESIGN.contractor}，余额400.00元，有效至{valid_to(frameworks)}）。"
    )

    await case.complete("ask_for_tender", {"lot": "2"})
    await case.task("design")
    assert frameworks.remaining() == {"1": Decimal(100), "2": Decimal(150)}
    await case.handle.terminate()


def valid_to(frameworks: Frameworks) -> str:
    day = frameworks.rooms()[0].valid_to
    return f"{day.year}年{day.month}月{day.day}日"


async def test_row_8_an_expired_framework_stops_the_step(house: House) -> None:
    yesterday = shanghai_date(datetime.now(UTC)) - timedelta(1)
    kept(house, valid_to=yesterday)
    case = await house.start(SHAPE, variables=WANTED)
    await case.task("ask_for_tender")

    problem = (await variables(case))["frameworkProblem"]

    assert "到期" in problem
    assert problem.endswith("没有其他可用的同类框架，请物资部重新组织框架招标。")
    await case.handle.terminate()


async def test_row_8_a_withdrawn_case_gives_its_call_off_back(house: House) -> None:
    frameworks = kept(house)
    case = await house.start(SHAPE, variables=WANTED)
    await case.task("design")

    await case.act("message", {"name": "withdraw", "correlation_key": "case", "by": "wang", "key": "w"})

    assert await case.outcome() == "completed"
    assert frameworks.remaining()["1"] == Decimal(600)

"""Materials in stock (domain.md §1.1 row 5, 能储全储、能存全存) in a running case.

There is a stock check step, and a shortage is the cause of a delay: named with item and arrival date on the clock,
which counts on.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bpmn import events
from domain.calendar import shanghai_date
from domain.chinese import written_date
from domain.fields import LONGEST_TEXT
from tests.bpmn.building import (
    Shape,
    boundary,
    catch,
    compensation,
    end,
    error,
    gateway,
    io,
    message,
    model_xml,
    process,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.storage.stocking import CABLE, Stock, amount
from tests.workflows.calling import LONG_CALLER, PASSED, TAKEN, row
from tests.workflows.running import House, Running
from tests.workflows.watching import FACTS, LIMITS, clock_changes, clocked, kept, key_of

WANTED = {"materials": [{"item": CABLE, "unit": "米", "quantity": 420}], "key": "case"}
DELAY = '<yekuo:delay element="wait" cause="materials_shortage" text="shortageText"/>'
WORKS = f"""<yekuo:clock id="works" name="配套工程完工" limit="grid_works" department="operations">
<yekuo:start element="plan" on="completed"/><yekuo:stop element="build" on="completed"/>{DELAY}</yekuo:clock>"""
STEPS = (
    user("plan"),
    service("check", io(outputs={"enough": "=stockEnough", "shortageText": "=shortageText"}), type_="check-stock"),
    service("reserve", type_="reserve-materials"),
    boundary("reserve", "short", error("shortage")),
    boundary("reserve", "undo", compensation()),
    service("release", type_="release-materials", undoes=True),
    gateway("eventBased", "wait"),
    catch("arrived", message("materials_arrived")),
    catch("due", timer('date==date and time(shortageRecheckOn + "T08:30:00+08:00")')),
    service("issue", type_="issue-materials"),
    boundary("issue", "back", compensation()),
    service("return", type_="return-materials", undoes=True),
    user("build"),
)
FLOWS = ["plan > check > reserve > issue > build", "short > wait > arrived > reserve", "wait > due > reserve"]
WITHDRAWN = sub(
    "withdrawn",
    start("withdraw", message("withdraw")),
    throw("undone", compensation()),
    end("gone"),
    flows=["withdraw > undone > gone"],
    by_event=True,
)


def works(id_: str = "p") -> Shape:
    """Works that need materials: looked at, promised, waited for, issued."""
    begin, finish = start(f"{id_}_start"), end(f"{id_}_end")
    flows = [*FLOWS, f"{begin.id} > plan", f"build > {finish.id}"]
    return process(begin, *STEPS, WITHDRAWN, finish, flows=flows, links=["undo > release", "back > return"], id_=id_)


def stock_of(house: House, cable: int = 300) -> Stock:
    """The stock of the house, with more cable on the way."""
    stock = Stock(house.database, datetime.now(UTC)).begin(cable=cable)
    stock.order(500, arrival())
    return stock


def arrival() -> date:
    return shanghai_date(datetime.now(UTC)) + timedelta(days=10)


async def begun(house: House) -> Running:
    """A case whose works have begun to look for their materials."""
    xml = clocked(model_xml(works()), "p", WORKS)
    case = await house.start_model(xml, "p", WANTED, limits=LIMITS, facts=FACTS)
    await case.complete("plan")
    return case


async def waiting(case: Running) -> None:
    await case.until(lambda view: any(wait["element"] == "arrived" for wait in view["waits"]))


async def send(case: Running, name: str) -> None:
    await case.act("message", {"name": name, "correlation_key": "case", "by": "keeper", "key": name})


async def test_row_5_a_shortage_is_on_the_clock_with_item_and_arrival_date_and_the_clock_counts_on(
    house: House,
) -> None:
    stock_of(house)
    case = await begun(house)
    await waiting(case)

    (clock,) = await case.limits()

    (delay,) = clock["delays"]
    assert (delay["cause"], delay["name"]) == ("materials_shortage", "物资短缺")
    said = f"{CABLE}缺120米（需420米，可用300米，预计{written_date(arrival())}到货）"
    assert said in delay["text"]
    assert clock["explanation"][-1].startswith(f"延误原因：物资短缺：{said}（供电企业原因，期限照计，自")
    assert clock["state"] == "计时中"
    (record,) = [one for one in await case.recorded("clock") if one.data["kind"] == "延误"]
    assert record.data["due"] == clock["due"]
    await case.handle.terminate()


async def test_row_5_when_the_materials_are_there_they_are_issued_and_the_delay_is_over(house: House) -> None:
    stock = stock_of(house)
    case = await begun(house)
    await waiting(case)

    stock.receive(500)
    await send(case, "materials_arrived")
    await case.complete("build")

    assert await case.outcome() == "completed"
    assert [kind for _, kind in clock_changes(case.records())] == ["起算", "延误", "延误消除", "截止"]
    assert stock.level() == (380, 0)


async def test_row_5_what_is_in_stock_is_issued_without_waiting(house: House) -> None:
    stock = stock_of(house, cable=500)
    case = await begun(house)
    await case.task("build")

    assert stock.level() == (80, 0)
    (clock,) = await case.limits()
    assert clock["delays"] == []
    await case.handle.terminate()


async def test_row_5_a_case_that_is_withdrawn_gives_back_what_it_was_issued_and_what_it_was_promised(
    house: House,
) -> None:
    stock = stock_of(house, cable=500)
    case = await begun(house)
    await case.task("build")
    kept_for_it = stock.reserve(amount(30), case_no="YK-TEST", key="other")

    await send(case, "withdraw")

    assert await case.outcome() == "completed"
    assert stock.level() == (500, 30)
    stock.release(kept_for_it)


async def test_a_caller_shows_what_holds_up_the_clock_that_it_passed_on(house: House) -> None:
    stock_of(house)
    taken = TAKEN.replace('element="C"', 'element="build"').replace("</yekuo:clock>", f"{DELAY}</yekuo:clock>")
    xml = clocked(clocked(model_xml(LONG_CALLER, works("child")), "p", PASSED), "child", taken)
    case = await house.start_model(xml, "p", WANTED, limits=LIMITS, facts=FACTS, clock_reports=True)
    await case.complete("A")
    child = await case.the_child()
    await child.complete("plan")
    await waiting(child)

    (told,) = await child.limits()
    shown = await row(case, called=child.id, delays=told["delays"])

    assert [one["cause"] for one in shown["delays"]] == ["materials_shortage"]
    await child.handle.terminate()
    await case.handle.terminate()


def test_what_is_told_of_a_delay_is_read_where_its_element_begins_and_is_cut_where_it_is_long() -> None:
    clock = WORKS.replace('"plan"', '"A"').replace('"build"', '"B"').replace('"wait"', '"B"')
    xml = clocked(model_xml(process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"])), "p", clock)
    now = datetime(2026, 11, 23, 2, tzinfo=UTC)
    for value, told in (("缺" * (LONGEST_TEXT + 1), "缺" * LONGEST_TEXT), (7, ""), (None, "")):
        case = kept(xml, variables={"shortageText": value})
        case.begin(now)
        case.handle(events.TaskCompleted(int(key_of(case, "A")), {}, "wang"), now)

        rows = case.watch.rows(now) if case.watch else []
        assert [delay.text for one in rows for delay in one.clock.delays] == [told]

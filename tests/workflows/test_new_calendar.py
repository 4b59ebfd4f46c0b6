"""A new table of days off reaches running cases: clocks move and say so, expressions count by it, children get it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from domain.calendar import WorkingCalendar, shanghai_date
from storage.notices import notices_of
from tests.bpmn.building import end, process, script, start, user
from tests.workflows.calling import TAKEN, calling, row
from tests.workflows.days_off import SHIPPED, today, with_a_day_off
from tests.workflows.running import House, Running, eventually
from tests.workflows.support import terminated
from tests.workflows.watching import running

NOTICE = {"calendar": with_a_day_off().to_json(), "by": "operator"}


async def change(case: Running, calendar: WorkingCalendar, **fields: Any) -> str:
    return str((await case.act("new_calendar", {"calendar": calendar.to_json(), "by": "operator", **fields}))["remark"])


async def acts(case: Running) -> list[dict[str, Any]]:
    return [one.data for one in await case.recorded("act") if one.data["act"] == "new_calendar"]


def last_day(calendar: WorkingCalendar, workdays: int) -> date:
    return calendar.add_workdays(today(), workdays).date


async def test_a_new_calendar_moves_what_runs_and_says_by_how_much(restless: House) -> None:
    case = await running(restless)
    new = with_a_day_off()
    later = (last_day(new, 10) - last_day(SHIPPED, 10)).days

    remark = await change(case, new)

    (shown,) = await case.limits()
    (moved,) = [one.data for one in await case.recorded("clock") if one.data["kind"] == "调整"]
    assert remark == f"期限调整：供电方案答复（推迟{later}天）"
    assert (moved["days"], moved["reason"]) == (later, "放假安排更新")
    assert any("临时放假" in sentence for sentence in shown["explanation"])
    assert (await acts(case))[0]["years"] == [last_day(SHIPPED, 1).year]
    await terminated(restless, case)


async def test_those_whose_limit_a_new_calendar_moved_are_told_once(restless: House) -> None:
    case = await running(restless)
    await change(case, with_a_day_off())
    await change(case, with_a_day_off())
    await case.complete("B")
    await case.outcome()

    with restless.database.session() as session:
        found = notices_of(session, ["team", "head"])
        told = [(one.recipient, one.subject) for one in found]
        body = found[0].body
    assert told == [("team", "期限调整：供电方案答复（YK-MOVED）")]
    assert "推迟" in body
    assert "理由：放假安排更新。" in body


@pytest.mark.parametrize(
    "calendar",
    [SHIPPED, with_a_day_off(date(1999, 1, 1)), WorkingCalendar(dict(list(with_a_day_off().tables.items())[-2:]))],
    ids=["the same", "an older notice", "a year missing"],
)
async def test_a_calendar_that_is_not_newer_changes_nothing_and_says_so(
    house: House, calendar: WorkingCalendar
) -> None:
    case = await running(house)
    ((before),) = await case.limits()
    if calendar is not SHIPPED:
        await change(case, with_a_day_off())
        ((before),) = await case.limits()

    assert "未作更改" in await change(case, calendar)
    assert await case.limits() == [before]
    assert (await acts(case))[-1]["years"] == []
    await terminated(house, case)


async def test_the_expressions_of_a_case_count_by_its_new_calendar(restless: House) -> None:
    count = script("count", f'=working days after(date("{today().isoformat()}"), 1)', "found")
    shape = process(start(), user("A"), count, user("B"), end(), flows=["start > A > count > B > end"])
    case = await restless.start(shape)
    await case.task("A")
    await change(case, with_a_day_off())
    await case.complete("A")
    await case.task("B")

    assert (await case.view())["variables"]["found"] == last_day(with_a_day_off(), 1).isoformat()
    await terminated(restless, case)


async def test_one_act_reaches_called_cases_and_those_that_are_called_later(restless: House) -> None:
    case = await calling(restless, TAKEN)
    child = await case.the_child()
    await row(case, called=child.id)

    await change(case, with_a_day_off())

    async def reached() -> list[dict[str, Any]] | None:
        return await acts(child)

    (act,) = await eventually(reached)
    assert (act["by"], act["channel"]) == ("operator", "signal")
    shown = await row(case, called=child.id, due=(await child.limits())[0]["due"])
    assert shanghai_date(datetime.fromisoformat(shown["start"])) < today()
    await terminated(restless, case, child)


async def test_a_case_called_after_a_new_calendar_counts_by_it(house: House) -> None:
    case = await calling(house, TAKEN, before=NOTICE)
    child = await case.the_child()
    await row(case, called=child.id)

    assert await change(child, with_a_day_off()) == "放假安排不比本案现用的新，未作更改"
    await terminated(house, case, child)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"by": ""}, "未说明经办人"),
        ({"calendar": {}}, "没有任何年份"),
        ({"calendar": {"2026": {}}}, "放假安排表无法读取：2026年：应有off"),
        ({"calendar": {"next": {"off": [], "notices": []}}}, "无法读取：“next”不是年份"),
        ({"calendar": {"2026": {"off": [["x", "a", "b"]], "notices": []}}}, "无法读取：2026年放假第1行：“a”不是日期"),
        ({"calendar": {"2026": {"off": [["元旦", "0001-01-01", "9999-12-31"]], "notices": []}}}, "有误"),
        ({"calendar": {"0": {"off": [], "notices": []}}}, "无法读取：“0”不是年份"),
        ({"calendar": "table"}, "应为JSON 对象"),
    ],
)
async def test_a_calendar_that_cannot_be_read_is_refused_in_words(
    house: House, changes: dict[str, Any], text: str
) -> None:
    case = await running(house)

    assert text.replace(" ", "") in (await case.refused("new_calendar", {**NOTICE, **changes})).replace(" ", "")
    await terminated(house, case)

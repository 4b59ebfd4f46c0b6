"""The paper of a supervision order: whatever clock it is for, it is complete and does not contradict itself."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.clock import ClockSettings, Facts
from domain.clock_rules import ClockRule, Trigger
from domain.clocks import Clocks
from domain.documents import SUPERVISION_ORDER, SupervisionOrder, model_from_variables
from domain.ladder import Ladder, Level
from domain.limits import LimitTable
from domain.orders import Order
from domain.posts import PostTable
from domain.records import CaseFields, Record
from domain.supervising import Concerned, order_variables

CASE = CaseFields("YK-1", "p", 1, "", "10kV专线", "10", "开发区", "恒源新材料有限公司", "规划二路16号")
SETTINGS = {"caseNo": "YK-1", "issuingUnit": "供电服务指挥中心", "issuedBy": "系统", "issuerPhone": "95598"}
MINUTE = dt.timedelta(minutes=1)


def voltage_of(limit: str) -> str:
    """A voltage for which the shipped table has a limit for a step: 10kV, or where the step begins."""
    table = LimitTable.shipped()
    lowest = min(row.voltage_from for row in table.rows if row.step == limit)
    return str(max(lowest, Decimal(10)))


class Late:
    """A clock that began at an instant, seen `after` it was due."""

    def __init__(self, limit: str, begun: dt.datetime, after: dt.timedelta = dt.timedelta(), close: str = "24:00"):
        rule = ClockRule("clock", "某环节", limit, (Trigger("begin", "completed"),), department="marketing")
        facts = Facts(voltage_of(limit), 1, True, "2024-01-02")
        self.clocks = Clocks([rule], LimitTable.shipped(), WorkingCalendar.shipped(), facts, ClockSettings(close))
        self.ladder = Ladder(self.clocks)
        self.clocks.feed(Record(1, begun.isoformat(), "completed", "begin", "userTask", ""))
        clock = self.clocks.latest("clock")
        assert clock
        for level in (Level.L0, Level.L1, Level.L2):
            self.ladder.reached(self.ladder.instants(clock)[level])
        self.ladder.reached(self.ladder.instants(clock)[Level.L2] + after)

    def variables(self, posts: PostTable | None = None, officers: tuple[str, ...] = ()) -> dict[str, Any]:
        order = self.order
        return order_variables(self.clocks, self.ladder, order, Concerned(CASE, posts or PostTable.shipped(), officers))

    @property
    def order(self) -> Order:
        order = self.ladder.order("clock")
        assert order
        return order

    def paper(self) -> SupervisionOrder:
        paper = model_from_variables(SUPERVISION_ORDER, {**SETTINGS, **self.variables()})
        assert isinstance(paper, SupervisionOrder)
        return paper


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


LIMITS = sorted({row.step for row in LimitTable.shipped().rows if "." not in row.step})
FIRST = at("2024-01-02T00:00")
INSTANTS = st.integers(0, 1000 * 24 * 60).map(lambda minutes: FIRST + minutes * MINUTE)


@given(
    st.sampled_from(LIMITS),
    INSTANTS,
    st.integers(0, 60 * 24 * 20).map(lambda minutes: minutes * MINUTE),
    st.sampled_from(("24:00", "17:30")),
)
def test_an_order_can_be_written_for_every_limit_whenever_it_was_broken(
    limit: str, begun: dt.datetime, after: dt.timedelta, close: str
) -> None:
    late = Late(limit, begun, after, close)

    paper = late.paper()

    assert paper.due_on < paper.reply_due_on
    assert [warning.level[:2] for warning in paper.warnings] == ["L0", "L1"]


def test_an_order_issued_at_the_end_of_the_last_day_says_that_the_day_went_by() -> None:
    paper = Late("supply_plan_reply", at("2026-11-02T09:00")).paper()

    assert (paper.issued_on, paper.days_late) == (dt.date(2026, 11, 16), 0)
    assert paper.lateness == "2026年11月16日到期，当日未能办结"
    assert paper.reply_due_on == dt.date(2026, 11, 17)


def test_an_order_names_the_head_of_the_department_the_next_above_and_the_service_centre() -> None:
    paper = Late("supply_plan_reply", at("2026-11-02T09:00")).paper()

    assert paper.recipient == "部门主任 kfq.marketing.head"
    assert paper.next_recipient == "分管领导（kfq.leader）"
    assert paper.copied_to == "供电服务指挥中心（city.service）"


def test_an_order_to_a_vacant_post_goes_to_the_one_above() -> None:
    posts = PostTable.from_json({"rows": [{"post": "leader", "county": "开发区", "account": "deputy"}]})

    said = Late("supply_plan_reply", at("2026-11-02T09:00")).variables(posts)

    assert said["recipient"] == "分管领导 deputy"


@pytest.mark.parametrize(("officers", "named"), [((), "营销部"), (("wang", "li"), "wang、li")])
def test_an_order_names_who_holds_the_step_or_else_the_department(officers: tuple[str, ...], named: str) -> None:
    assert Late("supply_plan_reply", at("2026-11-02T09:00")).variables(officers=officers)["caseOfficer"] == named


def test_an_acknowledged_warning_is_told_as_such() -> None:
    late = Late("supply_plan_reply", at("2026-11-02T09:00"))
    late.ladder.acknowledge("clock", Level.L0)

    said = late.variables()["warnings"]

    assert [warning["outcome"] for warning in said] == ["已确认收到", "未确认"]


def test_what_an_order_says_is_plain_json() -> None:
    said = Late("supply_plan_reply", at("2026-11-02T09:00")).variables()

    assert json.loads(json.dumps(said)) == said

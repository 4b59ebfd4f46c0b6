"""How each scenario must have ended: in a sentence, and whether it did, read from what the played case left behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from demo.play import Stage
from demo.report import Report
from demo.scenario import Act, Scenario
from domain.bays import BayState
from domain.calendar import shanghai_date
from domain.chinese import written_date
from storage.bays import listed_bay
from storage.documents import DocumentStatus, case_documents
from storage.frameworks import rooms
from storage.journal_rows import JournalLine, case_journal
from storage.materials import SlipKind, case_balance, case_slips
from storage.outages import OutageItem, items_of, plan_of
from storage.stock import levels_of

_CABLE = "YJV22-8.7/15-3×300电缆"
_NOTICE = timedelta(days=7)
_RULES_OF_10KV = ("grid_works", "late_contract", "energization")
"""The clocks of the three rules that hold for 10kV lines only."""


@dataclass(frozen=True)
class End:
    """One thing that must be so in the end, and whether it is."""

    says: str
    holds: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def ending(ends: Iterable[End]) -> str:
    """How it ended, a line for each thing that must be so."""
    return "\n".join(["结局", *(f"  {'✓' if end.holds else '✗ 未达到：'} {end.says}" for end in ends)])


class Played:
    """What a scenario left behind."""

    def __init__(self, session: Session, scenario: Scenario, told: list[Report]) -> None:
        self.session, self.scenario = session, scenario
        self.cases = told[: len(scenario.openings)]

    @property
    def first(self) -> Report:
        """The first case."""
        return self.cases[0]

    @cached_property
    def lines(self) -> list[JournalLine]:
        """The journal of the first case."""
        return list(case_journal(self.session, self.first.case_no, limit=100_000))

    def items(self, name: str) -> list[OutageItem]:
        """The outages of the plan of that name."""
        return list(items_of(self.session, self._unit, self.scenario.plans[name]))

    def rate(self, name: str) -> tuple[int, int]:
        """How many outages of a plan were carried out, and of how many."""
        plan = plan_of(self.session, self._unit, self.scenario.plans[name])
        return (plan.executed or 0, plan.planned or 0) if plan else (0, 0)

    @property
    def _unit(self) -> str:
        return str(self.scenario.given["planning"]["unit"]["code"])


def checked(stage: Stage, scenario: Scenario, told: list[Report]) -> list[End]:
    """What must be so at the end of a scenario, each with whether it is."""
    with stage.database.session() as session:
        return [End(*one) for one in _ENDS[scenario.name](Played(session, scenario, told))]


Ends = Iterator[tuple[str, bool]]


def _10kv(played: Played) -> Ends:
    yield "送电后资料归档，工单办结", _after(played.first, "archive_case", "record_energization")
    yield "配套电网工程在30个工作日内完工", _kept(played.first, "grid_works")
    yield "自营销部申请起一周内送电", _kept(played.first, "energization")
    yield "施工合同在开工之后补签", _after(played.first, "sign_construction_contract", "start_works")


def _bay(played: Played) -> Ends:
    bay = listed_bay(played.session, "QS220:117")
    left = {room.lot: room.remaining for room in rooms(played.session)}
    called_off = {
        (act.data["lot"], Decimal(act.data["callOffAmount"]))
        for act in played.scenario.acts
        if isinstance(act, Act) and "callOffAmount" in act.data
    }
    lots = {
        lot: Decimal(amount)
        for one in played.scenario.given["frameworks"].values()
        for lot, amount in one["lots"].items()
    }
    ran = {_rule(one.clock) for one in played.first.deadlines}
    yield "送电后资料归档，工单办结", _after(played.first, "archive_case", "record_hv_energization")
    yield "扩建的117间隔已投运，供本工单使用", bay is not None and bay.kept.bay.state is BayState.IN_USE
    yield (
        "设计、施工只从招标框架委托，额度如数扣减",
        bool(called_off) and all(left[lot] == lots[lot] - was for lot, was in called_off),
    )
    yield "先签施工合同，后开工", _after(played.first, "start_bay_works", "sign_bay_contract")
    yield "30个工作日、后补合同、一周送电三条期限都没有启动", ran.isdisjoint(_RULES_OF_10KV)


def _conflict(played: Played) -> Ends:
    first, second = played.items("第一周"), played.items("第二周")
    promised = [one for one in first if one.feeder != "10kV工业线"]
    days = {shanghai_date(one.starts_at) for one in promised}
    shared = [one for one in first if one.feeder == "10kV工业线"]
    notices = [(one, given) for one in (*first, *second) for given in one.deliveries]
    reasons = [
        line.record.data.get("reason", "")
        for line in case_journal(played.session, played.cases[1].case_no, limit=100_000)
        if line.record.event == "clock"
    ]
    yield "三件工单都已送电", all(_done(one, "record_energization") for one in played.cases)
    yield (
        "两条专线争同一班组，分在两天送电，都兑现一周承诺",
        len(days) == 2 and all(_kept(played.cases[number], "energization") for number in (0, 2)),
    )
    yield "客户改接与线路检修合并为一次停电", len(shared) == 1 and len(shared[0].data["requestNos"]) == 2
    yield (
        "停电前7天以上送达通知",
        bool(notices)
        and all(one.starts_at - datetime.fromisoformat(given["deliveredAt"]) >= _NOTICE for one, given in notices),
    )
    yield "天气取消的停电写明在兴业机械的一周期限上", any("雷电" in reason for reason in reasons)
    yield "第一周计划3项执行2项，第二周1项执行1项", (played.rate("第一周"), played.rate("第二周")) == ((2, 3), (1, 1))


def _shortage(played: Played) -> Ends:
    ordered = date.fromisoformat(played.scenario.given["stock"][_CABLE]["arrivesOn"])
    delays = [(one["reason"], one["due"]) for one in _changes(played, "延误")]
    slips = case_slips(played.session, played.first.case_no)
    (cable,) = levels_of(played.session, [_CABLE])
    yield (
        "缺货写明物资、数量和到货日期，完工期限不变",
        (
            len(delays) == 1
            and all(word in delays[0][0] for word in ("电缆缺70米", written_date(ordered)))
            and delays[0][1] == _deadline(played.first, "grid_works").due
        ),
    )
    yield "到货后延误消除", len(_changes(played, "延误消除")) == 1
    yield "凭先行施工批复领料一次，库存如数减少", len(slips) == 1 and cable.on_hand == Decimal(30)
    yield "送电后资料归档，工单办结", _after(played.first, "archive_case", "record_energization")


def _withdrawn(played: Played) -> Ends:
    slips = case_slips(played.session, played.first.case_no)
    papers = case_documents(played.session, played.first.case_no)
    (cable,) = levels_of(played.session, [_CABLE])
    yield (
        "已领物资全部退库",
        (
            [slip.kind for slip in slips] == [SlipKind.ISSUE, SlipKind.RETURN]
            and not any(one.quantity for one in case_balance(played.session, played.first.case_no))
            and cable.on_hand == Decimal(1000)
        ),
    )
    yield (
        "已编号文书全部作废，写明原因",
        bool(papers) and all(paper.status == DocumentStatus.VOID and paper.void_reason for paper in papers),
    )
    yield (
        "期限全部停止，没有送电",
        not _done(played.first, "record_energization") and all(one.stop for one in played.first.deadlines),
    )


_ENDS: Mapping[str, Callable[[Played], Ends]] = MappingProxyType(
    {
        "10kv": _10kv,
        "110kv-bay": _bay,
        "outage-conflict": _conflict,
        "shortage": _shortage,
        "withdrawn": _withdrawn,
    }
)


def _done(one: Report, element: str) -> bool:
    return any(step.element == element for step in one.steps)


def _after(one: Report, later: str, earlier: str) -> bool:
    """Whether both were done, one after the other."""
    elements = [step.element for step in one.steps]
    return {later, earlier} <= set(elements) and elements.index(earlier) < elements.index(later)


def _rule(clock: str) -> str:
    """The rule that a clock keeps, whichever round, milestone or element of it."""
    return re.split(r"[#:.]", clock)[0]


def _round_of(clock: str) -> str:
    """The clock that this is a round of."""
    return clock.partition("#")[0]


def _deadline(one: Report, clock: str) -> Any:
    return next(each for each in one.deadlines if _round_of(each.clock) == clock)


def _kept(one: Report, clock: str) -> bool:
    return bool(_deadline(one, clock).kept)


def _changes(played: Played, kind: str) -> list[dict[str, Any]]:
    """The changes of that kind of the clock of the grid works."""
    changes = [line.record.data for line in played.lines if line.record.event == "clock"]
    return [one for one in changes if _round_of(one["clock"]) == "grid_works" and one["kind"] == kind]

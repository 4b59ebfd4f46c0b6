"""Requests, rules and whole weeks for the tests of the outage plan; a week is a function of its seed alone."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from domain.chinese import BUSINESS_ZONE
from domain.outage.plan import PastOutage, Plan
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules

UNIT = "开发区调控"
WEEK = "2026-W49"
MONDAY = dt.datetime(2026, 11, 30, tzinfo=BUSINESS_ZONE)
CUT_OFF = dt.datetime(2026, 11, 25, 16, tzinfo=BUSINESS_ZONE)
moments = st.integers(-500_000, 1_000_000).map(lambda minutes: MONDAY + dt.timedelta(minutes=minutes))
"""Any minute from the end of 2025 to 2028."""


def at(day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    """An instant of the week 2026-W49; day 1 is Monday, 30 November."""
    return MONDAY + dt.timedelta(days=day - 1, hours=hour, minutes=minute)


def request(number: str = "R1", **changes: Any) -> OutageRequest:
    """Works on a feeder that switch off one customer's line only, any time of the week, for four hours."""
    data = {
        "requestNo": number,
        "source": "works",
        "unit": UNIT,
        "station": "城西站",
        "feeder": f"F-{number}",
        "equipment": [f"E-{number}"],
        "workPlace": "3号杆",
        "workContent": "更换开关",
        "earliestStart": at(1).isoformat(),
        "latestEnd": at(8).isoformat(),
        "durationHours": 4,
        "affectsOthers": False,
        "crew": "pd-1",
        "switchingTeam": "cz-1",
        "appliedAt": at(-6, 10).isoformat(),
        **{key: value.isoformat() if isinstance(value, dt.datetime) else value for key, value in changes.items()},
    }
    return OutageRequest.from_json(data)


def energization(number: str = "R1", **changes: Any) -> OutageRequest:
    """The energization of a case from a spare bay, promised for Wednesday evening."""
    case = {"source": "energization", "caseNo": f"YK-{number}", "equipment": [], "promiseDue": at(4)}
    return request(number, **{**case, **changes})


def rules(**changes: Any) -> OutageRules:
    """The rules that come with the program, with other figures or rows where `changes` say so."""
    data = OutageRules.shipped().to_json()
    for key, value in changes.items():
        if isinstance(value, int):
            data[key]["value"] = value
        else:
            data[key] = value
    return OutageRules.from_json(data)


def row(**columns: Any) -> dict[str, Any]:
    """A row of the table of rules, with what each says of itself."""
    return {**columns, "source": "测试", "verified": False}


def crews(*hours: float) -> list[dict[str, Any]]:
    return [row(code=f"pd-{n}", name=f"配电{n}班", hoursPerDay=each) for n, each in enumerate(hours, 1)]


def teams(*operations: int) -> list[dict[str, Any]]:
    return [row(code=f"cz-{n}", name=f"操作{n}班", operationsPerDay=each) for n, each in enumerate(operations, 1)]


def plan(*items: dict[str, Any], notices_at: dt.datetime = CUT_OFF) -> Plan:
    """A plan of the unit for the week 2026-W49."""
    return Plan.from_json({"unit": UNIT, "week": WEEK, "noticesAt": notices_at.isoformat(), "items": list(items)})


def item(start: dt.datetime, *requests: OutageRequest, hours: float = 4, **changes: Any) -> dict[str, Any]:
    """An item that serves these requests, with the feeder and team of the first."""
    return {
        "feeder": requests[0].feeder,
        "start": start.isoformat(),
        "end": (start + dt.timedelta(hours=hours)).isoformat(),
        "works": [{"request": one.request_no, "crew": one.crew} for one in requests],
        "team": requests[0].switching_team,
        **changes,
    }


@dataclass(frozen=True)
class Made:
    """A week to plan: an empty plan, what was applied for, the rules, and what has been."""

    plan: Plan
    requests: tuple[OutageRequest, ...]
    rules: OutageRules
    history: tuple[PastOutage, ...]


def week(seed: int, count: int = 60, feeders: int = 36) -> Made:
    """A week of a county's dispatch unit, busier than its crews: energizations and works, some announced, some not."""
    dice = random.Random(seed)
    lines = [Line(dice, number) for number in range(feeders)]
    requests = tuple(_applied(dice, f"{number:03}", dice.choice(lines)) for number in range(1, count + 1))
    table = rules(
        crews=crews(8, 8, 8, 8, 6),
        switchingTeams=teams(8, 8),
        maxLinesOutPerDay=6,
        relations=_relations(dice, lines),
        protectedPeriods=_protected(dice, lines),
    )
    return Made(plan(), requests, table, tuple(_past(dice, lines)))


class Line:
    """A feeder: where it is, how many it supplies, who switches it."""

    def __init__(self, dice: random.Random, number: int) -> None:
        self.name = f"5{number:02}线"
        self.station = f"{'甲乙丙丁戊己'[number % 6]}站"
        self.customers = dice.randrange(20, 400)
        self.team = f"cz-{number % 2 + 1}"


def _applied(dice: random.Random, number: str, line: Line) -> OutageRequest:
    case = dice.random() < 0.4
    spare = case and dice.random() < 0.6
    day = dice.randrange(1, 6)
    from_day, to_day = (1, 8) if dice.random() < 0.5 else (day, min(8, day + dice.randrange(2, 4)))
    affected = 0 if spare else dice.randrange(5, line.customers)
    changes: dict[str, Any] = {
        "feeder": line.name,
        "station": line.station,
        "switchingTeam": line.team,
        "equipment": [] if spare else [f"{line.name}-{dice.randrange(1, 4)}"],
        "earliestStart": at(from_day),
        "latestEnd": at(to_day),
        "durationHours": dice.choice((1, 1.5, 2, 3, 4, 5, 6)),
        "affectsOthers": bool(affected),
        "customersAffected": affected,
        "crew": f"pd-{dice.randrange(1, 6)}",
        "appliedAt": at(dice.randrange(-11, -4), dice.randrange(8, 18), dice.randrange(60)),
    }
    if affected and dice.random() < 0.7:
        changes["noticedAt"] = at(from_day - dice.randrange(8, 14), 9)
    elif affected and dice.random() < 0.4:
        changes["kind"] = "temporary"
    if case:
        changes |= {"source": "energization", "caseNo": f"YK{number}", "promiseDue": at(dice.randrange(2, 9))}
    elif dice.random() < 0.1:
        changes["upperLevel"] = True
    elif dice.random() < 0.03:
        changes |= {"kind": "emergency", "emergencyApprover": "调控中心主任"}
    return request(number, **changes)


def _relations(dice: random.Random, lines: list[Line]) -> list[dict[str, Any]]:
    pairs = [dice.sample(lines, 2) for _ in range(6)]
    names = [(f"{one.name}-1", f"{other.name}-{dice.randrange(1, 4)}") for one, other in pairs]
    return [row(kind="apart", first=first, second=second, reason="互为备用") for first, second in names]


def _protected(dice: random.Random, lines: list[Line]) -> list[dict[str, Any]]:
    day = dice.randrange(1, 6)
    span = {"from": at(day, 8).isoformat(), "to": at(day, 20).isoformat()}
    return [row(**span, stations=[dice.choice(lines).station], feeders=[], reason="考试保电")]


def _past(dice: random.Random, lines: list[Line]) -> list[PastOutage]:
    found = [PastOutage(dice.choice(lines).name, at(-dice.randrange(1, 300), 9)) for _ in range(30)]
    often = dice.choice(lines).name
    return found + [PastOutage(often, at(-back, 9)) for back in (12, 25, 40)]

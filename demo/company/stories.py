"""The forty cases: each is the story of `10kv.json` for another customer, told up to where it stands.

A story's working days are moved so that the step at which the case stands was due to be done `late` working days ago.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from demo.company.people import SEATS, Person
from demo.scenario import Act, scenario_of, scenario_text
from domain.calendar import WorkingCalendar

_TOLD = "10kv"
REASON = "示例数据：按纸质资料补录"
"""Why everything is entered late."""
_BEFORE = timedelta(minutes=10)
_IMPORTANT = Path(__file__).with_name("important.json")
"""What is done besides for an important customer: design and hidden works are looked at."""
_SUPPLYING = "supply_missing_papers"
_STATED = {"竣验〔{year}〕0002号": "本案竣工检验意见单", "GYDHT-{year}-0001": "本案供用电合同"}
"""Numbers of papers that only the story's own case has."""


@dataclass(frozen=True)
class Row:
    """One case as it is written down. `until` is the element at which it stands, empty for one that is completed.

    With `papers_held` a case before it has brought the papers, and none is missing. `entered` is by element what was
    entered otherwise than the story has it.
    """

    key: str
    county: str
    customer: str
    short: str
    customer_id: str
    credit_code: str
    industry: str
    address: str
    contact: str
    legal: str
    phone: str
    until: str
    late: int
    important_customer: str = "无"
    withdrawn: str = ""
    papers_held: bool = False
    entered: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """What becomes of one case: its application, and who does what until it stands where it is."""

    row: Row
    application: dict[str, Any]
    acts: tuple[Act, ...]


def read_rows() -> list[Row]:
    """The cases, as they are written down."""
    rows = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))
    return [Row(**{_snake(name): value for name, value in row.items()}) for row in rows]


def story(row: Row, officers: Mapping[str, Person], day: date) -> Story:
    """The story of a case as it has gone by the end of that working day; `officers` are those of its county by seat."""
    told = json.loads(_for(row, officers))
    plain = scenario_of(told)
    ends = [number for number, act in enumerate(plain.acts) if isinstance(act, Act) and act.element == row.until]
    last = plain.acts[ends[0]] if ends else plain.acts[-1]
    calendar = WorkingCalendar.shipped()
    length = calendar.workdays_between(plain.start, last.at.date())
    scenario = scenario_of(told, calendar.add_workdays(day, -(length + row.late)).date)
    done = scenario.acts[: ends[0]] if ends else scenario.acts
    acts = tuple(
        replace(act, by=officers[SEATS[act.by]].account)
        for act in done
        if isinstance(act, Act) and not (row.papers_held and act.element == _SUPPLYING)
    )
    application = {name: value for name, value in scenario.variables.items() if name != "caseNo"}
    application |= {
        "customerId": row.customer_id,
        "industry": row.industry,
        "importantCustomer": row.important_customer,
        "receivedAt": (scenario.acts[0].at - _BEFORE).isoformat(),
        "lateReason": REASON,
    }
    return Story(row, application, acts)


def _for(row: Row, officers: Mapping[str, Person]) -> str:
    """The story's text with the names of this case's customer, place and officers."""
    text = scenario_text(_TOLD)
    names = {name: officers[seat].name for name, seat in SEATS.items() if name != "分管领导"}
    instead = {
        "恒源新材料有限公司": row.customer,
        "恒源材料": row.short,
        "恒源新材料": row.short,
        "恒源": row.short,
        "91130700MA0ABCDE12": row.credit_code,
        "开发区规划二路16号": row.address,
        "开发区": row.county,
        "孙晓": row.contact,
        "赵立新": row.legal,
        "13900139000": row.phone,
        **_STATED,
    }
    for old, new in instead.items():
        text = text.replace(old, new)
    told = json.loads(text)
    acts = told["acts"]
    if row.important_customer != "无":
        acts = sorted([*acts, *json.loads(_IMPORTANT.read_text("utf-8"))], key=_when)
    told["acts"] = [{**act, **_data(row, act, names)} for act in acts]
    return json.dumps(told, ensure_ascii=False)


def _when(act: Mapping[str, Any]) -> tuple[int, str]:
    day, clock = act["at"].split()
    return int(day), clock


def _data(row: Row, act: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What is entered, with the county's own officers in it; who acts is found by the story's name."""
    if "data" not in act:
        return {}
    text = json.dumps({**act["data"], **row.entered.get(act["element"], {})}, ensure_ascii=False)
    for old, new in {**names, "孙晓": row.contact}.items():
        text = text.replace(old, new)
    return {"data": json.loads(text)}


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)

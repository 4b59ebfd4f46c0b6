"""Tables of authorities that differ from the shipped one in days around today, and cases that ask them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from domain.authority import AuthorityTable
from tests.workflows.days_off import today
from tests.workflows.office import Office, Running

SHIPPED = AuthorityTable.shipped()
CITY: dict[str, Any] = {"by": "wang", "groups": ["planning"]}
PROVINCE: dict[str, Any] = {"by": "zheng", "groups": ["province_planning"]}


def day(offset: int) -> date:
    """So many days from today."""
    return today() + timedelta(days=offset)


def table(*rows: dict[str, Any]) -> dict[str, Any]:
    """The shipped table, but for what these say of the rows of their ids."""
    data = SHIPPED.to_json()
    for change in rows:
        next(row for row in data["rows"] if row["id"] == change["id"]).update(change)
    return data


def delegated(first: date | None = None, last: date | None = None) -> dict[str, Any]:
    """The review of 110kV is delegated to the city's company in these days."""
    days = {"from": first, "to": last}
    told = {name: one.isoformat() for name, one in days.items() if one}
    return table({"id": "review-110-delegated", "document": "冀电发展〔2021〕88号", "verified": True, **told})


def withdrawn() -> dict[str, Any]:
    """The delegation of the review has been taken back."""
    return {"rows": [row for row in SHIPPED.to_json()["rows"] if row["id"] != "review-110-delegated"]}


async def asking(
    office: Office,
    process: str = "reviewing",
    authority: dict[str, Any] | None = None,
    voltage: str = "110",
    **variables: Any,
) -> Running:
    """A case of that voltage that carries this table, the shipped one unless told."""
    office.deploy("reviewing", "connecting")
    text = json.dumps(authority or SHIPPED.to_json(), ensure_ascii=False)
    start = office.case(process, {"voltageKv": float(voltage), **variables}, authority=text, authority_version=1)
    return await office.start_case(replace(start, case=replace(start.case, voltage_kv=voltage)))


async def candidates(case: Running, element: str, wanted: list[str]) -> str:
    """The key of the task of an element once it is offered to these departments."""

    def offered(view: dict[str, Any]) -> str:
        found = [task for task in view["tasks"] if task["element"] == element]
        return next((str(task["key"]) for task in found if task["candidate_groups"] == wanted), "")

    return str(await case.until(offered, f"task {element} for {wanted}"))


async def new_table(case: Running, authority: dict[str, Any], **fields: Any) -> str:
    """Send a table; answers the remark."""
    return str((await case.update("new_authority", authority=authority, **{"by": "keeper", **fields}))["remark"])

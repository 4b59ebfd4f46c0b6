"""A case that needs an authority, for its history: the wrong level, a new table, a called case that gets it too."""

from __future__ import annotations

import json

from domain.records import CaseFields
from tests.workflows.authorities import CITY, PROVINCE, SHIPPED, withdrawn
from tests.workflows.office import MODELS
from tests.workflows.running import House, Running

READ = {model: (MODELS / f"{model}.bpmn").read_text("utf-8") for model in ("connecting", "reviewing")}


async def authority_moved(house: House) -> list[Running]:
    """A review is withdrawn from the city's company while it waits in a called case, and the project with it."""
    case = await house.start_model(
        READ["connecting"],
        "connecting",
        {"caseNo": "YK-TEST", "voltageKv": 110, "projectKind": "bay_extension"},
        {"reviewing.bpmn": READ["reviewing"]},
        CaseFields("YK-TEST", "connecting", 1, voltage_kv="110"),
        authority=json.dumps(SHIPPED.to_json(), ensure_ascii=False),
        authority_version=1,
    )
    called = await case.the_child()
    await called.handle.signal("claim", {"task": await called.task("review"), **PROVINCE})
    before = await case.task("approve")
    await case.act("new_authority", {"authority": withdrawn(), "by": "keeper", "version": 2})
    await called.until(lambda view: [task["candidate_groups"] for task in view["tasks"]] == [["province_planning"]])
    await called.complete("review", **PROVINCE)
    await case.until(
        lambda view: any(str(task["key"]) != before for task in view["tasks"] if task["element"] == "approve")
    )
    await case.complete("approve", **CITY)
    await case.complete("build", by="guo", groups=["construction"])
    await case.outcome()
    return [case, called]


AUTHORITY = {"authority_moved": authority_moved}

"""Cases of small diagrams on the worker of a site, for what the shipped ones do not come to by themselves."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from temporalio.testing import WorkflowEnvironment

from domain.records import CaseFields
from storage.files import FileStore
from tests.api.serving import Person, Site, eventually
from tests.bpmn.building import Shape, end, process, start, user, zeebe
from tests.workflows.running import House, Running
from tests.workflows.watching import EVERY_POST

COUNTY = "开发区"


def stopping(shape: Shape) -> Shape:
    """A process that does one thing, and then has a task for the marketing department."""
    task = user("B", zeebe("assignmentDefinition", candidateGroups="marketing"))
    return process(start(), shape, task, end(), flows=["start > A > B > end"])


def house_of(site: Site, server: WorkflowEnvironment) -> House:
    """The worker of a site, as the tests of the workflows know one."""
    return House(server.client, site.database, FileStore(site.settings.file_store), site.task_queue)


async def begin(site: Site, server: WorkflowEnvironment, model: Shape, county: str = COUNTY) -> Running:
    """A case of this process, in a county whose posts are filled."""
    house = house_of(site, server)
    case = CaseFields(f"YK-{uuid4()}", model.id, 1, county=county)
    posts = json.loads(EVERY_POST)
    rows = [{**row, "county": county} if "county" in row else row for row in posts["rows"]]
    return await house.start(model, case=case, posts=json.dumps({**posts, "rows": rows}))


def named(case: Running) -> str:
    """How addresses name the process."""
    return case.id.removeprefix("case/")


async def incidents(person: Person, case: Running, count: int = 1, **query: Any) -> list[dict[str, Any]]:
    """The incidents of a case in the list, as soon as there are so many."""

    def of_case(page: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in page["items"] if one["workflow_id"] == case.id]

    ask = {"limit": 200, **query}
    page = await eventually(lambda: person.get("/incidents", **ask), lambda page: len(of_case(page)) == count)
    return of_case(page)

"""Whatever is sent to the API, it keeps what its OpenAPI document says, and never fails at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from temporalio.testing import WorkflowEnvironment

from api.app import create_app
from api.rights import Role
from storage.database import Database
from tests.api.listening import listening
from tests.api.serving import Person, Site, at_work

NOT_ASKED = {
    "GET /api/v1/events": "has no end",
    "POST /api/v1/hooks": "asks for the addresses of hosts beyond this machine",
    "POST /api/v1/logout": "ends what the next request needs",
    "POST /api/v1/me/password": "locks the account after some wrong passwords",
}
"""What is left out, and why; each has tests of its own."""
JUDGED_BY_CONTENT = {
    "POST /api/v1/bay-reservations": "a need of a case or a lead names it, and a last day lies ahead",
    "PUT /api/v1/stations/{code}": "busbars and bays are named once, a ring-main unit names its station",
    "POST /api/v1/calendars": "the table is judged by the domain",
    "POST /api/v1/limits": "the table is judged by the domain",
    "POST /api/v1/posts": "the table is judged by the domain",
    "POST /api/v1/authority": "the table is judged by the domain",
    "POST /api/v1/outage-rules": "the table is judged by the domain",
    "POST /api/v1/outage-requests": "the unit must keep a plan, and the times must fit each other",
    "POST /api/v1/outage-feasibility": "the unit must keep a plan, and the times must fit each other",
    "POST /api/v1/outage-plans/{unit}/{week}/what-if": "texts and times are judged by the domain",
    "PUT /api/v1/accounts/{account}": "the province's departments are of no county",
    "POST /api/v1/stock-planning": "the table is judged by the domain",
    "PUT /api/v1/stock/levels/{item}/{depot}": "a quantity has three decimals at most",
    "POST /api/v1/stock/receipts": "a quantity has three decimals at most",
    "POST /api/v1/stock/orders": "a quantity has three decimals at most, and the day of arrival lies ahead",
    "POST /api/v1/stock/orders/{number}/move": "the day of arrival lies ahead",
    "PUT /api/v1/frameworks/{number}": "an amount has two decimals at most",
    "POST /api/v1/deployments": "files are judged by the reader of their kind",
    "POST /api/v1/files": "a file is what its content says",
    "POST /api/v1/papers/{paper}/signed": "a file is what its content says",
    "POST /api/v1/codec/decode": "payloads must be Temporal's",
    "POST /api/v1/codec/encode": "payloads must be Temporal's",
    "POST /api/v1/signals": "a signal must be one that a diagram knows",
    "POST /api/v1/messages": "a message must be one that a diagram knows",
    "POST /api/v1/cases": "what is entered late needs a reason",
    "POST /api/v1/tasks/{task}/complete": "what is entered late needs a reason",
    "POST /api/v1/tasks/{task}/transfer": "the account must be one that may do the task",
    "POST /api/v1/tasks/{task}/update": "something must be changed",
    "POST /api/v1/tasks/{task}/copy": "the accounts must be there",
    "POST /api/v1/orders/{process}/{clock}/answer": "what is promised must lie ahead",
    "POST /api/v1/clocks/{process}/{clock}/move": "a deadline moves within its lawful bound",
}
"""What fits the document may still be refused here, with 415 or 422, and why."""
EACH_FOR_ITSELF = {"POST /api/v1/acts"}
"""Many acts: one that does not fit is told in its place, and the others are done."""
UNHURRIED: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
ASKED = sorted(
    f"{method.upper()} {path}"
    for path, operations in create_app().openapi()["paths"].items()
    for method in operations
    if f"{method.upper()} {path}" not in NOT_ASKED
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(
    dev_server: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Site, Person]]:
    """The API behind a real server, with a worker, and somebody who may do everything in it."""
    folder: Path = tmp_path_factory.mktemp("openapi")
    port = int(dev_server.client.service_client.config.target_host.rpartition(":")[2])
    address = f"sqlite:///{folder / 'yekuo.db'}"
    Database(address).migrate()
    numbers = f"S{uuid4().hex[:8]}-{{year}}-{{n:04d}}"
    own: dict[str, Any] = {"case_number": numbers, "access_minutes": 600}
    async with listening(address, folder, port, str(uuid4()), **own) as site, at_work(site, dev_server.client):
        yield site, await site.person("boss", *Role, county="")


@pytest.mark.parametrize("operation", ASKED)
async def test_an_operation_keeps_to_the_document(served: tuple[Site, Person], operation: str) -> None:
    await asyncio.to_thread(ask, *served, operation, 4)


@pytest.mark.long
@pytest.mark.parametrize("operation", ASKED)
async def test_an_operation_keeps_to_the_document_also_with_many_requests(
    served: tuple[Site, Person], operation: str
) -> None:
    await asyncio.to_thread(ask, *served, operation, 100)


@schemathesis.auth()
class Bearer:
    """How the requests that are to be good say who sends them."""

    token = ""

    def get(self, _case: Any, _context: Any) -> str:
        return self.token

    def set(self, case: Any, data: str, _context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


def ask(site: Site, person: Person, label: str, examples: int) -> None:
    """Send so many good requests and as many bad ones, and hold every answer against the document."""
    operation = operation_of(str(site.client.base_url), label)
    excluded: list[Any] = [positive_data_acceptance] if label in JUDGED_BY_CONTENT else []
    excluded += [negative_data_rejection] if label in EACH_FOR_ITSELF else []
    Bearer.token = person.token

    @settings(max_examples=examples, **UNHURRIED)
    @given(st.one_of(*(operation.as_strategy(mode) for mode in GenerationMode)))
    def keeps(case: Any) -> None:
        case.call_and_validate(excluded_checks=excluded, timeout=30)

    keeps()


def operation_of(address: str, label: str) -> Any:
    """The operation of that name in the document that the API gives of itself."""
    document = schemathesis.openapi.from_url(f"{address}/openapi.json")
    operations: list[Any] = [one.ok() for one in document.get_all_operations() if isinstance(one, Ok)]
    return next(one for one in operations if one.label == label)

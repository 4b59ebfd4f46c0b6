"""Who may do what: every route against every role and every scope. What is not in the table is open to nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute

from api.app import create_app
from api.rights import RIGHTS, Right, Role
from tests.api.serving import Person, Site
from tests.api.test_problems import OPEN, routes

NEEDS: dict[str, Right] = {
    "GET /accounts": Right.MANAGE_ACCOUNTS,
    "PUT /accounts/{account}": Right.MANAGE_ACCOUNTS,
    "GET /tokens": Right.MANAGE_ACCOUNTS,
    "POST /tokens": Right.MANAGE_ACCOUNTS,
    "DELETE /tokens/{name}": Right.MANAGE_ACCOUNTS,
    "GET /calendars": Right.READ_RULES,
    "POST /calendars": Right.CHANGE_RULES,
    "GET /calendars/compare": Right.READ_RULES,
    "GET /calendars/{version}": Right.READ_RULES,
    "GET /limits": Right.READ_RULES,
    "POST /limits": Right.CHANGE_RULES,
    "GET /limits/compare": Right.READ_RULES,
    "GET /limits/{version}": Right.READ_RULES,
    "GET /posts": Right.READ_RULES,
    "POST /posts": Right.CHANGE_RULES,
    "GET /posts/compare": Right.READ_RULES,
    "GET /posts/{version}": Right.READ_RULES,
    "GET /authority": Right.READ_RULES,
    "POST /authority": Right.CHANGE_RULES,
    "GET /authority/compare": Right.READ_RULES,
    "GET /authority/{version}": Right.READ_RULES,
    "GET /stock-planning": Right.READ_RULES,
    "POST /stock-planning": Right.MANAGE_STOCK,
    "GET /stock-planning/compare": Right.READ_RULES,
    "GET /stock-planning/{version}": Right.READ_RULES,
    "GET /outage-rules": Right.READ_RULES,
    "POST /outage-rules": Right.CHANGE_RULES,
    "GET /outage-rules/compare": Right.READ_RULES,
    "GET /outage-rules/{version}": Right.READ_RULES,
    "GET /data-stores": Right.READ_RULES,
    "GET /data-store-writes": Right.READ_RULES,
    "GET /data-stores/{name:path}": Right.READ_RULES,
    "PUT /data-stores/{name:path}": Right.CHANGE_RULES,
    "GET /definitions": Right.READ_RULES,
    "GET /definitions/{kind}/{key}": Right.READ_RULES,
    "GET /definitions/{kind}/{key}/versions": Right.READ_RULES,
    "GET /deployments": Right.READ_RULES,
    "GET /deployments/{number}": Right.READ_RULES,
    "POST /deployments": Right.DEPLOY,
    "POST /deployments/{number}/rollback": Right.DEPLOY,
    "POST /cases": Right.OPEN_CASES,
    "GET /cases": Right.READ_CASES,
    "GET /cases.csv": Right.READ_CASES,
    "GET /cases/{case_no}": Right.READ_CASES,
    "GET /cases/{case_no}/diagram": Right.READ_CASES,
    "GET /cases/{case_no}/journal": Right.READ_CASES,
    "GET /cases/{case_no}/papers": Right.READ_CASES,
    "GET /papers/{paper}/content": Right.READ_CASES,
    "GET /papers/{paper}/signed": Right.READ_CASES,
    "GET /papers/{paper}/signed/{sha256}": Right.READ_CASES,
    "POST /papers/{paper}/signed": Right.UPLOAD_FILES,
    "GET /files/{sha256}": Right.READ_CASES,
    "POST /files": Right.UPLOAD_FILES,
    "GET /events": Right.READ_CASES,
    "GET /escalations": Right.READ_CASES,
    "GET /orders": Right.READ_CASES,
    "GET /incidents": Right.READ_CASES,
    "GET /incidents/{process}/{incident}": Right.READ_CASES,
    "POST /incidents/{process}/{incident}/retry": Right.RESOLVE_INCIDENTS,
    "POST /incidents/{process}/{incident}/skip": Right.RESOLVE_INCIDENTS,
    "POST /clocks/{process}/{clock}/acknowledge": Right.ANSWER_LEVELS,
    "POST /clocks/{process}/{clock}/move": Right.ANSWER_LEVELS,
    "POST /orders/{process}/{clock}/answer": Right.ANSWER_LEVELS,
    "GET /inbox": Right.DO_TASKS,
    "GET /copies": Right.DO_TASKS,
    "GET /tasks/{task}": Right.DO_TASKS,
    "POST /tasks/{task}/claim": Right.DO_TASKS,
    "POST /tasks/{task}/release": Right.DO_TASKS,
    "POST /tasks/{task}/complete": Right.DO_TASKS,
    "POST /tasks/{task}/transfer": Right.DO_TASKS,
    "POST /tasks/{task}/update": Right.DO_TASKS,
    "POST /tasks/{task}/remind": Right.DO_TASKS,
    "POST /tasks/{task}/copy": Right.DO_TASKS,
    "PUT /tasks/{task}/draft": Right.DO_TASKS,
    "DELETE /tasks/{task}/draft": Right.DO_TASKS,
    "POST /cases/{case_no}/withdraw": Right.DO_TASKS,
    "POST /processes/{process}/take-back": Right.DO_TASKS,
    "GET /cases/{case_no}/ad-hoc": Right.READ_CASES,
    "POST /cases/{case_no}/ad-hoc/{scope}/activate": Right.DO_TASKS,
    "POST /cases/{case_no}/migrate": Right.CHANGE_CASES,
    "POST /cases/{case_no}/modify": Right.CHANGE_CASES,
    "POST /cases/{case_no}/suspend": Right.CHANGE_CASES,
    "POST /cases/{case_no}/resume": Right.CHANGE_CASES,
    "POST /migrations": Right.CHANGE_CASES,
    "POST /messages": Right.SEND_MESSAGES,
    "POST /signals": Right.SEND_MESSAGES,
    "POST /conditions": Right.SEND_MESSAGES,
    "GET /timer-starts": Right.READ_RULES,
    "GET /messages": Right.RESOLVE_INCIDENTS,
    "GET /stations": Right.READ_BAYS,
    "GET /stations/{code}": Right.READ_BAYS,
    "PUT /stations/{code}": Right.PLAN_BAYS,
    "GET /bays": Right.READ_BAYS,
    "GET /bays/{bay}": Right.READ_BAYS,
    "GET /bays/{bay}/events": Right.READ_BAYS,
    "GET /bay-reservations": Right.READ_BAYS,
    "POST /bay-reservations": Right.PLAN_BAYS,
    "GET /bay-reservations/{number}": Right.READ_BAYS,
    "POST /bay-reservations/{number}/approve": Right.PLAN_BAYS,
    "POST /bay-reservations/{number}/refuse": Right.PLAN_BAYS,
    "POST /bay-reservations/{number}/release": Right.PLAN_BAYS,
    "GET /bay-proposals": Right.READ_BAYS,
    "POST /bay-proposals/{proposal}/approve": Right.PLAN_BAYS,
    "GET /stock": Right.READ_CASES,
    "GET /stock/depots": Right.READ_CASES,
    "PUT /stock/depots/{depot}": Right.MANAGE_STOCK,
    "PUT /stock/items/{item}": Right.MANAGE_STOCK,
    "PUT /stock/levels/{item}/{depot}": Right.MANAGE_STOCK,
    "GET /stock/levels/{item}/{depot}/movements": Right.READ_CASES,
    "POST /stock/receipts": Right.MANAGE_STOCK,
    "GET /stock/reservations": Right.READ_CASES,
    "POST /stock/reservations/{number}/release": Right.MANAGE_STOCK,
    "GET /stock/shortages": Right.READ_CASES,
    "GET /stock/proposals": Right.READ_CASES,
    "GET /stock/orders": Right.READ_CASES,
    "POST /stock/orders": Right.MANAGE_STOCK,
    "POST /stock/orders/{number}/move": Right.MANAGE_STOCK,
    "POST /stock/orders/{number}/cancel": Right.MANAGE_STOCK,
    "GET /frameworks": Right.READ_CASES,
    "GET /frameworks/{number}": Right.READ_CASES,
    "PUT /frameworks/{number}": Right.MANAGE_FRAMEWORKS,
    "GET /call-offs": Right.READ_CASES,
    "GET /outage-units": Right.READ_OUTAGES,
    "GET /outage-plans": Right.READ_OUTAGES,
    "GET /outage-plans/{unit}/{week}": Right.READ_OUTAGES,
    "POST /outage-plans/{unit}/{week}/what-if": Right.READ_OUTAGES,
    "GET /outage-outlook": Right.READ_OUTAGES,
    "GET /outage-requests/{number}": Right.READ_OUTAGES,
    "POST /outage-requests": Right.FILE_OUTAGES,
    "POST /outage-feasibility": Right.READ_OUTAGES,
    "GET /hooks": Right.MANAGE_HOOKS,
    "POST /hooks": Right.MANAGE_HOOKS,
    "GET /hooks/{hook_id}": Right.MANAGE_HOOKS,
    "DELETE /hooks/{hook_id}": Right.MANAGE_HOOKS,
    "POST /hooks/{hook_id}/resume": Right.MANAGE_HOOKS,
    "GET /hooks/{hook_id}/deliveries": Right.MANAGE_HOOKS,
}
WHOEVER_IS_LOGGED_IN = {"GET /me", "POST /me/password", "POST /logout", "POST /acts"}
"""Of `POST /acts` each item is asked for its own right."""
STREAM = "GET /events"
"""Never ends for whoever may follow it, so that only its refusals can be asked for here."""


def name_of(route: APIRoute) -> str:
    (method,) = route.methods or {""}
    return f"{method} {route.path}"


async def status_of(person: Person, route: str) -> int:
    """What somebody gets who sends nothing but their token."""
    method, path = route.split()
    for parameter in ("number", "hook_id", "version"):
        path = path.replace(f"{{{parameter}}}", "1")
    path = path.replace("{kind}", "bpmn").replace("{sha256}", "0" * 64)
    while "{" in path:
        path = path[: path.index("{")] + "none~1" + path[path.index("}") + 1 :]
    return (await person.send(method, path)).status_code


class Everybody:
    """Somebody of each role; a system with each right alone, and with all but one."""

    def __init__(self, roles: dict[Role, Person], only: dict[Right, Person], without: dict[Right, Person]) -> None:
        self.roles, self.only, self.without = roles, only, without


@pytest_asyncio.fixture(loop_scope="session")
async def everybody(here: Site) -> Everybody:
    roles = {role: await here.person(role.value, role) for role in Role}

    async def system(name: str, scopes: list[Right]) -> Person:
        made = await roles[Role.ADMINISTRATOR].post("/tokens", {"name": name, "scopes": scopes})
        return Person(here.client, made.json()["token"])

    only = {right: await system(f"only {right}", [right]) for right in Right}
    without = {right: await system(f"not {right}", [one for one in Right if one is not right]) for right in Right}
    return Everybody(roles, only, without)


def test_every_route_is_in_the_table() -> None:
    named = {name_of(route) for route in routes(create_app()) if route.path not in OPEN}

    assert named == set(NEEDS) | WHOEVER_IS_LOGGED_IN


async def test_each_role_may_do_what_its_rights_say_and_nothing_else(everybody: Everybody) -> None:
    wrong = []
    for route, right in NEEDS.items():
        for role, person in everybody.roles.items():
            may = right in RIGHTS[role]
            if may and route == STREAM:
                continue
            status = await status_of(person, route)
            if (status == 403) is may or status == 401 or status >= 500:
                wrong.append((route, role, status))

    assert wrong == []


async def test_each_scope_of_a_system_opens_its_routes_and_no_others(everybody: Everybody) -> None:
    wrong = []
    for route, right in NEEDS.items():
        refused = await status_of(everybody.without[right], route)
        given = 200 if route == STREAM else await status_of(everybody.only[right], route)
        if refused != 403 or given in (401, 403) or given >= 500:
            wrong.append((route, right, refused, given))

    assert wrong == []


async def test_nobody_without_a_token_or_with_an_expired_one_gets_anything(here: Site) -> None:
    wang = await here.person("wang", *Role)
    here.clock.ahead = timedelta(minutes=16)
    nobody = Person(here.client, "no such token")
    protected = [*NEEDS, *WHOEVER_IS_LOGGED_IN]

    statuses = {await status_of(person, route) for route in protected for person in (wang, nobody)}
    told = (await wang.get("/cases")).json()

    assert statuses == {401}
    assert told["detail"] == "令牌无效或已过期，请重新登录"


@pytest.mark.parametrize("role", list(Role))
def test_no_role_has_a_right_that_no_route_asks_for(role: Role) -> None:
    assert RIGHTS[role] <= set(NEEDS.values())

"""A refused act says for programs why it is refused, and which of its fields are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from api import acts
from domain.acts import (
    AcknowledgeLevel,
    Act,
    ActRefused,
    ClaimTask,
    CompleteTask,
    Refusal,
    ReleaseTask,
    ResolveIncident,
    SendMessage,
)
from tests.workflows.office import Office, Running

GOOD = {"contact": "李", "capacity": 5}


async def open_errand(office: Office) -> tuple[Running, str]:
    office.deploy("errand")
    case = await office.start("errand")
    return case, await case.task("accept")


async def refused(case: Running, act: Act) -> ActRefused:
    with pytest.raises(ActRefused) as refusal:
        await acts.send(case.office.client, case.id, act)
    return refusal.value


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (lambda task: ClaimTask("99", "wang", ["marketing"]), Refusal.GONE),
        (lambda task: ClaimTask(task, "wang", ["dispatch"]), Refusal.FORBIDDEN),
        (lambda task: ReleaseTask(task, "wang"), Refusal.FORBIDDEN),
        (lambda task: ResolveIncident("7", "wang"), Refusal.GONE),
        (lambda task: AcknowledgeLevel("survey:1", "L1", "wang"), Refusal.GONE),
    ],
)
async def test_a_refusal_tells_what_is_gone_from_who_may_not(office: Office, act: Any, kind: Refusal) -> None:
    case, task = await open_errand(office)

    refusal = await refused(case, act(task))

    assert (refusal.kind, refusal.errors) == (kind, ())


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"data": {"capacity": 0}}, ["data.contact", "data.capacity"]),
        ({"data": {**GOOD, "contact": "李" * 90_000}}, ["data.contact"]),
        ({"happened_at": "yesterday"}, ["happened_at"]),
        ({"happened_at": "2020-01-01T08:00:00+08:00"}, ["late_reason"]),
        ({"by": ""}, ["by"]),
    ],
)
async def test_every_wrong_field_of_a_completion_is_named(
    office: Office, changes: dict[str, Any], fields: list[str]
) -> None:
    case, task = await open_errand(office)
    sent: dict[str, Any] = {"by": "wang", "groups": ["marketing"], "data": GOOD, **changes}

    refusal = await refused(case, CompleteTask(task, **sent))

    assert refusal.kind is Refusal.INVALID
    assert [error.field for error in refusal.errors] == fields
    assert all(error.message for error in refusal.errors)


async def test_an_unknown_message_is_a_wrong_field(office: Office) -> None:
    case, _ = await open_errand(office)

    refusal = await refused(case, SendMessage("nobody waits", "1"))

    assert [error.field for error in refusal.errors] == ["name"]


async def test_a_task_that_somebody_else_has_taken_on_is_a_conflict(office: Office) -> None:
    case, task = await open_errand(office)
    await acts.send(office.client, case.id, ClaimTask(task, "zhao", ["marketing"]))

    assert (await refused(case, ClaimTask(task, "wang", ["marketing"]))).kind is Refusal.CONFLICT


async def test_a_key_used_for_another_act_is_a_conflict(office: Office) -> None:
    case, task = await open_errand(office)
    await acts.send(office.client, case.id, ClaimTask(task, "wang", ["marketing"], key="k"))

    assert (await refused(case, ClaimTask(task, "zhao", ["marketing"], key="k"))).kind is Refusal.CONFLICT

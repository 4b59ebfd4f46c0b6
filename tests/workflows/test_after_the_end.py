"""An act is answered its first result even where the case has closed since, and closed by it."""

from __future__ import annotations

import pytest
from temporalio.service import RPCError, RPCStatusCode

from api import acts
from domain.acts import ActRefused, ClaimTask, CompleteTask
from tests.bpmn.building import end, process, start, user
from tests.workflows.running import House, Running

ONE = process(start(), user("A"), end(), flows=["start > A > end"])


async def ended(house: House) -> tuple[Running, CompleteTask, object]:
    """A case that the act answered here has closed."""
    case = await house.start(ONE)
    last = CompleteTask(await case.task("A"), "wang", data={"x": 1}, key="last")
    first = await acts.send(house.client, case.id, last)
    assert await case.outcome() == "completed"
    return case, last, first


async def test_the_act_that_closed_a_case_is_answered_again(house: House) -> None:
    case, last, first = await ended(house)

    assert await acts.send(house.client, case.id, last) == first


async def test_the_act_that_closed_a_case_of_many_runs_is_answered_again(restless: House) -> None:
    case = await restless.start(ONE)
    claim = ClaimTask(await case.task("A"), "wang", key="first")
    claimed = await acts.send(restless.client, case.id, claim)
    last = CompleteTask(claim.task, "wang", key="last")
    completed = await acts.send(restless.client, case.id, last)
    assert await case.outcome() == "completed"

    assert await acts.send(restless.client, case.id, claim) == claimed
    assert await acts.send(restless.client, case.id, last) == completed


async def test_another_act_under_its_key_is_refused(house: House) -> None:
    case, last, _ = await ended(house)

    with pytest.raises(ActRefused, match="同一个键 last 已用于另一项操作"):
        await acts.send(house.client, case.id, CompleteTask(last.task, "wang", data={"x": 2}, key="last"))


@pytest.mark.parametrize("key", ["", "new"])
async def test_an_act_that_was_never_done_meets_a_closed_case(house: House, key: str) -> None:
    case, last, _ = await ended(house)

    with pytest.raises(RPCError) as closed:
        await acts.send(house.client, case.id, CompleteTask(last.task, "wang", key=key))

    assert closed.value.status is RPCStatusCode.NOT_FOUND

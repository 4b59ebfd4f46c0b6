"""Messages that begin one case together: behind a parallel event-based gateway, and at a start event that needs all.

However close they come, one case begins, and each message takes effect in it once.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RetryConfig, RPCError

from activities.messages import MessageState, Messenger, Receipt, ReceiverGone
from api.deployment import deploy
from domain.calendar import WorkingCalendar
from domain.fields import MissingFields
from domain.start import Publication, StartContext
from storage.messages import Message
from tests.bpmn.building import (
    Shape,
    model_xml,
)
from tests.workflows.meeting import NEEDED, RACED
from tests.workflows.running import House, Running
from tests.workflows.support import events_of, terminated, whole


class Post:
    """Sends messages as other systems do."""

    def __init__(self, house: House, model: Shape) -> None:
        self.house = house
        self.messenger = Messenger(house.database, house.client, house.queue)
        deploy(house.database, {"model.bpmn": model_xml(model)}, datetime.now(UTC))

    async def send(self, name: str, key: str, id_: str = "", lasts: float = 3_600.0, **variables: Any) -> Receipt:
        now, context = datetime.now(UTC).isoformat(), StartContext(WorkingCalendar.shipped().to_json())
        brought = {"key": key, **variables}
        sent = Publication(id_ or str(uuid4()), name, key, brought, lasts, now, "test", context)
        return await self.messenger.deliver(sent)

    async def send_and_die(self, name: str, key: str, id_: str, **variables: Any) -> None:
        """Take a message in, and come to nothing before Temporal is told."""
        nowhere = await Client.connect("127.0.0.1:1", lazy=True, retry_config=RetryConfig(max_retries=0))
        self.messenger = Messenger(self.house.database, nowhere, self.house.queue)
        with pytest.raises((RPCError, RuntimeError)):
            await self.send(name, key, id_, **variables)
        self.messenger = Messenger(self.house.database, self.house.client, self.house.queue)

    def case(self, receipt: Receipt) -> Running:
        return Running(self.house, self.house.client.get_workflow_handle(receipt.workflow_id))

    def begun(self) -> set[str]:
        """The cases that messages have gone to."""
        with self.house.database.session() as session:
            return {one for one in session.scalars(select(Message.handed_to)) if one}


# -- behind a parallel event-based gateway ---------------------------------------------------------------------------


async def test_two_messages_of_a_gateway_that_are_sent_at_once_begin_one_case_twenty_times(house: House) -> None:
    post = Post(house, RACED)
    for _ in range(20):
        key = str(uuid4())
        receipts = await asyncio.gather(post.send("M", key, m=1), post.send("N", key, n=2))
        case = post.case(receipts[0])
        await case.task("A")

        assert len({one.workflow_id for one in receipts}) == 1
        assert sorted(one.state for one in receipts) == [MessageState.DELIVERED, MessageState.STARTED]
        assert {"m": 1, "n": 2}.items() <= (await case.view())["variables"].items()
        records = await whole(case)
        assert [events_of(records, one).count("completed") for one in ("G", "M1", "N1")] == [1, 1, 1]
        await terminated(house, case)
    assert len(post.begun()) == 20


@pytest.mark.parametrize("first", ["M", "N"])
async def test_the_second_message_waits_for_no_record_of_the_first(house: House, first: str) -> None:
    """It comes to a case of which nobody has recorded yet that it waits: here, a case that no worker has begun."""
    post, key = Post(house, RACED), str(uuid4())
    (second,) = {"M", "N"} - {first}
    post.messenger = Messenger(house.database, house.client, f"{house.queue}-idle")
    begun, follows = await post.send(first, key), await post.send(second, key)

    assert (begun.state, follows.state) == (MessageState.STARTED, MessageState.DELIVERED)
    assert begun.workflow_id == follows.workflow_id
    await post.case(begun).handle.terminate()


async def test_the_second_message_begins_the_case_where_whoever_sent_the_first_has_died_before(house: House) -> None:
    post, key = Post(house, RACED), str(uuid4())
    await post.send_and_die("N", key, f"n-{key}", n=2)
    receipt = await post.send("M", key, m=1)
    case = post.case(receipt)
    await case.task("A")
    again = await post.send("N", key, f"n-{key}", n=2)

    assert {"m": 1, "n": 2}.items() <= (await case.view())["variables"].items()
    assert again == Receipt(MessageState.STARTED, case.id)
    assert events_of(await whole(case), "N1").count("completed") == 1
    await terminated(house, case)


async def test_messages_that_come_again_change_nothing(house: House) -> None:
    post, key = Post(house, RACED), str(uuid4())
    for _ in range(3):
        await post.send("M", key, f"m-{key}", m=1)
        receipt = await post.send("N", key, f"n-{key}", n=2)
    case = post.case(receipt)
    await case.task("A")

    records = await whole(case)
    assert [events_of(records, one).count("completed") for one in ("M1", "N1")] == [1, 1]
    assert "buffered" not in [record.event for record in records]
    await terminated(house, case)


async def test_a_message_to_a_case_of_its_gateway_that_has_ended_is_told_so(house: House) -> None:
    post, key = Post(house, RACED), str(uuid4())
    await post.send("M", key)
    case = post.case(await post.send("N", key))
    await case.complete("A")
    assert await case.outcome() == "completed"

    with pytest.raises(ReceiverGone):
        await post.send("M", key)


async def test_messages_of_another_key_begin_a_case_of_their_own(house: House) -> None:
    post = Post(house, RACED)
    receipts = [await post.send("M", str(uuid4())), await post.send("N", str(uuid4()))]

    assert [one.state for one in receipts] == [MessageState.STARTED, MessageState.STARTED]
    assert len({one.workflow_id for one in receipts}) == 2
    await terminated(house, *map(post.case, receipts))


# -- all are needed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["MN", "NM"])
async def test_a_case_begins_with_the_last_of_the_messages_that_it_needs_and_has_what_all_brought(
    house: House, order: str
) -> None:
    post, key = Post(house, NEEDED), str(uuid4())
    brings: list[dict[str, Any]] = [{name.lower(): number, "both": name} for number, name in enumerate(order, 1)]
    waits = await post.send(order[0], key, **brings[0])
    begun = await post.send(order[1], key, **brings[1])
    case = post.case(begun)
    await case.task("A")

    variables = (await case.view())["variables"]
    assert (waits, begun.state) == (Receipt(MessageState.WAITING), MessageState.STARTED)
    assert (variables[order[0].lower()], variables[order[1].lower()], variables["both"]) == (1, 2, "N")
    assert events_of(await whole(case), "S").count("completed") == 1
    await terminated(house, case)


async def test_messages_that_are_all_needed_and_sent_at_once_begin_one_case_twenty_times(house: House) -> None:
    post = Post(house, NEEDED)
    for _ in range(20):
        key = str(uuid4())
        receipts = await asyncio.gather(post.send("M", key, m=1), post.send("N", key, n=2))
        (begun,) = [one for one in receipts if one.state is MessageState.STARTED]
        case = post.case(begun)
        await case.task("A")

        assert {"m": 1, "n": 2}.items() <= (await case.view())["variables"].items()
        await terminated(house, case)
    assert len(post.begun()) == 20


@pytest.mark.parametrize("again", ["M", "N", "M of its own"])
async def test_any_message_for_the_key_begins_the_case_where_whoever_sent_the_last_has_died_before(
    house: House, again: str
) -> None:
    post, key = Post(house, NEEDED), str(uuid4())
    await post.send("M", key, f"M-{key}", m=1)
    await post.send_and_die("N", key, f"N-{key}", n=2)
    receipt = await post.send(again[0], key, f"{again}-{key}", **{again[0].lower(): 1 if again == "M" else 2})
    case = post.case(receipt)
    await case.task("A")

    assert receipt.state is (MessageState.DELIVERED if again == "M of its own" else MessageState.STARTED)
    assert {"m": 1, "n": 2}.items() <= (await case.view())["variables"].items()
    assert await post.send("N", key, f"N-{key}", n=2) == Receipt(MessageState.STARTED, case.id)
    await terminated(house, case)


async def test_a_message_whose_time_is_over_begins_nothing_with_others(house: House) -> None:
    post, key = Post(house, NEEDED), str(uuid4())
    await post.send("M", key, lasts=0.001)
    late = await post.send("N", key)
    begun = await post.send("M", key, m=2)

    assert (late.state, begun.state) == (MessageState.WAITING, MessageState.STARTED)
    case = post.case(begun)
    await case.task("A")
    assert (await case.view())["variables"]["m"] == 2
    await terminated(house, case)


async def test_what_comes_for_the_key_later_is_kept_by_the_case_until_it_waits_for_it(house: House) -> None:
    post, key = Post(house, NEEDED), str(uuid4())
    await post.send("M", key)
    case = post.case(await post.send("N", key))
    follows = await post.send("M", key, later=3)
    await case.complete("A")

    assert follows == Receipt(MessageState.DELIVERED, case.id)
    assert await case.outcome() == "completed"
    assert len(post.begun()) == 1


async def test_each_of_the_messages_may_come_again(house: House) -> None:
    post, key = Post(house, NEEDED), str(uuid4())
    await post.send("M", key, f"m-{key}")
    await post.send("M", key, f"m-{key}")
    begun = await post.send("N", key, f"n-{key}")
    again = [await post.send("M", key, f"m-{key}"), await post.send("N", key, f"n-{key}")]
    case = post.case(begun)
    await case.complete("A")
    await case.until(lambda view: view["waits"] and not view["unrecorded"])

    assert again == [begun, begun]
    assert await post.send("M", key, f"m-{key}") == begun
    assert (await case.handle.describe()).status is WorkflowExecutionStatus.RUNNING
    assert events_of(await whole(case), "R") == ["activated", "subscribed"]
    await terminated(house, case)


async def test_what_cannot_begin_a_case_is_refused_and_not_kept(house: House) -> None:
    post, key = Post(house, NEEDED), str(uuid4())
    await post.send("M", key)
    with pytest.raises(MissingFields):
        await post.send("N", key, f"n-{key}", voltageKv={"of": "course"})
    begun = await post.send("N", key, f"n-{key}")

    assert begun.state is MessageState.STARTED
    await terminated(house, post.case(begun))

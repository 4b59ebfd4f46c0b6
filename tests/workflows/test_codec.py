"""Payloads are plain JSON up to 16 KB and compressed beyond; what was written is read again."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from domain.notices import Channel, DeliveryOrder
from domain.records import CaseFields
from domain.start import CaseStart
from tests.workflows.office import Office
from workflows.codec import CONVERTER, PLAIN_BYTES, CompressingCodec

CODEC = CompressingCodec()


def payload(data: bytes) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=data)


async def test_what_has_16_kilobytes_stays_as_it_is() -> None:
    plain = payload(b"x" * PLAIN_BYTES)

    assert await CODEC.encode([plain]) == [plain]


async def test_what_is_larger_is_compressed_and_comes_back() -> None:
    large = payload(b"x" * (PLAIN_BYTES + 1))

    (packed,) = await CODEC.encode([large])

    assert packed.metadata["encoding"] == b"binary/zlib"
    assert len(packed.data) < 200
    assert await CODEC.decode([packed]) == [large]


@given(st.lists(st.binary(max_size=3 * PLAIN_BYTES), max_size=3))
async def test_whatever_is_encoded_is_decoded(contents: list[bytes]) -> None:
    payloads = [payload(content) for content in contents]

    assert await CODEC.decode(await CODEC.encode(payloads)) == payloads


async def test_a_data_class_of_ours_comes_back_whole() -> None:
    start = CaseStart(CaseFields("YK-1", "p", 1), "{}", "abc", {}, {"名": [1, None, {"x": 2.5}]})

    (packed,) = await CONVERTER.encode([start])
    (again,) = await CONVERTER.decode([packed], [CaseStart])

    assert again == start
    assert json.loads(packed.data)["variables"] == {"名": [1, None, {"x": 2.5}]}


async def test_the_texts_of_an_enumeration_come_back_as_its_members() -> None:
    order = DeliveryOrder("w", "1", Channel.EMAIL)

    (packed,) = await CONVERTER.encode([[order]])
    (again,) = await CONVERTER.decode([packed], [list[DeliveryOrder]])

    assert json.loads(packed.data)[0]["channel"] == "email"
    assert again == [order]
    assert isinstance(again[0].channel, Channel)


async def test_the_jobs_of_a_case_can_be_read_in_its_history_and_what_is_large_is_compressed(
    office: Office,
) -> None:
    office.deploy("errand")
    case = await office.start("errand")
    large = await office.start("errand", {"note": "x" * PLAIN_BYTES})
    await case.complete("accept", {"contact": "李"})
    await case.result()

    events = list((await case.history()).events)
    start = (await large.history()).events[0].workflow_execution_started_event_attributes.input.payloads[0]
    jobs = [
        event.activity_task_scheduled_event_attributes.input.payloads[0]
        for event in events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]

    assert start.metadata["encoding"] == b"binary/zlib"
    assert {job.metadata["encoding"] for job in jobs} == {b"json/plain"}
    assert any(json.loads(job.data).get("element") == "issue" for job in jobs)

"""Temporal's Web UI has large payloads decoded, from its own pages and within bounds."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import httpx
import pytest
from temporalio.api.common.v1 import Payload

from tests.api.serving import Site
from workflows.codec import CONVERTER

UI = "http://127.0.0.1:8233"


def written(payload: Payload) -> dict[str, Any]:
    metadata = {name: base64.b64encode(value).decode() for name, value in payload.metadata.items()}
    return {"metadata": metadata, "data": base64.b64encode(payload.data).decode()}


def compressed(text: bytes) -> dict[str, Any]:
    return written(Payload(metadata={"encoding": b"binary/zlib"}, data=zlib.compress(text)))


async def sent(site: Site, path: str, payloads: list[dict[str, Any]], **headers: str) -> httpx.Response:
    return await site.client.post(f"/api/v1/codec/{path}", json={"payloads": payloads}, headers=headers)


async def test_what_is_stored_compressed_is_shown_as_it_was(here: Site) -> None:
    value = {"说明": "长" * 20_000}
    (stored,) = await CONVERTER.encode([value])

    answer = await sent(here, "decode", [written(stored)])

    (shown,) = answer.json()["payloads"]
    assert base64.b64decode(shown["metadata"]["encoding"]) == b"json/plain"
    assert len(shown["data"]) > len(written(stored)["data"])
    payload = Payload(metadata={"encoding": b"json/plain"}, data=base64.b64decode(shown["data"]))
    assert await CONVERTER.decode([payload]) == [value]


async def test_encoding_and_decoding_give_back_what_was_sent(here: Site) -> None:
    payloads = [written(Payload(metadata={"encoding": b"json/plain"}, data=data)) for data in (b"1", b"2" * 50_000)]

    stored = (await sent(here, "encode", payloads)).json()["payloads"]

    assert stored[0] == payloads[0]
    assert stored[1] != payloads[1]
    assert (await sent(here, "decode", stored)).json()["payloads"] == payloads


async def test_a_payload_that_unpacks_to_too_much_is_refused(here: Site) -> None:
    bomb = compressed(b"\0" * 30_000_000)
    assert len(bomb["data"]) < 50_000

    answer = await sent(here, "decode", [bomb])

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:yekuo:problem:too-large")


async def test_payloads_that_unpack_to_too_much_together_are_refused(here: Site) -> None:
    half = compressed(Payload(data=b"\0" * 12_000_000).SerializeToString())

    assert (await sent(here, "decode", [half])).status_code == 200
    assert (await sent(here, "decode", [half, half])).status_code == 413


@pytest.mark.parametrize(
    "payload",
    [
        {"metadata": {}, "data": "%"},
        written(Payload(metadata={"encoding": b"binary/zlib"}, data=b"no zlib")),
        written(Payload(metadata={"encoding": b"binary/zlib"}, data=zlib.compress(b"x" * 100)[:-6])),
        compressed(b"\xff\xff no payload"),
    ],
    ids=["base64", "zlib", "cut off", "no payload"],
)
async def test_what_is_not_what_it_says_is_invalid(here: Site, payload: dict[str, Any]) -> None:
    answer = await sent(here, "decode", [payload])

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:yekuo:problem:invalid")


async def test_a_browser_may_ask_from_the_web_ui_and_from_nowhere_else(here: Site) -> None:
    async def allowed(path: str, origin: str) -> str:
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-namespace",
        }
        answer = await here.client.options(f"/api/v1/{path}", headers=headers)
        return str(answer.headers.get("access-control-allow-origin", ""))

    assert await allowed("codec/decode", UI) == UI
    assert await allowed("codec/decode", "http://evil.example") == ""
    assert await allowed("login", UI) == ""
    answer = await sent(here, "decode", [], Origin=UI)
    assert answer.headers["access-control-allow-origin"] == UI

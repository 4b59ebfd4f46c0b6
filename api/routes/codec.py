"""The codec endpoint of Temporal's Web UI, so that it can show large payloads, which are stored compressed.

It needs no login: it unpacks what is sent and knows nothing else. Only pages of the Web UI may ask by a browser, and
what they send may unpack to so many bytes and no more.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from fastapi import APIRouter
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.types import ASGIApp, Receive, Scope, Send
from temporalio.api.common.v1 import Payload

from api.context import InContext
from api.problems import Problem, Said
from workflows.codec import CompressingCodec, TooMuch, restored_within

router = APIRouter(tags=["codec"], prefix="/codec")
_PATH = "/api/v1/codec/"
_EXAMPLE: dict[str, JsonValue] = {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "MQ=="}
_MOST = 1000
"""Payloads in one request."""


class EncodedPayload(BaseModel):
    """A payload of Temporal; `data` and each value of `metadata` in base64."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "MQ=="}]}
    )

    metadata: dict[str, str] = Field(default_factory=dict, max_length=100)
    data: str = ""


class EncodedPayloads(BaseModel):
    """What Temporal's remote codecs are sent, and what they answer."""

    payloads: list[EncodedPayload] = Field(default_factory=list, max_length=_MOST)


class FromWebUi:
    """Lets browsers ask for the codec from pages of these origins, and from no others."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._codec = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["POST"],
            allow_headers=["Authorization", "Content-Type", "X-Namespace"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        codec = scope["type"] == "http" and scope["path"].startswith(_PATH)
        await (self._codec if codec else self._app)(scope, receive, send)


@router.post("/decode")
def decode(context: InContext, sent: EncodedPayloads) -> EncodedPayloads:
    """The payloads as they were before they were compressed; others stay as they are."""
    try:
        return _written(restored_within(_read(sent), context.settings.largest_payloads))
    except TooMuch:
        most = context.settings.largest_payloads
        raise Problem("too-large", Said(f"解压后超过 {most} 字节", f"More than {most} bytes unpacked")) from None
    except ValueError as error:
        raise Problem("invalid", Said(f"载荷无法解压：{error}", f"Not to be unpacked: {error}")) from None


@router.post("/encode")
async def encode(sent: EncodedPayloads) -> EncodedPayloads:
    """The payloads as they are stored: large ones compressed."""
    try:
        payloads = _read(sent)
    except ValueError as error:
        raise Problem("invalid", Said(f"载荷无法读取：{error}", f"Not to be read: {error}")) from None
    return _written(await CompressingCodec().encode(payloads))


def _read(sent: EncodedPayloads) -> list[Payload]:
    return [
        Payload(metadata={name: _bytes(value) for name, value in one.metadata.items()}, data=_bytes(one.data))
        for one in sent.payloads
    ]


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"no base64: {error}") from None


def _written(payloads: Sequence[Payload]) -> EncodedPayloads:
    return EncodedPayloads(
        payloads=[
            EncodedPayload(
                metadata={name: base64.b64encode(value).decode() for name, value in one.metadata.items()},
                data=base64.b64encode(one.data).decode(),
            )
            for one in payloads
        ]
    )

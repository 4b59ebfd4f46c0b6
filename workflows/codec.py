"""How payloads are written: plain JSON up to 16 KB, to be read by anyone in Temporal's Web UI, compressed beyond."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Sequence
from typing import Any

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    AdvancedJSONEncoder,
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
    JSONTypeConverter,
    PayloadCodec,
)

from bpmn.codec import decode

PLAIN_BYTES = 16 * 1024
_ENCODING = b"binary/zlib"


class CompressingCodec(PayloadCodec):
    """Compresses large payloads with zlib; leaves everything else as it is."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [_compressed(payload) if len(payload.data) > PLAIN_BYTES else payload for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [_restored(payload) for payload in payloads]


class TooMuch(ValueError):
    """What was compressed is more than was to be taken."""


def restored_within(payloads: Sequence[Payload], most: int) -> list[Payload]:
    """`payloads` as they were before `CompressingCodec`, for those whom nobody knows.

    Raises `TooMuch` where they are more than `most` bytes together, before more than that is unpacked, and
    `ValueError` for what is not what it says.
    """
    restored, left = [], most
    for payload in payloads:
        if payload.metadata.get("encoding") == _ENCODING:
            payload = _restored_within(payload.data, left)
        left -= len(payload.data)
        if left < 0:
            raise TooMuch(f"more than {most} bytes")
        restored.append(payload)
    return restored


def _restored_within(data: bytes, most: int) -> Payload:
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(data, most + 1)
        if len(text) > most:
            raise TooMuch(f"more than {most} bytes")
        if not unpacking.eof:
            raise ValueError("the compressed payload is cut off")
        return Payload.FromString(text)
    except (zlib.error, DecodeError) as error:
        raise ValueError(f"no payload that was compressed: {error}") from None


def _compressed(payload: Payload) -> Payload:
    return Payload(metadata={"encoding": _ENCODING}, data=zlib.compress(payload.SerializeToString(), 6))


def _restored(payload: Payload) -> Payload:
    if payload.metadata.get("encoding") != _ENCODING:
        return payload
    return Payload.FromString(zlib.decompress(payload.data))


class OwnTypes(JSONTypeConverter):
    """Builds our data classes by decoders that are made once; Temporal's own looks each class up at every value."""

    def to_typed_value(self, hint: type[Any], value: Any) -> Any:
        if dataclasses.is_dataclass(hint) and hint.__module__.startswith("domain."):
            return decode(hint, value)
        return JSONTypeConverter.Unhandled


class OwnEncoder(AdvancedJSONEncoder):
    """Writes our data classes as they are; Temporal's own copies all they hold first, to its depth."""

    def default(self, o: Any) -> Any:
        if dataclasses.is_dataclass(o) and type(o).__module__.startswith("domain."):
            return vars(o)
        return super().default(o)


_PLAIN = JSONPlainPayloadConverter(encoder=OwnEncoder, custom_type_converters=[OwnTypes()])
_DEFAULT = DefaultPayloadConverter.default_encoding_payload_converters
_CONVERTERS = tuple(_PLAIN if isinstance(one, JSONPlainPayloadConverter) else one for one in _DEFAULT)


class OwnPayloads(CompositePayloadConverter):
    """Temporal's default payloads, with our types."""

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)


CONVERTER = DataConverter(payload_converter_class=OwnPayloads, payload_codec=CompressingCodec())
"""How every client and worker of ours writes payloads."""

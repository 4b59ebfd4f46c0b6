"""Payloads stay plain JSON up to 16 KB, to be read by anyone in Temporal's Web UI, and are compressed beyond."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec

PLAIN_BYTES = 16 * 1024
_ENCODING = b"binary/zlib"


class CompressingCodec(PayloadCodec):
    """Compresses large payloads with zlib; leaves everything else as it is."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [_compressed(payload) if len(payload.data) > PLAIN_BYTES else payload for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [_restored(payload) for payload in payloads]


def _compressed(payload: Payload) -> Payload:
    return Payload(metadata={"encoding": _ENCODING}, data=zlib.compress(payload.SerializeToString(), 6))


def _restored(payload: Payload) -> Payload:
    if payload.metadata.get("encoding") != _ENCODING:
        return payload
    return Payload.FromString(zlib.decompress(payload.data))


CONVERTER = dataclasses.replace(DataConverter.default, payload_codec=CompressingCodec())
"""How every client and worker of ours writes payloads."""

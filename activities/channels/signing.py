"""Signatures of the group robots. Both services sign `timestamp + newline + secret`, but not in the same way.

DingTalk (自定义机器人, 加签): HMAC-SHA256 of that text with the secret as key; the timestamp is in milliseconds.
Feishu (自定义机器人使用指南, 签名校验): HMAC-SHA256 of nothing with that text as key; the timestamp is in seconds.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def dingtalk_signature(secret: str, milliseconds: int) -> str:
    """The `sign` of a DingTalk request, before it is percent-encoded."""
    return _signed(secret.encode(), f"{milliseconds}\n{secret}".encode())


def feishu_signature(secret: str, seconds: int) -> str:
    """The `sign` of a Feishu request."""
    return _signed(f"{seconds}\n{secret}".encode(), b"")


def _signed(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()

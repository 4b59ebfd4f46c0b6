"""Signatures, against values of `openssl dgst -sha256 -hmac`."""

from __future__ import annotations

from activities.channels.signing import dingtalk_signature, feishu_signature


def test_dingtalk_signs_the_text_with_the_secret() -> None:
    assert dingtalk_signature("SEC-abc", 1795395600000) == "9AsfPXIYtL+8M7l1yw5MeXGNW70qghAPkLaUpZB+3R0="


def test_feishu_signs_nothing_with_the_text() -> None:
    assert feishu_signature("SEC-abc", 1795395600) == "Pp/+jwng0uujVfyv/rD23r/mDI7fwPLmIZ3s9aMsexQ="

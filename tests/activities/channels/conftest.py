"""What tests of the channels share: a message, and the instant at which it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.channels import Message


@pytest.fixture
def message() -> Callable[..., Message]:
    """Makes a message; what is not given is the same for all."""

    def make(**changes: Any) -> Message:
        fields = {
            "message_id": "0123456789abcdef0123456789abcdef",
            "to": "指挥中心",
            "subject": "【业扩】督办：供电方案答复超期",
            "body": "工单 YK-2026-000317 的供电方案答复已超期2个工作日，请在1个工作日内说明原因。",
            "link": "http://127.0.0.1:8000/cases/YK-2026-000317",
        }
        return Message(**(fields | changes))

    return make


@pytest.fixture
def now() -> datetime:
    """The instant at which messages are sent."""
    return datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

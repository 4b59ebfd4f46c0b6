"""Where a page begins is read as it was written, and nothing else is."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.paging import WrongPlace, mark, place

INSTANTS = st.datetimes(timezones=st.just(UTC))


@given(INSTANTS, st.text(), st.integers(-(2**31), 2**31 - 1))
def test_a_mark_is_read_as_it_was_written(moment: datetime, text: str, number: int) -> None:
    assert place(mark("order", moment, text, number), "order", datetime, str, int) == [moment, text, number]


@pytest.mark.parametrize(
    "told",
    [
        [],
        {},
        ["another", "2026-01-01T00:00:00+00:00", "a", 1],
        ["order", "2026-01-01T00:00:00+00:00", "a"],
        ["order", "2026-01-01T00:00:00", "a", 1],
        ["order", "0001-01-01T00:00:00+14:00", "a", 1],
        ["order", "2026-01-01T00:00:00+00:00", 1, 1],
        ["order", "2026-01-01T00:00:00+00:00", "a", True],
        ["order", "2026-01-01T00:00:00+00:00", "a", 2**40],
    ],
)
def test_what_is_no_place_is_refused(told: Any) -> None:
    with pytest.raises(WrongPlace):
        place(base64.urlsafe_b64encode(json.dumps(told).encode()).decode(), "order", datetime, str, int)


@given(st.text(max_size=40))
def test_no_text_is_too_strange_to_be_refused(text: str) -> None:
    try:
        place(text, "order", datetime, str, int)
    except WrongPlace:
        return
    raise AssertionError(text)

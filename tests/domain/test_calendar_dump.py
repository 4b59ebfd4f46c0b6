"""A calendar that somebody sends in no form that can be read is refused by year and row, in Chinese."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
from domain.calendar_dump import form_faults

SCALARS = st.sampled_from([None, True, 7, "", "元旦", "2027-01-01", "2027-13-01"])
ROWS = st.lists(SCALARS | st.lists(SCALARS, max_size=4), max_size=3)
TABLES = st.dictionaries(
    st.sampled_from(["2026", "2027", "next", "0", "9" * 5000]),
    SCALARS | st.fixed_dictionaries({"off": ROWS, "notices": ROWS}),
    max_size=3,
)


def table(off: Any = (), notices: Any = ()) -> dict[str, Any]:
    return {"2027": {"off": list(off), "notices": list(notices)}}


def test_the_shipped_calendar_has_no_fault() -> None:
    assert list(form_faults(WorkingCalendar.shipped().to_json())) == []


@pytest.mark.parametrize(
    ("calendar", "fault"),
    [
        ({"next": {}}, "“next”不是年份，应如 2027"),
        ({"0": {}}, "“0”不是年份，应如 2027"),
        ({"2027": 5}, "2027年：应有 off（放假）和 notices（通知）两个列表"),
        ({"2027": {"year": 2027}}, "2027年：应有 off（放假）和 notices（通知）两个列表"),
        (table([5]), "2027年放假第1行：应依次为名称、首日、末日、各调休上班日"),
        (table([["元旦", "2027-01-01"]]), "2027年放假第1行：应依次为名称、首日、末日、各调休上班日"),
        (table([["元旦", "2027-01-01", "元月三日"]]), "2027年放假第1行：“元月三日”不是日期，应如 2027-01-01"),
        (table(notices=[["通知", "文号", "昨天", "https://x"]]), "2027年通知第1行：“昨天”不是日期，应如 2027-01-01"),
        (table(notices=[["通知"]]), "2027年通知第1行：应依次为标题、文号、公布日期、网址"),
    ],
)
def test_a_fault_names_year_and_row(calendar: dict[str, Any], fault: str) -> None:
    assert list(form_faults(calendar)) == [fault]


@given(calendar=TABLES)
def test_what_has_no_fault_can_be_read(calendar: dict[str, Any]) -> None:
    if not list(form_faults(calendar)):
        WorkingCalendar.from_json(calendar)

"""A calendar that somebody sends in no form that can be read is refused by year and row, in Chinese."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
from domain.calendar_dump import form_faults, read_calendar
from domain.fields import MissingFields

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


def problems(calendar: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(MissingFields) as refused:
        read_calendar(calendar)
    return [(one.key, f"{one.label}{one.problem}") for one in refused.value.problems]


def test_a_calendar_is_read_with_its_years_in_order() -> None:
    shipped = WorkingCalendar.shipped()

    read = read_calendar(dict(reversed(shipped.to_json().items())))

    assert list(read.tables.items()) == list(shipped.tables.items())


def test_a_calendar_without_a_year_is_refused() -> None:
    assert problems({}) == [("content", "放假安排表没有任何年份")]


def test_all_faults_of_the_form_are_told_with_their_places() -> None:
    told = problems({"next": {}, **table([["元旦"]], [["通知"]])})

    assert [place for place, _ in told] == ["next", "2027.off[1]", "2027.notices[1]"]


def test_a_day_that_cannot_be_is_told_in_chinese_with_its_year() -> None:
    days = [["元旦", "2027-01-01", "2027-01-03", "2027-01-05"], ["劳动节", "2027-05-02", "2027-05-01"]]

    told = problems(table([*days, ["国庆节", "2027-10-01", "2027-10-07", "2028-01-01"]]))

    assert told == [
        ("2027.2027-05-02", "2027年：劳动节的末日早于首日"),
        ("2027.2027-01-05", "2027年：元旦的调休上班日2027-01-05不是周末，请与通知核对"),
        ("2027.2028-01-01", "2027年：国庆节的调休上班日2028-01-01不在2027年之内"),
        ("2027.2027-05-01", "2027年：2027-05-01是法定节假日，却不在放假之列"),
    ]


@given(calendar=TABLES)
def test_whatever_is_sent_is_read_or_refused_with_the_places_of_its_faults(calendar: dict[str, Any]) -> None:
    with suppress(MissingFields):
        assert read_calendar(calendar).to_json().keys() == calendar.keys()
        return
    assert all(key and text for key, text in problems(calendar))

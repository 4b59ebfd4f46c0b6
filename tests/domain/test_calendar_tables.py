"""The files of the calendar: what is shipped is sound, what is wrong is refused with place and remedy."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from domain.calendars import FOLDER, TableRefused, read_statutory, read_table, shipped_tables

Change = Callable[[dict[str, Any]], None]

NAMES = {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"}
STATUTORY_DAYS = 13


def table_2026() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / "2026.json").read_text("utf-8"))
    return document


def refused(change: Change) -> list[str]:
    document = copy.deepcopy(table_2026())
    change(document)
    with pytest.raises(TableRefused) as caught:
        read_table(json.dumps(document), "2026.json")
    return [str(fault) for fault in caught.value.faults]


def test_every_announced_table_names_its_notice_and_all_seven_holidays() -> None:
    announced = [table for table in shipped_tables().values() if table.notices]

    assert [table.year for table in announced] == [2023, 2024, 2025, 2026]
    for table in announced:
        assert {name for row in table.holidays for name in row.name.split("、")} == NAMES
        assert all("国办发明电" in notice.number for notice in table.notices)


def test_a_statutory_table_holds_the_thirteen_days_of_the_statute() -> None:
    statutory = [table for table in shipped_tables().values() if not table.notices]

    assert [table.year for table in statutory] == [2027, 2028, 2029, 2030]
    for table in statutory:
        off = [day for row in table.holidays for day in row.days_off()]
        coinciding = sum("、" in row.name for row in table.holidays)
        assert len(off) == STATUTORY_DAYS - coinciding
        assert not any(row.make_up_days for row in table.holidays)


class TestSky:
    """The lunar days of the statutory tables, computed from the sun and the moon (Meeus, Astronomical Algorithms)."""

    @pytest.mark.parametrize("year", [2024, 2025, 2026, 2027, 2028, 2029, 2030])
    def test_spring_festival_dragon_boat_and_mid_autumn_stand_at_their_day_of_the_moon(self, year: int) -> None:
        for name, days_after_new_moon in (("春节", 0), ("端午节", 4), ("中秋节", 14)):
            assert self._festival(year, name) - dt.timedelta(days_after_new_moon) in list(_new_moon_days(year))

    @pytest.mark.parametrize("year", [2024, 2025, 2026, 2027, 2028, 2029, 2030])
    def test_tomb_sweeping_day_is_when_the_sun_reaches_fifteen_degrees(self, year: int) -> None:
        day = self._festival(year, "清明节")

        assert _solar_longitude(_midnight(day)) < 15 <= _solar_longitude(_midnight(day + dt.timedelta(1)))

    @pytest.mark.parametrize("year", [2027, 2028, 2029, 2030])
    def test_the_months_are_the_first_fifth_and_eighth(self, year: int) -> None:
        """The month that holds 雨水 (330 degrees) is the first, 夏至 (90) the fifth, 秋分 (180) the eighth."""
        moons = list(_new_moon_days(year))
        for name, days_after_new_moon, term in (("春节", 0, 330), ("端午节", 4, 90), ("中秋节", 14, 180)):
            first = self._festival(year, name) - dt.timedelta(days_after_new_moon)
            following = moons[moons.index(first) + 1]
            past = [(_solar_longitude(_midnight(day)) - term) % 360 for day in (first, following)]
            assert past[0] > 300
            assert past[1] < 60

    @staticmethod
    def _festival(year: int, name: str) -> dt.date:
        known = {
            (2024, "春节"): dt.date(2024, 2, 10),
            (2024, "端午节"): dt.date(2024, 6, 10),
            (2024, "中秋节"): dt.date(2024, 9, 17),
            (2024, "清明节"): dt.date(2024, 4, 4),
            (2025, "春节"): dt.date(2025, 1, 29),
            (2025, "端午节"): dt.date(2025, 5, 31),
            (2025, "中秋节"): dt.date(2025, 10, 6),
            (2025, "清明节"): dt.date(2025, 4, 4),
            (2026, "春节"): dt.date(2026, 2, 17),
            (2026, "端午节"): dt.date(2026, 6, 19),
            (2026, "中秋节"): dt.date(2026, 9, 25),
            (2026, "清明节"): dt.date(2026, 4, 5),
        }
        if (year, name) in known:
            return known[year, name]
        row = next(row for row in shipped_tables()[year].holidays if name in row.name)
        if name == "春节":
            return row.first + dt.timedelta(1)
        return row.last if "、" in row.name else row.first


J2000 = dt.datetime(2000, 1, 1, 12, tzinfo=dt.UTC)
DYNAMICAL_TIME_AHEAD = dt.timedelta(seconds=69)
SHANGHAI = dt.timezone(dt.timedelta(hours=8))


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), SHANGHAI)


def _solar_longitude(instant: dt.datetime) -> float:
    """The sun's apparent longitude in degrees (Meeus, chapter 25, good to 0.01 degrees)."""
    t = (instant + DYNAMICAL_TIME_AHEAD - J2000) / dt.timedelta(days=36525)
    m = math.radians(357.52911 + 35999.05029 * t)
    centre = (1.914602 - 0.004817 * t) * math.sin(m) + 0.019993 * math.sin(2 * m) + 0.000289 * math.sin(3 * m)
    omega = math.radians(125.04 - 1934.136 * t)
    return (280.46646 + 36000.76983 * t + centre - 0.00569 - 0.00478 * math.sin(omega)) % 360


def _new_moon_days(year: int) -> Iterator[dt.date]:
    """The Chinese days on which the moon is new, from the December before to the December of `year`."""
    first = int((year - 2000) * 12.3685) - 1
    return (_new_moon(k).astimezone(SHANGHAI).date() for k in range(first, first + 16))


def _new_moon(k: int) -> dt.datetime:
    """The k-th new moon since 6 January 2000 (Meeus, chapter 49: the terms above 0.0005 days, good to 3 minutes)."""
    t = k / 1236.85
    e = 1 - 0.002516 * t
    sun, moon, latitude, node = (
        math.radians(angle)
        for angle in (
            2.5534 + 29.10535670 * k,
            201.5643 + 385.81693528 * k + 0.0107582 * t * t,
            160.7108 + 390.67050284 * k - 0.0016118 * t * t,
            124.7746 - 1.56375588 * k,
        )
    )
    correction = (
        -0.40720 * math.sin(moon)
        + 0.17241 * e * math.sin(sun)
        + 0.01608 * math.sin(2 * moon)
        + 0.01039 * math.sin(2 * latitude)
        + 0.00739 * e * math.sin(moon - sun)
        - 0.00514 * e * math.sin(moon + sun)
        + 0.00208 * e * e * math.sin(2 * sun)
        - 0.00111 * math.sin(moon - 2 * latitude)
        - 0.00057 * math.sin(moon + 2 * latitude)
        + 0.00056 * e * math.sin(2 * moon + sun)
        - 0.00042 * math.sin(3 * moon)
        + 0.00042 * e * math.sin(sun + 2 * latitude)
        + 0.00038 * e * math.sin(sun - 2 * latitude)
        - 0.00024 * e * math.sin(2 * moon - sun)
        - 0.00017 * math.sin(node)
        + 0.000325 * math.sin(math.radians(299.77 + 0.107408 * k - 0.009173 * t * t))
        + 0.000165 * math.sin(math.radians(251.88 + 0.016321 * k))
        + 0.000164 * math.sin(math.radians(251.83 + 26.651886 * k))
        + 0.000126 * math.sin(math.radians(349.42 + 36.412478 * k))
        + 0.000110 * math.sin(math.radians(84.66 + 18.206239 * k))
    )
    days = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t + correction - 2451545.0
    return J2000 + dt.timedelta(days) - DYNAMICAL_TIME_AHEAD


class TestRefusal:
    def test_a_make_up_day_on_a_weekday_is_refused(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["holidays"][1]["make_up_days"] = ["2026-02-13"]

        assert refused(change) == [
            "2026.json: 2026-02-13: make-up day of 春节 is a weekday; "
            "a make-up day is a Saturday or Sunday: compare it with the notice"
        ]

    def test_a_make_up_day_that_is_also_off_is_refused(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["holidays"][1]["make_up_days"] = ["2026-02-21"]

        assert refused(change) == [
            "2026.json: 2026-02-21: make-up day of 春节 is also a day off of 春节; take it out of one of the two"
        ]

    def test_a_make_up_day_given_twice_is_refused(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["holidays"][2]["make_up_days"] = ["2026-02-28"]

        assert refused(change) == [
            "2026.json: 2026-02-28: make-up day of 春节 is given twice; remove one of them",
        ]

    def test_a_day_off_outside_the_year_is_refused(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["holidays"].append({"name": "元旦", "first": "2027-01-01", "last": "2027-01-01"})

        faults = refused(change)
        assert "2026.json: 2027-01-01: day off of 元旦 lies outside 2026; write it into 2027.json" in faults[0]

    def test_only_the_last_week_of_december_before_may_stand_in_a_table(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["holidays"][0]["first"] = "2025-12-24"

        assert "2025-12-24: day off of 元旦 lies outside 2026" in refused(change)[0]
        document = table_2026()
        document["holidays"][0]["first"] = "2025-12-25"
        assert read_table(json.dumps(document), "2026.json").holidays[0].first == dt.date(2025, 12, 25)

    def test_overlapping_holidays_are_refused(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["holidays"][5]["last"] = "2026-10-01"

        assert any("2026-10-01: is a day off of both 中秋节 and 国庆节" in fault for fault in refused(change))

    def test_a_statutory_day_left_out_is_refused(self) -> None:
        def change(document: dict[str, Any]) -> None:
            del document["holidays"][6]

        assert refused(change) == [
            f"2026.json: 2026-10-0{n}: is a statutory holiday but not a day off; add its holiday" for n in (1, 2, 3)
        ]

    def test_a_holiday_that_ends_before_it_begins_is_refused(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["holidays"][2]["first"] = "2026-04-07"

        assert refused(change) == ["2026.json: 2026-04-07: 清明节 ends before it begins; swap first and last"]

    def test_a_table_without_notice_is_refused(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["notices"] = []

        assert "names no notice" in refused(change)[0]

    def test_a_notice_needs_an_address_and_a_date_before_the_year_ends(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["notices"][0] |= {"source_url": "gov.cn", "announced_on": "2027-01-05"}

        faults = "\n".join(refused(change))
        assert "2027-01-05: announced_on is after the year" in faults
        assert "source_url 'gov.cn' is no https address" in faults

    def test_every_fault_of_form_is_said_at_once(self) -> None:
        def change(document: dict[str, Any]) -> None:
            document["year"] = "2026"
            document["holidays"][0]["first"] = "2026-02-30"
            document["holidays"][1]["make_up_days"] = "2026-02-14"
            del document["holidays"][2]["name"]
            document["note"] = "?"

        faults = "\n".join(refused(change))
        assert "year: '2026' is not a year" in faults
        assert "holiday 元旦 first: '2026-02-30' is not a date; write an existing day as YYYY-MM-DD" in faults
        assert "holiday 春节: make_up_days is not a list" in faults
        assert "holiday: name is missing" in faults
        assert "table: has an unknown field 'note'" in faults

    @pytest.mark.parametrize("text", ["", "{", "[]", "[{}]", "null", "{}", '{"year": 2026}', '{"year": true}'])
    def test_what_is_no_table_at_all_is_refused(self, text: str) -> None:
        with pytest.raises(TableRefused, match=r"2026\.json"):
            read_table(text, "2026.json")

    def test_statutory_tables_are_checked_as_well(self) -> None:
        holidays = [{"name": "元旦", "first": "2031-01-01", "last": "2031-01-01"}]
        text = json.dumps({"years": [{"year": 2031, "holidays": holidays}]})

        with pytest.raises(TableRefused, match="2031-05-01: is a statutory holiday but not a day off"):
            read_statutory(text, "statutory.json")

"""A due date that is moved moves its levels: what lies ahead again is climbed to anew."""

from __future__ import annotations

import datetime as dt
import json

from domain.calendars import Holiday, Notice, YearTable
from domain.levels import Colour, LadderSettings
from tests.domain.ladder_case import CALENDAR, L0, L1, L2, L3, Case, at


class TestMoved:
    def test_a_due_date_moved_in_time_moves_the_levels_with_it(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.clocks.move("clock", at("2026-11-27T17:00"), "chen", "路径审批", at("2026-11-05T09:00"))

        assert list(case.ladder.instants(case.clock).values()) == list(
            map(
                at,
                [
                    "2026-11-25T00:00",
                    "2026-11-25T00:00",
                    "2026-11-27T17:00",
                    "2026-12-02T00:00",
                    "2026-12-05T00:00",
                ],
            )
        )

    def moved(self, case: Case, due: str, when: str) -> None:
        case.clocks.move("clock", at(due), "chen", "路径审批", at(when))
        case.ladder.moved(at(when))

    def broken(self) -> Case:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        assert case.levels(at("2026-11-17T00:00")) == [L0, L1, L2]
        return case

    def test_a_due_date_that_is_put_off_is_climbed_to_anew(self) -> None:
        case = self.broken()
        self.moved(case, "2026-11-27T17:00", "2026-11-17T09:00")

        assert case.levels(at("2026-11-24T23:59")) == []
        assert [one.key for one in case.ladder.reached(at("2026-11-25T00:00"))] == ["clock/L0~1", "clock/L1~1"]
        assert case.levels(at("2026-11-27T16:59")) == []
        assert [one.key for one in case.ladder.reached(at("2026-11-27T17:00"))] == ["clock/L2~1", "clock/L3~1"]

    def test_a_due_date_that_is_put_off_again_is_climbed_to_again(self) -> None:
        case = self.broken()
        self.moved(case, "2026-11-27T17:00", "2026-11-17T09:00")
        case.levels(at("2026-11-27T17:00"))
        self.moved(case, "2026-12-18T17:00", "2026-11-30T09:00")

        keys = [one.key for one in case.ladder.reached(at("2026-12-18T17:00"))]

        assert keys == [f"clock/{level.name}~2" for level in (L0, L1, L2, L3)]

    def test_what_is_reached_by_the_new_due_date_too_stays_as_it_was_raised(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        assert case.levels(at("2026-11-13T00:00")) == [L0, L1]
        self.moved(case, "2026-11-18T00:00", "2026-11-16T09:00")

        assert set(case.ladder.said("clock")) == {L0, L1}
        assert [one.key for one in case.ladder.reached(at("2026-11-18T00:00"))] == ["clock/L2"]

    def test_the_order_stays_the_same_and_is_not_issued_twice(self) -> None:
        case = self.broken()
        before = case.ladder.numbered("clock", "督〔2026〕1号")
        self.moved(case, "2026-11-27T17:00", "2026-11-17T09:00")
        case.levels(at("2026-11-27T17:00"))

        assert case.ladder.orders() == (before,)

    def test_nothing_is_repeated_of_what_lies_ahead_again_and_what_was_acknowledged_repeats_when_it_is_reached(
        self,
    ) -> None:
        case = self.broken()
        case.ladder.settings = LadderSettings()
        case.ladder.acknowledge("clock", L2)
        self.moved(case, "2026-11-27T17:00", "2026-11-17T09:00")

        assert case.ladder.repeats(at("2026-11-24T23:59")) == []
        coming = case.ladder.next_instant()
        assert coming is not None
        assert (coming.at, coming.level) == (at("2026-11-25T00:00"), L0)
        case.levels(at("2026-11-25T00:00"))
        assert [one.key for one in case.ladder.repeats(at("2026-11-26T00:00"))] == ["clock/L1~1/1"]

    def test_it_is_known_from_run_to_run_and_where_the_clock_is_handed_over(self) -> None:
        case, called, later = self.broken(), self.broken(), self.broken()
        self.moved(case, "2026-11-27T17:00", "2026-11-17T09:00")
        self.moved(called, "2026-11-27T17:00", "2026-11-17T09:00")
        state = json.loads(json.dumps(case.ladder.hand_over("clock", "case/1")))

        called.ladder.take_over("clock", state)
        later.ladder.load(json.loads(json.dumps(case.ladder.dump())))
        later.clocks.load(json.loads(json.dumps(case.clocks.dump())))

        for other in (called, later):
            keys = [one.key for one in other.ladder.reached(at("2026-11-25T00:00"))]
            assert keys == ["clock/L0~1", "clock/L1~1"]
            assert other.ladder.dump()["moved"] == {"clock": 1}

    def test_a_new_calendar_that_puts_a_due_date_off_has_it_climbed_to_anew(self) -> None:
        case = Case("grid_works", "2026-11-23T09:00")
        assert case.levels(at("2026-12-26T00:00")) == [L0, L1]
        notice = Notice("2027年部分节假日安排的通知", "国办发明电〔2026〕9号", dt.date(2026, 12, 24), "https://x.cn")
        off = Holiday("临时放假", dt.date(2026, 12, 25), dt.date(2026, 12, 25), ())
        case.clocks.with_calendar(CALENDAR.with_table(YearTable(2027, (off,), (notice,))), at("2026-12-26T09:00"))
        case.ladder.moved(at("2026-12-26T09:00"))

        assert case.levels(at("2026-12-28T23:59")) == []
        assert [one.key for one in case.ladder.reached(at("2026-12-29T00:00"))] == ["clock/L0~1", "clock/L1~1"]

    def test_a_new_calendar_moves_the_one_timer(self) -> None:
        case = Case("grid_works", "2026-11-23T09:00")
        case.levels(at("2026-12-26T00:00"))
        notice = Notice("2027年部分节假日安排的通知", "国办发明电〔2026〕9号", dt.date(2026, 11, 26), "https://x.cn")
        new_year = Holiday("元旦", dt.date(2027, 1, 1), dt.date(2027, 1, 3), (dt.date(2026, 12, 27),))
        table = YearTable(2027, (new_year,), (notice,))

        case.clocks.with_calendar(CALENDAR.with_table(table), at("2026-11-27T09:00"))

        coming = case.ladder.next_instant()
        assert coming is not None
        assert (coming.at, coming.level) == (at("2027-01-05T00:00"), L2)

    def test_a_clock_without_limit_never_fires(self) -> None:
        # None starts any more, but cases that began before may have one.
        case = Case("energization", voltage="35")
        case.clocks.load(Case("energization", "2026-11-02T09:00").clocks.dump())

        assert case.ladder.next_instant() is None
        assert case.levels(at("2030-01-01T00:00")) == []
        assert case.ladder.colour(case.clock, at("2030-01-01T00:00")) is Colour.BLUE

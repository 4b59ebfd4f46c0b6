"""When clocks are due to the minute, why, and what moves a due date."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
from domain.calendars import Holiday, Notice, YearTable
from domain.clock import ChangeKind, ClockSettings, Facts, Outcome
from domain.clock_rules import ClockRule, Milestone, rule_faults
from domain.clocks import Clocks
from domain.due import MoveRefused
from domain.records import Record
from tests.domain.clock_cases import (
    CALENDAR,
    CONTRACT,
    REPLY,
    SURVEY,
    TABLE,
    VALIDITY,
    WEEK,
    WORKS,
    at,
    clocks,
    done,
    due_after,
    due_of,
    record,
)


class TestDue:
    @pytest.mark.parametrize(
        ("reply", "due"),
        [
            pytest.param("2024-01-22T09:00", "2024-03-08T00:00", id="春节 2024"),
            pytest.param("2024-09-02T09:00", "2024-10-19T00:00", id="中秋 and 国庆 2024"),
            pytest.param("2026-01-05T09:00", "2026-02-15T00:00", id="ends on the make-up Saturday before 春节"),
            pytest.param("2026-02-13T09:00", "2026-04-03T00:00", id="春节 2026"),
            pytest.param("2026-09-19T09:00", "2026-11-06T00:00", id="from a Saturday over 国庆 2026"),
            pytest.param("2026-11-23T09:00", "2027-01-06T00:00", id="over a New Year without notice"),
        ],
    )
    def test_grid_works_are_due_at_the_end_of_the_30th_working_day(self, reply: str, due: str) -> None:
        assert due_after(WORKS, reply) == at(due)

    @pytest.mark.parametrize(
        ("applied", "due"),
        [
            pytest.param("2026-11-02T16:59", "2026-11-10T00:00", id="an ordinary week"),
            pytest.param("2026-09-28T10:00", "2026-10-09T00:00", id="would end in 国庆"),
            pytest.param("2026-02-10T10:00", "2026-02-25T00:00", id="would end in 春节"),
            pytest.param("2026-02-07T10:00", "2026-02-15T00:00", id="ends on a make-up Saturday"),
            pytest.param("2026-10-03T10:00", "2026-10-11T00:00", id="applied for in 国庆, ends on a make-up Saturday"),
            pytest.param("2026-11-07T10:00", "2026-11-17T00:00", id="would end on a Saturday"),
        ],
    )
    def test_energization_is_due_at_the_end_of_the_seventh_day(self, applied: str, due: str) -> None:
        assert due_after(WEEK, applied) == at(due)

    def test_the_minute_of_the_start_does_not_matter_within_its_day(self) -> None:
        assert due_after(REPLY, "2026-11-02T00:00") == due_after(REPLY, "2026-11-02T23:59") == at("2026-11-17T00:00")
        assert due_after(REPLY, "2026-11-03T00:00") == at("2026-11-18T00:00")

    def test_a_company_may_end_its_day_at_the_close_of_business(self) -> None:
        due = due_after(REPLY, "2026-11-02T09:00", settings=ClockSettings(close="17:30"))

        assert due == at("2026-11-16T17:30")

    def test_due_instants_are_in_the_time_of_china(self) -> None:
        case = clocks(REPLY)
        case.feed(Record(1, "2026-11-02T17:00:00+00:00", "completed", "accept", "userTask", "受理"))

        assert due_of(case, "reply").instant.isoformat() == "2026-11-18T00:00:00+08:00"

    def test_two_sources_have_longer(self) -> None:
        facts = Facts("10", 2, True, "2026-01-05")

        assert due_after(REPLY, "2026-11-02T09:00", facts=facts) == at("2026-12-01T00:00")

    @pytest.mark.parametrize("voltage", ["35", "66", "110", "220"])
    def test_a_clock_that_no_limit_is_set_for_does_not_start(self, voltage: str) -> None:
        case = clocks(WORKS, WEEK, CONTRACT, facts=Facts(voltage, 1, True, "2026-01-05"))
        told = [
            change
            for step in ("reply", "apply", "start_works")
            for change in case.feed(record(step, "2026-11-02T09:00"))
        ]

        assert told == []
        assert list(case) == []

    def test_a_late_contract_is_due_after_30_days_and_red_after_45(self) -> None:
        case = clocks(CONTRACT)
        case.feed(record("start_works", "2026-03-02T09:00"))

        due = due_of(case, "contract")
        assert (due.instant, due.red) == (at("2026-04-02T00:00"), at("2026-04-17T00:00"))

    def test_the_reply_is_valid_for_a_year(self) -> None:
        assert due_after(VALIDITY, "2025-03-05T09:00") == at("2026-03-06T00:00")


class TestExplanation:
    def test_it_says_what_counted_what_not_and_by_which_rule(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-09-28T09:00"))

        words = "".join(due_of(case, "reply").sentences())

        assert "截止2026年10月16日24:00。" in words
        assert "起算时间2026年9月28日09:00。" in words
        assert "国庆节10月1日至7日" in words
        assert "10月10日（国庆节调休上班）" in words
        assert "国办发明电〔2025〕7号" in words
        assert "未核实" in words
        assert "法定上限20个工作日" in words

    @pytest.mark.parametrize(
        ("close", "said"),
        [
            ("24:00", "每日以24:00为止（民法典第二百零三条）。"),
            ("17:30", "每日以17:30为止（民法典第二百零三条，以业务时间为准）。"),
        ],
    )
    def test_it_says_when_a_day_is_over(self, close: str, said: str) -> None:
        case = clocks(REPLY, settings=ClockSettings(close=close))
        case.feed(record("accept", "2026-11-02T09:00"))

        assert said in due_of(case, "reply").sentences()

    def test_a_limit_in_months_says_how_many_days_that_is(self) -> None:
        case = clocks(VALIDITY)
        case.feed(record("reply", "2025-03-05T09:00"))

        assert "期限12个月，按日历计365日。" in due_of(case, "validity").sentences()

    def test_a_year_without_notice_makes_it_provisional_and_says_so(self) -> None:
        case = clocks(WORKS)
        (change, *_) = case.feed(record("reply", "2026-11-23T09:00"))

        due = due_of(case, "works")
        assert due.provisional
        assert change.provisional
        assert due.sentences()[0] == "截止2027年1月5日24:00（暂定）。"
        assert any("2027年的放假安排尚无国务院通知" in sentence for sentence in due.sentences())

    def test_a_moved_date_says_who_moved_it_from_when_and_why(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))
        case.move("reply", at("2026-11-20T12:00"), "chen", "客户变更容量", at("2026-11-10T10:00"))

        words = "".join(due_of(case, "reply").sentences())

        assert (
            "原截止2026年11月16日24:00，chen于2026年11月10日10:00调整至2026年11月20日12:00，理由：客户变更容量。"
            in words
        )


class TestMoved:
    def announced(self) -> WorkingCalendar:
        notice = Notice(
            "关于2027年部分节假日安排的通知", "国办发明电〔2026〕9号", dt.date(2026, 11, 26), "https://x.cn"
        )
        day = dt.date
        holidays = (Holiday("元旦", day(2027, 1, 1), day(2027, 1, 3), (day(2026, 12, 27),)),)
        return CALENDAR.with_table(YearTable(2027, holidays, (notice,)))

    def test_a_new_notice_moves_running_clocks_and_says_by_how_much(self) -> None:
        case = clocks(WORKS)
        case.feed(record("reply", "2026-11-23T09:00"))

        changes = case.with_calendar(self.announced(), at("2026-11-27T09:00"))

        moved = next(change for change in changes if change.clock == "works")
        assert moved.kind is ChangeKind.MOVED
        assert (moved.previous, moved.due) == (at("2027-01-06T00:00").isoformat(), at("2027-01-05T00:00").isoformat())
        assert moved.days == -1
        assert not due_of(case, "works").provisional

    def test_a_new_notice_that_moves_nothing_confirms_what_was_provisional(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-12-11T09:00"))
        assert due_of(case, "reply").provisional

        (change,) = case.with_calendar(
            CALENDAR.with_table(
                YearTable(
                    2027,
                    (Holiday("元旦", dt.date(2027, 1, 1), dt.date(2027, 1, 3)),),
                    (self.announced().tables[2027].notices),
                )
            ),
            at("2026-12-14T09:00"),
        )

        assert (change.kind, change.days) == (ChangeKind.CONFIRMED, 0)

    def test_a_new_notice_leaves_alone_what_it_does_not_concern(self) -> None:
        case = clocks()
        case.feed(record("accept", "2026-11-02T09:00"))

        assert case.with_calendar(self.announced(), at("2026-11-27T09:00")) == []

    def test_a_due_date_is_moved_up_to_the_lawful_bound_and_no_further(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))

        case.check_lawful("reply", at("2026-12-01T00:00"))

        bound = "超出法定上限20个工作日（供电监管办法（2009）第十一条），最迟为2026年11月30日24:00"
        with pytest.raises(MoveRefused, match=bound):
            case.check_lawful("reply", at("2026-12-01T00:01"))

    def test_a_limit_without_lawful_bound_is_moved_as_far_as_is_wanted(self) -> None:
        case = clocks(SURVEY)
        case.feed(record("survey", "2026-11-02T09:00", "activated"))

        case.check_lawful("survey:7", at("2027-11-02T09:00"))

    def test_a_due_date_put_by_hand_where_it_was_is_still_an_act_with_a_reason(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))

        (change,) = case.move("reply", at("2026-11-17T00:00"), "chen", "维持原定", at("2026-11-03T09:00"))

        assert (change.kind, change.days, change.reason) == (ChangeKind.MOVED, 0, "维持原定")

    def test_a_due_date_moved_by_hand_stays_where_it_was_put(self) -> None:
        case = clocks(WORKS)
        case.feed(record("reply", "2026-11-23T09:00"))
        (change,) = case.move("works", at("2027-01-08T17:00"), "chen", "路径审批", at("2026-12-01T10:00"))
        assert (change.kind, change.days, change.reason) == (ChangeKind.MOVED, 3, "路径审批")

        case.with_calendar(self.announced(), at("2026-12-02T09:00"))

        assert due_of(case, "works").instant == at("2027-01-08T17:00")

    @pytest.mark.parametrize(
        ("clock", "due", "reason", "said"),
        [
            ("reply", "2026-11-20T12:00", " ", "调整期限须写明理由"),
            ("works", "2026-11-20T12:00", "路径审批", "没有正在计时的期限“works”，不能调整"),
            ("reply", "2026-11-02T09:00", "路径审批", "不晚于起算时间2026年11月2日09:00"),
        ],
    )
    def test_a_move_is_refused_in_words(self, clock: str, due: str, reason: str, said: str) -> None:
        case = clocks()
        case.feed(record("accept", "2026-11-02T09:00"))

        with pytest.raises(MoveRefused, match=said):
            case.move(clock, at(due), "chen", reason, at("2026-11-03T09:00"))

    def test_an_ended_clock_is_not_moved(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))
        case.feed(record("reply", "2026-11-03T09:00"))

        with pytest.raises(MoveRefused):
            case.move("reply", at("2026-12-20T12:00"), "chen", "补录", at("2026-11-04T09:00"))


class TestCountedBack:
    """A milestone that is to be reached so long before the last day of its clock."""

    EXTENSION = Milestone("extension", "申请延长有效期", "plan_validity.extension", done("renew"))
    VALID = ClockRule(
        "validity",
        "供电方案有效期",
        "plan_validity",
        (*done("reply"), *done("renew")),
        done("build"),
        milestones=(EXTENSION,),
        restarts=True,
    )

    def test_an_extension_is_to_be_asked_for_ten_days_before_the_plan_lapses_on_a_working_day(self) -> None:
        case = clocks(self.VALID)
        case.feed(record("reply", "2025-05-20T10:00"))
        due = due_of(case, "validity.extension")

        assert due_of(case, "validity").date == dt.date(2026, 5, 20)
        # Sunday 10 May 2026 is the tenth day before, 9 May a Saturday that is worked.
        assert (due.date, CALENDAR.is_workday(due.date)) == (dt.date(2026, 5, 9), True)
        assert any("供电方案有效期届满前10日" in sentence for sentence in due.sentences())

    def test_it_moves_with_its_clock_by_hand_and_by_calendar(self) -> None:
        case = clocks(self.VALID)
        case.feed(record("reply", "2025-05-20T10:00"))

        changes = case.move("validity", at("2026-07-21T00:00"), "chen", "政府审批", at("2026-03-02T09:00"))

        assert [change.clock for change in changes] == ["validity", "validity.extension"]
        assert due_of(case, "validity.extension").date == dt.date(2026, 7, 10)

    def test_a_new_round_has_its_own_and_the_old_one_keeps_its_date(self) -> None:
        case = clocks(self.VALID)
        case.feed(record("reply", "2025-05-20T10:00"))
        first = case["validity.extension"]
        case.feed(record("renew", "2026-03-02T10:00"))

        assert case["validity.extension"].outcome is Outcome.STOPPED
        assert due_of(case, "validity.extension").date > dt.date(2027, 2, 1)
        old = case.due(first)
        assert old
        assert old.date == dt.date(2026, 5, 9)

    def test_a_state_that_is_carried_keeps_it(self) -> None:
        case = clocks(self.VALID)
        case.feed(record("reply", "2025-05-20T10:00"))
        other = clocks(self.VALID)
        other.load(json.loads(json.dumps(case.dump())))

        assert due_of(other, "validity.extension").date == dt.date(2026, 5, 9)

    def test_a_limit_counted_back_is_for_milestones_alone(self) -> None:
        wrong = ClockRule("x", "x", "plan_validity.extension", done("reply"), done("build"))

        assert rule_faults([wrong], TABLE) == ("计时“x”：环节“plan_validity.extension”自到期日倒计，只能用于节点",)
        assert rule_faults([self.VALID], TABLE) == ()


starts = st.integers(0, 6 * 365 * 24 * 60).map(lambda minutes: at("2023-01-01T00:00") + dt.timedelta(minutes=minutes))


@given(starts, starts, st.sampled_from([REPLY, WORKS, WEEK, CONTRACT, VALIDITY]), st.sampled_from(["24:00", "17:30"]))
def test_an_earlier_business_time_never_gives_a_later_due_date(
    one: dt.datetime, other: dt.datetime, rule: ClockRule, close: str
) -> None:
    facts = Facts("10", 1, True, "2023-01-03")
    dues = []
    for start in sorted((one, other)):
        case = Clocks([rule], TABLE, CALENDAR, facts, ClockSettings(close))
        data = {"happenedAt": start.isoformat()}
        learned = (start + dt.timedelta(days=2)).isoformat()
        case.feed(Record(1, learned, "completed", rule.starts[0].element, "userTask", "", data=data))
        dues.append(due_of(case, rule.id).instant)

    assert dues[0] <= dues[1]
    assert dues[0] > min(one, other)

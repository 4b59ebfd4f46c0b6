from __future__ import annotations

from datetime import date, datetime, timedelta

from storage.database import Database
from storage.papers import Paper, PaperCheck, customer_papers, find_papers, papers_for_case, record_papers

DAY = date(2026, 11, 23)


def record(database: Database, now: datetime, *papers: Paper, key: str = "5", customer_id: str = "C1") -> int:
    with database.transaction() as session:
        return record_papers(
            session, workflow_id="case-1", key=key, customer_id=customer_id, case_no="N1", papers=papers, now=now
        )


def check(database: Database, *required: str, on: date = DAY) -> PaperCheck:
    with database.session() as session:
        return find_papers(session, "C1", required, on)


def test_a_paper_is_held_through_its_last_valid_day(database: Database, now: datetime) -> None:
    record(database, now, Paper("营业执照", DAY))

    assert check(database, "营业执照") == PaperCheck(["营业执照"], [])
    assert check(database, "营业执照", on=DAY + timedelta(days=1)) == PaperCheck([], ["营业执照"])


def test_a_paper_without_an_end_stays_valid(database: Database, now: datetime) -> None:
    record(database, now, Paper("身份证"))

    assert check(database, "身份证", on=date(2099, 1, 1)).held == ["身份证"]


def test_a_renewed_paper_counts_though_an_old_one_expired(database: Database, now: datetime) -> None:
    record(database, now, Paper("营业执照", DAY - timedelta(days=1)), Paper("营业执照", DAY + timedelta(days=365)))

    assert check(database, "营业执照").held == ["营业执照"]


def test_papers_are_answered_in_the_order_asked(database: Database, now: datetime) -> None:
    record(database, now, Paper("立项批复"), Paper("营业执照"))

    found = check(database, "营业执照", "平面图", "立项批复", "用电设备清单")

    assert found == PaperCheck(["营业执照", "立项批复"], ["平面图", "用电设备清单"])


def test_papers_of_another_customer_do_not_count(database: Database, now: datetime) -> None:
    record(database, now, Paper("营业执照"), customer_id="C2")

    assert check(database, "营业执照").missing == ["营业执照"]


def test_recording_again_files_no_second_copy(database: Database, now: datetime) -> None:
    papers = [Paper("营业执照", DAY), Paper("营业执照"), Paper("身份证")]

    assert record(database, now, *papers) == 3
    assert record(database, now, *papers) == 3

    with database.session() as session:
        assert len(customer_papers(session, "C1")) == 3


def test_a_customer_s_papers_come_with_the_latest_first(database: Database, now: datetime) -> None:
    record(database, now, Paper("营业执照"))
    record(database, now + timedelta(days=1), Paper("身份证"), key="6")

    with database.session() as session:
        assert [(paper.kind, paper.case_no) for paper in customer_papers(session, "C1")] == [
            ("身份证", "N1"),
            ("营业执照", "N1"),
        ]


def test_no_papers_are_nothing(database: Database, now: datetime) -> None:
    assert record(database, now) == 0
    assert check(database) == PaperCheck([], [])


def test_for_a_case_count_all_papers_of_its_customer_before_and_after(database: Database, now: datetime) -> None:
    record(database, now, Paper("营业执照"))
    with database.transaction() as session:
        before = now - timedelta(days=400)
        record_papers(
            session,
            workflow_id="case-0",
            key="5",
            customer_id="C1",
            case_no="N0",
            papers=[Paper("立项批复")],
            now=before,
        )
    with database.session() as session:
        own, other = papers_for_case(session, "N0"), papers_for_case(session, "N9")

    assert [(one.kind, one.case_no) for one in own] == [("营业执照", "N1"), ("立项批复", "N0")]
    assert list(other) == []

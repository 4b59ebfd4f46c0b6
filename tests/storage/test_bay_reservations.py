"""Reservations: proposed without keeping anything, kept once they are approved, and free again after their last day."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from domain.bay_reservations import ReservationState
from domain.bays import BayRefused, Need
from storage.bay_reservations import (
    Decision,
    ReservationQuery,
    UnknownReservation,
    expire,
    find_reservations,
    refuse,
    reservation,
)
from storage.bay_rows import ReservationRow
from storage.database import Database
from tests.storage.grid import (
    NOW,
    STATION,
    TODAY,
    approves,
    bays,
    busbar,
    load,
    proposes,
    releases,
    reserves,
    state,
    station,
    takes,
    told,
)

FIRST, SECOND = f"{STATION}:512", f"{STATION}:513"


@pytest.fixture(autouse=True)
def two_bays(database: Database) -> None:
    load(database, station(busbar(*bays("512", "513"))))


def row(database: Database, number: str) -> ReservationRow:
    with database.session() as session:
        return reservation(session, number)


def expires(database: Database, day: date) -> int:
    with database.transaction() as session:
        return expire(session, day, NOW)


def test_a_proposal_keeps_no_bay_and_an_approval_does(database: Database) -> None:
    number = proposes(database)
    assert (number, state(database, FIRST)) == ("YL-0001", "free")

    assert approves(database, number) == FIRST
    kept = row(database, number)
    assert (kept.state, kept.level, kept.decided_by, kept.decided_at) == ("approved", "province", "province", NOW)
    assert state(database, FIRST) == "reserved"


def test_the_bay_that_was_asked_for_is_kept_or_none(database: Database) -> None:
    assert approves(database, proposes(database, bay=SECOND)) == SECOND
    again = proposes(database, reference="YK-2", bay=SECOND)

    with pytest.raises(BayRefused, match="城南变电站10kV侧的513间隔不能占用，该侧另有1个空闲间隔"):
        approves(database, again)
    assert row(database, again).state == "proposed"


def test_where_no_bay_is_free_nothing_is_approved(database: Database) -> None:
    reserves(database, reference="YK-8")
    reserves(database, reference="YK-9")
    number = proposes(database)

    with pytest.raises(BayRefused, match=r"城南变电站10kV侧没有可用的间隔（预留2个）"):
        approves(database, number)
    assert row(database, number).state == "proposed"


def test_approvals_at_once_of_one_proposal_keep_one_bay(database: Database) -> None:
    number = proposes(database)

    def attempt(_: int) -> str:
        try:
            return approves(database, number) or ""
        except BayRefused as refused:
            return str(refused)

    with ThreadPoolExecutor(10) as pool:
        got = sorted(pool.map(attempt, range(10)))

    assert got == [FIRST, *["预留YL-0001为“预留中”，不能批复"] * 9]
    assert state(database, SECOND) == "free"


def test_the_database_itself_keeps_a_bay_for_one_need(database: Database) -> None:
    number, other = reserves(database), reserves(database, reference="YK-2")

    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(update(ReservationRow).where(ReservationRow.number == other).values(bay=FIRST))
    assert row(database, number).bay == FIRST


def test_a_refused_proposal_stays_with_the_reason(database: Database) -> None:
    number = proposes(database)

    with database.transaction() as session:
        refuse(session, number, Decision("province", "province", "负荷依据不足", TODAY, NOW))

    assert (row(database, number).state, row(database, number).remark) == ("refused", "负荷依据不足")
    with pytest.raises(BayRefused, match="预留YL-0001为“未批准”，不能批复"):
        approves(database, number)


def test_what_is_released_is_free_and_tells_why(database: Database) -> None:
    number = reserves(database)

    releases(database, number)

    assert (row(database, number).state, row(database, number).ended_why) == ("released", "项目取消")
    assert (state(database, FIRST), told(database, FIRST)) == ("free", ["load", "reserve", "release"])
    with pytest.raises(BayRefused, match="不能释放"):
        releases(database, number)


def test_a_proposal_that_is_taken_back_leaves_bays_alone(database: Database) -> None:
    number = proposes(database)

    releases(database, number)

    assert (row(database, number).state, told(database, FIRST)) == ("released", ["load"])


def test_what_a_case_uses_is_neither_released_nor_kept_for_another(database: Database) -> None:
    number = reserves(database)
    takes(database)

    assert (row(database, number).state, row(database, number).ended_by) == ("used", "YK-1")
    with pytest.raises(BayRefused, match="预留YL-0001为“已占用”，不能释放"):
        releases(database, number)
    assert state(database, FIRST) == "in_construction"


def test_reservations_are_over_after_their_last_day_and_not_on_it(database: Database) -> None:
    number = reserves(database, expires_on=TODAY)
    undecided = proposes(database, reference="YK-2", expires_on=TODAY)

    assert (expires(database, TODAY), state(database, FIRST)) == (0, "reserved")
    assert (expires(database, TODAY + timedelta(days=1)), state(database, FIRST)) == (1, "free")
    assert [row(database, one).state for one in (number, undecided)] == ["expired", "expired"]
    assert expires(database, TODAY + timedelta(days=1)) == 0
    assert told(database, FIRST) == ["load", "reserve", "expire"]


def test_a_proposal_that_is_over_is_not_approved(database: Database) -> None:
    number = proposes(database, expires_on=TODAY)

    with pytest.raises(BayRefused, match="预留YL-0001为“已到期”，不能批复"):
        approves(database, number, day=TODAY + timedelta(days=1))


def test_expiry_takes_no_more_statements_for_more_reservations(
    database: Database, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    reserves(database, expires_on=TODAY)
    few = count_statements(lambda: expires(database, TODAY + timedelta(days=1)))
    load(database, station(busbar(*bays(*(str(number) for number in range(512, 532))))))
    for number in range(20):
        reserves(database, reference=f"YK-{number}", expires_on=TODAY)

    assert count_statements(lambda: expires(database, TODAY + timedelta(days=1))) == few


def test_reservations_are_listed_by_state_station_and_what_they_are_for_a_page_at_a_time(database: Database) -> None:
    first = reserves(database)
    second = proposes(database, Need.LOAD_GROWTH, "")

    def found(**wanted: Any) -> list[str]:
        with database.session() as session:
            query = ReservationQuery(**wanted)
            return [one.number for one, _ in find_reservations(session, query)[0]]

    assert found() == [first, second]
    assert found(state=ReservationState.PROPOSED) == [second]
    assert (found(reference="YK-1"), found(station="none"), found(county="开发区")) == ([first], [], [first, second])
    with database.session() as session:
        page, following = find_reservations(session, ReservationQuery(), limit=1)
        rest, end = find_reservations(session, ReservationQuery(), limit=1, after=following)
    assert [one.number for one, _ in [*page, *rest]] == [first, second]
    assert end == ""


def test_what_there_is_not_is_told(database: Database) -> None:
    with pytest.raises(UnknownReservation):
        approves(database, "YL-9999")

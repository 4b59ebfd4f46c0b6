"""Who has a bay: one case at a time, whoever else asks for it in the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from domain.bays import BayRefused, BayState, Need
from storage.base import table_of
from storage.bay_holding import NoBay, case_bays
from storage.bay_reservations import expire
from storage.bay_rows import BayTaking
from storage.bays import BayQuery, UnknownBay, find_bays, life
from storage.database import Database
from tests.storage.grid import (
    NOW,
    STATION,
    TODAY,
    approves,
    bays,
    builds,
    busbar,
    commissions,
    gives_back,
    listed,
    load,
    proposes,
    releases,
    reserves,
    state,
    station,
    takes,
    told,
    unit,
)

_BOOKS = "请核对供电方案中的电源点和电压等级，或由发展部登记该站的间隔"
FIRST, SECOND = f"{STATION}:512", f"{STATION}:513"


def holders(database: Database, bay: str) -> list[str]:
    with database.session() as session:
        open_ = select(BayTaking.case_no).where(BayTaking.bay == bay, BayTaking.ended_at.is_(None))
        return list(session.scalars(open_))


def test_a_case_takes_a_free_bay_and_has_it(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))

    held = takes(database)

    assert (held.bay, held.name, held.station_name, held.built) == (FIRST, "512间隔", "城南变电站", True)
    assert (state(database, FIRST), holders(database, FIRST)) == ("in_construction", ["YK-1"])


def test_the_same_work_tried_again_answers_the_same_bay(database: Database) -> None:
    load(database, station(busbar(*bays("512", "513"))))

    assert takes(database) == takes(database)
    assert state(database, SECOND) == "free"


def test_another_work_of_the_case_takes_another_bay_unless_it_names_its_own(database: Database) -> None:
    load(database, station(busbar(*bays("512", "513", "514"))))
    first = takes(database, key="5")

    assert takes(database, key="6").bay == SECOND
    assert takes(database, key="7", bay=first.bay) == first
    with database.session() as session:
        assert case_bays(session, "YK-1") == [FIRST, SECOND]


def test_a_bay_that_is_built_is_taken_before_an_empty_position(database: Database) -> None:
    load(database, station(busbar(*bays("512", built=False), *bays("513"))))

    assert [takes(database, case).bay for case in ("YK-1", "YK-2")] == [SECOND, FIRST]


def test_fifty_cases_at_once_and_one_bay_give_one_holder(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))

    def attempt(number: int) -> str:
        try:
            return takes(database, f"YK-{number}").bay
        except NoBay:
            return ""

    with ThreadPoolExecutor(50) as pool:
        got = list(pool.map(attempt, range(50)))

    assert sorted(got) == [""] * 49 + [FIRST]
    assert holders(database, FIRST) == [f"YK-{got.index(FIRST)}"]
    assert told(database, FIRST) == ["load", "take"]


def test_fifty_cases_at_once_and_thirty_bays_give_each_bay_one_holder(database: Database) -> None:
    codes = [str(500 + number) for number in range(30)]
    load(database, station(busbar(*bays(*codes))))

    def attempt(number: int) -> str:
        try:
            return takes(database, f"YK-{number}").bay
        except NoBay:
            return ""

    with ThreadPoolExecutor(50) as pool:
        got = list(pool.map(attempt, range(50)))

    assert sorted(one for one in got if one) == [f"{STATION}:{code}" for code in codes]


def test_attempts_of_one_work_at_once_take_one_bay(database: Database) -> None:
    load(database, station(busbar(*bays("512", "513"))))

    with ThreadPoolExecutor(20) as pool:
        got = {held.bay for held in pool.map(lambda _: takes(database), range(20))}

    assert got == {FIRST}
    assert state(database, SECOND) == "free"


def test_the_database_itself_takes_no_second_holder(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))
    takes(database)
    second = {"workflow_id": "case/YK-2", "key": "5", "bay": FIRST, "case_no": "YK-2", "purpose": "supply"}
    open_ = {"taken_at": NOW, "ended_at": None, "ended_workflow_id": "", "ended_key": ""}

    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(insert(table_of(BayTaking)), [{**second, **open_}])


def test_no_free_bay_names_the_station_how_it_stands_and_what_to_do(database: Database) -> None:
    load(database, station(busbar(*bays("511", in_use=True), *bays("512", "513"))), unit(*bays("1", "2")))
    takes(database, "YK-8")
    reserves(database, reference="YK-9")

    with pytest.raises(NoBay) as caught:
        takes(database, "YK-1")

    assert str(caught.value) == (
        "城南变电站10kV侧没有可用的间隔（运行1个、在建1个、预留1个），请改由站外环网柜规划二路1号环网柜（空位2个）接入；"
        "或由发展部释放不再需要的预留；或在供电方案中另选电源点，或由发展部办理扩建"
    )


@pytest.mark.parametrize(
    ("where", "voltage", "bay", "problem"),
    [
        ("CN999", "10", None, "没有编号为“CN999”的变电站、开闭所或环网柜，请核对供电方案中的电源点"),
        (
            STATION,
            "35",
            None,
            "城南变电站35kV侧没有登记间隔，请核对供电方案中的电源点和电压等级，或由发展部登记该站的间隔",
        ),
        (STATION, "10", f"{STATION}:511", "城南变电站10kV侧的511间隔不能占用，该侧另有1个空闲间隔，请在供电方案中改选"),
        (STATION, "10", "none", "城南变电站10kV侧的“none”间隔不能占用，该侧另有1个空闲间隔，请在供电方案中改选"),
    ],
)
def test_what_a_plan_names_wrongly_is_told(
    database: Database, where: str, voltage: str, bay: str | None, problem: str
) -> None:
    load(database, station(busbar(*bays("511", in_use=True), *bays("512"))))

    with pytest.raises(NoBay) as caught:
        takes(database, where=where, voltage=voltage, bay=bay)

    assert str(caught.value) == problem


def test_a_bay_given_back_is_free_once_and_anothers_holding_stays(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))
    takes(database, "YK-1")

    assert gives_back(database, "YK-1", FIRST) is True
    assert takes(database, "YK-2").bay == FIRST
    assert gives_back(database, "YK-1", FIRST) is False
    assert gives_back(database, "YK-1", FIRST, key="10") is False
    assert holders(database, FIRST) == ["YK-2"]
    assert told(database, FIRST) == ["load", "take", "give_back", "take"]


def test_an_old_give_back_does_not_free_what_the_case_took_anew(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))
    takes(database, key="5")
    gives_back(database, "YK-1", FIRST, key="9")
    takes(database, key="15")

    assert gives_back(database, "YK-1", FIRST, key="9") is False
    assert holders(database, FIRST) == ["YK-1"]


def test_a_late_attempt_to_take_what_was_given_back_is_refused(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))
    takes(database)
    gives_back(database, "YK-1", FIRST)

    with pytest.raises(BayRefused, match="512间隔已由工单YK-1退还"):
        takes(database)
    assert state(database, FIRST) == "free"


def test_a_bay_that_there_is_not_cannot_be_given_back(database: Database) -> None:
    with pytest.raises(UnknownBay):
        gives_back(database, "YK-1", "none")


def test_a_bay_is_in_use_when_its_case_commissions_it_and_an_empty_position_is_built(database: Database) -> None:
    load(database, station(busbar(*bays("512", built=False))))
    takes(database)

    assert [commissions(database, "YK-1", FIRST) for _ in range(2)] == ["in_use", "in_use"]
    assert listed(database, FIRST).kept.row.built
    assert told(database, FIRST) == ["load", "take", "commission"]


def test_only_the_case_that_has_a_bay_commissions_it(database: Database) -> None:
    load(database, station(busbar(*bays("512", "513"))))
    takes(database)

    with pytest.raises(BayRefused, match="512间隔不由工单YK-2占用，不能由其投运"):
        commissions(database, "YK-2", FIRST)
    with pytest.raises(BayRefused, match="513间隔现为“空闲”，不能投运"):
        commissions(database, "YK-2", SECOND)


def test_positions_that_a_project_builds_are_nobodys_until_they_are_built_and_free_then(database: Database) -> None:
    load(database, station(busbar(*bays("512", "513", "514", built=False))))

    assert builds(database, "YK-P", 2) == [FIRST, SECOND]
    assert takes(database).bay == f"{STATION}:514"
    assert [commissions(database, "YK-P", FIRST) for _ in range(2)] == ["free", "free"]
    assert listed(database, FIRST).kept.row.built
    assert holders(database, FIRST) == []
    assert told(database, FIRST) == ["load", "build", "commission"]


def test_a_project_that_ends_gives_its_positions_back_as_they_were(database: Database) -> None:
    load(database, station(busbar(*bays("512", built=False))))
    builds(database, "YK-P", 1)

    assert gives_back(database, "YK-P", FIRST)
    assert (state(database, FIRST), listed(database, FIRST).kept.row.built) == ("free", False)


def test_a_project_gets_all_of_its_positions_or_none(database: Database) -> None:
    load(database, station(busbar(*bays("512", built=False), *bays("513"))))

    with pytest.raises(BayRefused, match="空余的间隔位置不足2个"):
        builds(database, "YK-P", 2)
    assert state(database, FIRST) == "free"


@pytest.mark.parametrize(("need", "reference"), [(Need.CASE, "YK-1"), (Need.MARKETING_LEAD, "XS-7")])
def test_a_case_takes_what_is_kept_for_it_or_its_lead_before_what_is_free(
    database: Database, need: Need, reference: str
) -> None:
    load(database, station(busbar(*bays("512", "513"))))
    reserves(database, need, reference, bay=SECOND)

    assert takes(database, lead="XS-7").bay == SECOND
    kept = listed(database, SECOND).kept
    assert (kept.row.state, kept.reservation) == ("in_construction", None)
    assert told(database, SECOND) == ["load", "reserve", "take"]


@pytest.mark.parametrize(
    ("need", "reference"), [(Need.CASE, "YK-9"), (Need.MARKETING_LEAD, "YK-1"), (Need.LOAD_GROWTH, "")]
)
def test_what_is_kept_for_others_is_not_taken(database: Database, need: Need, reference: str) -> None:
    load(database, station(busbar(*bays("512"))))
    reserves(database, need, reference)

    with pytest.raises(NoBay, match="预留1个"):
        takes(database)
    assert state(database, FIRST) == "reserved"


def test_fifty_cases_of_one_lead_at_once_give_the_reserved_bay_to_one(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))
    reserves(database, Need.MARKETING_LEAD, "XS-7")

    def attempt(number: int) -> str:
        try:
            return takes(database, f"YK-{number}", lead="XS-7").bay
        except NoBay:
            return ""

    with ThreadPoolExecutor(50) as pool:
        got = list(pool.map(attempt, range(50)))

    assert sorted(got) == [""] * 49 + [FIRST]


def test_taking_and_reserving_at_once_end_with_one_of_them(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))
    numbers = [proposes(database, reference=f"YK-9{number}") for number in range(10)]

    def attempt(number: int) -> str:
        try:
            return takes(database, f"YK-{number}").bay if number % 2 else approves(database, numbers[number // 2]) or ""
        except (NoBay, BayRefused):
            return ""

    with ThreadPoolExecutor(20) as pool:
        got = list(pool.map(attempt, range(20)))

    assert sorted(got) == [""] * 19 + [FIRST]
    kept = listed(database, FIRST).kept
    assert (kept.reservation is None) is (kept.taking is not None)


def test_a_reservation_that_is_over_stands_in_nobodys_way(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))
    reserves(database, reference="YK-9", expires_on=TODAY)

    with pytest.raises(NoBay):
        takes(database, day=TODAY)
    assert takes(database, key="6", day=TODAY + timedelta(days=1)).bay == FIRST
    assert told(database, FIRST) == ["load", "reserve", "expire", "take"]


def test_releasing_expiring_and_taking_at_once_leave_a_bay_with_one_holder_at_most(database: Database) -> None:
    codes = [str(500 + number) for number in range(10)]
    load(database, station(busbar(*bays(*codes))))
    numbers = [reserves(database, reference=f"YK-{number}", expires_on=TODAY) for number in range(10)]

    def act(number: int) -> None:
        if number % 3 == 0:
            takes(database, f"YK-{number % 10}", day=TODAY)
        elif number % 3 == 1:
            releases(database, numbers[number % 10])
        else:
            with database.transaction() as session:
                expire(session, TODAY + timedelta(days=1), NOW)

    def attempt(number: int) -> None:
        try:
            act(number)
        except (NoBay, BayRefused):
            return

    with ThreadPoolExecutor(15) as pool:
        list(pool.map(attempt, range(30)))

    with database.session() as session:
        found, _ = find_bays(session, BayQuery(), limit=50)
    assert len(found) == 10
    for one in found:
        assert one.kept.row.state == ("in_construction" if one.kept.taking else "free")


def test_bays_are_listed_by_station_state_voltage_and_county_a_page_at_a_time(database: Database) -> None:
    other = station(busbar(*bays("301")), code="XB35", name="西坝变电站", county="张北县")
    load(database, station(busbar(*bays("512", "513")), busbar(*bays("701"), code="110-1", voltage="110")), other)
    takes(database)

    def found(**wanted: Any) -> list[str]:
        with database.session() as session:
            return [one.kept.row.id for one in find_bays(session, BayQuery(**wanted))[0]]

    assert found() == [FIRST, SECOND, f"{STATION}:701", "XB35:301"]
    assert found(station=STATION, voltage_kv="10", state=BayState.FREE) == [SECOND]
    assert found(county="张北县") == ["XB35:301"]
    with database.session() as session:
        page, following = find_bays(session, BayQuery(), limit=3)
        rest, end = find_bays(session, BayQuery(), limit=3, after=following)
    assert ([one.kept.row.code for one in page], [one.kept.row.code for one in rest]) == (
        ["512", "513", "701"],
        ["301"],
    )
    assert end == ""


def test_the_life_of_a_bay_tells_who_did_what_and_why(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))
    number = reserves(database)
    takes(database)
    gives_back(database, "YK-1", FIRST)

    with database.session() as session:
        events, following = life(session, FIRST, limit=3)
        rest, _ = life(session, FIRST, limit=3, after=following)

    said = [(one.act, one.by, one.case_no, one.reservation, one.why) for one in [*events, *rest]]
    assert said == [
        ("load", "zhou", "", "", "登记为“空闲”"),
        ("reserve", "province", "YK-1", number, "工业园二期"),
        ("take", "YK-1", "YK-1", number, "占用间隔"),
        ("give_back", "YK-1", "YK-1", "", "客户撤回"),
    ]


def test_taking_takes_no_more_statements_where_there_are_more_bays(
    database: Database, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    load(database, station(busbar(*bays("512", "513"))))
    few = count_statements(lambda: takes(database, "YK-1"))
    load(database, station(busbar(*bays(*(str(number) for number in range(512, 600))))))

    assert count_statements(lambda: takes(database, "YK-2")) == few


def test_a_last_day_is_that_of_the_work(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))
    reserves(database, reference="YK-9", expires_on=date(2026, 12, 1))

    assert takes(database, day=date(2026, 12, 2)).bay == FIRST

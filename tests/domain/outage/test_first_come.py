"""The plan of who comes first."""

from __future__ import annotations

from domain.outage.breaks import breaks
from domain.outage.first_come import first_come
from domain.outage.requests import OutageRequest
from tests.domain.outage.made import at, crews, energization, plan, request, rules, week


def served(*requests: OutageRequest) -> list[tuple[str, ...]]:
    found = first_come(plan(), requests, rules(crews=crews(8, 8, 8)))
    return [item.requests for item in found.items]


def test_who_applied_first_gets_the_first_time_that_is_free() -> None:
    later, sooner = request("R1", appliedAt=at(-5)), request("R2", appliedAt=at(-6))

    found = first_come(plan(), [later, sooner], rules())

    assert [(item.requests, item.start) for item in found.items] == [(("R2",), at(1, 8)), (("R1",), at(1, 12))]


def test_requests_of_the_same_instant_go_by_their_numbers() -> None:
    assert served(request("R2"), request("R1")) == [("R1",), ("R2",)]


def test_a_request_joins_an_outage_of_its_feeder_that_can_take_it() -> None:
    assert served(request("R1"), request("R2", feeder="F-R1", crew="pd-2")) == [("R1", "R2")]


def test_an_outage_that_is_joined_grows_where_it_must() -> None:
    longer = request("R2", feeder="F-R1", crew="pd-2", durationHours=6)

    (item,) = first_come(plan(), [request("R1"), longer], rules()).items

    assert (item.start, item.end) == (at(1, 8), at(1, 14))


def test_who_comes_last_is_left_out_where_nothing_is_free() -> None:
    day = {"latestEnd": at(2)}

    assert served(*(request(f"R{number}", **day) for number in (1, 2, 3))) == [("R1",), ("R2",)]


def test_the_first_start_is_on_the_half_hour() -> None:
    found = first_come(plan(), [energization(earliestStart=at(2, 9, 10))], rules())

    assert found.items[0].start == at(2, 9, 30)


def test_a_busy_week_breaks_no_rule() -> None:
    made = week(7)

    found = first_come(made.plan, made.requests, made.rules, made.history)

    assert breaks(found, made.requests, made.rules, made.history) == []

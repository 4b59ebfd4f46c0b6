"""A case's days and instants are those of Asia/Shanghai, and its clock is Temporal's unless it is a simulation."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import WorkflowFailureError

from tests.workflows.office import Office

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def machine_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine is somewhere else."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


async def test_days_and_instants_are_those_of_shanghai_whatever_the_machine(office: Office, machine_zone: str) -> None:
    office.deploy("dates")
    case = await office.start("dates")
    await case.task("look")
    variables = (await case.view())["variables"]
    record = await case.recorded("opened")

    now = datetime.now(SHANGHAI)
    assert variables["day"] in (now.date().isoformat(), (now - timedelta(minutes=1)).date().isoformat())
    assert variables["instant"].endswith("@Asia/Shanghai")
    assert record.at.endswith("+08:00")
    assert abs(datetime.fromisoformat(record.at) - now) < timedelta(minutes=1)
    assert machine_zone == os.environ["TZ"]


@pytest.mark.parametrize(
    ("instant", "day"), [("2026-10-01T15:59:00+00:00", "2026-10-01"), ("2026-10-01T16:01:00+00:00", "2026-10-02")]
)
async def test_a_simulation_starts_on_its_date_and_its_day_begins_at_midnight_in_shanghai(
    office: Office, instant: str, day: str
) -> None:
    office.deploy("dates")
    offset = (datetime.fromisoformat(instant) - datetime.now(UTC)).total_seconds()

    case = await office.start("dates", simulation=True, clock_offset=offset)
    await case.task("look")

    assert (await case.view())["variables"]["day"] == day
    assert (await case.recorded("opened")).at.startswith(day)


async def test_an_offset_outside_simulation_is_refused(office: Office) -> None:
    office.deploy("dates")
    case = await office.start("dates", clock_offset=86_400.0)

    with pytest.raises(WorkflowFailureError) as failed:
        await case.result()
    assert "仿真之外不得偏移时钟" in str(failed.value.cause)

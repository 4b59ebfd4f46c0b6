"""Activities around bays: a case takes one with its approved plan, gives it back when it is withdrawn, and has it
commissioned when it is built; reservations that are over are freed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import Field
from temporalio import activity

from activities.refusals import bpmn_error, refusing
from domain.bays import BayRefused, Claim
from domain.chinese import business_date, plain_number
from domain.fields import Fields, Number, Text, read_fields
from domain.jobs import Job, JobRefused
from storage.base import instant
from storage.bay_holding import NoBay, Source, Work, commission, give_back, take, wish
from storage.bay_reservations import expire
from storage.bays import UnknownBay
from storage.database import Database

NO_BAY = "no_bay"
"""The BPMN error of a case that gets no bay."""


class BayWanted(Fields):
    """Where the case wants a bay: a voltage of a station, perhaps a certain one; and the lead that it came from."""

    bay_voltage_kv: Number = Field(title="间隔电压等级(kV)")
    bay_station: Text = Field(title="变电站编号")
    bay: Text | None = Field(None, title="间隔编号")
    lead_no: Text | None = Field(None, title="线索编号")


class OneBay(Fields):
    """The bay that a case has."""

    bay: Text = Field(title="间隔编号")


class BayActivities:
    """The bays, kept in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="take-bay")
    @refusing
    def take_bay(self, job: Job) -> dict[str, Any]:
        """A bay of bayStation at bayVoltageKv for the case, the one named `bay` or any that it may have.

        Answers bay, bayName, stationName, and whether it stands already (bayBuilt). Where there is none it throws the
        BPMN error `no_bay` with bayProblem.
        """
        wanted = read_fields(BayWanted, "占用间隔", job.variables)
        source = Source(wanted.bay_station, plain_number(wanted.bay_voltage_kv), wanted.bay)
        work, claim = _work(job), Claim(job.case_no, wanted.lead_no or "")
        with _refusals("占用间隔"), self._database.transaction() as session:
            try:
                held = take(session, work, claim, source)
            except NoBay as none:
                problem = str(none)
                wish(session, work, claim, source)
            else:
                return {"bay": held.bay, "bayName": held.name, "stationName": held.station_name, "bayBuilt": held.built}
        raise bpmn_error(NO_BAY, problem, {"bayProblem": problem})

    @activity.defn(name="give-back-bay")
    @refusing
    def give_back_bay(self, job: Job) -> dict[str, Any]:
        """Frees the `bay` that the case has; what it has no more stays as it is. Answers nothing."""
        one = read_fields(OneBay, "退还间隔", job.variables)
        with _refusals("退还间隔"), self._database.transaction() as session:
            give_back(session, _work(job), one.bay)
        return {}

    @activity.defn(name="commission-bay")
    @refusing
    def commission_bay(self, job: Job) -> dict[str, Any]:
        """Says that the `bay` is at work; answers bayState: `in_use`, or `free` where it was built ahead of need."""
        one = read_fields(OneBay, "登记间隔投运", job.variables)
        with _refusals("登记间隔投运"), self._database.transaction() as session:
            state = commission(session, _work(job), one.bay)
        return {"bayState": state.value}

    @activity.defn(name="free-expired-reservations")
    def free_expired_reservations(self, now: str) -> int:
        """Ends the reservations whose last day is over at the instant `now`; answers how many bays are free by it."""
        with self._database.transaction() as session:
            return expire(session, business_date(now), instant(now))


def _work(job: Job) -> Work:
    return Work(job.workflow_id, job.key, job.case_no, job.name, business_date(job.now), instant(job.now))


@contextmanager
def _refusals(doing: str) -> Iterator[None]:
    """What trying again cannot cure, in words for whoever resolves the incident."""
    try:
        yield
    except UnknownBay as unknown:
        raise JobRefused(f"不能{doing}：没有编号为“{unknown}”的间隔") from unknown
    except BayRefused as refused:
        raise JobRefused(f"不能{doing}：{refused}") from refused

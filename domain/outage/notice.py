"""When an outage may lawfully begin: so long after its notice, in working hours, outside protected periods.

供电监管办法 article 13: seven days' notice of planned work, 24 hours' of temporary work (domain.md §3.1). Both count
from the instant of the notice, so that no reading of a day makes them shorter.
"""

from __future__ import annotations

import datetime as dt

from domain.outage.requests import TEMPORARY, OutageRequest
from domain.outage.rules import OutageRules

_FURTHEST = dt.timedelta(days=366)


def lead(request: OutageRequest, rules: OutageRules) -> dt.timedelta:
    """How long before its start a request's outage must be announced; nothing where nobody must be told."""
    if not request.needs_notice:
        return dt.timedelta()
    if request.kind == TEMPORARY:
        return dt.timedelta(hours=rules.temporary_notice_hours.value)
    return dt.timedelta(days=rules.notice_days.value)


def lawful_start(request: OutageRequest, notices_at: dt.datetime, rules: OutageRules) -> dt.datetime | None:
    """From when on its outage may begin, where its own notice went out or else goes out at `notices_at`.

    None where no notice is needed.
    """
    if not request.needs_notice:
        return None
    return (request.noticed_at or notices_at) + lead(request, rules)


def is_lawful(
    request: OutageRequest,
    start: dt.datetime,
    together: tuple[OutageRequest, ...],
    notices_at: dt.datetime,
    rules: OutageRules,
) -> bool:
    """Whether the public has been told in time of a request's outage that begins at `start` with those `together`.

    By its own notice, or by that of an outage on the same feeder that it joins and that reaches as many customers.
    """
    own = lawful_start(request, notices_at, rules)
    if own is None or start >= own:
        return True
    return any(
        other.noticed_at is not None
        and other.needs_notice
        and other.customers_affected >= request.customers_affected
        and start >= other.noticed_at + lead(other, rules)
        for other in together
    )


def first_start(request: OutageRequest, after: dt.datetime, rules: OutageRules) -> dt.datetime | None:
    """The first instant from `after` on at which a request can be worked on: within the working hours of one day and
    outside protected periods. None where there is no such time within a year."""
    periods = rules.protecting(request.station, request.feeder)
    start = after
    while start < after + _FURTHEST:
        opens, closes = rules.hours_of(start)
        start = max(start, opens)
        if start + request.duration > closes:
            start = opens + dt.timedelta(days=1)
        elif period := next((one for one in periods if one.meets(start, start + request.duration)), None):
            start = period.end
        else:
            return start
    return None

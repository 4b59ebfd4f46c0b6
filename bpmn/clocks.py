"""The limits that a diagram asks to be watched (`yekuo:clock`), as data.

The engine runs no clocks: who runs the process watches by its journal.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trigger:
    """What starts or stops a clock: that an element has been `activated`, `completed` or `terminated`."""

    element: str
    on: str


@dataclass(frozen=True)
class Milestone:
    """yekuo:milestone, a point on the way of a clock that has a limit of its own and ends with `stop`.

    One that `outlasts` its clock goes on when that has stopped: what it waits for comes after.
    """

    id: str
    name: str
    limit: str
    stop: Trigger
    outlasts: bool = False


@dataclass(frozen=True)
class Delay:
    """An element that holds a clock up, why, and the variable that tells more of it.

    It lasts as long as the element; where there is an `until`, from the element's completion to the end of that one.
    """

    element: str
    cause: str
    text: str = ""
    until: str = ""


@dataclass(frozen=True)
class Clock:
    """yekuo:clock, a limit to be watched.

    `limit` is the row of the table of limits. A clock of an `activity` runs anew in each of its instances. One without
    `starts` goes on from where the caller passed it on; `passed_to` is the call activity whose process goes on with it.
    Of several starts the one of the element `counts` begins the limit, and one that `restarts` begins anew at each.
    One that has stopped goes on at one of `resumes` with what was left of its limit.
    """

    id: str
    name: str
    limit: str
    starts: tuple[Trigger, ...] = ()
    stops: tuple[Trigger, ...] = ()
    reopens: tuple[Trigger, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    delays: tuple[Delay, ...] = ()
    resumes: tuple[Trigger, ...] = ()
    passed_to: str = ""
    activity: str = ""
    department: str = ""
    counts: str = ""
    restarts: bool = False

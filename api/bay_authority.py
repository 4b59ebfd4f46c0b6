"""Who may plan bays, and who may approve that one is reserved or built ahead (domain.md §1.1 row 6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from api.bay_settings import BaySettings
from api.identity import Caller
from api.problems import Problem, Said
from domain.bays import APPROVING
from domain.departments import department_name

PLANNING = ("planning", "province_planning")
"""Whose officers keep the books of stations."""
PROPOSING = ("marketing", *PLANNING)
"""Whose officers propose reservations: who knows the load, and who knows the leads."""


@dataclass(frozen=True)
class Approving:
    """The level that approves, and its department."""

    level: str
    department: str


def approving(settings: BaySettings, voltage_kv: str, day: date) -> Approving:
    """Who approves a reservation or a proposal at this voltage on this day.

    This is the one place that says so: until there is a table of authorities to be asked for the matter
    `bay_reservation`, the settings name one level for every voltage and day.
    """
    del voltage_kv, day
    return Approving(settings.reservation_level, APPROVING[settings.reservation_level])


def check_department(caller: Caller, departments: Collection[str], doing: Said) -> None:
    """Other systems do what their scopes allow. Raises `Problem` (forbidden) for officers of other departments."""
    if not caller.system and not set(caller.departments) & set(departments):
        who = "、".join(map(department_name, departments))
        raise Problem(
            "forbidden",
            Said(
                f"{doing.zh}由{who}办理，{caller.name} 不在其中",
                f"{doing.en} is for {' and '.join(departments)}; {caller.account} is of none of them",
            ),
        )


def check_approves(caller: Caller, who: Approving, proposed_by: str = "") -> None:
    """An approval is given by a person of the department that has the authority, and never by who proposed it.

    Raises `Problem` (forbidden).
    """
    if who.department not in caller.departments:
        name = department_name(who.department)
        raise Problem(
            "forbidden",
            Said(
                f"间隔预留和扩建由{name}批复，{caller.name} 没有这项权限",
                f"Bays are approved by {who.department}; {caller.account} is not of it",
            ),
        )
    if caller.account == proposed_by:
        raise Problem("forbidden", Said("提出人不能批复自己的预留", "Who proposed it cannot decide on it"))

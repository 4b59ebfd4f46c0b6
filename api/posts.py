"""Which posts an account holds: the current table of posts is the one place that says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from pydantic import Field
from sqlalchemy.orm import Session

from api.case_settings import CaseSettings
from api.models import Answer
from api.problems import Problem
from storage.company_tables import SettingsRefused, posts_in_force
from storage.rules import RuleKind, current_rule


class PostHeld(Answer):
    """A post in its place: without department for those of the whole company, without county for the city's."""

    post: str = Field(examples=["team_leader"])
    title: str = Field(examples=["开发区营销部班组长、所长"])
    department: str
    county: str


def posts_held(session: Session) -> Mapping[str, list[PostHeld]]:
    """The posts of every account that holds one now, in the order of the table.

    Raises `Problem` (unavailable) where the table cannot be read.
    """
    try:
        table = posts_in_force(CaseSettings(), current_rule(session, RuleKind.POSTS))
    except SettingsRefused as refused:
        raise Problem("unavailable", str(refused)) from None
    held: dict[str, list[PostHeld]] = defaultdict(list)
    for row in table.rows:
        seat = row.seat
        one = PostHeld(post=seat.post.value, title=seat.title, department=seat.department, county=seat.county)
        held[row.account].append(one)
    return held

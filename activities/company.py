"""What a case that an activity begins is given of the company's tables."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from domain.start import StartContext
from storage.company_tables import TableFiles, authority_in_force, posts_in_force
from storage.outage_rules import calendar_and_limits
from storage.rules import RuleKind, current_rule


def company_context(session: Session) -> StartContext:
    """The tables as they stand now. Raises `SettingsRefused` for those that cannot be read."""
    calendar, limits = calendar_and_limits(session)
    files, authority = TableFiles(), current_rule(session, RuleKind.AUTHORITY)
    posts = posts_in_force(files, current_rule(session, RuleKind.POSTS))
    authorities = authority_in_force(files, authority)
    return StartContext(
        calendar=calendar.to_json(),
        limits=json.dumps(limits.to_json(), ensure_ascii=False),
        posts=json.dumps(posts.to_json(), ensure_ascii=False),
        authority=json.dumps(authorities.to_json(), ensure_ascii=False),
        authority_version=authority.version if authority else 0,
    )

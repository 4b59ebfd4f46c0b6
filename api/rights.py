"""Who may do what: one table for people's roles, scopes for other systems, and nothing for everybody else.

A route names the right it needs (`api.identity.Having`); one that names none is not served. Whose *cases* somebody sees
follows from the county of their account, whose *tasks* they may do from their departments (the workflow checks that
again).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Right(StrEnum):
    """One thing that may be done. The same names are the scopes of systems' tokens."""

    READ_CASES = "cases:read"
    OPEN_CASES = "cases:open"
    DO_TASKS = "tasks:do"
    ANSWER_LEVELS = "levels:answer"
    RESOLVE_INCIDENTS = "incidents:resolve"
    CHANGE_CASES = "cases:change"
    """Move running cases to another version of their diagram, modify, suspend and resume them."""
    SEND_MESSAGES = "messages:send"
    UPLOAD_FILES = "files:upload"
    READ_BAYS = "bays:read"
    PLAN_BAYS = "bays:plan"
    READ_OUTAGES = "outages:read"
    FILE_OUTAGES = "outages:file"
    READ_RULES = "rules:read"
    CHANGE_RULES = "rules:change"
    DEPLOY = "definitions:deploy"
    MANAGE_HOOKS = "hooks:manage"
    MANAGE_STOCK = "stock:manage"
    MANAGE_FRAMEWORKS = "frameworks:manage"
    MANAGE_ACCOUNTS = "accounts:manage"


class Role(StrEnum):
    """What an account is for; one may have several."""

    OFFICER = "officer"
    """Works on cases: the departments' officers, their heads, the leaders."""
    AUDITOR = "auditor"
    """Looks at everything and changes nothing (稽查)."""
    OPERATOR = "operator"
    """Keeps the system at work: incidents, calendars, limits, diagrams."""
    MATERIALS = "materials"
    """Keeps the stock and the framework agreements (物资部), usually beside what an officer does."""
    ADMINISTRATOR = "administrator"
    """Gives out accounts and tokens."""

    @property
    def label(self) -> str:
        """Its name on screen."""
        return _LABELS[self]


_LABELS = {
    Role.OFFICER: "业务人员",
    Role.AUDITOR: "稽查人员",
    Role.OPERATOR: "运维人员",
    Role.MATERIALS: "物资管理人员",
    Role.ADMINISTRATOR: "系统管理员",
}

_READING = frozenset({Right.READ_CASES, Right.READ_RULES, Right.READ_BAYS, Right.READ_OUTAGES})

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.OFFICER: _READING
    | {Right.OPEN_CASES, Right.DO_TASKS, Right.ANSWER_LEVELS, Right.UPLOAD_FILES, Right.SEND_MESSAGES, Right.PLAN_BAYS}
    | {Right.FILE_OUTAGES},
    Role.AUDITOR: _READING,
    Role.OPERATOR: _READING
    | {
        Right.RESOLVE_INCIDENTS,
        Right.CHANGE_CASES,
        Right.CHANGE_RULES,
        Right.DEPLOY,
        Right.MANAGE_HOOKS,
        Right.SEND_MESSAGES,
    },
    Role.MATERIALS: _READING | {Right.MANAGE_STOCK, Right.MANAGE_FRAMEWORKS},
    Role.ADMINISTRATOR: frozenset({Right.MANAGE_ACCOUNTS, Right.READ_RULES}),
}

"""A new table of authorities for a running case: what it changes is written down, and tasks that it concerns move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any

from bpmn import events
from bpmn.commands import Command
from domain.acts import NewAuthority, check_named, wrong_field
from domain.authority import ANY_KIND, MATTERS, PROJECT_KINDS, AuthorityTable, NoAuthority
from domain.calendar import shanghai_date
from domain.differences import authority_difference, sentences
from domain.fields import MissingFields
from workflows.authorities import CHANGED
from workflows.case import Case

_FAULTS_NAMED = 5
"""How many faults of a table one refusal names."""
_CHANGES_NAMED = 20
"""How many changes of a table one line of the journal names."""
SAME = "授权表与本案现用的相同，未作更改"
OLDER = "较本案现用的授权表（第{version}版）旧，未作更改"
MOVED = "本案适用的权限有变动"
UNMOVED = "本案适用的权限不变"


def _check(_case: Case, act: NewAuthority, _now: datetime) -> None:
    check_named(act.by)
    if act.version < 0:
        raise wrong_field("version", "版本（version）不应为负数")
    _table(act)


def _table(act: NewAuthority) -> AuthorityTable:
    try:
        return AuthorityTable.from_json(act.authority)
    except MissingFields as error:
        told = "；".join(str(one) for one in islice(error.problems, _FAULTS_NAMED))
        raise wrong_field("authority", f"授权表有误：{told}") from None


def _use(case: Case, act: NewAuthority, channel: str, now: datetime) -> list[Command]:
    table, before, known = _table(act), case.authorities, case.start.authority_version
    changes, moved = [], False
    if 0 < act.version < known:
        case.remark = OLDER.format(version=known)
    elif table == before:
        case.remark = SAME
    else:
        changes, moved = _told(before, table), _answers(case, before, now) != _answers(case, table, now)
        case.use_authorities(table, act.version or known, act.by)
        case.remark = MOVED if moved else UNMOVED
    case.note("act", now, act="new_authority", by=act.by, channel=channel, changes=changes, remark=case.remark)
    return _move(case, now) if moved else []


def _told(before: AuthorityTable | None, table: AuthorityTable) -> list[str]:
    """What a new table says otherwise, in Chinese."""
    if before is None:
        return [f"首次采用授权表（{len(table.rows)}行）"]
    told = sentences(authority_difference(before, table))
    more = len(told) - _CHANGES_NAMED
    return [*told[:_CHANGES_NAMED], *([f"另有{more}处"] if more > 0 else [])]


def _answers(case: Case, table: AuthorityTable | None, now: datetime) -> list[tuple[Any, ...]]:
    """Who decides today, by what and until when, in all that a case of this voltage may ask."""
    questions = [(matter, kind) for matter in MATTERS for kind in (ANY_KIND, *PROJECT_KINDS)]
    return [_answer(case, table, matter, kind, now) for matter, kind in questions] if table else []


def _answer(case: Case, table: AuthorityTable, matter: str, kind: str, now: datetime) -> tuple[Any, ...]:
    try:
        answer = table.at(matter, case.start.case.voltage_kv, shanghai_date(now), kind)
    except NoAuthority:
        return ()
    return answer.department, answer.document, answer.until


def _move(case: Case, now: datetime) -> list[Command]:
    """Tell whatever of the case waits to hear it, each wait that is open now once: what opens again knows the table."""
    key = case.start.case.case_no
    todo: list[Command] = []
    for waiting in _waiting(case, key):
        if waiting in _waiting(case, key):
            todo += case.handle(events.MessageArrived(CHANGED, key), now)
    return todo


def _waiting(case: Case, key: str) -> list[int]:
    return [
        wait.key
        for wait in case.instance.waits
        if (wait.kind, wait.name, wait.correlation_key) == ("message", CHANGED, key)
    ]


CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {NewAuthority: _check}
ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {NewAuthority: _use}

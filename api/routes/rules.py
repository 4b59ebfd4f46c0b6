"""The tables that a company loads: each loading, its versions, and how two of them differ."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session
from temporalio.client import Client

from api.calendars import spread_loaded
from api.case_settings import CaseSettings
from api.context import Context, InContext
from api.identity import Caller, Having
from api.models import Answer, IdempotencyKey, Page, Sent
from api.once import once
from api.problems import FieldFault, Problem, Said
from api.rights import Right
from api.rules import TABLES, load
from api.spreading import Told, spread_authority
from domain.authority import AuthorityTable
from domain.calendar import WorkingCalendar
from domain.fields import FieldProblem, MissingFields
from domain.limits import LimitTable
from domain.outage.rules import OutageRules
from domain.posts import PostTable
from domain.stock.planning import StockPlanning
from storage.base import storable
from storage.company_tables import SettingsRefused
from storage.rules import RuleKind, RuleVersion, content_hash, current_rule, rule_version, rule_versions

router = APIRouter(tags=["rules"])
Reader = Annotated[Caller, Depends(Having(Right.READ_RULES))]
Changer = Annotated[Caller, Depends(Having(Right.CHANGE_RULES))]
StockKeeper = Annotated[Caller, Depends(Having(Right.MANAGE_STOCK))]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Place = Annotated[int | None, Query(ge=1, le=1_000_000_000, description="`next` of the page before")]
_VERSION = r"^(current|0|[1-9][0-9]{0,8})$"
_VERSIONS = "A version, or `current`; 0 is what holds where none was ever loaded: the file of the settings"
VersionName = Annotated[str, Path(pattern=_VERSION, description=_VERSIONS, examples=["current", "3"])]
_MOST_FAULTS = 500
_LONGEST_FAULT = 500


class RulesSent(Sent):
    """A table, whole, and why it is loaded."""

    content: dict[str, Any]
    note: Note = ""


class CalendarSent(RulesSent):
    """All years: the days off of each (name, first day, last day, make-up days), and the notices they rest on."""

    content: dict[str, Any] = Field(examples=[WorkingCalendar.shipped().to_json()])


class LimitsSent(RulesSent):
    """All limits, in the form of `domain/limits/limits.json`."""

    content: dict[str, Any] = Field(examples=[LimitTable.shipped().to_json()])


class PostsSent(RulesSent):
    """All posts, in the form of `domain/posts.json`."""

    content: dict[str, Any] = Field(examples=[PostTable.shipped().to_json()])


class AuthoritySent(RulesSent):
    """All authorities, in the form of `domain/authorities.json`."""

    content: dict[str, Any] = Field(examples=[AuthorityTable.shipped().to_json()])


class StockPlanningSent(RulesSent):
    """All lead times, usual needs and likelihoods, in the form of `domain/stock/planning.json`."""

    content: dict[str, Any] = Field(examples=[StockPlanning.shipped().to_json()])


class OutageRulesSent(RulesSent):
    """All rules of outage plans, in the form of `domain/outage/rules.json`."""

    content: dict[str, Any] = Field(examples=[OutageRules.shipped().to_json()])


class RulesLine(Answer):
    """One version of a table: who made it current, and when. Version 0 was never loaded."""

    version: int
    note: str
    sha256: str
    loaded_by: str
    loaded_at: datetime | None


class RulesView(RulesLine):
    """One version with its content, in the form in which it is loaded."""

    content: dict[str, Any]


class RulesLoaded(Answer):
    """What became of a table that was sent: the current version, whether it is new, and what is to be looked at."""

    version: RulesLine
    new: bool
    warnings: list[str]


class NotTold(Answer):
    """A running case that does not have the new table yet, and why."""

    workflow_id: str
    problem: str


class TableSpread(RulesLoaded):
    """A table that was loaded, and which running cases took it; send it again for those that did not."""

    told: int = Field(description="Running cases that have it; those that they called get it from them")
    not_told: list[NotTold]


class CellView(Answer):
    """One column of a row."""

    field: str
    label: str
    value: str | int | float | bool | None


class RowView(Answer):
    """One row that only one of the two versions has."""

    key: str
    title: str
    cells: list[CellView]


class ChangeView(Answer):
    """One column with what it said and says; null where the row does not say it."""

    field: str
    label: str
    old: str | int | float | bool | None
    new: str | int | float | bool | None


class ChangedRowView(Answer):
    """One row that both versions have, and its columns that differ."""

    key: str
    title: str
    changes: list[ChangeView]


class Comparison(Answer):
    """How two versions differ: limits by step and row, the calendar by day and year, posts by seat, authorities by
    row, rules of outage plans by figure, crew, team, unit, relation and protected period."""

    added: list[RowView]
    removed: list[RowView]
    changed: list[ChangedRowView]


@router.post("/calendars")
async def load_calendar(context: InContext, caller: Changer, key: IdempotencyKey, sent: CalendarSent) -> TableSpread:
    """Makes a calendar current and has every running case count by it. Sent again, with the same key or not, it tells
    those cases that were not reached, and changes nothing in the others."""
    return await _spread(context, caller, key, RuleKind.CALENDAR, sent)


@router.post("/authority")
async def load_authority(context: InContext, caller: Changer, key: IdempotencyKey, sent: AuthoritySent) -> TableSpread:
    """Makes a table of authorities current and has every running case decide by it: a task that another level has to
    do from now on moves there. Sent again, it tells those cases that were not reached."""
    return await _spread(context, caller, key, RuleKind.AUTHORITY, sent)


@router.post("/limits")
def load_limits(context: InContext, caller: Changer, key: IdempotencyKey, sent: LimitsSent) -> RulesLoaded:
    """Makes limits current for new cases; running ones keep theirs. They must serve the clocks of all diagrams that
    are deployed."""
    return _loaded(context, caller, key, RuleKind.LIMITS, sent)


@router.post("/posts")
def load_posts(context: InContext, caller: Changer, key: IdempotencyKey, sent: PostsSent) -> RulesLoaded:
    """Makes posts current: for new cases (running ones keep theirs) and for what accounts show. An account that there
    is not, or no more, is warned of."""
    return _loaded(context, caller, key, RuleKind.POSTS, sent)


@router.post("/stock-planning")
def load_stock_planning(
    context: InContext, caller: StockKeeper, key: IdempotencyKey, sent: StockPlanningSent
) -> RulesLoaded:
    """Makes the table that replenishment is worked out from current: lead times, usual needs, likelihoods."""
    return _loaded(context, caller, key, RuleKind.STOCK_PLANNING, sent)


@router.post("/outage-rules")
def load_outage_rules(context: InContext, caller: Changer, key: IdempotencyKey, sent: OutageRulesSent) -> RulesLoaded:
    """Makes rules of outage plans current: for plans that begin from now on, and for what is asked before a request is
    filed. A plan that has begun keeps the rules that it began with."""
    return _loaded(context, caller, key, RuleKind.OUTAGE, sent)


def _table_routes(kind: RuleKind, path: str) -> None:
    """The routes that read: the same for every kind of table."""

    def versions(
        context: InContext, caller: Reader, after: Place = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
    ) -> Page[RulesLine]:
        """The versions that were loaded, the newest first."""
        del caller
        with context.database.session() as session:
            found = rule_versions(session, kind, limit=limit + 1, before=after)
        page = [RulesLine.model_validate(one) for one in found[:limit]]
        return Page(items=page, next=str(page[-1].version) if len(found) > limit else None)

    def compare(
        context: InContext,
        caller: Reader,
        old: Annotated[str, Query(alias="from", pattern=_VERSION, description=_VERSIONS, examples=["1"])],
        new: Annotated[str, Query(alias="to", pattern=_VERSION, description=_VERSIONS)] = "current",
    ) -> Comparison:
        """How two versions differ, for people."""
        del caller
        with context.database.session() as session:
            before, after = (TABLES[kind].read(_view(session, kind, one).content) for one in (old, new))
        return Comparison.model_validate(TABLES[kind].difference(before, after))

    def one_version(context: InContext, caller: Reader, version: VersionName) -> RulesView:
        """One version, whole."""
        del caller
        with context.database.session() as session:
            return _view(session, kind, version)

    routes: Sequence[tuple[str, Callable[..., Any]]] = (
        (path, versions),
        (f"{path}/compare", compare),
        (f"{path}/{{version}}", one_version),
    )
    for address, route in routes:
        router.add_api_route(address, route, methods=["GET"], name=f"{kind.value}_{route.__name__}")


_table_routes(RuleKind.CALENDAR, "/calendars")
_table_routes(RuleKind.LIMITS, "/limits")
_table_routes(RuleKind.POSTS, "/posts")
_table_routes(RuleKind.AUTHORITY, "/authority")
_table_routes(RuleKind.STOCK_PLANNING, "/stock-planning")
_table_routes(RuleKind.OUTAGE, "/outage-rules")


_SPREADING: Mapping[RuleKind, Callable[[Client, RuleVersion], Awaitable[list[Told]]]] = {
    RuleKind.CALENDAR: spread_loaded,
    RuleKind.AUTHORITY: spread_authority,
}
"""How the tables that running cases take too get there."""


async def _spread(context: Context, caller: Caller, key: str, kind: RuleKind, sent: RulesSent) -> TableSpread:
    loaded = await run_in_threadpool(_loaded, context, caller, key, kind, sent)
    version = await run_in_threadpool(_current, context, kind)
    if version.version != loaded.version.version:
        newer = f"第{loaded.version.version}版已被第{version.version}版取代，未再发往在办工单"
        return TableSpread(**{**dict(loaded), "warnings": [*loaded.warnings, newer]}, told=0, not_told=[])
    told = await _SPREADING[kind](context.client, version)
    return TableSpread(**dict(loaded), told=sum(not one.problem for one in told), not_told=_not_told(told))


def _loaded(context: Context, caller: Caller, key: str, kind: RuleKind, sent: RulesSent) -> RulesLoaded:
    def act(session: Session) -> RulesLoaded:
        done = load(session, kind, sent.content, sent.note, caller.account, context.clock())
        line = RulesLine.model_validate(done.version)
        return RulesLoaded(version=line, new=done.new, warnings=[_said(one) for one in done.warnings])

    try:
        return once(context, caller, key, [kind, sent.model_dump()], RulesLoaded, act)
    except MissingFields as refused:
        raise _refused(TABLES[kind].name, refused.problems) from None


def _refused(name: str, problems: Sequence[FieldProblem]) -> Problem:
    detail = Said(f"{name}有{len(problems)}处不对，现行版本未变", f"{len(problems)} faults; nothing has changed")
    errors = [FieldFault(field=_said(one.key), message=_said(f"{one.label}{one.problem}")) for one in problems]
    return Problem("invalid", detail, errors[:_MOST_FAULTS])


def _said(text: str) -> str:
    """What repeats words of the request, so that they can be told."""
    return storable(text)[:_LONGEST_FAULT]


def _current(context: Context, kind: RuleKind) -> RuleVersion:
    with context.database.session() as session:
        current = current_rule(session, kind)
    assert current is not None  # one has just been loaded, and none is ever taken away
    return current


def _not_told(told: Sequence[Told]) -> list[NotTold]:
    return [NotTold(workflow_id=one.workflow_id, problem=one.problem) for one in told if one.problem]


def _view(session: Session, kind: RuleKind, version: str) -> RulesView:
    """A version by its name in the address. Raises `Problem` (not found)."""
    wanted = current_rule(session, kind) if version == "current" else None
    if version not in ("current", "0"):
        wanted = rule_version(session, kind, int(version))
        if wanted is None:
            name = TABLES[kind].name
            raise Problem("not-found", Said(f"{name}没有第{version}版", f"There is no version {version}"))
    return RulesView.model_validate(wanted) if wanted else _never_loaded(kind)


def _never_loaded(kind: RuleKind) -> RulesView:
    """What holds where no version was ever loaded."""
    try:
        content = TABLES[kind].before(CaseSettings()).to_json()
    except SettingsRefused as refused:
        raise Problem("unavailable", str(refused)) from None
    note = "随程序提供" if kind in (RuleKind.CALENDAR, RuleKind.OUTAGE) else "由设置指定的文件"
    return RulesView(version=0, note=note, sha256=content_hash(content), loaded_by="", loaded_at=None, content=content)

"""Webhooks: which other systems are told what changes in cases, and how the telling goes."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, status
from fastapi.concurrency import run_in_threadpool
from pydantic import ConfigDict, Field, JsonValue
from sqlalchemy.orm import Session

from api.context import Context, InContext
from api.hooks import new_secret
from api.identity import Caller, Having
from api.models import Answer, IdempotencyKey, Page, Sent
from api.once import once
from api.outbound import NotAllowed
from api.problems import FieldFault, Problem, Said
from api.rights import Right
from api.sight import family_of
from storage import hooks as kept
from storage.feed import feed_bounds
from storage.feed_events import FeedKind
from storage.hooks import Hook

router = APIRouter(tags=["hooks"])
Manager = Annotated[Caller, Depends(Having(Right.MANAGE_HOOKS))]
HookId = Annotated[str, Path(min_length=1, max_length=40, pattern="^[0-9a-f]+$")]
Kind = Annotated[FeedKind, Field(strict=False)]
_EXAMPLE: dict[str, JsonValue] = {"url": "https://erp.example.com/yekuo", "kinds": ["order.issued", "case.closed"]}


class HookData(Sent):
    """Where events go, and which: without kinds every kind, without a case number every case that its maker may see."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    url: str = Field(min_length=8, max_length=2000)
    kinds: list[Kind] = Field(default_factory=list, max_length=len(FeedKind))
    case_no: str = Field("", max_length=100)


class HookView(Answer):
    """A hook and how it goes. `position` is the last event that it has been told or that was not for it; `missed` how
    many were deleted before it could be told."""

    hook_id: str
    state: Literal["active", "failing", "paused"]
    url: str
    kinds: list[FeedKind]
    case_no: str
    county: str
    created_by: str
    created_at: datetime
    position: int
    missed: int
    failures: int
    failing_since: datetime | None
    next_attempt_at: datetime | None
    paused_at: datetime | None
    last_status: int | None
    last_problem: str
    last_at: datetime | None


class NewHook(HookView):
    """A new hook with its secret, which is told only to whoever made it, under the same key again too."""

    secret: str


class DeliveryView(Answer):
    """One event on its way to a hook."""

    position: int
    kind: FeedKind
    case_no: str
    attempts: int
    first_at: datetime
    last_at: datetime
    delivered_at: datetime | None
    next_attempt_at: datetime | None
    last_status: int | None
    last_problem: str


@router.post("/hooks", status_code=status.HTTP_201_CREATED)
async def create_hook(context: InContext, caller: Manager, key: IdempotencyKey, sent: HookData) -> NewHook:
    """A new hook; it is told what happens from now on. Whoever makes it must be allowed to read cases too."""
    if Right.READ_CASES not in caller.rights:
        raise Problem("forbidden", Said("还需要“cases:read”权限", "The right cases:read is needed too"))
    try:
        await context.outbound.check(sent.url)
    except NotAllowed as refusal:
        raise Problem("invalid", str(refusal), [FieldFault(field="url", message=str(refusal))]) from None
    return await run_in_threadpool(_created, context, caller, key, sent)


def _created(context: Context, caller: Caller, key: str, sent: HookData) -> NewHook:
    if sent.case_no:
        family_of(context, caller, sent.case_no)

    def make(session: Session) -> HookView:
        made = Hook(
            hook_id=secrets.token_hex(8),
            url=sent.url,
            kinds=[kind.value for kind in sent.kinds],
            case_no=sent.case_no,
            county=_county(caller),
            secret=new_secret(),
            created_by=caller.account,
            created_at=context.clock(),
            position=feed_bounds(session).last,
            missed=0,
            failures=0,
            failing_since=None,
            next_attempt_at=None,
            paused_at=None,
            last_status=None,
            last_problem="",
            last_at=None,
            leased_by="",
            leased_until=None,
        )
        kept.add_hook(session, made)
        return _view(made)

    made = once(context, caller, key, {"hook": sent.model_dump(mode="json")}, HookView, make)
    with context.database.session() as session:
        secret = _hook(session, caller, made.hook_id).secret
    return NewHook(**made.model_dump(), secret=secret)


@router.get("/hooks")
def list_hooks(
    context: InContext,
    caller: Manager,
    after: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[HookView]:
    """The hooks of the caller's county, or all of them for the city's company."""
    with context.database.session() as session:
        found = kept.hooks(session, _county(caller), after=after, limit=limit + 1)
    page = [_view(one) for one in found[:limit]]
    return Page(items=page, next=page[-1].hook_id if len(found) > limit else None)


@router.get("/hooks/{hook_id}")
def one_hook(context: InContext, caller: Manager, hook_id: HookId) -> HookView:
    """One hook."""
    with context.database.session() as session:
        return _view(_hook(session, caller, hook_id))


@router.delete("/hooks/{hook_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_hook(context: InContext, caller: Manager, hook_id: HookId) -> None:
    """From now on the hook is told nothing; what is on its way may still arrive."""
    with context.database.transaction() as session:
        _hook(session, caller, hook_id)
        kept.remove_hook(session, hook_id)


@router.post("/hooks/{hook_id}/resume")
def resume_hook(context: InContext, caller: Manager, key: IdempotencyKey, hook_id: HookId) -> HookView:
    """Tries a hook again at once that was paused or waits for its next attempt; nothing is left out."""

    def resume(session: Session) -> HookView:
        _hook(session, caller, hook_id)
        kept.resume_hook(session, hook_id)
        session.expire_all()
        return _view(_hook(session, caller, hook_id))

    return once(context, caller, key, {"resume": hook_id}, HookView, resume)


@router.get("/hooks/{hook_id}/deliveries")
def list_deliveries(
    context: InContext,
    caller: Manager,
    hook_id: HookId,
    after: Annotated[int | None, Query(ge=0, lt=2**62, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[DeliveryView]:
    """What a hook was told and is being told, the latest first."""
    with context.database.session() as session:
        _hook(session, caller, hook_id)
        found = kept.deliveries(session, hook_id, before=after, limit=limit + 1)
    page = [DeliveryView.model_validate(one) for one in found[:limit]]
    return Page(items=page, next=str(page[-1].position) if len(found) > limit else None)


def _view(hook: Hook) -> HookView:
    columns = {name: getattr(hook, name) for name in HookView.model_fields if name != "state"}
    return HookView(**columns, state="paused" if hook.paused_at else "failing" if hook.failures else "active")


def _county(caller: Caller) -> str:
    return "" if caller.system else caller.county


def _hook(session: Session, caller: Caller, hook_id: str) -> Hook:
    """A hook that is the caller's to manage. Raises `Problem` (not found)."""
    found = kept.hook(session, hook_id)
    if found is None or _county(caller) not in ("", found.county):
        raise Problem("not-found", Said(f"没有回调 {hook_id}", f"There is no hook {hook_id}"))
    return found

"""What changes in cases, as it happens: a stream of server-sent events that goes on where it was cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.sse import EventSourceResponse, format_sse_event

from api.context import Context, InContext
from api.event_views import view_of
from api.identity import Caller, Having, caller_of
from api.problems import Problem, Said
from api.rights import Right
from storage.feed import FeedEvent, feed_bounds
from storage.feed_events import FeedKind

router = APIRouter(tags=["events"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
Position = Annotated[int, Query(ge=0, lt=2**62)]
_RETRY = 2000
"""Milliseconds after which a reader whose stream was cut comes again."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True)
class Follower:
    """Somebody who follows the feed: who they are, by which token, and what they want to hear of."""

    caller: Caller
    token: str
    case_no: str
    kinds: frozenset[str]

    def hears(self, event: FeedEvent) -> bool:
        """Whether the event is for them."""
        wanted = (not self.case_no or event.case_no == self.case_no) and (not self.kinds or event.kind in self.kinds)
        return wanted and self.caller.sees(event.county)


_CONTENT = {"text/event-stream": {"schema": {"type": "string"}}}


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"description": "The stream; the data of each event is an EventView", "content": _CONTENT}},
)
async def follow(
    context: InContext,
    caller: Reader,
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
    after: Annotated[Position | None, Query(description="Begin behind this event; without it, now")] = None,
    last_event_id: Annotated[int | None, Header(ge=0, lt=2**62, description="Goes before `after`")] = None,
    case_no: Annotated[str, Query(max_length=100)] = "",
    kinds: Annotated[list[FeedKind] | None, Query(max_length=len(FeedKind))] = None,
) -> StreamingResponse:
    """What changes in the cases that the caller may see. Each event has its position as `id`: who comes again with the
    last one (`Last-Event-ID`, as browsers do) misses nothing and hears nothing twice. The stream ends when the login
    does."""
    if context.feed.following(caller.account) >= context.settings.streams:
        many = Said(f"{caller.account} 打开的事件流过多", f"{caller.account} has too many streams open")
        raise Problem("too-many", many, headers={"Retry-After": "5"})
    begin = await run_in_threadpool(_begin, context, after if last_event_id is None else last_event_id)
    follower = Follower(caller, credentials.credentials, case_no, frozenset(kinds or ()))
    return EventSourceResponse(_stream(context, follower, begin), headers=_HEADERS)


def _begin(context: Context, asked: int | None) -> int:
    """The position to begin behind. Raises `Problem` where the stream does not go back that far, or not on to there."""
    with context.database.session() as session:
        bounds = feed_bounds(session)
    if asked is None:
        return bounds.last
    if asked > bounds.last:
        raise Problem("invalid", Said(f"还没有第 {asked} 个事件", f"There is no event {asked} yet"))
    if bounds.first and asked < bounds.first - 1:
        gone = Said(
            f"第 {asked} 个之后的事件已清理，最早可从 after={bounds.first - 1} 开始；请重新读取工单",
            f"Events behind {asked} are deleted: read the cases anew and begin with after={bounds.first - 1}",
        )
        raise Problem("gone", gone)
    return asked


async def _stream(context: Context, follower: Follower, position: int) -> AsyncIterator[bytes]:
    hub, heartbeat = context.feed, context.settings.heartbeat_seconds
    loop = asyncio.get_running_loop()
    account = follower.caller.account
    with hub.follower(account):
        if hub.following(account) > context.settings.streams:
            return
        yield format_sse_event(id=str(position), retry=_RETRY)
        due = loop.time() + heartbeat
        while not hub.stopped:
            events = await hub.after(position)
            for event in events:
                position = event.position
                if follower.hears(event):
                    data = view_of(event).model_dump_json()
                    yield format_sse_event(id=str(position), event=event.kind, data_str=data)
            if loop.time() >= due:
                caller = await run_in_threadpool(caller_of, context, follower.token, context.clock())
                if caller is None or Right.READ_CASES not in caller.rights:
                    return
                follower = replace(follower, caller=caller)
                yield format_sse_event(id=str(position), comment="alive")
                due = loop.time() + heartbeat
            if not events:
                await hub.wait(position, max(0.0, due - loop.time()))

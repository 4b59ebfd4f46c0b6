"""Telling other systems what changes in cases: each hook its events, in order, at least once, signed.

Signed as Standard Webhooks have it: `webhook-signature` is `v1,` and the base64 of the HMAC-SHA256 of id, timestamp and
body with dots between, under the secret without its prefix, decoded. An event has the same id however often it is sent.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import TypeVar

import httpx
from sqlalchemy.exc import SQLAlchemyError

from api.event_views import view_of
from api.feed import FeedHub
from api.outbound import NotAllowed, Outbound
from api.patience import Patience
from storage import hooks as kept
from storage.database import Database
from storage.feed import FeedEvent
from storage.hooks import Hook, Lease, Outcome

T = TypeVar("T")
_PREFIX = "whsec_"
_PRUNED_EVERY = 3600.0
_log = logging.getLogger(__name__)


def new_secret() -> str:
    """A secret of 256 bits."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.removeprefix(_PREFIX)), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def body_of(event: FeedEvent) -> bytes:
    """What is sent of an event."""
    told = view_of(event).model_dump(mode="json")
    return json.dumps({"type": event.kind, "timestamp": told["recorded_at"], "data": told}, ensure_ascii=False).encode()


def headers_of(hook: Hook, event: FeedEvent, body: bytes, now: datetime) -> dict[str, str]:
    """What an event is sent with; the id is that of hook and event."""
    message_id, timestamp = f"{hook.hook_id}-{event.position}", int(now.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "yekuo",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(hook.secret, message_id, timestamp, body),
    }


class HookPump:
    """Tells hooks while the process runs; several processes share them by leases in the database."""

    def __init__(
        self,
        database: Database,
        feed: FeedHub,
        outbound: Outbound,
        patience: Patience,
        retention: timedelta | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._feed, self._outbound, self._clock = database, feed, outbound, clock
        self._patience, self._retention = patience, retention
        self._holder = secrets.token_hex(8)
        self._held_for = timedelta(seconds=2 * outbound.timeout + 30)
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hooks")
        self._telling: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Tell whatever comes until cancelled."""
        loop, pruned, failing = asyncio.get_running_loop(), 0.0, False
        try:
            while True:
                seen = self._feed.position
                try:
                    await self._begin(seen)
                    if self._retention and loop.time() >= pruned:
                        before = self._clock() - self._retention
                        await self._written(partial(kept.prune_deliveries, before=before))
                        pruned = loop.time() + _PRUNED_EVERY
                    failing = False
                except SQLAlchemyError as error:
                    if not failing:
                        _log.warning("hooks cannot be told: %s", str(error).partition("\n")[0])
                    failing = True
                if failing or self._feed.stopped:
                    await asyncio.sleep(self._patience.interval)
                else:
                    await self._feed.wait(seen, self._patience.interval)
        finally:
            await self._end()

    async def _begin(self, last: int) -> None:
        """Take up the hooks that nobody tells now and that may have something to be told."""
        free = self._patience.at_once - len(self._telling)
        if not free or not last or self._feed.stopped:
            return
        now = self._clock()
        lease = self._lease(now)
        for hook in await self._written(partial(kept.lease_hooks, lease=lease, last=last, now=now, limit=free)):
            task = asyncio.create_task(self._tell_safely(hook))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _end(self) -> None:
        telling = list(self._telling)
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _tell_safely(self, hook: Hook) -> None:
        try:
            await self._tell(hook)
        except SQLAlchemyError as error:
            _log.warning("hook %s cannot be told: %s", hook.hook_id, str(error).partition("\n")[0])
        finally:
            with suppress(SQLAlchemyError):
                await self._written(partial(kept.give_back, hook_id=hook.hook_id, holder=self._holder))

    async def _tell(self, hook: Hook) -> None:
        """Tell a hook all that there is for it, as long as that goes well and it is ours."""
        position = hook.position
        while not self._feed.stopped and (events := await self._feed.after(position)):
            if missed := events[0].position - position - 1:
                await self._move_on(hook, events[0].position - 1, missed)
            for event in events:
                if hook.wants(event.kind, event.case_no, event.county) and not await self._told(hook, event):
                    return
            position = events[-1].position
            if not await self._move_on(hook, position):
                return

    async def _move_on(self, hook: Hook, position: int, missed: int = 0) -> bool:
        moved = partial(kept.move_on, hook_id=hook.hook_id, holder=self._holder, position=position, missed=missed)
        return await self._written(moved)

    async def _told(self, hook: Hook, event: FeedEvent) -> bool:
        """Whether an event reached its hook, and the hook is still ours."""
        if not await self._written(partial(kept.renew, hook_id=hook.hook_id, lease=self._lease(self._clock()))):
            return False
        outcome = await self._attempt(hook, event)
        since = None if outcome.good else hook.failing_since or outcome.at
        paused = since is not None and (
            outcome.status == HTTPStatus.GONE or outcome.at - since >= self._patience.given_up
        )
        again = None if outcome.good or paused else outcome.at + self._patience.rest(hook.failures + 1)
        still = await self._written(
            partial(
                kept.keep_outcome,
                told=hook,
                holder=self._holder,
                event=(event.position, event.kind, event.case_no),
                outcome=outcome,
                next_attempt_at=again,
                paused=paused,
            )
        )
        hook.failures, hook.failing_since = 0, None
        return outcome.good and still

    async def _attempt(self, hook: Hook, event: FeedEvent) -> Outcome:
        body = body_of(event)
        try:
            headers = headers_of(hook, event, body, self._clock())
            status = await self._outbound.post(hook.url, body, headers)
        except NotAllowed as refusal:
            return Outcome(self._clock(), None, str(refusal))
        except TimeoutError:
            return Outcome(self._clock(), None, f"{self._outbound.timeout:g} 秒内没有应答")
        except (httpx.HTTPError, OSError) as error:
            return Outcome(self._clock(), None, f"无法送达：{type(error).__name__}")
        good = 200 <= status < 300
        return Outcome(self._clock(), status, "" if good else f"对方答复 {status}")

    def _lease(self, now: datetime) -> Lease:
        return Lease(self._holder, now + self._held_for)

    async def _written(self, act: Callable[..., T]) -> T:
        """What `act` answers to a session, in a transaction of its own."""

        def work() -> T:
            with self._database.transaction() as session:
                return act(session)

        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

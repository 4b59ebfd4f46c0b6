"""What the routes work with, made once when the process starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from temporalio.client import Client

from api.feed import FeedHub
from api.outbound import Outbound
from api.settings import ApiSettings
from storage.database import Database
from storage.files import FileStore


@dataclass(frozen=True)
class Context:
    """Database, files and Temporal of the installation; `feed` follows what changes in cases, `outbound` asks
    addresses that others have named, `clock` is the one place where the instant comes from."""

    database: Database
    files: FileStore
    client: Client
    task_queue: str
    settings: ApiSettings
    feed: FeedHub
    outbound: Outbound
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


InContext = Annotated[Context, Depends(_context)]

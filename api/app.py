"""The API process: `uvicorn api.app:create_app --factory`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from api import health, problems, routes
from api.context import Context
from api.feed import FeedHub
from api.hooks import HookPump
from api.requests import BoundedBodies, RequestIds
from api.routes import codec
from api.safety import refuse_unsafe_api
from api.settings import ApiSettings
from api.stopping import running, told_of_stop
from storage.database import Database
from storage.files import FileStore
from storage.settings import Settings
from workflows.codec import CONVERTER
from workflows.namespace import connect_later

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": problems.ProblemDetails, "content": {problems.MEDIA_TYPE: {}}} for status in ("4XX", "5XX")
}


def _system_time() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings | None = None,
    api_settings: ApiSettings | None = None,
    clock: Callable[[], datetime] = _system_time,
) -> FastAPI:
    """The application for these settings, by default those of the environment.

    It starts without the database and without Temporal: `/ready` says what is missing, and comes right by itself.
    Raises `UnsafeSettings` for those that no installation with real cases may have.
    """
    chosen, own = settings or Settings(), api_settings or ApiSettings()
    refuse_unsafe_api(chosen, own)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(chosen.database)
        client = await connect_later(chosen.temporal_address, chosen.namespace, CONVERTER)
        files = FileStore(chosen.file_store)
        # Some of its own: a database that hangs must not keep other work from the ordinary threads.
        threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="ready")
        app.state.checks = {
            "database": health.database_check(database, threads),
            "files": health.files_check(files, threads),
            "temporal": health.temporal_check(client),
        }
        app.state.warnings = {"worker": health.worker_check(client, chosen.task_queue)}
        feed = FeedHub(database, clock, own.feed_seconds, own.feed_kept)
        pump = HookPump(database, feed, own.outbound, own.hook_patience, own.feed_kept, clock)
        app.state.context = Context(database, files, client, chosen.task_queue, own, feed, own.outbound, clock)
        with told_of_stop(feed.stop):
            async with running(feed.run, pump.run):
                yield
        feed.close()
        threads.shutdown(wait=False, cancel_futures=True)
        database.close()

    # The interactive pages would load their scripts from the internet.
    app = FastAPI(title="yekuo", lifespan=lifespan, docs_url=None, redoc_url=None, routes=_routes())
    app.add_middleware(BoundedBodies, largest=own.largest_body, bounds=own.bounds)
    app.add_middleware(codec.FromWebUi, origins=own.origins(chosen.temporal_ui_port))
    app.add_middleware(RequestIds)
    problems.install(app)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """All routes, once for every application of this process: to work out what each takes costs a second and more."""
    version_1 = APIRouter(prefix="/api/v1")
    for module in iter_modules(routes.__path__):
        version_1.include_router(import_module(f"{routes.__name__}.{module.name}").router)
    built = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, responses=_ERRORS)
    built.include_router(health.router)
    built.include_router(version_1)
    return built.routes

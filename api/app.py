"""The API process: `uvicorn api.app:create_app --factory`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api.health import database_check, router, temporal_check
from storage.database import Database
from storage.settings import Settings
from workflows.namespace import connect_later


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for these settings, by default those of the environment.

    It starts without the database and without Temporal: `/ready` says what is missing, and comes right by itself.
    """
    chosen = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(chosen.database)
        client = await connect_later(chosen.temporal_address, chosen.namespace)
        # Two of its own: a database that hangs must not keep other work from the ordinary threads.
        threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="ready")
        app.state.checks = {"database": database_check(database, threads), "temporal": temporal_check(client)}
        yield
        threads.shutdown(wait=False, cancel_futures=True)
        database.close()

    # The interactive pages would load their scripts from the internet.
    app = FastAPI(title="yekuo", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.include_router(router)
    return app

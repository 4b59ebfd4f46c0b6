"""Activities of data stores: what one holds, and putting something into it."""

from __future__ import annotations

from typing import Any

from temporalio import activity

from activities.refusals import refusing
from domain.data_stores import StoreReading, StoreWriting
from storage.base import instant
from storage.data_stores import Change, data_store, write_id_of, write_store
from storage.database import Database


class DataStoreActivities:
    """The data stores, kept in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="read-data-store")
    @refusing
    def read_data_store(self, reading: StoreReading) -> Any:
        """What a store holds; null where nothing was ever put into it."""
        with self._database.session() as session:
            found = data_store(session, reading.store)
        return found.value if found else None

    @activity.defn(name="write-data-store")
    @refusing
    def write_data_store(self, writing: StoreWriting) -> None:
        """Puts a value into a store, once however often it is tried."""
        write_id = write_id_of(writing.workflow_id, writing.epoch, writing.key, writing.part)
        change = Change(writing.value, writing.limit, writing.path)
        with self._database.transaction() as session:
            write_store(session, writing.store, change, writing.workflow_id, instant(writing.now), write_id)

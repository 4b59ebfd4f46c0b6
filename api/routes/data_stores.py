"""Data stores: what outlives every case, as diagrams read and write it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AfterValidator, Field, JsonValue, StringConstraints
from sqlalchemy.orm import Session

from api.context import InContext
from api.identity import Caller, Having
from api.models import Answer, IdempotencyKey, Page, Sent, keepable
from api.once import once
from api.pages import After, Limit
from api.problems import FieldFault, Problem, Said
from api.rights import Right
from domain.start import Settings
from storage.data_stores import (
    LONGEST_NAME,
    Change,
    DataStoreRefused,
    data_store,
    data_store_writes,
    data_stores,
    write_store,
)

router = APIRouter(tags=["data stores"])
Reader = Annotated[Caller, Depends(Having(Right.READ_RULES))]
Changer = Annotated[Caller, Depends(Having(Right.CHANGE_RULES))]
_NAMED = "The name that diagrams give the store: of its `dataStore`, else of the reference to it"
_NAME = r"^[^\x00-\x1f]+$"
StoreName = Annotated[
    str, Path(min_length=1, max_length=LONGEST_NAME, pattern=_NAME, description=_NAMED, examples=["台账"])
]
_LIMIT = Settings().variable_bytes


class DataStoreLine(Answer):
    """A store: how often it was written, and by whom last: a person's account, or a case's workflow id."""

    name: str
    version: int
    written_by: str
    written_at: datetime


class DataStoreView(DataStoreLine):
    """A store and what it holds."""

    value: JsonValue


class DataStoreSent(Sent):
    """What a store is to hold from now on, as a whole, and why."""

    value: Annotated[JsonValue, AfterValidator(keepable)] = Field(examples=[{"bays": ["101", "102"]}])
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class DataStoreWriteView(Answer):
    """One write: the `path` in the store that it went to, empty for the whole, and who did it."""

    store: str
    version: int
    path: list[str]
    note: str
    written_by: str
    written_at: datetime


@router.get("/data-stores")
def list_data_stores(context: InContext, caller: Reader, after: After = "", limit: Limit = 50) -> Page[DataStoreLine]:
    """The stores that have ever been written, by name."""
    del caller
    with context.database.session() as session:
        found = data_stores(session, limit=limit + 1, after=after)
    page = [DataStoreLine.model_validate(one) for one in found[:limit]]
    return Page(items=page, next=page[-1].name if len(found) > limit else None)


@router.get("/data-store-writes")
def list_data_store_writes(
    context: InContext,
    caller: Reader,
    store: Annotated[str, Query(min_length=1, max_length=LONGEST_NAME, pattern=_NAME, description=_NAMED)],
    after: Annotated[int | None, Query(ge=1, le=1_000_000_000, description="`next` of the page before")] = None,
    limit: Limit = 50,
) -> Page[DataStoreWriteView]:
    """Who has written a store, the newest first."""
    del caller
    with context.database.session() as session:
        found = data_store_writes(session, store, limit=limit + 1, before=after)
    page = [DataStoreWriteView.model_validate(one) for one in found[:limit]]
    return Page(items=page, next=str(page[-1].version) if len(found) > limit else None)


@router.get("/data-stores/{name:path}")
def get_data_store(context: InContext, caller: Reader, name: StoreName) -> DataStoreView:
    """What a store holds."""
    del caller
    with context.database.session() as session:
        return _view(session, name)


@router.put("/data-stores/{name:path}")
def put_data_store(
    context: InContext, caller: Changer, key: IdempotencyKey, name: StoreName, sent: DataStoreSent
) -> DataStoreView:
    """Has a store hold this value as a whole, whatever it held. Who did it, and why, stays among its writes."""

    def act(session: Session) -> DataStoreView:
        change = Change(sent.value, _LIMIT, note=sent.note)
        write_store(session, name, change, caller.account, context.clock())
        return _view(session, name)

    asked: list[Any] = ["data store", name, sent.model_dump()]
    try:
        return once(context, caller, key, asked, DataStoreView, act)
    except DataStoreRefused as refused:
        detail = Said(str(refused), f"The value is more than {_LIMIT} bytes")
        raise Problem("invalid", detail, [FieldFault(field="value", message=str(refused))]) from None


def _view(session: Session, name: str) -> DataStoreView:
    found = data_store(session, name)
    if found is None:
        raise Problem("not-found", Said(f"没有名为「{name}」的数据存储", f"There is no data store {name!r}"))
    return DataStoreView.model_validate(found)

"""Diagrams, decision tables and forms: what is current, word for word and version by version."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Response

from api.context import InContext
from api.identity import Caller, Having
from api.models import Answer, Page
from api.problems import Problem, Said
from api.rights import Right
from storage.definitions import (
    DefinitionKind,
    current_definition,
    definition,
    definition_versions,
    listed_definitions,
)

router = APIRouter(tags=["definitions"])
Reader = Annotated[Caller, Depends(Having(Right.READ_RULES))]
Key = Annotated[str, Path(min_length=1, max_length=100, examples=["hv_connection"])]
Version = Annotated[int | None, Query(ge=1, le=1_000_000_000, description="Without it, the current one")]
Place = Annotated[int | None, Query(ge=1, le=1_000_000_000, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]
_MEDIA_TYPES = {
    DefinitionKind.BPMN: "application/xml",
    DefinitionKind.DMN: "application/xml",
    DefinitionKind.FORM: "application/json",
}
_SOURCE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The source", "content": {one: {} for one in _MEDIA_TYPES.values()}}
}


class DefinitionLine(Answer):
    """One version of one source; `retired` where a rollback took it out of use."""

    kind: DefinitionKind
    key: str
    version: int
    file_name: str
    sha256: str
    deployed_at: datetime
    retired: bool


@router.get("/definitions")
def current(
    context: InContext,
    caller: Reader,
    after: Annotated[str, Query(max_length=200, description="`next` of the page before")] = "",
    limit: Limit = 100,
) -> Page[DefinitionLine]:
    """The current sources, by kind and key."""
    del caller
    kind, _, key = after.partition("/")
    with context.database.session() as session:
        found = listed_definitions(session, limit=limit + 1, after=(kind, key))
    page = [DefinitionLine.model_validate(one) for one in found[:limit]]
    return Page(items=page, next=f"{page[-1].kind.value}/{page[-1].key}" if len(found) > limit else None)


@router.get("/definitions/{kind}/{key}", response_class=Response, responses=_SOURCE)
def source(context: InContext, caller: Reader, kind: DefinitionKind, key: Key, version: Version = None) -> Response:
    """One source, word for word."""
    del caller
    with context.database.session() as session:
        found = definition(session, kind, key, version) if version else current_definition(session, kind, key)
    if found is None:
        named = f"{key}.{kind.value}"
        raise Problem("not-found", Said(f"没有部署过 {named} 的这一版", f"There is no such version of {named}"))
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.file_name)}",
        "X-Content-Type-Options": "nosniff",
        "X-Version": str(found.version),
    }
    return Response(found.source.encode(), media_type=_MEDIA_TYPES[kind], headers=headers)


@router.get("/definitions/{kind}/{key}/versions")
def versions(
    context: InContext, caller: Reader, kind: DefinitionKind, key: Key, after: Place = None, limit: Limit = 50
) -> Page[DefinitionLine]:
    """The versions of one source, the newest first; none where it was never deployed."""
    del caller
    with context.database.session() as session:
        found = definition_versions(session, kind, key, limit=limit + 1, before=after)
    page = [DefinitionLine.model_validate(one) for one in found[:limit]]
    return Page(items=page, next=str(page[-1].version) if len(found) > limit else None)

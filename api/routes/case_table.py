"""The list of cases as a table for spreadsheets: all of it in one file, made while it is being sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from api.case_filters import CaseFilters
from api.context import Context, InContext
from api.identity import Caller, Having
from api.rights import Right
from domain.chinese import BUSINESS_ZONE
from storage.case_list import CaseQuery, ListedCase, search_cases
from storage.cases import CaseState

router = APIRouter(tags=["cases"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
HEADINGS = (
    "工单号",
    "业务",
    "类型",
    "电压(kV)",
    "县区",
    "客户",
    "用电地址",
    "环节",
    "状态",
    "颜色",
    "到期",
    "受理",
    "更新",
    "结束",
)
_STATES = {
    CaseState.RUNNING.value: "在办",
    CaseState.COMPLETED.value: "办结",
    CaseState.TERMINATED.value: "终止",
}
_PAGE = 500
"""Cases that are read at once."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""

_DESCRIBED: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


@router.get("/cases.csv", response_class=StreamingResponse, responses=_DESCRIBED)
def case_table(context: InContext, caller: Reader, filters: Annotated[CaseFilters, Query()]) -> StreamingResponse:
    """The cases that the caller may see as CSV (UTF-8 with BOM), narrowed and sorted like the list."""
    wanted = filters.wanted(caller)
    lines = _lines(context, wanted, context.settings.table_rows) if wanted else iter([HEADINGS])
    headers = {"Content-Disposition": "attachment; filename=cases.csv", "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(_written(lines), media_type="text/csv; charset=utf-8", headers=headers)


def harmless(text: str) -> str:
    """The text of a cell, such that no spreadsheet computes it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(context: Context, wanted: CaseQuery, most: int) -> Iterator[Iterable[str]]:
    """The lines, no more than `most` cases; a last one says where there are others."""
    yield HEADINGS
    after, left = "", most
    while left:
        with context.database.session() as session:
            page, after = search_cases(session, wanted, limit=min(_PAGE, left), after=after)
        yield from map(_line, page)
        left -= len(page)
        if not after:
            return
    yield [f"只列出前{most}件，请缩小范围"]


def _line(one: ListedCase) -> list[str]:
    case = one.case
    return [
        case.case_no,
        case.title,
        case.case_type,
        case.voltage_kv,
        case.county,
        case.customer,
        case.address,
        case.stage,
        _STATES.get(case.state, case.state),
        one.colour.value,
        *map(_moment, (one.due_at, case.opened_at, case.updated_at, case.closed_at)),
    ]


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}" if moment else ""


def _written(lines: Iterator[Iterable[str]]) -> Iterator[bytes]:
    """The lines as bytes, each as soon as it is there."""
    buffer = io.StringIO("\ufeff")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    for line in lines:
        writer.writerow(map(harmless, line))
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()

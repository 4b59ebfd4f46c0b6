"""What tests of stock and frameworks over HTTP share: good answers, and cases as the read model has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from storage.base import upsert
from storage.cases import Case
from tests.api.serving import Site


async def good(answer: httpx.Response) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json()


def begin_case(here: Site, number: str, county: str = "开发区", **fields: Any) -> None:
    """A case at the point where materials are to be had, as the read model has it."""
    now = datetime.now(UTC)
    row = {
        "workflow_id": f"case/{number}",
        "case_no": number,
        "process": "grid_project_10kv",
        "version": 1,
        "title": "",
        "case_type": "10kV专线",
        "voltage_kv": "10",
        "county": county,
        "customer": "恒源新材料有限公司",
        "address": "",
        "parent_workflow_id": "",
        "stage": "物资领用",
        "state": "running",
        "opened_at": now,
        "updated_at": now,
        "closed_at": None,
    }
    with here.database.transaction() as session:
        upsert(session, Case, [{**row, **fields}])

"""The tables of a company that nobody has loaded are the files that its settings name, for every process alike."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.limits import LimitTable
from storage.company_tables import SettingsRefused
from storage.database import Database
from storage.outage_rules import calendar_and_limits
from storage.rules import RuleKind, load_rules

SHIPPED = LimitTable.shipped().to_json()


def longer(days: int) -> dict[str, object]:
    """The shipped limits, with so many days for the energization."""
    rows = [{**row, "days": days} if row["step"] == "energization" else row for row in SHIPPED["rows"]]
    return {**SHIPPED, "rows": rows}


def promised(database: Database) -> set[int]:
    with database.session() as session:
        _, limits = calendar_and_limits(session)
    return {row.days for row in limits.rows if row.step == "energization"}


def test_a_promise_is_counted_by_the_companys_file(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "limits.json").write_text(json.dumps(longer(9), ensure_ascii=False), "utf-8")
    monkeypatch.setenv("YEKUO_LIMITS", str(tmp_path / "limits.json"))
    assert promised(database) == {9}

    with database.transaction() as session:
        load_rules(session, RuleKind.LIMITS, longer(5), "zhou", "新规定", datetime.now(UTC))
    assert promised(database) == {5}


def test_a_file_that_is_not_there_is_named(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEKUO_LIMITS", "nowhere.json")

    with pytest.raises(SettingsRefused, match=r"nowhere\.json 无法打开"):
        promised(database)

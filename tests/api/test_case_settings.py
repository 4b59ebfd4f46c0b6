"""Limits, posts and the settings of clocks are read at the start of a case; what is wrong is named by file and row."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from api.case_settings import CaseSettings, read_rules
from api.cases import start_case
from api.deployment import main
from demo.scenario import read_scenario
from domain import authority, limits, posts
from domain.authority import AuthorityTable
from domain.clock import ClockSettings
from domain.limits import LimitTable
from domain.posts import PostTable
from storage.company_tables import SettingsRefused
from storage.database import Database
from storage.rules import RuleKind, RuleVersion, load_rules
from tests.databases import deployed
from tests.workflows.days_off import with_a_day_off

Change = Callable[[dict[str, Any]], object]


def edited(folder: Path, shipped: Path, change: Change) -> Path:
    """A file as shipped, but for the change."""
    data = json.loads(shipped.read_text("utf-8"))
    change(data)
    path = folder / "edited.json"
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return path


def longer(data: dict[str, Any]) -> None:
    """The reply of a single source may take eleven days."""
    row = next(row for row in data["rows"] if row["id"] == "reply-single")
    row["days"] = 11


async def started(server: WorkflowEnvironment, folder: Path, settings: CaseSettings | None = None) -> dict[str, Any]:
    """The input of a case that was started, as Temporal has it."""
    database = deployed(folder / "cases.db")
    application = {**read_scenario("10kv").variables, "caseNo": f"YK-{uuid4()}"}
    queue = str(uuid4())
    handle = await start_case(server.client, database, queue, "hv_connection", application, settings=settings)
    history = await handle.fetch_history()
    await handle.terminate()
    payloads = history.events[0].workflow_execution_started_event_attributes.input.payloads
    (start,) = await server.client.data_converter.decode(list(payloads), [dict])
    return dict(start)


async def test_a_case_carries_the_shipped_tables_and_counts_as_ever_unless_told_otherwise(
    dev_server: WorkflowEnvironment, tmp_path: Path
) -> None:
    start = await started(dev_server, tmp_path)

    assert LimitTable.from_json(json.loads(start["limits"])) == LimitTable.shipped()
    assert PostTable.from_json(json.loads(start["posts"])) == PostTable.shipped()
    assert AuthorityTable.from_json(json.loads(start["authority"])) == AuthorityTable.shipped()
    assert start["authority_version"] == 0
    assert ClockSettings(**start["clock_settings"]) == ClockSettings()
    assert start["clock_reports"] is True


async def test_a_case_carries_the_tables_and_settings_that_the_environment_names(
    dev_server: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YEKUO_LIMITS", str(edited(tmp_path, limits.SHIPPED, longer)))
    ended = tmp_path / "authorities.json"
    ended.write_text(json.dumps({"rows": [*AuthorityTable.shipped().to_json()["rows"][:-1]]}), "utf-8")
    monkeypatch.setenv("YEKUO_AUTHORITY", str(ended))
    monkeypatch.setenv("YEKUO_CLOCK_CLOSE", "17:30")
    monkeypatch.setenv("YEKUO_CLOCK_COUNTS", "grid_works = sign_plan")
    monkeypatch.setenv("YEKUO_MOVE_POSTS", "leader")
    monkeypatch.setenv("YEKUO_PROMISE_POSTS", "company_head,leader")

    start = await started(dev_server, tmp_path)

    rows = {row["id"]: row["days"] for row in json.loads(start["limits"])["rows"]}
    assert rows["reply-single"] == 11
    assert len(json.loads(start["authority"])["rows"]) == len(AuthorityTable.shipped().rows) - 1
    assert start["clock_settings"] == {
        "close": "17:30",
        "counts": {"grid_works": "sign_plan"},
        "move_posts": ["leader"],
        "promise_posts": ["company_head", "leader"],
    }


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ("grid_works=accept_application", "不由“accept_application”起算，起算元素：reply_plan、sign_plan"),
        ("nothing=sign_plan", "计时“nothing”不由“sign_plan”起算，起算元素：无"),
    ],
)
async def test_a_start_that_the_diagram_does_not_know_is_refused(
    dev_server: WorkflowEnvironment, tmp_path: Path, counts: str, text: str
) -> None:
    with pytest.raises(SettingsRefused, match=text):
        await started(dev_server, tmp_path, CaseSettings(clock_counts=counts))


async def test_a_table_without_a_limit_that_the_diagram_names_is_refused(
    dev_server: WorkflowEnvironment, tmp_path: Path
) -> None:
    path = edited(tmp_path, limits.SHIPPED, lambda data: data["rows"].pop(0))

    with pytest.raises(SettingsRefused, match="时限表中没有环节“acceptance”"):
        await started(dev_server, tmp_path, CaseSettings(limits=path))


@pytest.mark.parametrize(
    ("setting", "shipped", "change", "texts"),
    [
        ("limits", limits.SHIPPED, lambda data: data["rows"][2].update(days="ten"), ["时限表", "edited.json", "第3行"]),
        ("limits", limits.SHIPPED, lambda data: data["rows"][1].update(dayz=3), ["时限第2行", "没有这一栏"]),
        ("posts", posts.SHIPPED, lambda data: data["rows"][0].update(post="king"), ["岗位表", "edited.json", "第1行"]),
        ("posts", posts.SHIPPED, lambda data: data["rows"].append(data["rows"][0]), ["与第1行是同一岗位"]),
        (
            "authority",
            authority.SHIPPED,
            lambda data: data["rows"][0].update(matter="x"),
            ["授权表", "edited.json", "第1行"],
        ),
    ],
)
def test_a_faulty_table_is_refused_by_file_and_row(
    tmp_path: Path, setting: str, shipped: Path, change: Change, texts: list[str]
) -> None:
    path = edited(tmp_path, shipped, change)

    with pytest.raises(SettingsRefused) as refused:
        read_rules(CaseSettings.model_validate({setting: path}))

    for text in texts:
        assert text in str(refused.value)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'{"rows": [\n  {"id": }]}', "第2行第10列不是 JSON"),
        (b"[]", "应为 JSON 对象"),
        (b"\xff\xfe", "不是 UTF-8"),
        (None, "无法打开"),
    ],
)
def test_a_file_that_holds_no_table_is_refused_by_its_name(tmp_path: Path, content: bytes | None, text: str) -> None:
    path = tmp_path / "limits.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingsRefused, match=f"时限表 {path} ?.*{text}"):
        read_rules(CaseSettings(limits=path))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (CaseSettings(clock_close="25:00"), "YEKUO_CLOCK_CLOSE 为“25:00”"),
        (CaseSettings(clock_counts="grid_works"), "YEKUO_CLOCK_COUNTS 中的“grid_works”应写作"),
        (CaseSettings(move_posts="officer"), "YEKUO_MOVE_POSTS 中没有岗位“officer”"),
        (CaseSettings(promise_posts="boss"), "YEKUO_PROMISE_POSTS 中没有岗位“boss”"),
    ],
)
def test_a_setting_that_cannot_be_read_is_refused_by_its_name(settings: CaseSettings, text: str) -> None:
    with pytest.raises(SettingsRefused, match=text):
        read_rules(settings)


def test_diagrams_are_checked_against_the_limits_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YEKUO_DATABASE_URL", f"sqlite:///{tmp_path / 'deployed.db'}")
    Database(f"sqlite:///{tmp_path / 'deployed.db'}").migrate()
    monkeypatch.setenv("YEKUO_LIMITS", str(edited(tmp_path, limits.SHIPPED, lambda data: data["rows"].pop(0))))

    assert main([]) == 2
    assert "时限表中没有环节“acceptance”" in capsys.readouterr().err


async def test_what_was_loaded_into_the_database_wins_over_files_and_what_is_shipped(
    dev_server: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YEKUO_LIMITS", str(edited(tmp_path, limits.SHIPPED, longer)))
    table, people, calendar = LimitTable.shipped().to_json(), PostTable.shipped().to_json(), with_a_day_off().to_json()
    people["rows"][0]["account"] = "zhao"
    levels = AuthorityTable.shipped().to_json()
    levels["rows"].pop()
    database = deployed(tmp_path / "cases.db")
    with database.transaction() as session:
        for kind, content in {
            RuleKind.LIMITS: table,
            RuleKind.POSTS: people,
            RuleKind.CALENDAR: calendar,
            RuleKind.AUTHORITY: levels,
        }.items():
            load_rules(session, kind, content, "", "zhao", datetime.now(UTC))

    start = await started(dev_server, tmp_path)

    rows = {row["id"]: row["days"] for row in json.loads(start["limits"])["rows"]}
    assert rows["reply-single"] == 10
    assert json.loads(start["posts"]) == people
    assert start["calendar"] == calendar
    assert (json.loads(start["authority"]), start["authority_version"]) == (levels, 1)


def test_a_loaded_table_that_cannot_be_read_any_more_is_refused_by_its_version() -> None:
    content = {"version": "1", "rows": []}
    kept = RuleVersion(kind=RuleKind.LIMITS, version=7, content=content)

    with pytest.raises(SettingsRefused, match="数据库中的时限表第7版"):
        read_rules(loaded={RuleKind.LIMITS: kept})

"""The journal in words: every event that anything writes has a sentence, whatever its data."""

from __future__ import annotations

import asyncio
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.client import WorkflowHistory

from domain.journal_words import EVENTS, is_important, words
from domain.records import Record
from workflows.codec import CONVERTER

ROOT = Path(__file__).parents[2]
HISTORIES = sorted((ROOT / "tests" / "workflows" / "histories").glob("*.json"))
WRITTEN = re.compile(r"""(?:\.note|\._write|\.record|\.record_instance)\(\s*"([a-z ]+)\"""")


def record(event: str, type: str = "userTask", **data: Any) -> Record:
    return Record(1, "2026-03-05T10:30:00+08:00", event, "accept", type, "业务受理", data=data)


@cache
def recorded() -> tuple[Record, ...]:
    """What the recorded histories sent to the journal."""
    return tuple(one for path in HISTORIES for one in _records(path))


def _records(path: Path) -> list[Record]:
    history = WorkflowHistory.from_json(path.stem, json.loads(path.read_text("utf-8")))
    scheduled = [event.activity_task_scheduled_event_attributes for event in history.events]
    batches = [one.input.payloads for one in scheduled if one.activity_type.name == "record-journal"]
    decoded = [asyncio.run(CONVERTER.decode(list(batch)))[0] for batch in batches]
    return [Record(**one) for batch in decoded for one in batch["records"]]


def test_every_event_of_the_recorded_histories_has_words() -> None:
    events = {one.event for one in recorded()}

    assert len(events) > 20
    assert events <= EVENTS


def test_every_event_that_the_engine_or_a_workflow_writes_has_words() -> None:
    sources = [*(ROOT / "bpmn").rglob("*.py"), *(ROOT / "workflows").rglob("*.py")]
    written = {event for source in sources for event in WRITTEN.findall(source.read_text("utf-8"))}

    assert {"activated", "opened", "third yellow", "undelivered"} <= written
    assert written <= EVENTS


def test_no_sentence_of_the_recorded_histories_has_a_gap() -> None:
    said = [words(one) for one in recorded() if one.event != "refused"]

    assert said
    assert not [one for one in said if "「」" in one.zh or "“”" in one.en or one.zh.endswith("：")]


@pytest.mark.parametrize(
    ("event", "data", "sentence"),
    [
        ("act", {"act": "complete", "by": "wang"}, "王敏办结「业务受理」"),
        (
            "act",
            {"act": "complete", "by": "wang", "happenedAt": "2026-03-02T09:05:00+08:00", "lateReason": "停网"},
            "王敏办结「业务受理」（实际发生于2026年3月2日09:05；补录原因：停网）",
        ),
        ("claimed", {"by": "wang"}, "王敏领办「业务受理」"),
        ("read", {"store": "台账"}, "「业务受理」读取数据存储台账"),
        ("written", {"store": "台账"}, "「业务受理」写入数据存储台账"),
        ("opened", {"candidateGroups": ["marketing"]}, "「业务受理」待办，由营销部办理"),
        ("transferred", {"by": "wang", "to": "li", "reason": "出差"}, "王敏将「业务受理」转办给李强：出差"),
        ("reminded", {"by": "wang", "text": "客户在等"}, "王敏催办「业务受理」：客户在等"),
        ("copied", {"by": "wang", "to": ["li", "zhao"], "text": ""}, "王敏将「业务受理」抄送李强、zhao"),
        ("skipped", {"by": "wang", "reason": "已在线下办理"}, "王敏跳过「业务受理」：已在线下办理"),
        (
            "act",
            {"act": "activate", "by": "wang", "elements": ["A", "B"], "names": ["现场勘察", "协调会"]},
            "王敏启动「业务受理」中的「现场勘察」「协调会」",
        ),
        ("discarded", {"elements": ["A"], "reason": "it is suspended"}, "「业务受理」中未启动A：it is suspended"),
        ("act", {"act": "claim", "by": "wang"}, "王敏要求领办「业务受理」"),
        ("act", {"act": "release", "by": "wang"}, "王敏要求退还「业务受理」"),
        (
            "act",
            {"act": "transfer", "by": "wang", "to": "li", "reason": "出差"},
            "王敏要求将「业务受理」转办给李强：出差",
        ),
        (
            "act",
            {"act": "update_task", "by": "wang", "changes": {"priority": 80}, "reason": "客户在等"},
            "王敏要求变更「业务受理」的priority：客户在等",
        ),
        ("assigned", {"by": "wang", "changes": {"assignee": "wang"}}, "「业务受理」的处理人已变更"),
        ("updated", {"by": "wang", "changes": {"dueDate": "2026-03-09"}}, "王敏变更「业务受理」：dueDate"),
        ("directed", {"activates": ["A", "B"]}, "「业务受理」启动A、B"),
        ("directed", {"fulfilled": True}, "「业务受理」可以结束"),
        (
            "discarded",
            {"reason": "it is suspended"},
            "对「业务受理」的操作未生效：it is suspended",
        ),
        ("discarded", {"message": "M", "reason": "too large"}, "消息M未被接收：too large"),
        (
            "escalated",
            {"level": "L2", "name": "答复", "due": "2026-03-06T00:00:00+08:00"},
            "期限「答复」达到L2 超期，截止2026年3月5日24:00",
        ),
        ("escalated", {"code": "E1", "toCaller": True}, "「业务受理」上报E1（转上级流程）"),
        (
            "answered",
            {
                "by": "wang",
                "number": "督1",
                "answer": {"cause": "grid", "promised": "2026-03-09T17:00:00+08:00", "text": ""},
            },
            "王敏答复督办单督1：原因电网受限，承诺2026年3月9日17:00",
        ),
    ],
)
def test_people_read_who_did_what(event: str, data: dict[str, Any], sentence: str) -> None:
    names = {"wang": "王敏", "li": "李强"}

    assert words(record(event, **data), lambda account: names.get(account, account)).zh == sentence


def test_the_same_is_said_in_english() -> None:
    said = words(record("act", act="complete", by="wang", happenedAt="2026-03-02T09:05:00+08:00"))

    assert said.en == "wang completed “业务受理” (really at 2026-03-02 09:05)"


def test_a_clock_is_called_by_its_name() -> None:
    seen = record("acknowledged", by="wang", clock="reply", level="L1")

    assert words(seen, clock_of={"reply": "供电方案答复"}.__getitem__).zh == "wang已阅知期限「供电方案答复」的L1 预警"


def test_a_new_table_of_authorities_is_told_with_what_it_changed() -> None:
    changes = ["取消：110kV接入系统方案审查（市公司发展部，授权）", "新增：间隔预留批复"]
    sent = record("act", act="new_authority", by="zhao", changes=changes, remark="本案适用的权限有变动")

    assert words(sent).zh == f"zhao送来新的授权表（{changes[0]}；{changes[1]}）：本案适用的权限有变动"
    assert words(record("act", act="new_authority", by="zhao", remark="未作更改")).zh == "zhao送来新的授权表：未作更改"


def test_an_event_that_is_not_known_is_named() -> None:
    assert words(record("teleported")) == ("teleported：业务受理", "teleported: 业务受理")


def test_what_happens_to_a_single_element_is_no_news_but_the_end_of_the_process_is() -> None:
    assert not is_important(record("completed"))
    assert is_important(record("completed", "process"))
    assert is_important(record("claimed"))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = ["by", "to", "act", "level", "answer", "happenedAt", "due", "rules", "variables", "kind", "candidateGroups"]


@given(st.sampled_from(sorted(EVENTS)), st.dictionaries(st.sampled_from(KEYS), ANYTHING))
def test_no_data_is_too_strange_to_be_told(event: str, data: dict[str, Any]) -> None:
    said = words(Record(1, "", event, "", "", "", data=data))

    assert said.zh
    assert said.en

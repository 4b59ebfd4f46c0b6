"""A request as it travels: what it reads, what it refuses, what follows from it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.fields import MissingFields
from domain.outage.requests import OutageRequest, Priority
from tests.domain.outage.made import at, energization, request


def test_a_request_travels_as_json() -> None:
    sent = request("R7", customersAffected=12, affectsOthers=True, noticedAt=at(-8), durationHours=1.5)

    data = json.loads(json.dumps(sent.to_json()))

    assert OutageRequest.from_json(data) == sent
    assert data["durationHours"] == 1.5
    assert data["noticedAt"] == "2026-11-21T00:00:00+08:00"
    assert data["promiseDue"] is None


def test_the_words_of_the_forms_are_read_as_their_codes() -> None:
    read = request(kind="临时", source="其他工程", affectsOthers="yes", riskLevel="二级")

    assert (read.kind, read.source, read.affects_others, read.risk_level) == ("temporary", "works", True, 2)


def test_an_instant_of_another_zone_is_told_in_chinese_time() -> None:
    assert request(appliedAt="2026-11-24T20:30:00-05:00").applied_at.isoformat() == "2026-11-25T09:30:00+08:00"


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(MissingFields, match="申请时间（appliedAt）应为带时区的日期和时刻"):
        request(appliedAt="2026-11-24T20:30:00")


def test_all_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(MissingFields) as caught:
        OutageRequest.from_json({"requestNo": "R1", "kind": "明天"})

    said = str(caught.value)
    assert "不能受理停送电申请" in said
    assert "线路（feeder）未填写" in said
    assert "计划类别（kind）应为计划或临时或紧急" in said


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"latestEnd": at(1)}, "最迟结束时间（latestEnd）应晚于最早开始时间"),
        ({"source": "energization"}, "业扩工单编号（caseNo）未填写"),
        ({"caseNo": "YK1"}, "业扩工单编号（caseNo）其他工程不应填写"),
        ({"equipment": [], "relatedEquipment": ["E2"]}, "关联设备（relatedEquipment）没有停电设备时不应填写"),
        ({"riskLevel": 6}, "风险等级（riskLevel）应为1至5"),
        ({"affectsOthers": "maybe"}, "是否影响其他客户（affectsOthers）应为是"),
    ],
)
def test_what_contradicts_itself_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(MissingFields) as caught:
        request(**changes)

    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "priority"),
    [
        ({}, Priority.OTHER),
        ({"source": "energization", "caseNo": "YK1"}, Priority.ENERGIZATION),
        ({"noticedAt": at(-8)}, Priority.ANNOUNCED),
        ({"noticedAt": at(-8), "upperLevel": True}, Priority.UPPER_LEVEL),
        ({"kind": "emergency", "upperLevel": True}, Priority.EMERGENCY),
    ],
)
def test_priority_follows_the_usual_order_of_conflicts(changes: dict[str, Any], priority: Priority) -> None:
    assert request(**changes).priority is priority


def test_its_kind_on_paper_follows_from_source_and_equipment() -> None:
    assert energization().outage_kind == "送电"
    assert energization(equipment=["E1"]).outage_kind == "停送电"
    assert request().outage_kind == "停电"


def test_a_part_of_a_minute_counts_as_a_whole_one() -> None:
    assert request(durationHours=1.01).minutes == 61

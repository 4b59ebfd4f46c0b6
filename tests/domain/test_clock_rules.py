"""What a diagram says of its clocks is checked, and travels; what an application says of a case chooses its limits."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from domain.clock import Facts
from domain.clock_rules import ClockRule, Trigger, rule_faults
from domain.fields import MissingFields
from tests.domain.clock_cases import (
    REPLY,
    RULES,
    TABLE,
    done,
)


class TestRules:
    def test_the_rules_of_these_tests_have_no_faults(self) -> None:
        assert rule_faults(RULES, TABLE) == ()

    def test_rules_travel_as_json(self) -> None:
        assert [ClockRule.from_json(json.loads(json.dumps(rule.to_json()))) for rule in RULES] == list(RULES)

    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            (ClockRule("a", "甲", "nothing", done("x")), "计时“a”：时限表中没有环节“nothing”"),
            (ClockRule("a:b", "甲", "survey", done("x")), "计时“a:b”：编号不得为空，也不得含有“:”或“#”"),
            (
                ClockRule("a", "甲", "survey", (Trigger("x", "done"),)),
                "计时“a”：元素“x”的事件“done”不存在，可用：activated、completed、terminated",
            ),
            (
                ClockRule("a", "甲", "survey", done("x"), counts="y"),
                "计时“a”：起算元素“y”不在起始元素之中",
            ),
            (ClockRule("a", "甲", "survey", done("x"), done("y"), per_step=True), "计时“a”：环节计时须由同一元素起止"),
        ],
    )
    def test_a_wrong_rule_is_named(self, rule: ClockRule, said: str) -> None:
        assert rule_faults([rule], TABLE) == (said,)

    def test_two_clocks_of_one_name_are_refused(self) -> None:
        assert rule_faults([REPLY, REPLY], TABLE) == ("计时“reply”重复定义2次",)


class TestFacts:
    @pytest.mark.parametrize(
        ("stated", "voltage", "sources", "dedicated"),
        [
            ({"voltageKv": 10, "sources": 2, "dedicatedLine": True}, "10", 2, True),
            ({"voltageKv": "10", "sources": "2", "dedicatedLine": True}, "10", 2, True),
            ({"voltageKv": 0.4, "sources": 2.0, "dedicatedLine": False}, "0.4", 2, False),
            ({"voltageKv": 10, "sources": None, "dedicatedLine": None}, "10", 1, False),
            ({"voltageKv": " "}, "0", 1, False),
            ({}, "0", 1, False),
        ],
    )
    def test_the_facts_of_an_application_are_read_however_its_form_gives_numbers(
        self, stated: dict[str, Any], voltage: str, sources: int, dedicated: bool
    ) -> None:
        assert Facts.of(stated, dt.date(2026, 3, 2)) == Facts(voltage, sources, dedicated, "2026-03-02")

    @pytest.mark.parametrize(
        "stated",
        [
            {"voltageKv": "10kV"},
            {"voltageKv": True},
            {"voltageKv": -10},
            {"sources": "双电源"},
            {"sources": 1.5},
            {"sources": 0},
            {"dedicatedLine": "是"},
        ],
    )
    def test_what_states_no_fact_is_refused_and_named(self, stated: dict[str, Any]) -> None:
        with pytest.raises(MissingFields, match=next(iter(stated))):
            Facts.of(stated, dt.date(2026, 3, 2))

"""Documents as rendered: everything the model says is on the paper, and the same model gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.documents import render
from activities.documents.rendering import context_of
from domain.documents import DOCUMENTS, SUPPLY_PLAN_REPLY, model_from_variables
from tests.activities.printed import leaves, text_of, ways_to_print

Example = Callable[[str], dict[str, Any]]
KINDS = sorted(DOCUMENTS)
ROOT = Path(__file__).parents[2]
REPLY = json.loads((Path(__file__).parent / "data" / "supply_plan_reply.json").read_text("utf-8"))


FIXED = re.compile(r"[\d.-]+|\d{4}-\d\d-\d\dT[\d:+]+|\d{4}-W\d\d|[a-z]+|送电|停电|停送电")
"""Values that a form gives in one of a few ways only: numbers, days, moments, weeks, codes of choices."""


def marked(value: Any, path: str = "") -> Any:
    """Variables whose texts can be found only where they were printed."""
    if isinstance(value, dict):
        return {key: marked(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [marked(item, f"{path}.{row}") for row, item in enumerate(value)]
    return f"〈{path}〉" if isinstance(value, str) and not FIXED.fullmatch(value) else value


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_of_the_model_is_in_the_text(kind: str, example: Example) -> None:
    model = model_from_variables(kind, marked(example(kind)))

    text = text_of(render(kind, model, "第0042号"))

    context = context_of(model, "第0042号")
    stated = ((path, value) for path, value in leaves(context) if value is not None)
    assert [path for path, value in stated if not any(way in text for way in ways_to_print(value))] == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_mark_is_left_in_the_text(kind: str, example: Example) -> None:
    text = text_of(render(kind, model_from_variables(kind, example(kind)), "第0042号"))

    assert not any(sign in text for sign in ("{{", "}}", "{%", "%}"))


def printable() -> st.SearchStrategy[str]:
    letters = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufffe\uffff")
    return st.text(letters | st.just("\n"), min_size=1, max_size=60).map(str.strip).filter(bool)


@given(customer=printable())
@settings(max_examples=25, deadline=None)
def test_any_printable_text_comes_out_whole(customer: str) -> None:
    model = model_from_variables(SUPPLY_PLAN_REPLY, REPLY | {"customer": customer})

    assert customer in text_of(render(SUPPLY_PLAN_REPLY, model, "第0042号"))


def test_text_that_looks_like_a_mark_is_not_evaluated(example: Example) -> None:
    model = model_from_variables(SUPPLY_PLAN_REPLY, example(SUPPLY_PLAN_REPLY) | {"customer": "{{ number }}{% if x %}"})

    assert "{{ number }}{% if x %}" in text_of(render(SUPPLY_PLAN_REPLY, model, "第0042号"))


def test_the_total_of_the_fees_stands_in_figures_and_in_capitals(example: Example) -> None:
    text = text_of(render(SUPPLY_PLAN_REPLY, model_from_variables(SUPPLY_PLAN_REPLY, example(SUPPLY_PLAN_REPLY)), "1"))

    assert "¥661,672.50（人民币陆拾陆万壹仟陆佰柒拾贰元伍角整）" in text


def test_a_plan_without_fees_says_so(example: Example) -> None:
    model = model_from_variables(SUPPLY_PLAN_REPLY, example(SUPPLY_PLAN_REPLY) | {"fees": []})

    text = text_of(render(SUPPLY_PLAN_REPLY, model, "1"))

    assert "本次业务不收取业务费用" in text
    assert "应收金额" not in text


def test_the_contract_says_on_what_the_works_began_and_that_nothing_is_paid_before_it(example: Example) -> None:
    kind = "construction_contract"

    text = text_of(render(kind, model_from_variables(kind, example(kind)), "SGXY-2026-0001"))

    for sentence in (
        "本工程于2026年3月18日经批准先行施工、后补合同，先行施工审批单号XXSG-2026-0031。承包人依据该审批于2026年3月20日实际开工",
        "《中华人民共和国民法典》第七百八十九条",
        "同法第四百九十条第二款",
        "《中华人民共和国招标投标法》第四十六条",
        "签约合同价（含税）为人民币壹佰贰拾捌万陆仟伍佰元零叁角陆分（¥1,286,500.36）",
        "本合同签订生效之前，发包人不支付任何预付款、进度款和结算款",
        "双方已于2026年3月19日签订安全协议（编号：AQXY-2026-0112），签订日期不晚于实际开工日期",
        "一式六份，双方各执三份",
    ):
        assert sentence in text


def test_a_clause_text_ends_with_one_full_stop(example: Example) -> None:
    kind = "construction_contract"
    model = model_from_variables(kind, example(kind) | {"scope": "电缆敷设。"})

    text = text_of(render(kind, model, "1"))

    assert "承包范围：电缆敷设。\n" in text


RENDER_ALL = """
import hashlib, json, sys
from pathlib import Path
from activities.documents import render
from domain.documents import model_from_variables
for kind in sys.argv[1:]:
    variables = json.loads(Path(f"tests/activities/data/{kind}.json").read_text("utf-8"))
    print(hashlib.sha256(render(kind, model_from_variables(kind, variables), "第0042号")).hexdigest())
"""


def test_the_same_model_gives_the_same_bytes_in_another_process(example: Example, tmp_path: Path) -> None:
    command = [sys.executable, "-c", RENDER_ALL, *KINDS]
    environment = {"PYTHONHASHSEED": "7", "TZ": "America/New_York", "PYTHONUTF8": "1", "HOME": str(tmp_path)}

    other = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)

    files = [render(kind, model_from_variables(kind, example(kind)), "第0042号") for kind in KINDS]
    assert other.stdout.split() == [hashlib.sha256(content).hexdigest() for content in files]


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_knows_no_time_but_the_document_s_own(kind: str, example: Example) -> None:
    model = model_from_variables(kind, example(kind))

    content = render(kind, model, "第0042号")

    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert {member.date_time for member in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = docx.Document(io.BytesIO(content)).core_properties
    assert properties.created is not None
    assert properties.created.date() == model.dated
    assert properties.title == f"{model.title} 第0042号"


@pytest.mark.parametrize("kind", KINDS)
def test_another_number_gives_another_file(kind: str, example: Example) -> None:
    model = model_from_variables(kind, example(kind))

    assert render(kind, model, "1") != render(kind, model, "2")

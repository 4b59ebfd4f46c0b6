"""Templates as a lawyer edits them: what does not fit the model is listed, and nothing is written with it."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from activities.documents import TemplateRefused, render
from activities.documents.__main__ import main
from activities.documents.environment import FILTERS
from activities.documents.marks import members_of, names_of, template_faults
from activities.documents.rendering import template_path
from activities.documents.settings import SHIPPED_TEMPLATES
from domain.documents import DOCUMENTS, SUPPLY_PLAN_REPLY, SupplyPlanReply, SupplySource, model_from_variables
from domain.fields import label_of

Example = Callable[[str], dict[str, Any]]
README = (SHIPPED_TEMPLATES / "README.md").read_text("utf-8")


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """Replaces one text in the template of the reply, as somebody in Word would, and returns the folder."""

    def edit(old: str, new: str) -> Path:
        folder = tmp_path / "templates"
        shutil.copytree(SHIPPED_TEMPLATES, folder, dirs_exist_ok=True)
        path = template_path(SUPPLY_PLAN_REPLY, folder)
        word = docx.Document(str(path))
        cells = [cell for table in word.tables for row in table.rows for cell in row.cells]
        paragraphs = [*word.paragraphs, *(paragraph for cell in cells for paragraph in cell.paragraphs)]
        runs = [run for paragraph in paragraphs for run in paragraph.runs if old in run.text]
        assert runs
        for run in runs:
            run.text = run.text.replace(old, new)
        word.save(str(path))
        return folder

    return edit


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_the_shipped_templates_print_exactly_their_models(kind: str) -> None:
    assert template_faults(template_path(kind), DOCUMENTS[kind]) == []


def test_a_condition_may_ask_for_rows_but_prints_nothing(edited: Callable[[str, str], Path]) -> None:
    folder = edited("{%p if fees %}", "{%p if not (fees and sources) or number and owner %}")

    faults = template_faults(template_path(SUPPLY_PLAN_REPLY, folder), SupplyPlanReply)

    assert faults == ["未知标记：owner"]


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        ("{{ address }}", "{{ adress }}", ["未知标记：adress", "缺少标记：address"]),
        ("{{ address }}", "", ["缺少标记：address"]),
        ("{{ source.bay }}", "{{ source.bai }}", ["未知标记：sources.bai", "缺少标记：sources.bay"]),
        ("{{ source.bay }}", "", ["缺少标记：sources.bay"]),
        ("{{ address }}", "{{ address }}{{ sources }}", ["标记应写到具体字段：sources"]),
        ("{{ address }}", "{{ address }}{{ sources.bay }}", ["未知标记：sources.bay"]),
        ("{{ number }}", "{{ number|upper }}", ["未知格式：upper", "缺少标记：number"]),
        ("{{ address }}", "{{ address }}{{ address.__class__ }}", ["未知标记：address.__class__"]),
        ("{{ address }}", "{{ address }}{{ fee.items() }}", ["不允许的写法：Call"]),
        ("{{ address }}", "{{ address }}{{ address[0] }}", ["不允许的写法：Getitem"]),
        ("{%p if fees %}", "{%p if fee %}", ["未知标记：fee"]),
        ("{%p if fees %}", "{%p if fees and not charges %}", ["未知标记：charges"]),
        (
            "{%tr for source in sources %}",
            "{%tr for source in address %}",
            ["不能逐行列出：address", *(f"缺少标记：sources.{key}" for key in members_of(SupplySource))],
        ),
    ],
)
def test_what_does_not_fit_is_listed(old: str, new: str, faults: list[str], edited: Callable[[str, str], Path]) -> None:
    assert template_faults(template_path(SUPPLY_PLAN_REPLY, edited(old, new)), SupplyPlanReply) == faults


def test_a_mark_that_is_not_closed_is_a_fault(edited: Callable[[str, str], Path]) -> None:
    faults = template_faults(template_path(SUPPLY_PLAN_REPLY, edited("{{ address }}", "{{ address")), SupplyPlanReply)

    assert faults[0].startswith("标记写法有误")


def test_a_template_with_an_unknown_mark_is_not_printed(edited: Callable[[str, str], Path], example: Example) -> None:
    folder = edited("{{ address }}", "{{ address }}{{ adress }}")
    model = model_from_variables(SUPPLY_PLAN_REPLY, example(SUPPLY_PLAN_REPLY))

    with pytest.raises(TemplateRefused, match=r"模板supply_plan_reply\.docx与数据不符：未知标记：adress"):
        render(SUPPLY_PLAN_REPLY, model, "1", folder)


def test_an_edited_template_counts_from_the_next_document_on(
    edited: Callable[[str, str], Path], example: Example
) -> None:
    model = model_from_variables(SUPPLY_PLAN_REPLY, example(SUPPLY_PLAN_REPLY))
    folder = edited("本单一式两份", "本单一式叁份")
    before = render(SUPPLY_PLAN_REPLY, model, "1", folder)
    edited("供电方案答复单", "高压供电方案答复单")

    after = render(SUPPLY_PLAN_REPLY, model, "1", folder)

    titles = [docx.Document(io.BytesIO(content)).paragraphs[0].text for content in (before, after)]
    assert titles == ["供电方案答复单", "高压供电方案答复单"]


def test_an_absent_template_is_named(tmp_path: Path, example: Example) -> None:
    model = model_from_variables(SUPPLY_PLAN_REPLY, example(SUPPLY_PLAN_REPLY))

    with pytest.raises(TemplateRefused, match=r"找不到模板supply_plan_reply\.docx"):
        render(SUPPLY_PLAN_REPLY, model, "1", tmp_path)


def test_the_check_passes_the_shipped_templates(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out.count("标记齐全") == len(DOCUMENTS)


def test_the_check_lists_the_faults_and_fails(
    edited: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(edited("{{ address }}", "{{ adress }}"))]) == 1
    assert "supply_plan_reply.docx（供电方案答复单）：未知标记：adress；缺少标记：address" in capsys.readouterr().out


def test_the_check_fails_where_there_is_no_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 1
    assert "找不到文件" in capsys.readouterr().out


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_the_readme_lists_every_mark_with_its_label(kind: str) -> None:
    section = README.split(f"### `{kind}.docx`")[1].split("###")[0]
    model = DOCUMENTS[kind]
    lines = [f"| `{field.alias}` | {field.title}" for field in model.model_fields.values()]
    members = [
        f"`{member}` {label_of(model, f'{name}.{member}').split('·')[1]}"
        for name, shape in names_of(model).items()
        for member in shape.members
    ]

    assert [line for line in lines + members if line not in section] == []


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_the_readme_lists_every_format(name: str) -> None:
    assert f"`{name}`（" in README

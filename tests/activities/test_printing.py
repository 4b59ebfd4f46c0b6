"""The documents as an office prints them: laid out by LibreOffice, with substitutes for the fonts they name."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm

from activities.documents import render
from activities.documents.settings import SHIPPED_TEMPLATES
from domain.documents import DOCUMENTS, model_from_variables

DATA = Path(__file__).parent / "data"
KINDS = sorted(DOCUMENTS)
LETTERS = (
    "bay_approval",
    "connection_review_opinion",
    "early_start_approval",
    "framework_call_off",
    "inspection_opinion",
    "integrated_design_commission",
    "joint_review_sheet",
    "one_time_notice",
    "outage_notice",
    "outage_request",
    "rectification_notice",
    "review_minutes",
    "rule_conflict_record",
    "start_up_plan",
    "weekly_outage_plan",
)
SUBSTITUTES = {"NotoSerifCJK", "NotoSansCJK", "GBZenKai", "LiberationSerif"}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the PDF of each document, made with the shipped font map."""
    folder = tmp_path_factory.mktemp("printed")
    for kind in KINDS:
        variables: dict[str, Any] = json.loads((DATA / f"{kind}.json").read_text("utf-8"))
        (folder / f"{kind}.docx").write_bytes(render(kind, model_from_variables(kind, variables), "第0042号"))
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf"]
    fonts = {"FONTCONFIG_FILE": str(SHIPPED_TEMPLATES / "fonts.conf")}
    subprocess.run(
        [*command, "--outdir", str(folder), *(str(folder / f"{kind}.docx") for kind in KINDS)],
        env=os.environ | fonts,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder


@pytest.fixture
def tool(printed: Path) -> Callable[..., str]:
    """Asks a command of poppler about the PDF of a kind."""

    def ask(command: str, kind: str, *arguments: str) -> str:
        parts = [command, str(printed / f"{kind}.pdf"), *arguments]
        return subprocess.run(parts, check=True, capture_output=True, text=True, timeout=60).stdout

    return ask


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("construction_contract", 8),
        ("dispatch_agreement", 5),
        ("safety_agreement", 6),
        ("settlement_agreement", 5),
        ("supervision_order", 3),
        ("supply_contract", 12),
        ("supply_plan_reply", 3),
        ("works_contract", 8),
    ],
)
def test_a_document_fills_its_a4_pages(kind: str, least: int, tool: Callable[..., str]) -> None:
    facts = tool("pdfinfo", kind)

    pages = re.search(r"^Pages: +(\d+)$", facts, re.MULTILINE)
    assert pages
    assert int(pages[1]) >= least
    assert "(A4)" in facts


@pytest.mark.parametrize("kind", KINDS)
def test_each_font_of_the_paper_has_its_own_embedded_face(kind: str, tool: Callable[..., str]) -> None:
    rows = [line.split() for line in tool("pdffonts", kind).splitlines()[2:]]

    faces = {row[0].split("+")[-1].split("-")[0].removesuffix("jp").removesuffix("sc") for row in rows}
    assert faces == SUBSTITUTES
    assert any("SerifCJK" in row[0] and "Bold" in row[0] for row in rows)
    assert {row[-5] for row in rows} == {"yes"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_survives_printing(kind: str, tool: Callable[..., str]) -> None:
    text = re.sub(r"\s", "", tool("pdftotext", kind, "-"))

    assert "第0042号" in text
    assert "某某<精密>&制造有限公司" in text
    assert "�" not in text


@pytest.mark.parametrize("kind", LETTERS)
def test_each_page_of_a_letter_says_which_of_how_many_it_is(kind: str, tool: Callable[..., str]) -> None:
    pages = [re.sub(r"\s", "", page) for page in tool("pdftotext", kind, "-").split("\f")[:-1]]

    assert len(pages) >= 2
    assert [re.findall(r"第(\d)页共(\d)页", page) for page in pages] == [
        [(str(number), str(len(pages)))] for number in range(1, len(pages) + 1)
    ]


@pytest.mark.parametrize("kind", LETTERS)
def test_the_signatures_of_a_letter_stand_below_text_of_its_last_section(kind: str, tool: Callable[..., str]) -> None:
    last = re.sub(r"[^\S\n]", "", tool("pdftotext", kind, "-").split("\f")[-2])

    above, signatures, _ = re.split("(（盖章处）|^签字：)", last, maxsplit=1, flags=re.MULTILINE)
    assert signatures
    assert re.search("^(（[一二三四五六七八]）|[一二三四五六七八]、)", above, re.MULTILINE)


def test_pages_are_numbered_after_the_cover(tool: Callable[..., str]) -> None:
    pages = tool("pdftotext", "construction_contract", "-").split("\f")

    assert [re.findall(r"—\s*(\d+)\s*—", page) for page in pages[:3]] == [[], ["1"], ["2"]]


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("dispatch_agreement", 1),
        ("safety_agreement", 1),
        ("settlement_agreement", 1),
        ("supervision_order", 1),
        ("supply_contract", 2),
    ],
)
def test_a_page_says_which_of_how_many_it_is(kind: str, first: int, tool: Callable[..., str]) -> None:
    pages = tool("pdftotext", kind, "-layout", "-").split("\f")[:-1]

    found = [re.findall(r"第\s*(\d+)\s*页\s*共\s*(\d+)\s*页", page) for page in pages]
    assert found == [[(str(page), str(len(pages)))] if page >= first else [] for page in range(1, len(pages) + 1)]


def test_the_reply_to_an_order_is_one_sheet(tool: Callable[..., str]) -> None:
    sheet = tool("pdftotext", "supervision_order", "-").split("\f")[2]

    assert "督办回复单" in sheet
    assert "办结情况" in sheet


@pytest.mark.parametrize("kind", KINDS)
def test_the_sheet_is_that_of_official_papers(kind: str) -> None:
    word = docx.Document(str(SHIPPED_TEMPLATES / f"{kind}.docx"))

    for section in word.sections:
        margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
        assert [round((margin or 0) / Mm(1)) for margin in margins] == [37, 35, 28, 26]
        assert (round((section.page_width or 0) / Mm(1)), round((section.page_height or 0) / Mm(1))) == (210, 297)


@pytest.mark.parametrize(
    ("style", "font", "points"),
    [
        ("公文标题", "方正小标宋简体", 22),
        ("公文正文", "仿宋_GB2312", 16),
        ("一级标题", "黑体", 16),
        ("二级标题", "楷体_GB2312", 16),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_the_styles_name_the_fonts_of_official_papers(kind: str, style: str, font: str, points: int) -> None:
    found = docx.Document(str(SHIPPED_TEMPLATES / f"{kind}.docx")).styles[style]

    assert found.element.rPr.rFonts.get(qn("w:eastAsia")) == font
    assert found.font.size.pt == points

"""What stands on a paper: its text, and the ways in which a value may be printed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import docx
from docx.document import Document as WordFile
from docx.section import _Footer, _Header
from docx.table import Table
from docx.text.paragraph import Paragraph

from domain.chinese import (
    capital_amount,
    grouped_amount,
    numeral,
    numeral_date,
    plain_number,
    written_date,
    written_moment,
)


def text_of(content: bytes) -> str:
    """All text of a Word file: body, tables, headers and footers of every section."""
    word: WordFile = docx.Document(io.BytesIO(content))
    lines = list(_lines(word))
    for section in word.sections:
        for part in (section.header, section.footer, section.even_page_header, section.even_page_footer):
            lines += _lines(part)
    return "\n".join(lines)


def _lines(part: WordFile | _Header | _Footer) -> Iterator[str]:
    for block in part.iter_inner_content():
        if isinstance(block, Paragraph):
            yield block.text
        elif isinstance(block, Table):
            for row in block.rows:
                yield from (cell.text for cell in row.cells)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value within a context, with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for row, item in enumerate(value, 1):
            yield from leaves(item, f"{path}[{row}]")
    else:
        yield path, value


def ways_to_print(value: Any) -> list[str]:
    if isinstance(value, datetime):
        return [written_moment(value)]
    if isinstance(value, date):
        return [written_date(value), numeral_date(value)]
    if isinstance(value, Decimal):
        return [plain_number(value), grouped_amount(value), capital_amount(round(value, 2))]
    return [str(value), numeral(value)] if isinstance(value, int) else [value]

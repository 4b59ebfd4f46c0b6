"""What a file is says its content; a name that says otherwise, and a macro, are refused."""

from __future__ import annotations

import io
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.file_kinds import KINDS, SIGNED, FileKind, FileRefused, kind_of


def package(*parts: str) -> bytes:
    """A zip file with these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for part in parts:
            package.writestr(part, "<x/>")
    return buffer.getvalue()


CONTENTS = {
    "PDF": b"%PDF-1.7\n...",
    "PNG": b"\x89PNG\r\n\x1a\n....",
    "JPEG": b"\xff\xd8\xff\xe0....",
    "DOCX": package("[Content_Types].xml", "word/document.xml"),
    "XLSX": package("[Content_Types].xml", "xl/workbook.xml"),
    "OFD": package("OFD.xml", "Doc_0/Document.xml"),
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_known_by_its_content(kind: FileKind) -> None:
    for ending in kind.endings:
        assert kind_of(f"图纸{ending.upper()}", BytesIO(CONTENTS[kind.name])) is kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("合同.pdf", CONTENTS["PNG"]),
        ("合同", CONTENTS["PDF"]),
        ("合同.docx", CONTENTS["XLSX"]),
        ("合同.pdf.exe", CONTENTS["PDF"]),
        ("旧.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("空.pdf", b""),
        ("页.html", b"<html>"),
        ("包.docx", package("readme.txt")),
        ("半.docx", CONTENTS["DOCX"][:20]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_what_it_says_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(FileRefused):
        kind_of(name, BytesIO(content))


@pytest.mark.parametrize("part", ["word/vbaProject.bin", "xl/macrosheets/sheet1.xml", "word/activeX/activeX1.bin"])
def test_a_document_with_macros_is_refused(part: str) -> None:
    content = package("word/document.xml", "xl/workbook.xml", part)

    with pytest.raises(FileRefused, match="宏"):
        kind_of("合同.docx", BytesIO(content))


def test_only_the_kinds_that_are_allowed_are_taken() -> None:
    with pytest.raises(FileRefused, match="只接受 PDF、PNG、JPEG"):
        kind_of("合同.docx", BytesIO(CONTENTS["DOCX"]), SIGNED)


@given(st.sampled_from([b"", b"PK\x03\x04", b"%PDF-", b"\xff\xd8\xff"]), st.binary(max_size=300))
def test_no_content_is_too_strange_to_be_looked_at(head: bytes, rest: bytes) -> None:
    try:
        kind = kind_of("a.pdf", BytesIO(head + rest))
    except FileRefused:
        return
    assert kind.name == "PDF"

"""What kinds of files people may put in, told by the content and never by the name alone.

A name may only confirm what the content says: a file that calls itself otherwise is refused, and so is an office
document that carries macros.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

_MOST_PARTS = 20_000
"""No office document has so many parts; the list of them is read before anything else is known."""


class FileRefused(Exception):
    """The file is not taken; `zh` and `en` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class FileKind:
    """A kind of file: its name may have any of the `endings`, its content begins with `head`; a package has `part`."""

    name: str
    media_type: str
    endings: tuple[str, ...]
    head: bytes
    part: str = ""


_ZIP = b"PK\x03\x04"
_OFFICE = "application/vnd.openxmlformats-officedocument"

KINDS: tuple[FileKind, ...] = (
    FileKind("PDF", "application/pdf", (".pdf",), b"%PDF-"),
    FileKind("PNG", "image/png", (".png",), b"\x89PNG\r\n\x1a\n"),
    FileKind("JPEG", "image/jpeg", (".jpg", ".jpeg"), b"\xff\xd8\xff"),
    FileKind("DOCX", f"{_OFFICE}.wordprocessingml.document", (".docx",), _ZIP, "word/document.xml"),
    FileKind("XLSX", f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",), _ZIP, "xl/workbook.xml"),
    FileKind("OFD", "application/ofd", (".ofd",), _ZIP, "OFD.xml"),
)
BY_NAME: Mapping[str, FileKind] = {kind.name: kind for kind in KINDS}
SIGNED = frozenset({"PDF", "PNG", "JPEG"})
"""The kinds of a signed copy: what a scanner or a camera makes."""

_MACROS = ("vbaproject.bin", "vbadata.xml", "/macrosheets/", "/activex/")


def kind_of(name: str, file: BinaryIO, allowed: Collection[str] = BY_NAME.keys()) -> FileKind:
    """The kind of a file by its content, where it is one of the `allowed` and its name says the same.

    Raises `FileRefused`. The file's position is moved.
    """
    kind = _by_content(file)
    if kind is None or kind.name not in allowed:
        listed = [one.name for one in KINDS if one.name in allowed]
        raise FileRefused(
            f"只接受 {'、'.join(listed)} 文件，按内容识别",
            f"Only {', '.join(listed)} are taken, known by their content",
        )
    ending = PurePosixPath(name).suffix.lower()
    if ending not in kind.endings:
        raise FileRefused(
            f"文件内容是 {kind.name}，文件名却以“{ending or '（无扩展名）'}”结尾",
            f"The content is {kind.name}, but the name ends in {ending or 'nothing'}",
        )
    return kind


def _by_content(file: BinaryIO) -> FileKind | None:
    file.seek(0)
    head = file.read(16)
    kinds = [kind for kind in KINDS if head.startswith(kind.head)]
    if not kinds or not kinds[0].part:
        return kinds[0] if kinds else None
    parts = _parts(file)
    if any(mark in f"/{part.lower()}" for part in parts for mark in _MACROS):
        raise FileRefused("文件含有宏，不予接受；请另存为不含宏的文件", "The file carries macros; save it without them")
    return next((kind for kind in kinds if kind.part in parts), None)


def _parts(file: BinaryIO) -> frozenset[str]:
    """The names of the parts of a package; none for what only begins like one."""
    try:
        with zipfile.ZipFile(file) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError, OSError):
        return frozenset()
    return frozenset(names) if len(names) <= _MOST_PARTS else frozenset()

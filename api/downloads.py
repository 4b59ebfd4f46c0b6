"""Files of the store as answers: checked on reading, saved under their own names, never shown by a browser itself."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from fastapi import Response, UploadFile

from api.context import Context
from api.problems import Problem, Said
from domain.file_kinds import BY_NAME, FileKind, FileRefused, kind_of
from storage.files import FileDamaged, FileMissing
from storage.uploads import FileFault, forget_fault, note_fault

BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
"""How the description of a route says that it answers with a file."""

_LONGEST = 200
"""Characters of a file's name."""

_QUOTING = '"\\%'
"""What means something else inside a quoted name."""

_log = logging.getLogger(__name__)


def download(context: Context, sha256: str, name: str, media_type: str) -> Response:
    """The content of a file, to be saved as `name` (RFC 5987, for Chinese names).

    Raises `Problem` (damaged), which is recorded, where the store has it no more or something else in its place.
    """
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in _QUOTING else "_" for letter in name
    )
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "ETag": f'"{sha256}"',
    }
    return Response(_checked(context, sha256), media_type=media_type, headers=headers)


def _checked(context: Context, sha256: str) -> bytes:
    try:
        content = context.files.get(sha256)
    except (FileDamaged, FileMissing) as error:
        fault = "missing" if isinstance(error, FileMissing) else "damaged"
        _log.error("file %s is %s: %s", sha256, fault, error)
        with context.database.transaction() as session:
            note_fault(session, sha256, fault, context.clock())
        told = (
            Said(f"文件 {sha256} 已不在存储中", f"The file {sha256} is not in the store any more")
            if isinstance(error, FileMissing)
            else Said(f"文件 {sha256} 的内容与登记的不符", f"The file {sha256} is not what was put there")
        )
        raise Problem("damaged", told) from None
    with context.database.session() as session:
        mended = session.get(FileFault, sha256) is not None
    if mended:
        with context.database.transaction() as session:
            forget_fault(session, sha256)
    return content


def name_of(file: UploadFile) -> str:
    """The name that a file came under, without folders. Raises `Problem` (invalid)."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2].strip()
    if not name or len(name) > _LONGEST or not name.isprintable():
        told = Said(
            f"文件名须为 1 至 {_LONGEST} 个可显示的字符", f"A file name has 1 to {_LONGEST} printable characters"
        )
        raise Problem("invalid", told)
    return name


def checked_kind(name: str, file: UploadFile, allowed: frozenset[str] = frozenset(BY_NAME)) -> FileKind:
    """The kind of a file that was sent. Raises `Problem` (wrong kind)."""
    try:
        return kind_of(name, file.file, allowed)
    except FileRefused as refused:
        raise Problem("wrong-kind", Said(refused.zh, refused.en)) from None

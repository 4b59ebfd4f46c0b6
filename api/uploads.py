"""Model files as they come in over HTTP: what cannot be one is refused by its name before anybody reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from fastapi import UploadFile

from api.deployment import KINDS
from api.problems import FieldFault, Problem, Said
from storage.base import storable

LONGEST_NAME = 100
_SHOWN = 120


async def model_files(sent: Sequence[UploadFile]) -> dict[str, str]:
    """The files by name, as text. Raises `Problem` that says of every file what is wrong with it."""
    files: dict[str, str] = {}
    errors: list[FieldFault] = []
    for one in sent:
        name = one.filename or ""
        faults = [*_name_faults(name)]
        if name in files:
            faults.append("同名文件上传了两次")
        try:
            text = (await one.read()).decode("utf-8")
        except UnicodeDecodeError:
            text = ""
            faults.append("不是 UTF-8 编码的文本")
        if "\0" in text:
            faults.append("含有 NUL 字符")
        errors += [FieldFault(field=_shown(name), message=fault) for fault in faults]
        files[name] = text
    if errors:
        detail = Said("上传的文件有误，未作任何更改", "Files are not taken; nothing has changed")
        raise Problem("faulty-model", detail, errors)
    return files


def _name_faults(name: str) -> Iterator[str]:
    path = PurePosixPath(name)
    if any(mark in name for mark in "/\\") or path.name != name:
        yield "文件名不应带有文件夹"
    if not name.isprintable() or storable(name) != name:
        yield "文件名含有不可打印的字符"
    if len(name) > LONGEST_NAME:
        yield f"文件名超过{LONGEST_NAME}字"
    if path.suffix not in KINDS or not path.stem.strip():
        yield f"文件名应以 {'、'.join(KINDS)} 结尾，其前为编号"


def _shown(name: str) -> str:
    """A file's name as it can be told back."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in storable(name))
    return shown[:_SHOWN] or "files"

"""Prints a model into its Word template; the same inputs always give the same bytes."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import TemplateError
from pydantic.alias_generators import to_camel

from activities.documents.environment import environment
from activities.documents.marks import NUMBER, template_faults
from activities.documents.settings import SHIPPED_TEMPLATES
from domain.documents import DOCUMENTS, Document
from domain.fields import Fields

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class TemplateRefused(Exception):
    """A template whose marks do not fit its model; the text names file and marks."""


def template_path(kind: str, folder: Path = SHIPPED_TEMPLATES) -> Path:
    """The template of a kind of document."""
    return folder / f"{kind}.docx"


def render(kind: str, model: Document, number: str, folder: Path = SHIPPED_TEMPLATES) -> bytes:
    """The finished Word file of `model` under `number`.

    Raises `TemplateRefused` when the template is absent or does not print exactly what the model says.
    """
    path = template_path(kind, folder)
    if not path.is_file():
        raise TemplateRefused(f"找不到模板{path.name}")
    if faults := _faults(path, path.stat().st_mtime_ns, kind):
        raise TemplateRefused(f"模板{path.name}与数据不符：" + "；".join(faults))
    template: Any = DocxTemplate(path)
    try:
        template.render(context_of(model, number), jinja_env=environment())
    except TemplateError as error:
        raise TemplateRefused(f"模板{path.name}不能填写：{error.message}") from error
    _describe(template.docx.core_properties, model, number)
    packed = io.BytesIO()
    template.save(packed)
    return _without_clock(packed.getvalue())


def context_of(model: Document, number: str) -> dict[str, Any]:
    """What marks can name: the model's fields by key, what derives from them, the number."""
    derived = {to_camel(name): getattr(model, name) for name in model.derived}
    return {**_members(model), **derived, NUMBER: number}


@lru_cache(maxsize=64)
def _faults(path: Path, _changed: int, kind: str) -> tuple[str, ...]:
    return tuple(template_faults(path, DOCUMENTS[kind]))


def _members(group: Fields) -> dict[str, Any]:
    return {str(info.alias): _plain(getattr(group, name)) for name, info in type(group).model_fields.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Fields):
        return _members(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _describe(properties: Any, model: Document, number: str) -> None:
    day = datetime.combine(model.dated, time(), UTC).replace(tzinfo=None)
    properties.title = f"{model.title} {number}"
    properties.identifier = number
    properties.created = properties.modified = day
    properties.last_printed = day
    properties.revision = 1
    properties.author = properties.last_modified_by = ""


def _without_clock(packed: bytes) -> bytes:
    """The same package with its members' times fixed."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, _ZIP_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, source.read(name))
    return fixed.getvalue()

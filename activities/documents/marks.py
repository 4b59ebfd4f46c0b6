"""Compares the marks of a template with the model it prints: what it does not know, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_origin

from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError, nodes
from pydantic.alias_generators import to_camel

from activities.documents.environment import FILTERS, environment
from domain.documents import Document
from domain.fields import Fields, group_of

NUMBER = "number"

_PLAIN_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.Filter,
    nodes.TemplateData,
    nodes.If,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
)


@dataclass(frozen=True)
class Shape:
    """What a name stands for: one value, a group of named members, or rows of such groups."""

    members: Mapping[str, Shape] = field(default_factory=dict)
    rows: bool = False


_VALUE = Shape()
_LOOP = Shape(dict.fromkeys(("index", "first", "last", "length"), _VALUE))


def members_of(model: type[Fields]) -> dict[str, Shape]:
    """The names of a group's fields, as marks write them."""
    shapes: dict[str, Shape] = {}
    for info in model.model_fields.values():
        group = group_of(info.annotation)
        rows = get_origin(info.annotation) is tuple
        shapes[str(info.alias)] = Shape(members_of(group), rows) if group else _VALUE
    return shapes


def names_of(model: type[Document]) -> dict[str, Shape]:
    """All names a template of `model` may use: its fields, what derives from them, the number."""
    return {**members_of(model), **{to_camel(name): _VALUE for name in model.derived}, NUMBER: _VALUE}


def template_faults(path: Path, model: type[Document]) -> list[str]:
    """What is wrong with a template's marks, in Chinese; empty when each mark is known and each field is printed."""
    survey = _Survey()
    names = names_of(model)
    for source in _sources(path):
        try:
            tree = environment().parse(source)
        except TemplateSyntaxError as error:
            survey.faults.append(f"标记写法有误：{error.message}")
        else:
            survey.walk(tree, {name: (name, shape) for name, shape in names.items()})
    unprinted = [mark for mark in _values(names) if mark not in survey.printed]
    return list(dict.fromkeys([*survey.faults, *(f"缺少标记：{mark}" for mark in unprinted)]))


def _sources(path: Path) -> Iterator[str]:
    """The Jinja text of the body and of every header and footer."""
    template: Any = DocxTemplate(path)
    template.init_docx()
    yield template.patch_xml(template.get_xml())
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        for _, part in template.get_headers_footers(uri):
            yield template.patch_xml(template.get_part_xml(part))


def _values(names: Mapping[str, Shape], above: str = "") -> Iterator[str]:
    for name, shape in names.items():
        if shape.members:
            yield from _values(shape.members, f"{above}{name}.")
        else:
            yield above + name


_Scope = dict[str, tuple[str, Shape]]


@dataclass
class _Survey:
    """Walks a template's syntax tree; `_Scope` maps a name to its path in the model and its shape."""

    printed: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def walk(self, node: nodes.Node, scope: _Scope, printing: bool = True) -> None:
        """Notes what `node` prints; within a condition nothing is printed, and rows may be asked for as such."""
        if isinstance(node, nodes.Name | nodes.Getattr):
            self._mark(node, scope, printing)
        elif isinstance(node, nodes.For):
            self._loop(node, scope)
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            self.faults.append(f"未知格式：{node.name}")
        elif isinstance(node, _PLAIN_NODES):
            condition = node.test if isinstance(node, nodes.If) else None
            for child in node.iter_child_nodes():
                self.walk(child, scope, printing and child is not condition)
        else:
            self.faults.append(f"不允许的写法：{type(node).__name__}")

    def _mark(self, node: nodes.Expr, scope: _Scope, printing: bool) -> None:
        path, shape = self._resolve(node, scope)
        if shape is None:
            self.faults.append(f"未知标记：{path}")
        elif printing and shape.members:
            self.faults.append(f"标记应写到具体字段：{path}")
        elif printing:
            self.printed.add(path)

    def _loop(self, node: nodes.For, scope: _Scope) -> None:
        path, shape = self._resolve(node.iter, scope)
        if shape is None or not shape.rows or not isinstance(node.target, nodes.Name):
            self.faults.append(f"不能逐行列出：{path}")
            return
        row = Shape(shape.members)
        inner: _Scope = {**scope, node.target.name: (path, row), "loop": ("loop", _LOOP)}
        for child in node.body:
            self.walk(child, inner)
        for child in node.else_:
            self.walk(child, scope)

    def _resolve(self, node: nodes.Node, scope: _Scope) -> tuple[str, Shape | None]:
        if isinstance(node, nodes.Name):
            return scope.get(node.name, (node.name, None))
        if not isinstance(node, nodes.Getattr):
            return type(node).__name__, None
        path, shape = self._resolve(node.node, scope)
        member = shape.members.get(node.attr) if shape and not shape.rows else None
        return f"{path}.{node.attr}", member

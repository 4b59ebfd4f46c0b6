"""Acts as somebody wrote them in JSON, whoever that was: what does not fit is told by the name of its field."""

from __future__ import annotations

from dataclasses import MISSING, fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_origin, get_type_hints

from domain.acts import ActRefused, FieldProblem, Refusal, wrong_field
from domain.values import fault_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

A = TypeVar("A", bound="DataclassInstance")


def act_from_json(cls: type[A], data: Any) -> A:
    """The act that somebody wrote as JSON. Raises `ActRefused` naming what does not fit."""
    known = [one.name for one in fields(cls)]
    if not isinstance(data, dict):
        raise ActRefused(f"操作应为 JSON 对象，字段为：{'、'.join(known)}", Refusal.INVALID)
    if unknown := sorted(set(data) - set(known)):
        text = f"不认识的字段：{'、'.join(unknown)}；可用的有：{'、'.join(known)}"
        raise ActRefused(text, Refusal.INVALID, [FieldProblem(name, "没有这一栏") for name in unknown])
    if missing := [name for name in _required(cls) if name not in data]:
        text = f"缺少字段：{'、'.join(missing)}"
        raise ActRefused(text, Refusal.INVALID, [FieldProblem(name, "未填写") for name in missing])
    kinds = _kinds(cls)
    for name, value in data.items():
        _check(name, value, kinds[name])
    return cls(**data)


def _check(name: str, value: Any, kind: type[Any]) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise wrong_field(name, f"字段 {name} 的类型不对，应为{_NAMES[kind]}")
    if kind is list and not all(isinstance(one, str) for one in value):
        raise wrong_field(name, f"字段 {name} 的类型不对，应为文字的列表")
    if fault := fault_of(value):
        raise wrong_field(name, f"字段 {name} {fault}")


_NAMES: dict[type[Any], str] = {str: "文字", list: "列表", dict: "JSON 对象", bool: "true 或 false", int: "整数"}


@cache
def _kinds(cls: type[Any]) -> dict[str, type[Any]]:
    """What each field of an act is in JSON."""
    return {name: get_origin(hint) or hint for name, hint in get_type_hints(cls).items()}


def _required(cls: type[DataclassInstance]) -> list[str]:
    return [one.name for one in fields(cls) if one.default is MISSING and one.default_factory is MISSING]

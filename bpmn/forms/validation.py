"""Holding what was entered against the form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bpmn.feel import BudgetExceeded, Environment
from bpmn.forms.model import MISSING, Field, FieldFault, Group, Node, Path, Rows, Shape, lookup, same
from bpmn.forms.scope import Scope

_OVERRUN = "条件或公式的计算量超出限额，无法核对"


@dataclass(frozen=True)
class _Place:
    """Where fields are looked at: the form as a whole or one row.

    `data` is what was entered there, `origin` what the case held there before, `key` and `label` lead there.
    """

    data: Any
    origin: Any
    scope: Scope
    key: str = ""
    label: str = ""
    hidden: bool = False

    def key_of(self, path: Iterable[str]) -> str:
        return self.key + ".".join(path)


def validate(
    nodes: tuple[Node, ...], shape: Shape, data: Any, variables: Mapping[str, Any], env: Environment
) -> tuple[FieldFault, ...]:
    """Everything wrong with `data` entered into the form, unknown keys last; see `Form.validate`."""
    if not isinstance(data, Mapping):
        return (FieldFault("", "", "提交的内容应为一组填写项"),)
    validation = _Validation()
    try:
        place = _Place(data, variables, Scope.top(_shown_data(nodes, data, variables), env))
        validation.nodes(nodes, place)
        validation.unknown(data, shape, place)
    except RecursionError:
        return (FieldFault("", "", "提交的内容嵌套过深"),)
    return tuple(validation.faults)


class _Validation:
    def __init__(self) -> None:
        self.faults: list[FieldFault] = []

    def fault(self, place: _Place, path: Iterable[str], label: str, problem: str) -> None:
        self.faults.append(FieldFault(place.key_of(path), place.label + label, problem))

    def nodes(self, nodes: tuple[Node, ...], place: _Place) -> None:
        for node in nodes:
            path, label = ((), "") if isinstance(node, Group) else (node.path, node.label)
            try:
                self._node(node, replace(place, hidden=place.hidden or place.scope.holds(node.hide)))
            except BudgetExceeded:
                self.fault(place, path, label, _OVERRUN)

    def _node(self, node: Node, place: _Place) -> None:
        if isinstance(node, Group):
            self.nodes(node.nodes, place)
        elif place.hidden:
            if lookup(place.data, node.path) is not MISSING:
                self.fault(place, node.path, node.label, "此项在当前条件下不显示，不得填写")
        elif isinstance(node, Rows):
            self._rows(node, place)
        else:
            self._field(node, place)

    def _field(self, field: Field, place: _Place) -> None:
        value = lookup(place.data, field.path)

        def report(problem: str) -> None:
            self.fault(place, field.path, field.label, problem)

        if field.disabled:
            if value is not MISSING:
                report("此项已停用，不得填写")
            return
        if place.scope.holds(field.readonly):
            value = self._kept(field, value, place, report)
        elif value is not MISSING:
            for problem in field.check.problems(value, place.scope):
                report(problem)
        if field.required and (value is MISSING or field.check.is_empty(value)):
            report("必须填写")

    def _kept(self, field: Field, value: Any, place: _Place, report: Callable[[str], None]) -> Any:
        """The value of a read-only field: what the case held, or what the form shows where it held nothing."""
        before = lookup(place.origin, field.path)
        if value is MISSING:
            return before
        shown = (before,) if before is not MISSING else (field.default, field.check.empty, None)
        if not any(other is not MISSING and same(value, other) for other in shown):
            report("此项只读，不得修改")
        return value

    def _rows(self, rows: Rows, place: _Place) -> None:
        value, before = lookup(place.data, rows.path), lookup(place.origin, rows.path)
        held = before if isinstance(before, list) else []
        if value is MISSING or value is None:
            return
        if not isinstance(value, list):
            self.fault(place, rows.path, rows.label, "应为由若干行组成的列表")
            return
        fixed = rows.fixed if rows.fixed is None or not held else len(held)
        if fixed is not None and len(value) != fixed:
            self.fault(place, rows.path, rows.label, f"行数固定为{fixed}，不能是{len(value)}")
        shown = lookup(place.scope.this, rows.path)
        for number, (row, seen) in enumerate(zip(value, shown, strict=True), 1):
            key, label = f"{place.key_of(rows.path)}[{number}]", f"{place.label}{rows.label}第{number}行"
            if not isinstance(row, Mapping):
                self.faults.append(FieldFault(key, label, "每一行应为一组填写项"))
                continue
            origin = held[number - 1] if number <= len(held) else {}
            inside = _Place(row, origin, place.scope.row(seen, number), f"{key}.", f"{label} ")
            self.nodes(rows.nodes, inside)
            self.unknown(row, rows.shape, inside)

    def unknown(self, data: Mapping[str, Any], shape: Shape, place: _Place, above: Path = ()) -> None:
        """Refuse by name what the form does not have."""
        for key, value in data.items():
            path = (*above, str(key))
            if key not in shape:
                self.fault(place, path, str(key), "本表单没有此项")
                continue
            inside = shape[key]
            if inside is None:
                continue
            if isinstance(value, Mapping):
                self.unknown(value, inside, place, path)
            else:
                self.fault(place, path, str(key), "应为一组填写项")


def _shown_data(nodes: tuple[Node, ...], data: Mapping[str, Any], origin: Any) -> dict[str, Any]:
    """The data that expressions see: what was entered over what the case held, and the empty value of other fields."""
    result = _merged(origin, data) if isinstance(origin, Mapping) else dict(data)
    for node in _flat(nodes):
        if isinstance(node, Field):
            if lookup(result, node.path) is MISSING:
                result = _with(result, node.path, node.check.empty)
        else:
            entered = lookup(data, node.path)
            if isinstance(entered, list):
                rows = [_shown_data(node.nodes, row, {}) if isinstance(row, Mapping) else row for row in entered]
                result = _with(result, node.path, rows)
    return result


def _flat(nodes: tuple[Node, ...]) -> Iterable[Field | Rows]:
    for node in nodes:
        if isinstance(node, Group):
            yield from _flat(node.nodes)
        else:
            yield node


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        under = result.get(key)
        result[key] = _merged(under, value) if isinstance(under, Mapping) and isinstance(value, Mapping) else value
    return result


def _with(data: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """`data` with `value` at `path`; nothing is changed in place, and what is no object on the way stays as it is."""
    result = dict(data)
    if len(path) == 1:
        result[path[0]] = value
        return result
    inside = result.get(path[0], {})
    if isinstance(inside, Mapping):
        result[path[0]] = _with(inside, path[1:], value)
    return result

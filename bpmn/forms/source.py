"""Reads the JSON of a form so that each object knows the line it begins on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bpmn.faults import Fault, ModelRefused

MAX_DEPTH = 100
"""How deep objects and lists may be nested: a group in a group takes two levels."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\{')


class Source:
    """The object that a form's file holds, and the line of every object in it."""

    def __init__(self, text: str, file: str) -> None:
        """Raises `ModelRefused` for text that is not JSON, not an object, or that gives one object a key twice."""
        self.file = file
        self._twice: list[str] = []
        try:
            self.document = json.loads(text, object_pairs_hook=self._pairs, parse_constant=_refuse_constant)
            objects = list(_objects(self.document))
        except (ValueError, RecursionError) as error:
            line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
            remedy = "save it again from the modeler"
            raise ModelRefused([Fault(file, line, "", "", f"the form is not JSON ({error})", remedy)]) from None
        if not isinstance(self.document, dict):
            raise ModelRefused([Fault(file, 1, "", "", "the form is not a JSON object", "save it from the modeler")])
        if _nests(self.document, MAX_DEPTH):
            problem = f"the form is nested more than {MAX_DEPTH} levels deep"
            raise ModelRefused([Fault(file, 1, "", "", problem, "divide it into forms of several tasks")])
        if self._twice:
            remedy = "keep one of them"
            raise ModelRefused(Fault(file, 0, "", "", f'"{key}" is given twice', remedy) for key in self._twice)
        starts = (text.count("\n", 0, found.start()) + 1 for found in _TOKEN.finditer(text) if found.group() == "{")
        self._lines = {id(item): line for item, line in zip(objects, starts, strict=True)}

    def line(self, item: Any) -> int:
        """The line on which an object of the document begins; 0 for anything else."""
        return self._lines.get(id(item), 0)

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            keys = [key for key, _ in pairs]
            self._twice.extend(sorted({key for key in keys if keys.count(key) > 1}))
        return result


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _nests(item: Any, levels: int) -> bool:
    """Whether objects and lists inside an item are nested in more than so many levels."""
    level = [item]
    for _ in range(levels + 1):
        level = [part for one in level for part in _parts(one)]
    return bool(level)


def _parts(item: Any) -> list[Any]:
    if isinstance(item, dict | list):
        return [part for part in (item.values() if isinstance(item, dict) else item) if isinstance(part, dict | list)]
    return []


def _objects(item: Any) -> Iterator[dict[str, Any]]:
    """Every object, in the order in which their braces open."""
    if isinstance(item, dict):
        yield item
        for value in item.values():
            yield from _objects(value)
    elif isinstance(item, list):
        for value in item:
            yield from _objects(value)

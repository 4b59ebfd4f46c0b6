"""Definitions as cases carry them, decoded once for each content."""

from __future__ import annotations

import json
from collections.abc import Iterable

from bpmn.definition import Definition

_KEPT = 100
_loaded: dict[tuple[str, frozenset[str]], Definition] = {}


def load(sha256: str, text: str, names: Iterable[str]) -> Definition:
    """The definition that `text` dumps; `sha256` tells contents apart, `names` are extra FEEL functions."""
    key = (sha256, frozenset(names))
    if key not in _loaded:
        while len(_loaded) >= _KEPT:
            _loaded.pop(next(iter(_loaded)))
        _loaded[key] = Definition.load(json.loads(text), names)
    return _loaded[key]

"""How a rule reports what breaks it: the element, the problem, the remedy."""

from __future__ import annotations

from collections.abc import Callable

from bpmn.model import Element

Report = Callable[[Element, str, str], None]

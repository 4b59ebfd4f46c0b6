"""Faults as they are found, so that a reader sees all of them at once."""

from __future__ import annotations

from bpmn.faults import Fault
from bpmn.xml import Tag


class Collector:
    """Collects the faults of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def tag(self, tag: Tag, problem: str, remedy: str, owner: Tag | None = None) -> None:
        """A fault at a tag; `owner` is the element to name where the tag has no id of its own."""
        named = owner or tag
        self.faults.append(Fault(self.file, tag.line, named.get("id"), named.get("name"), problem, remedy))

    def at(self, line: int, element: str, name: str, problem: str, remedy: str) -> None:
        """A fault at a line."""
        self.faults.append(Fault(self.file, line, element, name, problem, remedy))

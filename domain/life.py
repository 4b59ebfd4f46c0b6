"""What would become of a running process before anybody changes it: answers of a case's queries, as plain JSON."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class LifeFault:
    """Why something cannot be done, for programs by its `kind`, for people in Chinese; about which element."""

    kind: str
    text: str
    element: str = ""
    name: str = ""
    key: str = ""


@dataclass(frozen=True)
class Moving:
    """An active element instance, and the element of the new version that it would be one of."""

    key: str
    element: str
    name: str
    target: str


@dataclass(frozen=True)
class MigrationPreview:
    """Whether a process can move to another version: it can where there are no faults."""

    moving: list[Moving] = field(default_factory=list)
    faults: list[LifeFault] = field(default_factory=list)


@dataclass(frozen=True)
class TouchedElement:
    """An element instance that would end or begin."""

    key: str
    element: str
    name: str


@dataclass(frozen=True)
class ModificationPreview:
    """What would follow from a modification; `asked` are the kinds of the commands that would go out, with elements."""

    ended: list[TouchedElement] = field(default_factory=list)
    begun: list[TouchedElement] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    outcome: str = ""
    faults: list[LifeFault] = field(default_factory=list)

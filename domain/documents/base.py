"""What every written document is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from domain.fields import (
    FieldProblem,
    Fields,
    Text,
    label_of,
)

NOTHING = "无"


class Document(Fields):
    """A document that is numbered and written once for a case."""

    kind: ClassVar[str]
    title: ClassVar[str]
    derived: ClassVar[tuple[str, ...]] = ()
    """Properties that the paper states beside the fields."""

    case_no: Text = Field(title="工单号")

    @property
    @abstractmethod
    def dated(self) -> date:
        """The business date the document bears."""

    @abstractmethod
    def contradictions(self) -> Iterator[FieldProblem]:
        """Fields that cannot all be true together."""

    def _problem(self, key: str, problem: str) -> FieldProblem:
        return FieldProblem(key, label_of(type(self), key), problem)

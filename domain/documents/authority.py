"""The level that may decide a matter, as papers state it. Facts: domain.md §1.3, check A2 of §4.3."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.documents.base import NOTHING
from domain.documents.letters import Department
from domain.documents.values import choice
from domain.fields import Day, Fields, Text

_PROVINCE = "省公司"

Level = Annotated[str, BeforeValidator(choice({"city": "市公司", "province": _PROVINCE}))]


class Authority(Fields):
    """Which level and department decides, by which delegation, and until when: what `authority` of diagrams answers."""

    level: Level = Field(title="权限层级")
    department: Department = Field(title="权限部门")
    document: Text = Field(NOTHING, title="授权文件")
    until: Day | None = Field(None, title="授权有效期至")
    rule: Text = Field(NOTHING, title="权限规则")

    @property
    def body(self) -> str:
        """Who decides, by level and department, e.g. 市公司发展部."""
        return self.level + self.department.removeprefix(self.level)

    def faults(self, decided_on: date, deciding: str) -> Iterator[tuple[str, str]]:
        """Keys and problems of an authority that a decision taken on that day cannot rest on."""
        if (self.level == _PROVINCE) != self.department.startswith(_PROVINCE):
            yield "department", f"不属于{self.level}"
        if self.until and self.until < decided_on:
            yield "until", f"早于{deciding}（授权已到期）"

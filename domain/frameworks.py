"""Framework agreements 框架招标: whether one can be called off from, and what to do where it cannot.

Domain rules: domain.md §1.1 row 8, §4.2 (a valid award comes first, the contractor is qualified on that day).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.chinese import grouped_amount, written_date

KINDS = {"design": "设计", "construction": "施工", "both": "设计施工"}
"""What a framework is for; what is for both serves for either."""


@dataclass(frozen=True)
class Room:
    """One lot 标段 of a framework as it stands: `remaining` is what may still be called off from it."""

    framework: str
    lot: str
    kind: str
    contractor: str
    licence_until: dt.date
    valid_from: dt.date
    valid_to: dt.date
    remaining: Decimal

    @property
    def title(self) -> str:
        return f"框架{self.framework}标段{self.lot}"

    def fault(self, amount: Decimal, day: dt.date, contractor: str = "") -> str:
        """Why so much cannot be called off from it on a day, in Chinese; empty where it can. A `contractor` that is
        named must be the framework's."""
        if day < self.valid_from:
            return f"{self.title}自{written_date(self.valid_from)}起才有效"
        if day > self.valid_to:
            return f"{self.title}已于{written_date(self.valid_to)}到期"
        if day > self.licence_until:
            return f"{self.title}承包单位{self.contractor}的资质已于{written_date(self.licence_until)}到期"
        if contractor and contractor != self.contractor:
            return f"{self.title}的承包单位为{self.contractor}，不是{contractor}"
        if not self.remaining:
            return f"{self.title}的金额已用完"
        if amount > self.remaining:
            return f"{self.title}余额{grouped_amount(self.remaining)}元，不足本次委托的{grouped_amount(amount)}元"
        return ""

    def serves(self, kind: str) -> bool:
        """Whether it can stand in for a framework of that kind; of an unknown one (empty) any may."""
        return kind in ("", self.kind) or self.kind == "both"


def what_to_do(others: Sequence[Room]) -> str:
    """What to do instead: the other lots that have room, or a new tender."""
    if not others:
        return "没有其他可用的同类框架，请物资部重新组织框架招标"
    named = (
        f"{one.title}（承包单位{one.contractor}，余额{grouped_amount(one.remaining)}元，"
        f"有效至{written_date(one.valid_to)}）"
        for one in others
    )
    return f"可改用{'、'.join(named)}"


def alternatives(rooms: Iterable[Room], kind: str, amount: Decimal, day: dt.date, most: int = 3) -> list[Room]:
    """The lots from which so much could be called off instead, those with most room first."""
    fit = [room for room in rooms if room.serves(kind) and not room.fault(amount, day)]
    return sorted(fit, key=lambda room: (-room.remaining, room.framework, room.lot))[:most]

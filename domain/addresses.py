"""The list of where accounts are reached, as an operator writes it: one address a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from domain.fields import FieldProblem, Fields, MissingFields, Rows, Text, read_fields
from domain.notices import Address, Channel

_DOING = "采用这份联系地址表"


def _channel(value: Any) -> Channel:
    """A channel by its code or its name on screen."""
    names = {name: channel for channel in Channel for name in (channel.value, channel.label)}
    if isinstance(value, str) and value.strip() in names:
        return names[value.strip()]
    choices = "、".join(f"{channel.value}（{channel.label}）" for channel in Channel)
    raise PydanticCustomError("field", "{problem}", {"problem": f"应为{choices}之一"})


class AddressRow(Fields):
    """One row: an account is reached at an address (a mail address, or the name that the settings give a robot)."""

    account: Text = Field(title="账号")
    channel: Annotated[Channel, BeforeValidator(_channel)] = Field(title="渠道")
    address: Text = Field(title="地址")


class AddressList(Fields):
    """All rows; an account has at most one address a channel."""

    rows: Rows[AddressRow] = Field(title="联系地址")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AddressList:
        """The list that somebody wrote; `MissingFields` names all that is wrong, by row, in Chinese."""
        table = read_fields(cls, _DOING, data)
        if problems := list(table._faults()):
            raise MissingFields(_DOING, problems)
        return table

    def by_account(self) -> dict[str, list[Address]]:
        """The addresses of each account."""
        found: dict[str, list[Address]] = {}
        for row in self.rows:
            found.setdefault(row.account, []).append(Address(row.channel, row.address))
        return found

    def _faults(self) -> Iterator[FieldProblem]:
        seen: dict[tuple[str, Channel], int] = {}
        for number, row in enumerate(self.rows, 1):
            if first := seen.get((row.account, row.channel)):
                problem = f"账号 {row.account} 的{row.channel.label}地址已在第{first}行"
                yield FieldProblem(f"rows[{number}].channel", f"联系地址第{number}行·渠道", problem)
            seen.setdefault((row.account, row.channel), number)
            if row.channel is Channel.EMAIL and not all(row.address.partition("@")):
                yield FieldProblem(f"rows[{number}].address", f"联系地址第{number}行·地址", "不是电子邮件地址")

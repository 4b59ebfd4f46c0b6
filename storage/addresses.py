"""Where accounts are reached outside the system: personal data, which stands here and in no workflow's history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.notices import Address, Channel
from storage.base import Base
from storage.locks import lock


class AccountAddress(Base):
    """One address of an account; at most one a channel."""

    __tablename__ = "account_addresses"

    account: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]


def set_addresses(session: Session, account: str, addresses: Sequence[Address]) -> None:
    """From now on the account is reached at these addresses and no others; `ValueError` for two on one channel."""
    channels = [address.channel for address in addresses]
    if len(set(channels)) < len(channels):
        labels = "、".join(channel.label for channel in channels)
        raise ValueError(f"账号 {account} 在每个渠道只能有一个地址，不能是：{labels}")
    lock(session, "account addresses")
    session.execute(delete(AccountAddress).where(AccountAddress.account == account))
    session.add_all(AccountAddress(account=account, channel=one.channel.value, address=one.to) for one in addresses)
    session.flush()


def replace_addresses(session: Session, addresses: Mapping[str, Sequence[Address]]) -> None:
    """The accounts named are reached as said; all others no more. `ValueError` for two addresses on one channel."""
    lock(session, "account addresses")
    gone = set(session.scalars(select(AccountAddress.account).distinct())) - set(addresses)
    for account in sorted(gone):
        set_addresses(session, account, ())
    for account, own in addresses.items():
        set_addresses(session, account, own)


def addresses_of(session: Session, accounts: Collection[str]) -> dict[str, list[Address]]:
    """The addresses of each of these accounts that has any, by channel."""
    chosen = select(AccountAddress).where(AccountAddress.account.in_(accounts))
    found: dict[str, list[Address]] = {}
    for row in session.scalars(chosen.order_by(AccountAddress.account, AccountAddress.channel)):
        found.setdefault(row.account, []).append(Address(Channel(row.channel), row.address))
    return found

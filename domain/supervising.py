"""What the paper of a supervision order 督办单 says, put together from the clock, the ladder and the posts.

The model is `domain.documents.supervision.SupervisionOrder`; who issues it, and by which telephone, are settings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.business_time import day_ending
from domain.calendar import shanghai_date
from domain.clocks import Clocks
from domain.departments import department_name
from domain.due import Due
from domain.ladder import Ladder, Level
from domain.levels import POSTS
from domain.orders import Order
from domain.posts import Post, PostTable
from domain.records import CaseFields

_CHANNEL = "系统消息"
"""How a level is told in any case; what else went out stands with the messages themselves."""


@dataclass(frozen=True)
class Concerned:
    """Whom an order of a case concerns: the posts of its county, and the accounts that hold the step now."""

    case: CaseFields
    posts: PostTable
    officers: tuple[str, ...]


def order_variables(clocks: Clocks, ladder: Ladder, order: Order, concerned: Concerned) -> dict[str, Any]:
    """The variables that the order's paper is written from; `KeyError` for an order whose clock has no limit."""
    clock = clocks[order.clock]
    due, rule, case = clocks.due(clock), clocks.rule_of(clock), concerned.case
    if due is None:
        raise KeyError(order.clock)
    issued = day_ending(order.issued)
    reply_due = order.answer_by(ladder.settings.answer_within, clocks.calendar, clocks.close)
    return {
        "customer": case.customer,
        "address": case.address,
        "county": case.county,
        "businessType": case.case_type,
        "voltageKv": case.voltage_kv,
        "stepName": rule.name,
        "level": f"{Level.L2.name} {Level.L2.title}",
        "limitText": due.limit.words(),
        "limitSource": due.limit.source,
        "startedOn": shanghai_date(due.started).isoformat(),
        "dueOn": due.date.isoformat(),
        "dueExplanation": "".join(due.day.sentences()),
        "daysLate": max(clocks.calendar.workdays_between(due.date, issued), 0),
        "warnings": list(_warnings(ladder, order, due)),
        "department": department_name(rule.department),
        "recipient": _holder(Post.DEPARTMENT_HEAD, rule.department, concerned),
        "caseOfficer": "、".join(concerned.officers) or department_name(rule.department),
        "requirement": f"请查明“{rule.name}”超期的原因，采取措施尽快办结，并报新的承诺日期",
        "replyDueOn": day_ending(reply_due).isoformat(),
        "nextRecipient": _bracketed(Post.LEADER, rule.department, concerned),
        "copiedTo": _bracketed(Post.SERVICE_CENTRE, rule.department, concerned),
        "issuedOn": issued.isoformat(),
    }


def _warnings(ladder: Ladder, order: Order, due: Due) -> Iterator[dict[str, str]]:
    """The levels below the order that were raised, as the paper lists them."""
    for level, said in ladder.said(order.clock).items():
        if level < Level.L2:
            yield {
                "level": f"{level.name} {level.title}",
                "sentOn": _within(day_ending(said.raised), due, order).isoformat(),
                "recipient": "、".join(post.title for post in POSTS[level]),
                "channel": _CHANNEL,
                "outcome": "已确认收到" if said.acknowledged else "未确认",
            }


def _within(day: dt.date, due: Due, order: Order) -> dt.date:
    """A warning that was entered late counts as sent with the order, and none before the clock began."""
    return max(min(day, day_ending(order.issued)), shanghai_date(due.started))


def _bracketed(post: Post, department: str, concerned: Concerned) -> str:
    """The same within a sentence, the account in brackets: LibreOffice drops a letter where a line ends in one."""
    title, _, account = _holder(post, department, concerned).rpartition(" ")
    return f"{title}（{account}）" if title else account


def _holder(post: Post, department: str, concerned: Concerned) -> str:
    """The post that is written to, with its account; where it is vacant, the one above that is written to instead."""
    found = concerned.posts.addressees((post,), (), department, concerned.case.county, ())
    if not found.people:
        return post.title
    return "、".join(f"{person.holds.post.title} {person.account}" for person in found.people)

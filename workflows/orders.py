"""The supervision orders 督办单 of a case: which are to be written, what their papers say, what they lack."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from domain.levels import Level
from domain.orders import Order
from domain.start import Carried
from domain.supervising import Concerned, order_variables

if TYPE_CHECKING:
    from workflows.case import Case

INCIDENT = "orders"
"""The incident that orders without a paper are in, as `resolve_incident` names it."""
_WRITTEN_SINCE = 2
"""Cases of an earlier semantics number raise orders without a paper."""


class Orders:
    """What has become of one case's orders; the ladder has them themselves.

    `unnumbered` says by clock why an order cannot be written. `papers` is what the unwritten ones say: as it was when
    they were raised, whatever has been moved since, and with what somebody has supplied.
    """

    def __init__(self, case: Case, carried: Carried | None) -> None:
        self._case = case
        self.unnumbered = dict(carried.unnumbered) if carried else {}
        self.papers = dict(carried.papers) if carried else {}

    def raised(self, clock: str) -> None:
        """A clock's order has just been raised: what its paper will say."""
        case = self._case
        order = case.watch.ladder.order(clock) if case.watch else None
        if case.watch and case.posts and order and not order.number:
            concerned = Concerned(case.start.case, case.posts, case.officers())
            self.papers.setdefault(clock, order_variables(case.watch.clocks, case.watch.ladder, order, concerned))

    def unanswered(self) -> bool:
        """Whether any still waits for an answer here."""
        watch = self._case.watch
        if watch is None or self._case.posts is None or self._case.start.semantics < _WRITTEN_SINCE:
            return False
        return bool(watch.unanswered())

    def unwritten(self) -> list[Order]:
        """Those that have neither a paper nor, so far, a reason why none can be written."""
        watch = self._case.watch
        if watch is None or self._case.posts is None or self._case.start.semantics < _WRITTEN_SINCE:
            return []
        return [one for one in watch.unwritten() if one.clock not in self.unnumbered]

    def number(self, clock: str) -> str:
        """The number of a clock's order; empty where it has none."""
        order = self._case.watch.ladder.order(clock) if self._case.watch else None
        return order.number if order else ""

    def numbered(self, raised: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the things raised that can be told: a level with an order waits for its number."""
        waiting = {order.clock for order in self.unwritten()}
        return [one for one in raised if one["level"] != Level.L2.name or one["clock"] not in waiting]

    def paper(self, order: Order) -> dict[str, Any]:
        """What an order's paper is written from."""
        self.raised(order.clock)  # one that a calling case raised, or an earlier run of this one
        return dict(self.papers.get(order.clock, {}))

    def wrote(self, clock: str, number: str, sha256: str, now: datetime) -> None:
        """An order has its number and its paper."""
        if self._case.watch:
            self.papers.pop(clock, None)
            issued = self._case.watch.ladder.numbered(clock, number).issued.isoformat()
            self._case.clock_news = True
            self._case.note("ordered", now, clock=clock, number=number, sha256=sha256, issued=issued)

    def refused(self, clock: str, problem: str, now: datetime) -> None:
        """An order's paper cannot be written: an incident, until somebody supplies what is missing."""
        self.unnumbered[clock] = problem
        self._case.note("incident", now, kind=INCIDENT, message=problem, clock=clock)

    def supply(self, values: dict[str, Any], by: str, now: datetime) -> None:
        """Somebody has supplied what was missing: the papers that lack something are written with it."""
        for clock in self.unnumbered:
            self.papers[clock] = {**self.papers.get(clock, {}), **values}
        self.unnumbered.clear()
        self._case.note("resolved", now, kind=INCIDENT, by=by)

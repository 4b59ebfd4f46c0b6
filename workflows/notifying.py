"""Tells people of the levels that were raised, and of tasks that were handed about: a notice for each account that is
named there or by the case's table of posts, once.

What could not be recorded, because the database is down, is kept and tried again. The notice of a vacant post goes to
the next above it; that is a line in the journal, and the service centre is told once of each vacant seat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from bpmn import codec
from domain import handing, warnings
from domain.notices import Delivery, DeliveryOrder, Notice
from domain.posts import Addressee, Addressees, Post, Seat, Vacancy
from workflows import showing
from workflows.case import MANAGED_SINCE

if TYPE_CHECKING:
    from workflows.world import World

_ALL_TRIES = timedelta(minutes=2)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
_VACANT = "vacant"
"""What the notice of a vacant post is about, where that of a level has its name."""


@dataclass(frozen=True)
class _Told:
    """A notice, the post that it is written to, and the clock that it asks something of."""

    notice: Notice
    post: Post
    clock: str = ""


class Notifier:
    """Tells of what the case has raised, all of it at once."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def run(self) -> None:
        """Tell of whatever is raised, for the whole run."""
        case = self._world.case
        while True:
            await workflow.wait_condition(lambda: bool(case.orders.numbered(case.raised)) and not self._world.draining)
            await self._world.confirmed(self._tell(case.orders.numbered(case.raised)))

    async def _tell(self, raised: list[dict[str, Any]]) -> None:
        case, found = self._world.case, [(one, self._addressees(one)) for one in raised]
        told = [self._told(one, to) for one, addressees in found for to in addressees.people]
        vacant = self._unknown([vacancy for _, addressees in found for vacancy in addressees.vacancies])
        told += [self._vacant(one, to) for one in vacant.values() for to in self._centre()]
        notices = [one.notice for one in told]
        try:
            if notices:
                orders = await self._record(notices, f"{raised[0]['title']} {raised[0]['name']}")
                self._order(orders, {one.notice.key: one for one in told})
                case.vacant |= dict.fromkeys(vacant)
        except ActivityError as error:
            if not _refused(error):
                return  # tried again: what is recorded already is not recorded twice
            case.note("unsent", self._world.now(), notices=[one.key for one in notices], reason=str(error.cause))
        case.raised = [one for one in case.raised if one not in raised]
        for one, addressees in found:
            for vacancy in addressees.vacancies:
                case.note("vacant", self._world.now(), clock=one["clock"], reason=vacancy.sentence())

    async def _record(self, notices: list[Notice], summary: str) -> list[DeliveryOrder]:
        """The deliveries that the notices have; none where an earlier version recorded them, which only counted."""
        self._world.voice.spoke()
        recorded: Any = await workflow.execute_activity(
            "record-notices",
            notices,
            start_to_close_timeout=timedelta(seconds=self._world.case.start.settings.record_timeout),
            schedule_to_close_timeout=_ALL_TRIES,
            retry_policy=_RETRY,
            summary=f"通知 {summary}",
        )
        return [codec.decode(DeliveryOrder, one) for one in recorded] if isinstance(recorded, list) else []

    def _order(self, orders: list[DeliveryOrder], told: dict[str, _Told]) -> None:
        """Have the deliveries made, each when the post that is written to is not quiet."""
        case, now = self._world.case, self._world.now().isoformat()
        for order in orders:
            one = told[order.key]
            case.deliveries[order] = Delivery(order, one.notice.kind, now, one.post.value, clock=one.clock)

    def _told(self, raised: dict[str, Any], to: Addressee) -> _Told:
        case, taken_back = self._world.case, bool(raised.get("takenBack"))
        subject, body = self._words(raised)
        notice = Notice(
            workflow_id=workflow.info().workflow_id,
            key="/".join([*self._origin(), raised["key"], *["补录"] * taken_back, to.account]),
            case_no=case.start.case.case_no,
            kind=raised["level"],
            recipient=to.account,
            subject=subject,
            body=body,
            now=raised["raised"],
        )
        return _Told(notice, to.holds.post, "" if taken_back else raised["clock"])

    def _words(self, raised: dict[str, Any]) -> tuple[str, str]:
        """Subject and text of what is told."""
        case = self._world.case
        fields, summary = case.start.case, showing.summary(case.start.case)
        if handing.is_handing(raised):
            return handing.subject(raised, fields.case_no), handing.text(raised, summary)
        order = case.orders.number(raised["clock"])
        return warnings.subject(raised, fields.case_no), warnings.text(raised, summary, order)

    def _unknown(self, vacancies: list[Vacancy]) -> dict[str, Vacancy]:
        """The seats of the table of posts that the service centre has not been told of: no step that nobody holds."""
        case = self._world.case
        if case.start.semantics < MANAGED_SINCE:
            return {}
        seats = {one.seat.code: one for one in vacancies if one.seat.post is not Post.OFFICER}
        return {code: one for code, one in seats.items() if code not in case.vacant}

    def _centre(self) -> tuple[Addressee, ...]:
        case = self._world.case
        posts, county = (Post.SERVICE_CENTRE,), case.start.case.county
        return case.posts.addressees(posts, (), "", county, ()).people if case.posts else ()

    def _vacant(self, vacancy: Vacancy, to: Addressee) -> _Told:
        case = self._world.case.start.case
        subject, body = warnings.vacancy(vacancy, showing.summary(case), case.case_no)
        notice = Notice(
            workflow_id=workflow.info().workflow_id,
            key="/".join([*self._origin(), _VACANT, vacancy.seat.code, to.account]),
            case_no=case.case_no,
            kind=_VACANT,
            recipient=to.account,
            subject=subject,
            body=body,
            now=self._world.now().isoformat(),
        )
        return _Told(notice, to.holds.post)

    def _origin(self) -> list[str]:
        """What keys begin with in a run that a reset began: what it raises is not what the undone run raised."""
        return [self._world.case.epoch] if self._world.case.epoch else []

    def _addressees(self, raised: dict[str, Any]) -> Addressees:
        case = self._world.case
        if accounts := raised.get("accounts"):
            seat = Seat(Post.OFFICER, raised["department"], case.start.case.county)
            return Addressees(tuple(Addressee(account, Post.OFFICER, seat) for account in accounts))
        if case.posts is None:
            return Addressees(())
        officers = tuple(raised.get("officers", case.officers()))
        to, copied = (tuple(map(Post, raised[part])) for part in ("to", "copied"))
        return case.posts.addressees(to, copied, raised["department"], case.start.case.county, officers)


def _refused(error: ActivityError) -> bool:
    return isinstance(error.cause, ApplicationError) and error.cause.non_retryable

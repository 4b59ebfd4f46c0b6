"""Tells people of the levels that were raised: a notice for each account that the case's table of posts names, once.

What could not be recorded, because the database is down, is kept and tried again; a vacant post is a line in the
journal, and its notice goes to the next above it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from domain import warnings
from domain.notices import Notice
from domain.posts import Addressees, Post
from workflows import showing

if TYPE_CHECKING:
    from workflows.world import World

_ONE_TRY, _ALL_TRIES = timedelta(seconds=10), timedelta(minutes=2)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


class Notifier:
    """Tells of what the case has raised, all of it at once."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def run(self) -> None:
        """Tell of whatever is raised, for the whole run."""
        case = self._world.case
        while True:
            await workflow.wait_condition(lambda: bool(case.raised) and not self._world.draining)
            await self._world.confirmed(self._tell(list(case.raised)))

    async def _tell(self, raised: list[dict[str, Any]]) -> None:
        case, found = self._world.case, [(one, self._addressees(one)) for one in raised]
        notices = [notice for one, addressees in found for notice in self._notices(one, addressees.accounts)]
        try:
            if notices:
                await self._record(notices, f"{raised[0]['title']} {raised[0]['name']}")
        except ActivityError as error:
            if not _refused(error):
                return  # tried again: what is recorded already is not recorded twice
            case.note("unsent", self._world.now(), notices=[one.key for one in notices], reason=str(error.cause))
        del case.raised[: len(raised)]
        for one, addressees in found:
            for vacancy in addressees.vacancies:
                case.note("vacant", self._world.now(), clock=one["clock"], reason=vacancy.sentence())

    async def _record(self, notices: list[Notice], summary: str) -> None:
        await workflow.execute_activity(
            "record-notices",
            notices,
            start_to_close_timeout=_ONE_TRY,
            schedule_to_close_timeout=_ALL_TRIES,
            retry_policy=_RETRY,
            summary=f"通知 {summary}",
        )

    def _notices(self, raised: dict[str, Any], accounts: tuple[str, ...]) -> list[Notice]:
        case, own = self._world.case.start.case, workflow.info().workflow_id
        return [
            Notice(
                workflow_id=own,
                key=f"{raised['key']}/{'补录/' if raised['backdated'] else ''}{account}",
                case_no=case.case_no,
                kind=raised["level"],
                recipient=account,
                subject=warnings.subject(raised, case.case_no),
                body=warnings.text(raised, showing.summary(case)),
                now=raised["raised"],
            )
            for account in accounts
        ]

    def _addressees(self, raised: dict[str, Any]) -> Addressees:
        case = self._world.case
        if case.posts is None:
            return Addressees(())
        officers = tuple(raised.get("officers", case.officers()))
        to, copied = (tuple(map(Post, raised[part])) for part in ("to", "copied"))
        return case.posts.addressees(to, copied, raised["department"], case.start.case.county, officers)


def _refused(error: ActivityError) -> bool:
    return isinstance(error.cause, ApplicationError) and error.cause.non_retryable

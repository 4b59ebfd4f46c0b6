"""Has the supervision orders 督办单 of a case numbered and written, each once, as soon as they are raised.

The paper is a document of the case like any other. What is missing from it is an incident of the case's own: it names
the fields, and resolving it with their values writes the paper. Those who are told of the level wait for the number.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from domain.documents.supervision import SUPERVISION_ORDER
from domain.jobs import Job
from domain.orders import Order, Origin
from workflows.jobs import reason

if TYPE_CHECKING:
    from workflows.watch import Watch
    from workflows.world import World

_ALL_TRIES = timedelta(minutes=2)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


class Supervisor:
    """Writes the orders of one case, one at a time."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def run(self) -> None:
        """Write whatever is raised, for the whole run."""
        case = self._world.case
        if case.watch is None or case.posts is None:
            return
        while True:
            await workflow.wait_condition(lambda: bool(case.orders.unwritten()) and not self._world.draining)
            await self._world.confirmed(self._write(case.watch, case.orders.unwritten()[0]))

    async def _write(self, watch: Watch, order: Order) -> None:
        case, now = self._world.case, self._world.now()
        name = watch.clocks.rule_of(watch.clocks[order.clock]).name
        self._world.voice.spoke()
        try:
            result: dict[str, Any] = await workflow.execute_activity(
                "write-document",
                self._job(watch, order, name),
                result_type=dict,
                start_to_close_timeout=timedelta(seconds=case.start.settings.job_timeout),
                schedule_to_close_timeout=_ALL_TRIES,
                retry_policy=_RETRY,
                summary=f"督办单 {name}",
            )
        except ActivityError as error:
            if isinstance(error.cause, ApplicationError) and error.cause.non_retryable:
                case.orders.refused(order.clock, reason(error), self._world.now())
            return  # else tried again: what has been written is not written twice
        case.orders.wrote(order.clock, result["documentNo"], result["documentSha256"], now)

    def _job(self, watch: Watch, order: Order, name: str) -> Job:
        case = self._world.case
        origin = order.origin or Origin(workflow.info().workflow_id, order.clock)
        return Job(
            type="write-document",
            case_no=case.start.case.case_no,
            workflow_id=origin.workflow,
            key=f"order/{origin.clock}",
            element="",
            name=name,
            now=self._world.now().isoformat(),
            headers={"kind": SUPERVISION_ORDER},
            variables=case.orders.paper(order),
        )

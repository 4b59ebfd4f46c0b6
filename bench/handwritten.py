"""The same work as `temporal.py` gives our workflow, written by hand as one would without an engine; no journal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from domain.jobs import Job
from domain.start import Settings

TASKS = 10
TIMEOUT = timedelta(seconds=Settings().job_timeout)


@workflow.defn
class HandWritten:
    """One user task by update, then ten activities."""

    def __init__(self) -> None:
        self.completed: dict[str, Any] | None = None

    @workflow.run
    async def run(self, case_no: str) -> dict[str, Any]:
        await workflow.wait_condition(lambda: self.completed is not None)
        variables = dict(self.completed or {})
        for number in range(TASKS):
            result = await workflow.execute_activity(
                "bench-job",
                self._job(case_no, number, variables),
                result_type=dict[str, Any],
                start_to_close_timeout=TIMEOUT,
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(seconds=1),
                    backoff_coefficient=4,
                    maximum_interval=timedelta(minutes=5),
                    maximum_attempts=3,
                ),
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                summary=f"Task {number + 1}",
            )
            variables.update(result)
        return {"outcome": "completed"}

    def _job(self, case_no: str, number: int, variables: dict[str, Any]) -> Job:
        return Job(
            type="bench-job",
            case_no=case_no,
            workflow_id=workflow.info().workflow_id,
            key=str(number),
            element=f"task_{number + 1}",
            name=f"Task {number + 1}",
            now=workflow.now().isoformat(),
            variables=variables,
        )

    @workflow.update
    def complete(self, act: dict[str, Any]) -> dict[str, str]:
        self.completed = act["data"]
        return {"act": "complete", "at": workflow.now().isoformat(), "by": act["by"]}

    @complete.validator
    def check_complete(self, act: dict[str, Any]) -> None:
        if self.completed is not None or not act["by"]:
            raise ApplicationError("the task is not open", type="ActRefused", non_retryable=True)

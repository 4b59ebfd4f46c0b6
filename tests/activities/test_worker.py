"""The activities as a worker runs them: found by name, their input and refusals whole after the wire."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities import all_activities
from domain.jobs import Job
from domain.notices import Address, Channel, DeliveryOrder, DeliveryReport, DeliveryState, Notice
from domain.records import JournalBatch, JournalReply, Record
from storage.addresses import set_addresses
from storage.database import Database
from storage.files import FileStore
from storage.notices import deliveries
from tests.activities.servers import Webhook

MakeJob = Callable[..., Job]
NAMES = {
    "write-document": "任务没有指明要出具的文书",
    "void-documents": "作废原因（reason）未填写",
    "find-papers": "客户标识（customerId）未填写",
    "record-papers": "收到的资料（papers）未填写",
    "issue-materials": "领用物资（materials）未填写",
    "return-materials": "领料单号（issueNo）未填写",
    "take-bay": "变电站编号（bayStation）未填写",
    "give-back-bay": "间隔编号（bay）未填写",
    "commission-bay": "间隔编号（bay）未填写",
}


@workflow.defn
class OneJob:
    """Runs one job by the name of its type."""

    @workflow.run
    async def run(self, job: Job) -> dict[str, Any]:
        result: dict[str, Any] = await workflow.execute_activity(
            job.type, job, start_to_close_timeout=timedelta(seconds=30), result_type=dict
        )
        return result


@workflow.defn
class OneBatch:
    """Records one batch, trying only once."""

    @workflow.run
    async def run(self, batch: JournalBatch) -> JournalReply:
        reply: JournalReply = await workflow.execute_activity(
            "record-journal",
            batch,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(maximum_attempts=1),
            result_type=JournalReply,
        )
        return reply


@workflow.defn
class OneNotice:
    """Records a message and delivers it on its channels, each tried as the retry policy says."""

    @workflow.run
    async def run(self, notice: Notice) -> list[DeliveryReport]:
        limit = timedelta(seconds=30)
        orders: list[DeliveryOrder] = await workflow.execute_activity(
            "record-notices", [notice], start_to_close_timeout=limit, result_type=list[DeliveryOrder]
        )
        return [
            await workflow.execute_activity(
                "deliver-notice",
                order,
                start_to_close_timeout=limit,
                retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=3),
                result_type=DeliveryReport,
            )
            for order in orders
        ]


class Running:
    """A worker with our activities, and a client to start workflows on it."""

    def __init__(self, server: WorkflowEnvironment, database: Database, files: FileStore) -> None:
        self._client, self._queue = server.client, f"activities-{uuid4()}"
        self._database, self._files = database, files

    async def run(self, work: Any, argument: Any) -> Any:
        with ThreadPoolExecutor(4) as threads:
            worker = Worker(
                self._client,
                task_queue=self._queue,
                workflows=[OneJob, OneBatch, OneNotice],
                activities=all_activities(self._database, self._files),
                activity_executor=threads,
                workflow_runner=UnsandboxedWorkflowRunner(),
            )
            async with worker:
                return await self._client.execute_workflow(work, argument, id=self._queue, task_queue=self._queue)


@pytest.fixture
def running(dev_server: WorkflowEnvironment, database: Database, files: FileStore) -> Running:
    return Running(dev_server, database, files)


@pytest.mark.parametrize("name", NAMES)
async def test_a_job_without_its_data_is_refused_once_and_by_name(running: Running, job: MakeJob, name: str) -> None:
    with pytest.raises(WorkflowFailureError) as caught:
        await running.run(OneJob.run, job({}, type=name))

    failed = caught.value.cause
    assert isinstance(failed, ActivityError)
    refusal = failed.cause
    assert isinstance(refusal, ApplicationError)
    assert (refusal.type, refusal.non_retryable) == ("JobRefused", True)
    assert NAMES[name] in refusal.message


async def test_a_document_is_written_through_a_worker(
    running: Running, job: MakeJob, example: Callable[[str], dict[str, Any]], files: FileStore
) -> None:
    result = await running.run(OneJob.run, job(example("supply_plan_reply"), headers={"kind": "supply_plan_reply"}))

    assert result["documentNo"] == "供答〔2026〕0001号"
    assert files.get(result["documentSha256"])


async def test_a_case_is_archived_through_a_worker(running: Running, job: MakeJob) -> None:
    result = await running.run(OneJob.run, job({"reason": None}, type="archive-case"))

    assert result == {"archiveNo": "YKDA-2026-00001", "archiveIndex": []}


async def test_a_journal_is_recorded_through_a_worker(running: Running) -> None:
    case = {"case_no": "YK-1", "process": "hv_connection", "version": 1}
    records = [Record(1, "2026-03-09T10:00:00+08:00", "case", "hv_connection", "process", "高压业扩", data=case)]

    reply = await running.run(OneBatch.run, JournalBatch("case-YK-1", "", "YK-1", records))

    assert reply == JournalReply()


@pytest.fixture
def notice(webhook: Webhook, database: Database, monkeypatch: pytest.MonkeyPatch) -> Notice:
    """A message to a robot that the settings name."""
    monkeypatch.setenv("YEKUO_CHANNEL_WECOM", '{"指挥中心": "k-5f2a9c71"}')
    monkeypatch.setenv("YEKUO_CHANNEL_WECOM_BASE", webhook.base)
    with database.transaction() as session:
        set_addresses(session, "zhangwei", [Address(Channel.WECOM, "指挥中心")])
    return Notice("case-1", "1", "YK-1", "L2", "zhangwei", "督办", "超期", "2026-03-09T10:00:00+08:00")


async def test_a_message_is_tried_again_by_the_retry_policy(running: Running, notice: Notice, webhook: Webhook) -> None:
    webhook.says({}, 503)
    webhook.on_request = lambda: webhook.says({"errcode": 0}) if len(webhook.requests) > 1 else None

    reports = await running.run(OneNotice.run, notice)

    assert reports == [DeliveryReport(DeliveryState.SENT, attempts=2, unclear=0)]


async def test_a_refused_message_is_not_tried_again(
    running: Running, notice: Notice, webhook: Webhook, database: Database
) -> None:
    webhook.says({"errcode": 93000, "errmsg": "invalid webhook url k-5f2a9c71"})

    with pytest.raises(WorkflowFailureError) as caught:
        await running.run(OneNotice.run, notice)

    failed = caught.value.cause
    assert isinstance(failed, ActivityError)
    assert isinstance(failed.cause, ApplicationError)
    assert failed.cause.message == "企业微信答复错误码 93000：invalid webhook url ***"
    assert failed.cause.cause is None
    assert len(webhook.requests) == 1


async def test_a_message_that_could_not_be_sent_waits_on_where_no_order_called_its_try_the_last(
    running: Running, notice: Notice, webhook: Webhook, database: Database
) -> None:
    webhook.says({}, 503)

    with pytest.raises(WorkflowFailureError):
        await running.run(OneNotice.run, notice)

    with database.session() as session:
        (delivery,) = deliveries(session)
    assert (delivery.state, delivery.attempts) == ("waiting", 3)

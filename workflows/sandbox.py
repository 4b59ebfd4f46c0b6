"""Temporal's sandbox for workflow code, without a way into it for every payload.

The SDK asks each workflow in whose context a payload is written, several times for each payload, and enters the sandbox
for the answer: a quarter of what a busy worker computed. Our converter (`workflows.codec`) writes alike in every
context and keeps nothing outside of Temporal, so that nobody need be asked.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner


class ContextFreeRunner(SandboxedWorkflowRunner):
    """Runs workflows in the sandbox, for a converter that has no use for contexts."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """The workflow in its sandbox."""
        return _ContextFree(super().create_instance(det))


class _ContextFree(WorkflowInstance):
    """A workflow that is not asked for contexts."""

    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance

    def activate(self, act: Any) -> Any:
        return self._instance.activate(act)

    def get_serialization_context(self, command_info: Any) -> None:
        del command_info

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        del command_info
        return StorageDriverStoreContext(target=None)

    def get_info(self) -> workflow.Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()

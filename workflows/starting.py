"""Reads the input that a run of a case is started with."""

from __future__ import annotations

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from domain.start import SEMANTICS, CaseStart


def start_of(args: Sequence[RawValue]) -> CaseStart:
    """The input of the run. One that is not ours fails the workflow; one of a later version waits for its worker."""
    converter = workflow.payload_converter()
    try:
        start: CaseStart = converter.from_payload(args[0].payload, CaseStart)
    except (IndexError, TypeError, ValueError, AttributeError) as error:
        given = converter.from_payload(args[0].payload) if args else None
        if isinstance(given, dict) and {"case", "definition"} <= set(given):
            raise
        text = "启动参数不是一个案件：请由系统受理，而不是直接启动流程"
        raise ApplicationError(text, str(error), type="NoCase", non_retryable=True) from None
    if start.semantics > SEMANTICS:
        raise RuntimeError(f"本案要求引擎语义 {start.semantics}，工作进程只到 {SEMANTICS}；请升级工作进程")
    if start.clock_offset and not start.simulation:
        raise ApplicationError("仿真之外不得偏移时钟", type="ClockOffset", non_retryable=True)
    return start

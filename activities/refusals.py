"""How a fault that trying again cannot cure leaves an activity: as an application error that is not retried."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from temporalio.exceptions import ApplicationError

from activities.documents import TemplateRefused
from domain.fields import MissingFields
from domain.jobs import JobRefused
from storage.company_tables import SettingsRefused
from storage.data_stores import DataStoreRefused
from storage.journal import JournalConflict
from storage.stock import StockRefused

P = ParamSpec("P")
R = TypeVar("R")

_REFUSALS = (JobRefused, MissingFields, TemplateRefused, StockRefused, SettingsRefused, DataStoreRefused)


def refusing(method: Callable[P, R]) -> Callable[P, R]:
    """An activity whose refusals become errors of type `JobRefused`, and journal conflicts of type `JournalConflict`.

    Both are not retried; their text is what the incident shows. Every other fault stays as it is and is tried again.
    """

    @functools.wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except _REFUSALS as refusal:
            raise ApplicationError(str(refusal), type=JobRefused.__name__, non_retryable=True) from refusal
        except JournalConflict as conflict:
            raise ApplicationError(str(conflict), type=JournalConflict.__name__, non_retryable=True) from conflict

    return guarded


def bpmn_error(code: str, message: str, variables: dict[str, Any]) -> ApplicationError:
    """The error of that code, which a boundary event of the diagram catches with these variables."""
    return ApplicationError(message, code, variables, type="BpmnError", non_retryable=True)

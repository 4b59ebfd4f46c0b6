"""What a service task hands to the activity that does its work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Job:
    """One piece of work of one case.

    `workflow_id` and `key` together name the work: the same pair never takes effect twice, however often it is tried.
    `now` is the case's instant when the job was created (ISO 8601 with offset): the business date of what it writes.
    """

    type: str
    case_no: str
    workflow_id: str
    key: str
    element: str
    name: str
    now: str
    headers: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


class JobRefused(Exception):
    """The job can never succeed with this data; the text tells the person who resolves the incident what to change."""

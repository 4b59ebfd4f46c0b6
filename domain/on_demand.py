"""Processes that are begun by the first message that is meant for them: one for each correlation key."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class OnDemand:
    """A process whose instance for a correlation key is begun when a message for it comes and none is there.

    `opening` is the variable of the message that holds what the instance is begun with; the others are the message's
    own. An instance that is there is only told. Its workflow id is `prefix`/key.
    """

    process: str
    prefix: str
    opening: str

    def workflow_id(self, key: str) -> str:
        """The workflow id of the instance for a correlation key."""
        return f"{self.prefix}/{key}"


ON_DEMAND = MappingProxyType({"outage_requested": OnDemand("weekly_outage_plan", "outage-plan", "plan")})
"""By message. A request for an outage begins the weekly plan of its dispatch unit and week, key `unit/week`."""

"""Which dates of a walk its forms would take if they lay in another year."""

from __future__ import annotations

import re
from typing import Any

from bpmn.definition import Definition
from tests.bpmn.processes.play import WALKS, Play, begun

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def dates_taken(definition: Definition, walk: str, year: str) -> set[str]:
    """The keys of the dates that the walk enters and that their form would take of `year` as well."""
    play, found = begun(definition, walk), set()
    for act in WALKS[walk]["acts"]:
        if "at" in act:
            play.reach(act["at"])
        found |= {key for key, value in act.get("data", {}).items() if _dated(value) and _taken(play, act, key, year)}
        play.act(act)
    return found


def _dated(value: Any) -> bool:
    return isinstance(value, str) and bool(_DATE.match(value))


def _taken(play: Play, act: dict[str, Any], key: str, year: str) -> bool:
    data = act["data"] | {key: year + act["data"][key][4:]}
    return not any(fault.key == key for fault in play.faults(act["element"], data))

"""The table of what this engine runs (`support.toml`), as data."""

from __future__ import annotations

import pkgutil
import tomllib
from dataclasses import dataclass


@dataclass(frozen=True)
class ExtensionRule:
    """Where an extension element may stand, which attributes and children it may have, whether it may be repeated."""

    on: tuple[str, ...]
    attributes: tuple[str, ...]
    children: tuple[str, ...]
    many: bool = False


@dataclass(frozen=True)
class ListenerRule:
    """What listeners may listen to, by their tag; what they may not, with the remedy; and on which elements not."""

    moments: dict[str, tuple[str, ...]]
    refused: dict[str, str]
    nowhere: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Support:
    """The rows of the table; see the comments there."""

    flow_nodes: frozenset[str]
    refused: dict[str, str]
    drawing: frozenset[str]
    data: dict[str, tuple[str, ...]]
    events: dict[str, tuple[str, ...]]
    multiple: dict[str, tuple[str, ...]]
    event_definitions: dict[str, str]
    attributes: dict[str, tuple[str, ...]]
    zeebe: dict[str, ExtensionRule]
    listeners: ListenerRule
    zeebe_attributes: frozenset[str]


def _load() -> Support:
    text = pkgutil.get_data(__package__, "support.toml")
    assert text is not None
    table = tomllib.loads(text.decode())
    return Support(
        frozenset(table["flow_nodes"]["supported"]),
        table["flow_nodes"]["refused"],
        frozenset(table["drawing"]["supported"]),
        {place: tuple(tags) for place, tags in table["data"].items()},
        {place: tuple(kinds) for place, kinds in table["events"].items()},
        {name: tuple(kinds) for name, kinds in table["multiple"].items()},
        table["event_definitions"],
        {name: tuple(values) for name, values in table["attributes"].items()},
        {
            tag: ExtensionRule(
                tuple(row["on"]), tuple(row["attributes"]), tuple(row.get("children", ())), row.get("many", False)
            )
            for tag, row in table["zeebe"].items()
        },
        ListenerRule(
            {tag: tuple(table["listeners"][tag]) for tag in ("executionListener", "taskListener")},
            table["listeners"]["refused"],
            table["listeners"]["nowhere"],
        ),
        frozenset(table["zeebe_attributes"]["supported"]),
    )


SUPPORT = _load()

"""Which conversation a message belongs to, by the BPMN standard's means (BPMN 2.0 §8.4.2, §8.3.1).

A message has a correlation key of several properties; what it carries gives their values (the retrieval expressions).
Who waits names the values it wants from its own data (context-based, by a correlation subscription of the process), or
wants those that the first message of the conversation had, sent or received by this instance (key-based). For the world
a key is one text.

Boundary events and event sub-processes are there before the conversation may have begun: their waits (`UNBEGUN`) become
subscriptions when it does. Whatever stands in the flow and would wait for nothing known is an incident.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bpmn.outcome import Stuck
from bpmn.state import Step
from bpmn.texts import Text

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.model import Correlation

UNBEGUN = "conversation"
"""The kind of a wait for a message of a conversation that has not begun; nobody outside knows of it."""

_THROWING = ("intermediateThrowEvent", "endEvent", "sendTask")


def key_of(x: Execution, node: Node, key: int, extra: Mapping[str, Any] | None = None) -> str | None:
    """The key with which an event catches or throws its message, as seen at the instance `key` with what is `extra`.

    None where the file declares no correlation for it. Raises `Stuck`.
    """
    declared = _declared(node)
    if declared is None:
        return None
    begun = x.state.conversations.get(declared.key)
    if node.kind in _THROWING:
        value = _value(x, node, "retrieval", key, None)
        if not declared.binding and begun not in (None, value):
            raise Stuck("correlation", f"the conversation {declared.key} is about {begun}, and this message {value}")
        _begin(x, declared, value)
        return value
    if key == x.root.key and any(one.id == node.id for one in x.graph.root.starts):
        return ""
    if declared.binding:
        return _value(x, node, "binding", key, extra)
    if begun is None:
        raise Stuck("correlation", f"no message has begun the conversation {declared.key} that it waits in")
    return begun


def begin(x: Execution, node: Node, key: int, payload: dict[str, Any]) -> None:
    """A message has come: if it is the first of its conversation, that is about what it carries.

    One that does not say leaves it open; what waits for the next is told so.
    """
    declared = _declared(node)
    if declared is None or declared.binding or declared.key in x.state.conversations:
        return
    try:
        _begin(x, declared, _value(x, node, "retrieval", key, payload))
    except Stuck:
        return


def _begin(x: Execution, declared: Correlation, value: str) -> None:
    if not declared.binding and declared.key not in x.state.conversations:
        x.state.conversations[declared.key] = value
        x.push(Step("conversation", declared.key, x.root.key))


def is_to_begin(x: Execution, node: Node) -> bool:
    """Whether an event that is there from the start of its scope waits for a conversation that has not begun."""
    declared = _declared(node)
    if declared is None or declared.binding or declared.key in x.state.conversations:
        return False
    return node.kind == "boundaryEvent" or (node.kind == "startEvent" and node.scope is not x.graph.root)


def conversation(node: Node) -> str:
    """The correlation key of an event's message, by its id; empty where there is none."""
    declared = _declared(node)
    return declared.key if declared else ""


def _declared(node: Node) -> Correlation | None:
    event = node.element.event
    return event.message.correlation if event and event.message else None


def _value(x: Execution, node: Node, part: str, key: int, extra: Mapping[str, Any] | None) -> str:
    """The values of all properties as one text: that of the only one, or a JSON array of them."""
    texts = [text for name, text in node.texts.items() if name.startswith(f"{part} ")]
    values = [as_text(text, x.evaluate(text, key, extra)) for text in texts]
    return values[0] if len(values) == 1 else json.dumps(values, ensure_ascii=False)


def as_text(text: Text, value: Any) -> str:
    """A value that is to be (a part of) a correlation key. Raises `Stuck` where it cannot be."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise Stuck("correlation", f"the correlation key {text.source} gave {value!r}, not a text or a number")
    return str(value)

"""What events wait for and throw (BPMN 2.0 §10.5)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timer:
    """A timer definition (BPMN 2.0 §10.5.5): `kind` is date, duration or cycle."""

    kind: str
    text: str


@dataclass(frozen=True)
class Correlation:
    """How a message finds its conversation by the BPMN standard's means (BPMN 2.0 §8.4.2).

    `key` is the id of the correlation key; `retrieval` takes the values of its properties out of the message, `binding`
    out of the process that waits (context-based). Without a binding they are those of the first message of the
    conversation (key-based).
    """

    key: str
    retrieval: tuple[str, ...]
    binding: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """A message as a catch or throw names it; `correlation_key` is empty at the start event of a process.

    `correlation` is given where there is no correlation key (zeebe:subscription), but the file declares one. `by_flow`
    where it has no name or no key at all and a message flow is drawn: that flow decides whom it reaches, and where it
    has no name, the flow's id is its name.
    """

    name: str
    correlation_key: str = ""
    correlation: Correlation | None = None
    by_flow: bool = False


@dataclass(frozen=True)
class Publication:
    """zeebe:publishMessage: how a message that is thrown is sent."""

    correlation_key: str
    message_id: str = ""
    time_to_live: str = ""


@dataclass(frozen=True)
class Condition:
    """What a conditional event waits for (BPMN 2.0 §10.5.5): a FEEL expression with its `=`.

    Where `variables` or `changes` (create, update) are given, it is looked at again only when one of those variables
    has changed in one of those ways (zeebe:conditionalFilter).
    """

    expression: str
    variables: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class EventDefinition:
    """What an event waits for or throws; of the optional parts, the one its `kind` needs.

    `code` is the error or escalation code; empty where the event catches every code, or throws one without a code.
    `activity` is what a compensation throw names, empty for all of its scope, and `awaited` whether it waits until that
    is done. `parts` are the definitions of a `multiple` event in document order; a `parallel` one needs all of them
    (BPMN 2.0 table 10.93).
    """

    kind: str = "none"
    timer: Timer | None = None
    message: Message | None = None
    code: str = ""
    signal: str = ""
    link: str = ""
    activity: str = ""
    awaited: bool = True
    condition: Condition | None = None
    parts: tuple[EventDefinition, ...] = ()
    parallel: bool = False
    publication: Publication | None = None


@dataclass(frozen=True)
class ImplicitThrow:
    """What a multi-instance activity throws when an instance completes; `condition` is empty where it always does.

    One that `carries` takes the attributes of the activity with it: the default signal of BPMN 2.0 §10.3.8.
    """

    id: str
    event: EventDefinition
    condition: str = ""
    carries: bool = False


def definitions(event: EventDefinition | None) -> tuple[EventDefinition, ...]:
    """The definitions of an event one by one: its only one, or those of a multiple event."""
    if event is None:
        return ()
    return event.parts or (event,)

"""Everything an instance knows between two events, and nothing that follows from the diagram."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

VERSION = 1
"""Of the dump's form; older ones are converted when they are loaded."""


@dataclass(slots=True)
class Done:
    """A completed activity that can be compensated: its handler, or the done ones inside it, and its own data.

    `key` is that of its instance: a higher one began later. `scope` is set where its turn has come: the instance that
    its handler belongs to.
    """

    element: str
    handler: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    inner: list[Done] = field(default_factory=list)
    scope: int = 0
    key: int = 0


@dataclass(slots=True)
class LoopState:
    """How far the body of a loop is: its items, the last one started, what the ended ones gave.

    `completed` are all that have ended; of them `cancelled` were ended by somebody. `over` once no instance is to come
    and those that were active are ended.
    """

    items: list[Any]
    next: int = 0
    completed: int = 0
    outputs: list[Any] = field(default_factory=list)
    cancelled: int = 0
    over: bool = False


@dataclass(slots=True)
class Activation:
    """An element of an ad-hoc sub-process that is to be activated, with variables of its own."""

    element: str
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class AdHocState:
    """How far an ad-hoc sub-process is: what is to be activated later, what the completed elements gave.

    `over` once its completion condition has been true: nothing more is activated.
    """

    later: list[Activation] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    over: bool = False


@dataclass(slots=True)
class Wanted:
    """What somebody wants of a user task, until its listeners have been heard; `before` is the task as it was."""

    by: str = ""
    action: str = ""
    before: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Incident:
    """Why an element instance cannot go on."""

    kind: str
    message: str


@dataclass(slots=True)
class PendingWrite:
    """A value on its way into a data store, at a dotted path in it."""

    store: str
    path: str
    value: Any


@dataclass(slots=True)
class Met:
    """One of the things that a parallel multiple event waits for, which has come while others have not."""

    wait: Wait
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ElementInstance:
    """One activation of one element; the tree of them (by `parent`) is the instance.

    `stage` says what comes next in its life: reading, entering, watching, acting, waiting, leaving, writing, routing;
    with listeners also starting, creating, assigning, updating, completing, ending; cancelling, where a transaction is
    being taken back; terminating, where it is to end as soon as listeners at it or inside it have been run; and
    answered, where it is suspended and its answer has come already. `role` tells the body of a loop and its inner
    instances apart from plain ones. `plan` is what it still has to compensate, as a throw event, a transaction, or
    (where `compensating`) as the scope of a throw event that did not wait; `thrower` whoever has that plan, at an
    instance that is part of it. `part` counts the definitions that a multiple throw event has thrown; `met` is what has
    come already of parallel multiple events waited for here. `arrivals` are the tokens on the incoming flows of the
    joins in it; `resetting` the complex gateways in it that wait to be reset, with the flows whose tokens started them.
    `stored` is what has been read out of data stores, `writes` what is still to go there. `job`, `heard` and `task`
    belong to its listeners (`behaviours.listening`): the key of the one that is at work, how many of the stage have
    been, and the user task as they have left it; `wanted` is what they are asked about. While an ad-hoc sub-process
    waits, `job` is the key of that which decides for it.
    """

    key: int
    element: str
    parent: int
    stage: str = "entering"
    role: str = ""
    index: int = 0
    variables: dict[str, Any] | None = None
    payload: dict[str, Any] | None = None
    start: str = ""
    loop: LoopState | None = None
    incident: Incident | None = None
    waits: list[int] = field(default_factory=list)
    arrivals: dict[str, dict[str, int]] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    plan: list[Done] = field(default_factory=list)
    thrower: int = 0
    compensating: bool = False
    ad_hoc: AdHocState | None = None
    resetting: dict[str, list[str]] | None = None
    stored: dict[str, Any] | None = None
    writes: list[PendingWrite] | None = None
    part: int = 0
    met: list[Met] = field(default_factory=list)
    job: int = 0
    heard: int = 0
    task: dict[str, Any] | None = None
    wanted: Wanted | None = None


@dataclass(slots=True)
class Wait:
    """One thing waited for: by the instance `owner`, for the sake of `element` (a boundary event, a start event …).

    `part` is the number of the definition, from 1, where the element is a multiple event. A conditional wait that is
    not `armed` has happened, and happens again only after its condition was false. `left` are the seconds that a timer
    still had when it was suspended.
    """

    key: int
    kind: str
    owner: int
    element: str
    name: str = ""
    correlation_key: str = ""
    due: str = ""
    interval: str = ""
    remaining: int = 0
    part: int = 0
    armed: bool = True
    left: float | None = None


@dataclass(slots=True)
class BufferedMessage:
    """A message nobody waited for yet; `expires` is ISO 8601."""

    name: str
    correlation_key: str
    variables: dict[str, Any]
    message_id: str
    expires: str


@dataclass(slots=True, eq=False)
class Step:
    """One thing to do before the instance rests: see `Execution.run`. No two are the same, whatever they say.

    It waits until the instance `after`, or what was interrupted in it, is no longer terminating.
    """

    op: str
    element: str
    scope: int
    flow: str = ""
    payload: dict[str, Any] | None = None
    key: int = 0
    inner: tuple[Done, ...] = ()
    after: int = 0


@dataclass(slots=True)
class Kept:
    """An event that came for something suspended; of a signal also the `waits` that it came for.

    `stage` is that of the element instance that it answers.
    """

    event: str
    data: dict[str, Any]
    waits: list[int] = field(default_factory=list)
    stage: str = "waiting"


@dataclass(slots=True)
class State:
    """The whole of it.

    `conversations` are the values of correlation keys that messages have set, `suspended` the keys of suspended scopes,
    `parked` the steps inside them and those that wait for a termination, `kept` what came for those suspended.
    """

    process: str
    version: int = VERSION
    outcome: str = ""
    next_key: int = 1
    seq: int = 0
    steps: int = 0
    instances: dict[int, ElementInstance] = field(default_factory=dict)
    waits: dict[int, Wait] = field(default_factory=dict)
    buffer: list[BufferedMessage] = field(default_factory=list)
    queue: list[Step] = field(default_factory=list)
    conversations: dict[str, str] = field(default_factory=dict)
    suspended: list[int] = field(default_factory=list)
    parked: list[Step] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

"""A process: its elements, the flows between them, and what surrounds them."""

from __future__ import annotations

from dataclasses import dataclass, field

from bpmn.clocks import Clock
from bpmn.model.data import Data, Mapping
from bpmn.model.events import EventDefinition
from bpmn.model.loops import AdHoc, Loop, StandardLoop
from bpmn.model.work import Call, Evaluation, JobDefinition, Listener, UserTask


@dataclass(frozen=True)
class Flow:
    """A sequence flow (BPMN 2.0 §8.4.13); `condition` is FEEL without the `=`."""

    id: str
    source: str
    target: str
    condition: str = ""
    name: str = ""
    line: int = 0
    documentation: str = ""


@dataclass(frozen=True)
class Element:
    """A flow node (BPMN 2.0 §8.3): its place in the graph and what its kind needs.

    `kind` is the BPMN tag; `scope` the id of the process or sub-process around it; `attached_to` the activity of a
    boundary event; `handler` the compensation handler of a compensation boundary event; `activation_condition` that of
    a complex gateway; `data` what it holds and does about data. A receive task or an event-based gateway that
    `instantiates` begins its process; a gateway that is `parallel` waits for all its events. An activity begins when
    `start_quantity` tokens have come, and sends `completion_quantity` out (BPMN 2.0 §13.3.1).
    """

    id: str
    kind: str
    scope: str
    name: str = ""
    line: int = 0
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    default: str = ""
    event: EventDefinition | None = None
    attached_to: str = ""
    interrupting: bool = True
    handler: str = ""
    for_compensation: bool = False
    triggered_by_event: bool = False
    instantiates: bool = False
    parallel: bool = False
    loop: Loop | None = None
    standard_loop: StandardLoop | None = None
    ad_hoc: AdHoc | None = None
    start_quantity: int = 1
    completion_quantity: int = 1
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    job: JobDefinition | None = None
    user: UserTask | None = None
    call: Call | None = None
    evaluation: Evaluation | None = None
    listeners: tuple[Listener, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    lane: str = ""
    documentation: str = ""
    activation_condition: str = ""
    data: Data | None = None

    @property
    def event_kind(self) -> str:
        """What it waits for or throws, if it is an event that does."""
        return self.event.kind if self.event else "none"


def is_activity(kind: str) -> bool:
    """Whether elements of a kind are activities: tasks, sub-processes, call activities (BPMN 2.0 §10.3)."""
    return kind in ("task", "callActivity") or kind.endswith("Task") or is_subprocess(kind)


def is_subprocess(kind: str) -> bool:
    """Whether elements of a kind hold others: sub-processes of every kind (BPMN 2.0 §10.3.5)."""
    return kind in ("subProcess", "transaction", "adHocSubProcess")


def begins_ad_hoc(element: Element) -> bool:
    """Whether an element of an ad-hoc sub-process can be activated by itself: an activity or an intermediate event
    that no sequence flow leads to."""
    event = element.kind in ("intermediateThrowEvent", "intermediateCatchEvent")
    by_link = element.kind == "intermediateCatchEvent" and element.event_kind == "link"
    if element.incoming or element.triggered_by_event or element.for_compensation or by_link:
        return False
    return event or is_activity(element.kind)


@dataclass(frozen=True)
class MessageFlow:
    """A message flow out of a process (BPMN 2.0 §9.3); where `source` or `target` is empty, that end is the pool.

    `target_process` is empty for a pool of which nothing is drawn but its name.
    """

    id: str
    source: str
    target_process: str
    target: str = ""
    name: str = ""


@dataclass(frozen=True)
class Process:
    """One executable process with everything inside it; elements in document order.

    `foreign_extensions` are what other programs have written into it, as `{namespace}element` and
    `{namespace}@attribute`, and the structures and imports of the file of which nothing is known here.
    """

    id: str
    name: str
    elements: dict[str, Element]
    flows: dict[str, Flow]
    version_tag: str = ""
    file: str = ""
    line: int = 0
    documentation: str = ""
    clocks: tuple[Clock, ...] = ()
    foreign_extensions: tuple[str, ...] = ()
    data: Data | None = None
    listeners: tuple[Listener, ...] = ()
    message_flows: tuple[MessageFlow, ...] = ()
    global_task: bool = False

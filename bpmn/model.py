"""What a diagram says, as data: immutable, plain, and the same after a round trip through JSON.

Texts that start with `=` are FEEL expressions, others are taken literally, as in Camunda 8.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bpmn.clocks import Clock


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
class Mapping:
    """One variable mapping: the value of `source` goes to `target`, a name or a dotted path."""

    source: str
    target: str


@dataclass(frozen=True)
class ImplicitThrow:
    """What a multi-instance activity throws when an instance completes; `condition` is empty where it always does.

    One that `carries` takes the attributes of the activity with it: the default signal of BPMN 2.0 §10.3.8.
    """

    id: str
    event: EventDefinition
    condition: str = ""
    carries: bool = False


@dataclass(frozen=True)
class DataItem:
    """A data object, property, data input or data output (BPMN 2.0 §10.4.1): a variable of the element it stands in.

    `structure` and `item_kind` are those of its item definition, `type` the simple type that the structure names, where
    that is known: every value, of a collection every member, must be of it. `states` are the data states it is drawn
    with, by the id of the object or of the reference to it.
    """

    id: str
    variable: str
    kind: str
    collection: bool = False
    structure: str = ""
    item_kind: str = ""
    states: dict[str, str] = field(default_factory=dict)
    type: str = ""


@dataclass(frozen=True)
class StoreAccess:
    """A data store that is read, by the name the world has for it; its content is called `variable`."""

    variable: str
    store: str


@dataclass(frozen=True)
class StoreWrite:
    """A value that goes into a data store, at a dotted path in it, or as a whole where that is empty."""

    store: str
    source: str
    path: str = ""


@dataclass(frozen=True)
class Data:
    """What an element holds and does about data (BPMN 2.0 §10.4).

    `inputs` and `outputs` are its data associations as mappings, `reads` and `writes` those with data stores;
    of the `input_sets` and `output_sets`, the variables that must not be null in one of them.
    """

    items: tuple[DataItem, ...] = ()
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    reads: tuple[StoreAccess, ...] = ()
    writes: tuple[StoreWrite, ...] = ()
    input_sets: tuple[tuple[str, ...], ...] = ()
    output_sets: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Loop:
    """Multi-instance characteristics (BPMN 2.0 §13.3.7, zeebe:loopCharacteristics).

    It has an `input_collection` or a `cardinality`; `behavior` says for which instances it `throws`.
    """

    sequential: bool
    input_collection: str
    input_element: str = ""
    output_collection: str = ""
    output_element: str = ""
    completion_condition: str = ""
    cardinality: str = ""
    behavior: str = "All"
    throws: tuple[ImplicitThrow, ...] = ()


@dataclass(frozen=True)
class StandardLoop:
    """Standard loop characteristics (BPMN 2.0 §13.3.6): again while `condition` holds, at most `maximum` times.

    An empty condition always holds; a `maximum` of 0 is none.
    """

    condition: str = ""
    test_before: bool = False
    maximum: int = 0


@dataclass(frozen=True)
class AdHoc:
    """How an ad-hoc sub-process goes on and ends (BPMN 2.0 §13.3.5, zeebe:adHoc).

    `active_elements` gives what is activated on entry, all where it is empty; `cancel_remaining` says whether what is
    active still is ended when the completion condition has become true, or waited for.
    """

    sequential: bool = False
    completion_condition: str = ""
    cancel_remaining: bool = True
    active_elements: str = ""
    output_collection: str = ""
    output_element: str = ""


@dataclass(frozen=True)
class LinkedResource:
    """zeebe:linkedResource: a file of another kind that a job works with; `link` is how its worker calls it."""

    id: str
    type: str = ""
    link: str = ""
    binding: str = "latest"
    version_tag: str = ""


@dataclass(frozen=True)
class JobDefinition:
    """zeebe:taskDefinition: who does the work of a service task. Its headers are taken as they are written, for the
    worker to read, as in Camunda 8: many hold expressions that only the worker can evaluate."""

    type: str
    retries: str = "3"
    headers: dict[str, str] = field(default_factory=dict)
    resources: tuple[LinkedResource, ...] = ()
    priority: str = ""


@dataclass(frozen=True)
class Listener:
    """zeebe:executionListener or zeebe:taskListener: a job at one `moment` in the life of an element."""

    moment: str
    type: str
    retries: str = "3"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class UserTask:
    """Who may do a user task, until when, on which form (zeebe:assignmentDefinition, taskSchedule, formDefinition).

    `form` is the id of a form that travels along or is deployed; `form_key` and `external_form` are what other
    programs know theirs by. Of a start event it is only the form.
    """

    assignee: str = ""
    candidate_groups: str = ""
    candidate_users: str = ""
    due_date: str = ""
    follow_up_date: str = ""
    priority: str = ""
    form: str = ""
    form_key: str = ""
    external_form: str = ""
    form_binding: str = "latest"
    form_version_tag: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """zeebe:calledElement: the process a call activity runs, and whether all variables go in and come back.

    `binding` says which version: `latest`, `deployment` (the one that travels along) or `versionTag`; `business_id`
    what people are to know the called instance by.
    """

    process: str
    propagate_parent: bool = True
    propagate_child: bool = True
    on_cancel: str = ""
    binding: str = "latest"
    version_tag: str = ""
    business_id: str = ""


@dataclass(frozen=True)
class Evaluation:
    """What a script task or a business rule task evaluates, and the variable that takes the result.

    `exact` where the decision must have the version tag: diagrams compiled before that was looked at do not say so.
    """

    result: str
    expression: str = ""
    decision: str = ""
    binding: str = "latest"
    version_tag: str = ""
    exact: bool = False


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


def definitions(event: EventDefinition | None) -> tuple[EventDefinition, ...]:
    """The definitions of an event one by one: its only one, or those of a multiple event."""
    if event is None:
        return ()
    return event.parts or (event,)


def is_activity(kind: str) -> bool:
    """Whether elements of a kind are activities: tasks, sub-processes, call activities (BPMN 2.0 §10.3)."""
    return kind in ("task", "callActivity") or kind.endswith("Task") or is_subprocess(kind)


def is_subprocess(kind: str) -> bool:
    """Whether elements of a kind hold others: sub-processes of every kind (BPMN 2.0 §10.3.5)."""
    return kind in ("subProcess", "transaction", "adHocSubProcess")


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

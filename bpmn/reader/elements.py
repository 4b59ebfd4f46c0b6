"""One flow node: from its XML to an `Element`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bpmn import timing
from bpmn.model import (
    Call,
    Element,
    Evaluation,
    EventDefinition,
    JobDefinition,
    Loop,
    Message,
    Publication,
    Timer,
    UserTask,
    is_activity,
    is_subprocess,
)
from bpmn.reader.activities import quantity, read_ad_hoc
from bpmn.reader.collaboration import Collaboration, read_collaboration
from bpmn.reader.collector import Collector
from bpmn.reader.conditions import read_condition
from bpmn.reader.correlation import Correlations
from bpmn.reader.data import DataReader, data_children
from bpmn.reader.embedded import PREFIX
from bpmn.reader.extensions import Extensions, read_extensions
from bpmn.reader.listeners import read_listeners
from bpmn.reader.loops import LOOPS, LoopReader, read_data_names, read_event_definitions
from bpmn.reader.namespaces import BPMN
from bpmn.support import SUPPORT
from bpmn.xml import Tag

_TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_PLAIN_CHILDREN = frozenset({"incoming", "outgoing", "extensionElements", "documentation"})


@dataclass
class Globals:
    """What stands beside the processes: messages, errors, escalations, signals, by their ids, and the collaboration."""

    messages: dict[str, Message] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    escalations: dict[str, str] = field(default_factory=dict)
    signals: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, Tag] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    collaboration: Collaboration = field(default_factory=Collaboration)


class ElementReader:
    """Reads the flow nodes of one process."""

    def __init__(self, globals_: Globals, correlations: Correlations, data: DataReader, collector: Collector) -> None:
        self.globals = globals_
        self.correlations = correlations
        self.data = data
        self.collector = collector
        self.loops = LoopReader(globals_.definitions, globals_.data, collector)
        self.clocks: list[tuple[Tag, Tag]] = []
        self.job_priority = ""

    def read(self, tag: Tag, scope: str, place: str) -> Element:
        """The element of `tag`; `place` is process, sub-process or event sub-process: what it stands in."""
        extensions = read_extensions(tag, self.collector)
        self.clocks += [(tag, clock) for clock in extensions.clocks]
        self._check_attributes(tag)
        self._check_children(tag)
        activity = is_activity(tag.name)
        return Element(
            id=tag.get("id"),
            kind=tag.name,
            scope=scope,
            name=" ".join(tag.get("name").split()),
            line=tag.line,
            default=tag.get("default"),
            event=self._event(tag, place, extensions),
            attached_to=tag.get("attachedToRef") if tag.name == "boundaryEvent" else "",
            interrupting=_interrupts(tag),
            for_compensation=activity and tag.get("isForCompensation") == "true",
            instantiates=tag.name in ("receiveTask", "eventBasedGateway") and tag.get("instantiate") == "true",
            parallel=tag.name == "eventBasedGateway" and tag.get("eventGatewayType") == "Parallel",
            triggered_by_event=tag.name == "subProcess" and tag.get("triggeredByEvent") == "true",
            loop=self._loop(tag) if activity else None,
            standard_loop=self.loops.standard(tag) if activity else None,
            ad_hoc=read_ad_hoc(tag, extensions, self.collector) if tag.name == "adHocSubProcess" else None,
            start_quantity=quantity(tag, "startQuantity", self.collector),
            completion_quantity=quantity(tag, "completionQuantity", self.collector),
            inputs=extensions.mappings("input"),
            outputs=extensions.mappings("output"),
            job=self._job(extensions),
            user=_user_task(extensions) if tag.name == "userTask" or "formDefinition" in extensions.zeebe else None,
            call=_call(tag, extensions) if tag.name == "callActivity" else None,
            evaluation=_evaluation(extensions),
            listeners=read_listeners(tag, extensions, self.collector),
            properties=extensions.properties(),
            documentation=documentation(tag),
            activation_condition=_activation_condition(tag),
            data=self.data.read(tag),
        )

    def _check_attributes(self, tag: Tag, owner: Tag | None = None) -> None:
        for name, values in SUPPORT.attributes.items():
            if tag.get(name, values[0]) not in values:
                problem = f'{name}="{tag.get(name)}" is not run here'
                self.collector.tag(tag, problem, f"supported is {' or '.join(values)}", owner)

    def _check_children(self, tag: Tag) -> None:
        for child in tag.children:
            known = child.name in _PLAIN_CHILDREN or is_subprocess(tag.name) or child.name in data_children(tag.name)
            known = known or (child.name in SUPPORT.event_definitions and tag.name.endswith("Event"))
            known = known or (child.name == "activationCondition" and tag.name == "complexGateway")
            known = known or (child.name in LOOPS and is_activity(tag.name))
            if child.namespace == BPMN and not known:
                data = "use input and output mappings for data" if "ata" in child.name else "remove it"
                remedy = SUPPORT.refused.get(child.name, data)
                self.collector.tag(child, f"{child.name} of a {tag.name} is not run here", remedy, owner=tag)

    # -- events ----------------------------------------------------------------------------------------------------

    def _event(self, tag: Tag, place: str, extensions: Extensions) -> EventDefinition | None:
        definitions = [child for child in tag.children if child.name in SUPPORT.event_definitions]
        if tag.name == "receiveTask" or (tag.name == "sendTask" and self._sends(tag, tag)):
            how = self._publication(extensions, tag) if tag.name == "sendTask" else None
            return EventDefinition("message", message=self._message(tag, tag), publication=how)
        if not tag.name.endswith("Event"):
            return None
        event = self._definition(definitions[0], tag) if definitions else EventDefinition()
        if len(definitions) > 1:
            parts = [event, *(self._definition(definition, tag) for definition in definitions[1:])]
            event = EventDefinition("multiple", parts=tuple(parts), parallel=tag.get("parallelMultiple") == "true")
        self._check_kind(tag, place, event)
        return event

    def _check_kind(self, tag: Tag, place: str, event: EventDefinition) -> None:
        where = f"startEvent of {place}" if tag.name == "startEvent" else tag.name
        what = f"{tag.name}{f' in {place}' if tag.name == 'startEvent' else ''}"
        kind = "parallel multiple" if event.parallel else event.kind
        supported = SUPPORT.events[where]
        if kind not in supported:
            self.collector.tag(tag, f"a {kind} {what} is not run here", f"supported are {', '.join(supported)}")
            return
        among = [name for name in SUPPORT.multiple.get(kind, ()) if name in supported]
        if tag.name in ("boundaryEvent", "startEvent"):
            among = [name for name in among if name != "compensation"]
        for part in dict.fromkeys(part.kind for part in event.parts if part.kind not in among):
            problem = f"a {part} definition of a {kind} {what} is not run here"
            self.collector.tag(tag, problem, f"supported among several are {', '.join(among)}")

    def _definition(self, definition: Tag, owner: Tag) -> EventDefinition:
        self._check_attributes(definition, owner)
        kind = SUPPORT.event_definitions[definition.name]
        throws = owner.name in ("endEvent", "intermediateThrowEvent")
        if kind == "timer":
            return EventDefinition(kind, timer=self._timer(definition, owner))
        if kind == "conditional":
            return EventDefinition(kind, condition=read_condition(definition, owner, self.collector))
        if kind == "message":
            if throws and not self._sends(definition, owner):
                return EventDefinition(kind)
            how = self._publication(read_extensions(definition, self.collector), owner)
            return EventDefinition(kind, message=self._message(definition, owner), publication=how)
        if kind in ("error", "escalation"):
            return EventDefinition(kind, code=self._code(definition, owner, kind))
        if kind == "signal":
            signal = self._reference(definition, owner, "signalRef", self.globals.signals)
            return EventDefinition(kind, signal=signal or "")
        if kind == "link":
            if not definition.get("name"):
                self.collector.tag(definition, "the link has no name", "give it the name of its partner", owner=owner)
            return EventDefinition(kind, link=definition.get("name"))
        awaited = definition.get("waitForCompletion", "true") == "true"
        return EventDefinition(kind, activity=definition.get("activityRef").rpartition(":")[2], awaited=awaited)

    def _reference(self, tag: Tag, owner: Tag, attribute: str, table: dict[str, str]) -> str | None:
        reference = tag.get(attribute).rpartition(":")[2]
        if reference not in table:
            kind = attribute.removesuffix("Ref")
            problem = f"{kind} {reference} is not defined in this file" if reference else f"it names no {kind}"
            self.collector.tag(tag, problem, f"choose a {kind} in the properties", owner=owner)
            return None
        if attribute == "signalRef" and not table[reference]:
            self.collector.tag(tag, f"signal {reference} has no name", "give it a name", owner=owner)
        return table[reference]

    def _code(self, definition: Tag, owner: Tag, kind: str) -> str:
        """The code; empty where none is given: an event that throws has none then, one that catches catches all."""
        table = self.globals.errors if kind == "error" else self.globals.escalations
        if not definition.get(f"{kind}Ref"):
            return ""
        return self._reference(definition, owner, f"{kind}Ref", table) or ""

    def _sends(self, tag: Tag, owner: Tag) -> bool:
        """Whether a message is named by `tag`, or a message flow drawn from or to its owner or pool."""
        return bool(tag.get("messageRef") or owner.get("id") in self.globals.collaboration.ends)

    def _message(self, tag: Tag, owner: Tag) -> Message | None:
        reference = tag.get("messageRef").rpartition(":")[2]
        message = self.globals.messages.get(reference)
        flow = self.globals.collaboration.ends.get(owner.get("id"))
        if flow and not reference:
            return Message(flow, by_flow=True)
        if message is None:
            problem = f"message {reference} is not defined in this file" if reference else "it names no message"
            self.collector.tag(tag, problem, "choose a message in the properties", owner=owner)
        elif not message.correlation_key and (correlation := self.correlations.of(reference)):
            return replace(message, correlation=correlation)
        elif flow and not message.correlation_key:
            return replace(message, by_flow=True)
        return message

    def _timer(self, definition: Tag, owner: Tag) -> Timer | None:
        found = [child for child in definition.children if child.name in _TIMERS]
        if len(found) != 1:
            remedy = "give it one of date, duration or cycle"
            self.collector.tag(definition, f"the timer has {len(found)} definitions", remedy, owner=owner)
            return None
        timer = Timer(_TIMERS[found[0].name], found[0].text.strip())
        if problem := _timer_problem(timer):
            self.collector.tag(found[0], problem[0], problem[1], owner=owner)
        return timer

    # -- activities ------------------------------------------------------------------------------------------------

    def _loop(self, tag: Tag) -> Loop | None:
        for found in (child for child in tag.children if child.name in LOOPS):
            self._check_attributes(found, tag)
        return self.loops.multi_instance(tag, self._definition)

    def _job(self, extensions: Extensions) -> JobDefinition | None:
        if "taskDefinition" not in extensions.zeebe:
            return None
        kind = extensions.get("taskDefinition", "type")
        retries = extensions.get("taskDefinition", "retries") or "3"
        priority = extensions.get("jobPriorityDefinition", "priority") or self.job_priority
        return JobDefinition(kind, retries, extensions.headers(), extensions.resources(), priority)

    def _publication(self, extensions: Extensions, owner: Tag) -> Publication | None:
        """How a message is sent, where zeebe:publishMessage at its definition or send task says it."""
        if "publishMessage" not in extensions.zeebe:
            return None
        key, id_, lasts = (
            extensions.get("publishMessage", name) for name in ("correlationKey", "messageId", "timeToLive")
        )
        if lasts and not lasts.startswith("=") and not timing.is_duration(lasts):
            self.collector.tag(owner, f"the time to live {lasts} is no duration", "write one such as PT1H")
        return Publication(key, id_, lasts)


def documentation(tag: Tag) -> str:
    """What is written about an element for its readers."""
    return "\n".join(found.text.strip() for found in tag.all("documentation", BPMN))


def _activation_condition(tag: Tag) -> str:
    found = tag.first("activationCondition", BPMN)
    return found.text.strip() if found and tag.name == "complexGateway" else ""


def _interrupts(tag: Tag) -> bool:
    return tag.get("cancelActivity", tag.get("isInterrupting", "true")) != "false"


def _timer_problem(timer: Timer) -> tuple[str, str] | None:
    if not timer.text:
        return "the timer is empty", "give it a date, duration or cycle"
    if timer.text.startswith("="):
        return None
    if timer.kind == "duration" and not timing.is_duration(timer.text):
        return f"{timer.text} is no duration", "write one such as P1DT2H"
    if timer.kind == "cycle" and not timing.is_cycle(timer.text):
        remedy = "write one such as R3/PT10M, or a cron expression such as 0 0 9 * * MON-FRI"
        return f"{timer.text} is no repeating interval", remedy
    if timer.kind == "date" and not timing.is_instant(timer.text):
        return f"{timer.text} is no date and time", "write one such as 2026-01-31T08:00:00+08:00"
    return None


def _user_task(extensions: Extensions) -> UserTask:
    key = extensions.get("formDefinition", "formKey")
    embedded = key.startswith(PREFIX)
    binding, version_tag = extensions.binding("formDefinition")
    return UserTask(
        assignee=extensions.get("assignmentDefinition", "assignee"),
        candidate_groups=extensions.get("assignmentDefinition", "candidateGroups"),
        candidate_users=extensions.get("assignmentDefinition", "candidateUsers"),
        due_date=extensions.get("taskSchedule", "dueDate"),
        follow_up_date=extensions.get("taskSchedule", "followUpDate"),
        priority=extensions.get("priorityDefinition", "priority"),
        form=extensions.get("formDefinition", "formId") or (key.removeprefix(PREFIX) if embedded else ""),
        form_key=key,
        external_form=extensions.get("formDefinition", "externalReference"),
        form_binding="deployment" if embedded else binding,
        form_version_tag=version_tag,
        headers=extensions.headers(),
    )


def _call(tag: Tag, extensions: Extensions) -> Call:
    binding, version_tag = extensions.binding("calledElement")
    return Call(
        process=extensions.get("calledElement", "processId") or tag.get("calledElement").rpartition(":")[2],
        propagate_parent=extensions.flag("calledElement", "propagateAllParentVariables", True),
        propagate_child=extensions.flag("calledElement", "propagateAllChildVariables", True),
        on_cancel=extensions.on_cancel,
        binding=binding,
        version_tag=version_tag,
        business_id=extensions.get("calledElement", "businessId"),
    )


def _evaluation(extensions: Extensions) -> Evaluation | None:
    if "script" in extensions.zeebe:
        return Evaluation(extensions.get("script", "resultVariable"), extensions.get("script", "expression"))
    if "calledDecision" in extensions.zeebe:
        binding, version_tag = extensions.binding("calledDecision")
        return Evaluation(
            extensions.get("calledDecision", "resultVariable"),
            decision=extensions.get("calledDecision", "decisionId"),
            binding=binding,
            version_tag=version_tag,
            exact=bool(version_tag),
        )
    return None


def read_globals(root: Tag, collector: Collector) -> Globals:
    """Messages, errors, escalations, signals and message flows of a file."""
    result = Globals(collaboration=read_collaboration(root, collector))
    for kind in ("message", "error", "escalation", "signal"):
        for tag in root.all(kind, BPMN):
            if not tag.get("id"):
                collector.tag(tag, f"the {kind} has no id", "give it one")
    for tag in root.all("message", BPMN):
        subscription = read_extensions(tag, collector).zeebe.get("subscription")
        key = subscription.get("correlationKey") if subscription else ""
        if not tag.get("name"):
            collector.tag(tag, "the message has no name", "give it a name")
        if key and not key.startswith("="):
            collector.tag(tag, f"the correlation key {key} is no FEEL expression", f"write ={key}")
        result.messages[tag.get("id")] = Message(tag.get("name"), key)
    result.errors = {tag.get("id"): tag.get("errorCode") for tag in root.all("error", BPMN)}
    result.escalations = {tag.get("id"): tag.get("escalationCode") for tag in root.all("escalation", BPMN)}
    result.signals = {tag.get("id"): tag.get("name") for tag in root.all("signal", BPMN)}
    result.definitions = read_event_definitions(root)
    result.data = read_data_names(root)
    for table in (result.messages, result.errors, result.escalations, result.signals):
        table.pop("", None)
    return result

"""How messages and signals reach the instances of a run (BPMN 2.0 §8.4.2, §9.3, §10.5.1).

A message reaches the instance that waits for its name and correlation key longest; where none does, it starts a process
that has a message start event of that name; else it is kept until somebody waits for it.

Where one end of a message flow has no name or no key, the flow decides instead: what its source sends reaches its
target, in the instance that wrote to the sender before if there is one. Any other element with such a flow, whatever
its kind, sends when it completes: what it gave, and where it is a job, what the job was given.

A signal reaches everything that waits for it, then starts each process that has a signal start event of that name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from bpmn import commands, events
from bpmn.journal import Record
from bpmn.model import Element, Message, MessageFlow, definitions
from bpmn.simulation.running import Running

if TYPE_CHECKING:
    from bpmn.simulation.world import Simulation

_Address = tuple[str, str, str]
"""Where messages and those who want them meet: a name and key, an element of a process, or (empty) its whole pool."""


@dataclass
class _Letter:
    """A message on its way; by a `flow`, or by its name and key."""

    sender: Running | None
    variables: dict[str, Any]
    name: str
    correlation_key: str = ""
    flow: MessageFlow | None = None

    @property
    def address(self) -> _Address:
        if self.flow:
            return "flow", self.flow.target_process, self.flow.target
        return "name", self.name, self.correlation_key


@dataclass(frozen=True)
class _Waiting:
    """An instance that waits for a message: known by its name and the key of the wait."""

    running: Running
    command: commands.Subscribe

    @property
    def id(self) -> tuple[str, int]:
        return self.running.name, self.command.key

    @property
    def addresses(self) -> tuple[_Address, ...]:
        return (
            ("name", self.command.message, self.command.correlation_key),
            ("flow", self.running.process, self.command.element),
            ("flow", self.running.process, ""),
        )


class Post:
    """Delivers the messages and signals of one run, and keeps what came too early."""

    def __init__(self, world: Simulation) -> None:
        self._world = world
        self._kept: dict[_Address, list[_Letter]] = {}
        self._given: dict[tuple[str, int], dict[str, Any]] = {}
        self._waiting: dict[_Address, dict[tuple[str, int], _Waiting]] = {}
        flows = [flow for process in world.definition.processes.values() for flow in process.message_flows]
        self._flows = frozenset(flow.id for flow in flows)
        self._targets = frozenset(flow.target for flow in flows)

    # -- sending ---------------------------------------------------------------------------------------------------

    def send(self, name: str, correlation_key: str, variables: dict[str, Any], sender: Running | None = None) -> None:
        """A message by name and key."""
        self._deliver_or_keep(_Letter(sender, variables, name, correlation_key))

    def publish(self, sender: Running, command: commands.PublishMessage) -> None:
        """What an element throws: along the message flows that decide, else by name and key."""
        flows = self._deciding(sender, sender.instance.graph.nodes[command.element].element)
        for flow in flows:
            name = "" if command.message in self._flows else command.message
            self._deliver_or_keep(_Letter(sender, command.variables, name, flow=flow))
        if not flows:
            self.send(command.message, command.correlation_key, command.variables, sender)

    def working(self, sender: Running, command: commands.RunJob) -> None:
        """A job is at work: where it sends along message flows, it sends what it was given."""
        if self._deciding(sender, sender.instance.graph.nodes[command.element].element):
            self._given[sender.name, command.key] = command.variables

    def completed(self, sender: Running, record: Record) -> None:
        """An element has completed: what it gave goes along its message flows, if it has not been published already."""
        node = sender.instance.graph.nodes[record.element]
        if record.type != node.kind or not self._world.definition.processes[sender.process].message_flows:
            return
        if _messages(node.element) and _throws(node.element) and not node.element.job:
            return
        content = {**self._given.pop((sender.name, record.key), {}), **record.data.get("variables", {})}
        for flow in self._deciding(sender, node.element):
            letter = _Letter(sender, content, "", flow=flow)
            self._world.agenda.soon(partial(self._deliver_or_keep, letter))

    def broadcast(self, name: str, variables: dict[str, Any], source: Running | None) -> None:
        """A signal to all instances but its source, which has had it already, and to the processes it starts."""
        for running in list(self._world.running):
            if running is not source and running.instance.active:
                self._world.tell(running, events.SignalArrived(name, variables))
        for start in self._world.starts.signals.get(name, ()):
            self._world.trigger(start, payload=variables)

    # -- message flows ---------------------------------------------------------------------------------------------

    def _deciding(self, sender: Running, source: Element) -> list[MessageFlow]:
        """The flows out of an element that decide where its message goes."""
        flows = self._world.definition.processes[sender.process].message_flows
        own = [flow for flow in flows if flow.source == source.id]
        if not own and _throws(source):
            own = [flow for flow in flows if not flow.source]
        return [flow for flow in own if self._decides(flow, source)]

    def _decides(self, flow: MessageFlow, source: Element) -> bool:
        sent = [] if source.job else _messages(source)
        if not sent or any(message.by_flow for message in sent):
            return True
        process = self._world.definition.processes.get(flow.target_process)
        target = process.elements.get(flow.target) if process else None
        wanted = [message for message in _messages(target) if message.by_flow] if target else []
        if not wanted or target is None:
            return False
        starts = target.kind == "startEvent" and target.scope == flow.target_process
        return not (starts and wanted[0].name in [message.name for message in sent])

    # -- delivering ------------------------------------------------------------------------------------------------

    def subscribed(self, running: Running, command: commands.Subscribe) -> None:
        """An instance waits for a message: give it what was kept for it."""
        waiting = _Waiting(running, command)
        for address in waiting.addresses:
            self._waiting.setdefault(address, {})[waiting.id] = waiting
            if address in self._kept:
                self._world.agenda.soon(partial(self._retry, address))

    def unsubscribed(self, running: Running, command: commands.Unsubscribe) -> None:
        """An instance does not wait any more."""
        addresses = self._waiting["name", command.message, command.correlation_key][running.name, command.key].addresses
        for address in addresses:
            del self._waiting[address][running.name, command.key]

    def _retry(self, address: _Address) -> None:
        left = [letter for letter in self._kept.pop(address, ()) if not self._deliver(letter)]
        if left:
            self._kept[address] = left

    def _deliver_or_keep(self, letter: _Letter) -> None:
        if self._deliver(letter):
            return
        self._kept.setdefault(letter.address, []).append(letter)
        witness = letter.sender or next((one for one in self._world.running if one.instance.active), None)
        if witness:
            data = {"message": letter.name, "correlationKey": letter.correlation_key}
            self._world.note(witness, "buffered", {"flow": letter.flow.id} if letter.flow else data)

    def _deliver(self, letter: _Letter) -> bool:
        """Whether somebody took it; a pool of which nothing is drawn takes everything."""
        if letter.flow:
            return self._deliver_along(letter, letter.flow)
        for waiting in self._waiting.get(letter.address, {}).values():
            self._hand_over(letter, waiting)
            return True
        start = self._world.starts.messages.get(letter.name)
        if start:
            self._world.trigger(start, payload=letter.variables)
        return start is not None

    def _deliver_along(self, letter: _Letter, flow: MessageFlow) -> bool:
        process = self._world.definition.processes.get(flow.target_process)
        target = process.elements.get(flow.target) if process else None
        if process is None or (target and not _messages(target)):
            return True
        partner = letter.sender.partners.get(process.id) if letter.sender else None
        known = partner if partner and partner.instance.active else None
        for waiting in self._waiting.get(letter.address, {}).values():
            element = process.elements[waiting.command.element]
            if (known is None or waiting.running is known) and self._takes(element, letter, flow):
                _introduce(letter.sender, waiting.running)
                self._hand_over(letter, waiting)
                return True
        for node in self._world.graph(process.id).root.starts:
            if self._takes(node.element, letter, flow):
                start = self._world.starts.start(process.id, node.id)
                if begun := self._world.trigger(start, payload=letter.variables):
                    _introduce(letter.sender, begun)
                return True
        return False

    def _hand_over(self, letter: _Letter, waiting: _Waiting) -> None:
        name, key = waiting.command.message, waiting.command.correlation_key
        self._world.tell(waiting.running, events.MessageArrived(name, key, letter.variables))

    def _takes(self, element: Element, letter: _Letter, flow: MessageFlow) -> bool:
        """Whether a flow brings its message to an element: to its target; where that is a pool, to what catches a
        message of that name, or for a message without a name, to what names none either and has no flow of its own."""
        messages = _messages(element)
        if flow.target or not messages:
            return element.id == flow.target and bool(messages)
        if letter.name:
            return any(message.name == letter.name for message in messages)
        unnamed = any(message.by_flow for message in messages) or element.kind == "startEvent"
        return unnamed and element.id not in self._targets


def _introduce(one: Running | None, other: Running) -> None:
    """Two instances that exchange a message by flow: from now on they write to each other."""
    if one:
        one.partners[other.process] = other
        other.partners[one.process] = one


def _messages(element: Element) -> list[Message]:
    return [one.message for one in definitions(element.event) if one.message]


def _throws(element: Element) -> bool:
    if element.kind == "sendTask":
        return True
    sends = any(one.kind == "message" for one in definitions(element.event))
    return element.kind in ("intermediateThrowEvent", "endEvent") and sends

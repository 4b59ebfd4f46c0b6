"""What must hold of every run, whatever the model: checked after each test of this folder and by the property tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from bpmn import commands, events
from bpmn.instance import Instance
from bpmn.journal import Record

_OPENS: dict[type[Any], str] = {
    commands.RunJob: "job",
    commands.PublishMessage: "job",
    commands.OpenUserTask: "task",
    commands.SetTimer: "timer",
    commands.Subscribe: "subscription",
    commands.StartCall: "call",
    commands.RaiseIncident: "incident",
    commands.ReadStore: "store",
    commands.WriteStore: "store",
}
_CLOSES: dict[type[Any], str] = {
    commands.CancelJob: "job",
    commands.CloseUserTask: "task",
    commands.CancelTimer: "timer",
    commands.Unsubscribe: "subscription",
    commands.CancelCall: "call",
    commands.ResolveIncident: "incident",
    commands.CancelStore: "store",
}
_ANSWERS: dict[type[Any], str] = {
    events.JobCompleted: "job",
    events.JobFailed: "job",
    events.JobThrewError: "job",
    events.JobDenied: "job",
    events.TaskCompleted: "task",
    events.StoreRead: "store",
    events.StoreWritten: "store",
    events.StoreFailed: "store",
    events.CallCompleted: "call",
    events.CallThrewError: "call",
    events.CallLost: "call",
}


class Ledger:
    """What the world has been asked for and not yet released from; every entry is closed exactly once."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, int], commands.Command] = {}
        self.fired: set[int] = set()
        self.finished: list[commands.Finished] = []

    def hear(self, event: events.Event) -> None:
        """The world has answered: what it answered is closed by that (timers and messages by a command)."""
        if isinstance(event, events.TimerFired):
            self.fired.add(event.key)
        elif kind := _ANSWERS.get(type(event)):
            self.open.pop((kind, getattr(event, "key", 0)), None)

    def follow(self, todo: Iterable[commands.Command]) -> None:
        """The engine has asked."""
        for command in todo:
            if isinstance(command, commands.Finished):
                self.finished.append(command)
            elif kind := _OPENS.get(type(command)):
                entry = (kind, getattr(command, "key", 0))
                again = isinstance(command, commands.SetTimer) and command.key in self.fired
                assert entry not in self.open or again, f"opened twice: {command}"
                self.open[entry] = command
            elif kind := _CLOSES.get(type(command)):
                entry = (kind, getattr(command, "key", 0))
                assert entry in self.open, f"closed, but not open: {command}"
                del self.open[entry]


def check(instance: Instance, ledger: Ledger, records: list[Record]) -> None:
    """Raises `AssertionError` where a run breaks a rule."""
    assert [record.seq for record in records] == list(range(1, len(records) + 1)), "a gap in seq"
    _every_instance_ends_once(instance, records)
    _nothing_outlives_its_scope(records)
    _no_token_is_lost(instance, records)
    unheard = ("signal", "conditional", "conversation")
    asking = [wait for wait in instance.waits if wait.kind not in unheard and wait.left is None]
    waiting = {(wait.kind, wait.key) for wait in asking}
    asked = {("timer" if kind == "timer" else "message", key) for kind, key in ledger.open if kind in _WAITS}
    assert waiting == asked, "the waits of the state and those of the commands differ"
    assert not instance.pending, "steps are left over"
    if instance.outcome:
        assert [one.outcome for one in ledger.finished] == [instance.outcome]
        assert not instance.instances, "instances are left"
        assert not instance.waits, "waits are left"
        assert not ledger.open, "asked for and never released"
    else:
        assert not ledger.finished
        assert instance.instances, "it is neither ended nor alive"


_WAITS = ("timer", "subscription")


def _every_instance_ends_once(instance: Instance, records: list[Record]) -> None:
    active: dict[int, str] = {}
    ended: set[int] = set()
    for record in records:
        if record.event == "activated":
            assert record.key not in active, f"activated twice: {record}"
            assert record.key not in ended, f"activated after its end: {record}"
            active[record.key] = record.element
        elif record.event == "migrated" and (record.data.get("was") or record.data.get("process")):
            active[record.key] = record.data.get("process") or record.element
        elif record.event in ("completed", "terminated"):
            assert active.pop(record.key, None) == record.element, f"ended, but not active: {record}"
            ended.add(record.key)
    assert active == {key: one.element for key, one in instance.instances.items()}, "journal and state differ"


def _nothing_outlives_its_scope(records: list[Record]) -> None:
    inside: dict[int, set[int]] = {}
    for record in records:
        if record.event == "activated":
            inside.setdefault(record.scope, set()).add(record.key)
        elif record.event in ("completed", "terminated"):
            assert not inside.get(record.key), f"ended with something active inside: {record}"
            inside.get(record.scope, set()).discard(record.key)


def _no_token_is_lost(instance: Instance, records: list[Record]) -> None:
    """Every flow that was taken has led into its target, or to where it waits at a join.

    A token may vanish only where something in its scope, or the scope itself, has been ended, be it by the completion
    condition of an ad-hoc sub-process, or where somebody has withdrawn it. What was taken before a migration was taken
    by another diagram.
    """
    if any(record.event == "migrated" for record in records):
        return
    graph, flows = instance.graph, instance.graph.process.flows
    entered = Counter((record.scope, record.element) for record in records if record.event == "activated")
    ended = {key for record in records if _ends_tokens(instance, record) for key in (record.scope, record.key)}
    modified = [record.data for record in records if record.event == "modified"]
    ended |= {arrival["scope"] for data in modified for arrival in data.get("withdraw", ())}
    ended |= {record.key for record in records if _may_cancel(instance, record)}
    taken = Counter(
        (record.scope, flows[flow].target)
        for record in records
        if record.event == "completed"
        for flow in record.data.get("flows", ())
        if flow in flows
    )
    for (scope, target), count in taken.items():
        if scope in ended:
            continue
        node, holder = graph.nodes[target], instance.instances.get(scope)
        waiting = sum(holder.arrivals.get(target, {}).values()) if holder else 0
        at_once = len(node.element.incoming) if node.joins else node.element.start_quantity
        assert count - waiting <= entered[scope, target] * at_once, f"{count} tokens went to {target}, not all came"


def _may_cancel(instance: Instance, record: Record) -> bool:
    """Whether a record is of an ad-hoc sub-process whose completion condition cancels what is left in it."""
    node = instance.graph.nodes.get(record.element)
    ad_hoc = node.element.ad_hoc if node else None
    return bool(ad_hoc and ad_hoc.completion_condition and ad_hoc.cancel_remaining)


def _ends_tokens(instance: Instance, record: Record) -> bool:
    """Whether a record tells of something that may have ended tokens on their way beside it."""
    node = instance.graph.nodes.get(record.element)
    event = node.element.event.kind if node and node.element.event else "none"
    if record.event == "activated":
        return bool(node and node.is_event_subprocess)
    ending = record.type == "endEvent" and event in ("terminate", "error", "escalation", "cancel")
    return record.event == "terminated" or (record.event == "completed" and ending)

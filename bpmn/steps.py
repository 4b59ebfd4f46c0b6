"""The steps that an instance has yet to take: in a queue, or put aside until they may be taken."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from bpmn.state import Step


class Steps:
    """All of them, in their order: first those of the `queue`, then the `parked` ones.

    `pending` has them by scope, none of which is complete before its steps are done. To add one, to take one away and
    to find those of a scope costs the same however many there are.
    """

    def __init__(self, queue: Iterable[Step], parked: Iterable[Step]) -> None:
        self.queue: OrderedDict[Step, None] = OrderedDict()
        self.parked: dict[Step, None] = {}
        self.pending: dict[int, dict[Step, None]] = {}
        for step in queue:
            self.push(step)
        for step in parked:
            self.parked[step] = None
            self.pending.setdefault(step.scope, {})[step] = None

    def __iter__(self) -> Iterator[Step]:
        yield from self.queue
        yield from self.parked

    def push(self, step: Step) -> None:
        """Put a step at the end of the queue."""
        self.queue[step] = None
        mine = self.pending.get(step.scope)
        if mine is None:
            self.pending[step.scope] = {step: None}
        else:
            mine[step] = None

    def done(self, step: Step) -> None:
        """A step that has been taken from the queue is done: nothing waits for it any more."""
        mine = self.pending[step.scope]
        del mine[step]
        if not mine:
            del self.pending[step.scope]

    def unpark(self, step: Step) -> None:
        """A step that was put aside goes to the end of the queue."""
        del self.parked[step]
        self.queue[step] = None

    def of(self, scope: int) -> list[Step]:
        """The steps in a scope."""
        mine = self.pending.get(scope, ())
        return [*(step for step in mine if step in self.queue), *(step for step in mine if step in self.parked)]

    def withdraw(self, op: str, scope: int) -> None:
        """Take the steps of one kind in a scope away, or all of them where `op` is empty."""
        for step in [step for step in self.pending.get(scope, ()) if op in ("", step.op)]:
            if step in self.queue:
                del self.queue[step]
            else:
                del self.parked[step]
            self.done(step)

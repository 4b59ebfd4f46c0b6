"""Commands on their way out, so many bytes in one workflow task: what is too much for Temporal would end the case."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from temporalio import workflow


class Keyed(Protocol):
    """A command about one element instance."""

    @property
    def key(self) -> int: ...


C = TypeVar("C", bound=Keyed)


class Allowance:
    """What may go out in the present workflow task; the next one has it anew."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._left = size
        self._task = 0

    def take(self, size: int) -> bool:
        """Take `size` bytes, if they are left; the first of a task may be larger than all of it."""
        task = workflow.info().get_current_history_length()
        if task != self._task:
            self._task, self._left = task, self._size
        if size > self._left and self._left < self._size:
            return False
        self._left -= size
        return True


class Lane(Generic[C]):
    """Commands of one kind in their order; `start` carries the first one out, or answers that it has to wait."""

    def __init__(self, start: Callable[[C], bool]) -> None:
        self._waiting: deque[C] = deque()
        self._start = start

    def __iter__(self) -> Iterator[C]:
        return iter(self._waiting)

    def add(self, command: C) -> None:
        """Carry it out as soon as it can be."""
        self._waiting.append(command)
        self.advance()

    def advance(self) -> None:
        """Carry out what can be now."""
        while self._waiting:
            command = self._waiting.popleft()
            if not self._start(command):
                self._waiting.appendleft(command)
                return

    def drop(self, key: int) -> bool:
        """Take out the command of `key`; false where it has gone already, or never came."""
        before = len(self._waiting)
        self._waiting = deque(command for command in self._waiting if command.key != key)
        return len(self._waiting) < before

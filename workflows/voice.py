"""Keeps two workflow tasks in a row from ending without a command.

Temporal's SDK takes a task without commands, behind another one, for a sign of life, and gives what it brought to the
next task. It finds out that it was none only from what follows: a worker that takes the case over together with an
update does not know that yet, hands the update to the case first, and writes a history that no replay comes by again
(temporalio/sdk-python 1591). So the second such task leaves a memo.
"""

from __future__ import annotations

import asyncio

from temporalio import workflow

SPOKEN_SINCE = 3
"""Cases of an earlier semantics number leave no memos."""
_MEMO = "task"


class Voice:
    """Knows of the current workflow task, and of the one before it, whether they have a command."""

    def __init__(self) -> None:
        self._task = 0
        self._spoke = False
        self._spoke_before = False

    def spoke(self) -> None:
        """The current task has a command."""
        self._turn()
        self._spoke = True

    async def run(self) -> None:
        """Leave a memo where nothing else is said, for the whole run."""
        while True:
            await workflow.wait_condition(self._is_silent)
            await asyncio.sleep(0)  # what wakes together with this may have something to say
            if self._is_silent():
                workflow.upsert_memo({_MEMO: self._task})
                self.spoke()

    def _is_silent(self) -> bool:
        self._turn()
        return not (self._spoke or self._spoke_before)

    def _turn(self) -> None:
        task = workflow.info().get_current_history_length()
        if task != self._task:
            self._spoke_before, self._spoke, self._task = self._spoke, False, task

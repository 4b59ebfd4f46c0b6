"""Records the histories that `test_replay.py` replays: `python -m tests.workflows.record_histories`.

A history that is there is never made anew: it stands for the cases that run somewhere with the behaviour it was made
with. New scenarios are added to `scenarios.py`.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from tests.conftest import TEMPORAL
from tests.workflows.running import house
from tests.workflows.scenarios import SCENARIOS, Play
from workflows.codec import CONVERTER
from workflows.namespace import SEARCH_ATTRIBUTES

HISTORIES = Path(__file__).with_name("histories")
_RESTLESS = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=12"]


async def main() -> None:
    """Record what is missing; a server that suggests continue-as-new early makes continued runs, too."""
    HISTORIES.mkdir(exist_ok=True)
    for arguments, suffix in (([], ""), (_RESTLESS, "_continued")):
        async with await WorkflowEnvironment.start_local(
            dev_server_existing_path=TEMPORAL,
            search_attributes=SEARCH_ATTRIBUTES,
            dev_server_log_level="error",
            dev_server_extra_args=arguments,
            data_converter=CONVERTER,
        ) as server:
            for name, play in SCENARIOS.items():
                if not suffix or name in ("two_tasks", "call", "jobs", "incident", "timer"):
                    await _record(server, name + suffix, play)


async def _record(server: WorkflowEnvironment, name: str, play: Play) -> None:
    if list(HISTORIES.glob(f"{name}-*.json")):
        return
    with tempfile.TemporaryDirectory() as folder:
        async with house(server.client, Path(folder)) as home:
            cases = await play(home)
            for number, case in enumerate(cases):
                history = await case.handle.fetch_history()
                (HISTORIES / f"{name}-{number}.json").write_text(history.to_json(), "utf-8")


if __name__ == "__main__":
    asyncio.run(main())

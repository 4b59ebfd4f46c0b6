"""Records the histories that `test_replay.py` replays: `python -m tests.workflows.record_histories`.

A history that is there is never made anew: it stands for the cases that run somewhere with the behaviour it was made
with. New scenarios are added to `scenarios.py`.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from tests.conftest import TEMPORAL
from tests.workflows.running import house
from tests.workflows.scenarios import CONTINUED, SCENARIOS, Play
from tests.workflows.support import ROOT, runs
from workflows.codec import CONVERTER
from workflows.namespace import SEARCH_ATTRIBUTES

HISTORIES = Path(__file__).with_name("histories")
PATIENCE = 60
"""Seconds for one scenario."""
_RESTLESS = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=12"]


async def main() -> None:
    """Record what is missing; a server that suggests continue-as-new early makes continued runs, too."""
    HISTORIES.mkdir(exist_ok=True)
    continued = {f"{name}_continued": SCENARIOS[name] for name in CONTINUED}
    for arguments, scenarios in (([], SCENARIOS), (_RESTLESS, continued)):
        async with await WorkflowEnvironment.start_local(
            dev_server_existing_path=TEMPORAL,
            search_attributes=SEARCH_ATTRIBUTES,
            dev_server_log_level="error",
            dev_server_extra_args=arguments,
            data_converter=CONVERTER,
        ) as server:
            for name, play in scenarios.items():
                async with asyncio.timeout(PATIENCE):
                    await _record(server, name, play)


async def _record(server: WorkflowEnvironment, name: str, play: Play) -> None:
    if list(HISTORIES.glob(f"{name}-*.json")):
        return
    with tempfile.TemporaryDirectory() as folder:
        async with house(server.client, Path(folder)) as home:
            for number, case in enumerate(await play(home)):
                *earlier, last = await runs(case)
                _write(f"{name}-{number}", last)
                for run, history in enumerate(earlier, 1):
                    _write(f"{name}-{number}-run{run}", history)


def _write(name: str, history: WorkflowHistory) -> None:
    """Keep it without the folders of this machine, which stand in the stack traces of failures."""
    text = history.to_json()
    for folder in (ROOT, Path(sys.base_prefix)):
        text = text.replace(f"{folder}/", "")
    (HISTORIES / f"{name}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    asyncio.run(main())

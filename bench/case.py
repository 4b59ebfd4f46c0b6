"""A whole 10kV case, as the demo plays it: what it costs Temporal and the worker."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from api.cases import workflow_id
from bench.results import Result
from demo.play import play, prepare, time_skipping
from demo.scenario import read_scenario
from storage.cases import case_family


def run() -> list[Result]:
    """Events and bytes of all histories of one case, worker CPU and wall time."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> list[Result]:
    scenario = read_scenario("10kv")
    async with time_skipping() as environment:
        stage = prepare(environment, folder)
        wall, cpu = time.perf_counter(), time.process_time()
        [case_no] = await play(stage, scenario)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        with stage.database.session() as session:
            names = [one.workflow_id for one in case_family(session, case_no)]
        histories = [await stage.client.get_workflow_handle(name).fetch_history() for name in names]
    sizes = {one.workflow_id: sum(event.ByteSize() for event in one.events) for one in histories}
    events = {one.workflow_id: len(one.events) for one in histories}
    main = workflow_id(case_no)
    return [
        Result("case_workflows", len(histories), "workflows of the case"),
        Result("case_events", sum(events.values()), "history events of all of them"),
        Result("case_main_events", events[main], "history events of the main one"),
        Result("case_history_bytes", sum(sizes.values()), "history bytes of all of them"),
        Result("case_main_history_bytes", sizes[main], "history bytes of the main one"),
        Result("case_acts", len(scenario.acts), "acts of people"),
        Result("case_worker_cpu_seconds", cpu, "CPU of worker, documents and the acting client together"),
        Result("case_wall_seconds", wall, "from application to archive"),
    ]

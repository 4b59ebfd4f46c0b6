"""`make demo`: one whole case in virtual time (START=2026-09-24: from another date; JSON=1: ends with an object)."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from datetime import date
from pathlib import Path

from demo.play import SceneFailed, play, prepare, time_skipping
from demo.report import limits, papers, report, timeline
from demo.scenario import read_scenario
from storage.settings import Settings


async def main(folder: Path, start: date | None, as_json: bool) -> int:
    """Play the case in a fresh `folder` and tell it; answers the exit code."""
    shutil.rmtree(folder, ignore_errors=True)
    scenario = read_scenario("10kv", start)
    async with time_skipping() as environment:
        stage = prepare(environment, folder)
        try:
            case_no = await play(stage, scenario)
        except SceneFailed as failed:
            print(failed, file=sys.stderr)
            # An interpreter that ends right after a failed call may crash in the SDK's own threads.
            await asyncio.sleep(0.1)
            return 1
    told = report(stage, scenario, case_no, folder / "文书")
    print(timeline(told))
    print(limits(told))
    print(papers(told))
    if as_json:
        print(json.dumps(told.as_json(), ensure_ascii=False))
    return 0


def _start() -> date | None:
    """The date that START asks for. Ends the program with a sentence where it is none."""
    text = os.environ.get("START", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        sys.exit(f"START={text} is no date such as 2026-09-24")


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Settings().var / "demo", _start(), os.environ.get("JSON") == "1")))

"""`make demo`: a story in virtual time (SCENARIO= which one; START=2026-09-24: from another date; JSON=1: ends with an
object)."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from datetime import date
from pathlib import Path

from demo.ends import checked, ending
from demo.play import SceneFailed, play, prepare, time_skipping
from demo.report import as_json, limits, papers, reports, timeline
from demo.scenario import NAMES, read_scenario
from storage.settings import Settings


async def main(folder: Path, name: str, start: date | None, with_json: bool) -> int:
    """Play a scenario in a fresh `folder` and tell it; answers the exit code: 0 only if it ended as it should."""
    shutil.rmtree(folder, ignore_errors=True)
    scenario = read_scenario(name, start)
    async with time_skipping() as environment:
        stage = prepare(environment, folder)
        try:
            numbers = await play(stage, scenario)
        except SceneFailed as failed:
            print(failed, file=sys.stderr)
            # An interpreter that ends right after a failed call may crash in the SDK's own threads.
            await asyncio.sleep(0.1)
            return 1
    told = reports(stage, scenario, numbers, folder / "文书")
    ends = checked(stage, scenario, told)
    if len(told) > 1:
        print(f"{scenario.title}\n")
    for one in told:
        print(timeline(one))
        print(limits(one))
        print(papers(one))
        print()
    print(ending(ends))
    if with_json:
        facts = {"scenario": name, "start": scenario.start.isoformat(), "cases": numbers, **as_json(told)}
        print(json.dumps({**facts, "end": [end.as_json() for end in ends]}, ensure_ascii=False))
    return 0 if all(end.holds for end in ends) else 1


def _name() -> str:
    """The scenario that SCENARIO asks for. Ends the program with a sentence where there is none of that name."""
    name = os.environ.get("SCENARIO") or NAMES[0]
    if name not in NAMES:
        sys.exit(f"SCENARIO={name} is none of the scenarios: {', '.join(NAMES)}")
    return name


def _start() -> date | None:
    """The date that START asks for. Ends the program with a sentence where it is none."""
    text = os.environ.get("START", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        sys.exit(f"START={text} is no date such as 2026-09-24")


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Settings().var / "demo", _name(), _start(), os.environ.get("JSON") == "1")))

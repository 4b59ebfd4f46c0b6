"""`make bench`: every part, or the one that ONLY names; JSON=1 ends with one flat object."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from bench import acts, api, case, engine, planner, temporal, workers
from bench.results import Result, as_json, table

PARTS: dict[str, Callable[[], list[Result]]] = {
    "engine": engine.run,
    "temporal": temporal.run,
    "case": case.run,
    "api": api.run,
    "acts": acts.run,
    "workers": workers.run,
    "planner": planner.run,
}


def main(only: str, with_json: bool) -> int:
    """Measure and print; answers the exit code."""
    if only and only not in PARTS:
        print(f"ONLY={only} is no part; the parts are {', '.join(PARTS)}", file=sys.stderr)
        return 64
    results: list[Result] = []
    for name, measure in PARTS.items():
        if only in ("", name):
            found = measure()
            print(f"\n{name}\n{table(found)}", flush=True)
            results += found
    if with_json:
        print(as_json(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ.get("ONLY", ""), os.environ.get("JSON") == "1"))

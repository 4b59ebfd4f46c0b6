"""`make crash`: ten cases over HTTP while worker, API and Temporal are killed again and again.

    SEED=7 KILLS=36 DATABASE=postgresql make crash

The seed is printed; the same one plans the same kills. The last line is a summary, the exit code 0 only if all holds.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from tests.crash.company import Script
from tests.crash.run import Wanted, run

LATE_SURVEY = ("dispatch_survey",)
LATE_METERING = ("sign_supply_contract",)
TEN = (
    *(Script(f"plain-{number}") for number in range(1, 5)),
    *(Script(f"survey-late-{number}", LATE_SURVEY) for number in range(1, 3)),
    *(Script(f"metering-late-{number}", LATE_METERING) for number in range(1, 3)),
    Script("withdrawn-early", leaves_at="sign_plan"),
    Script("withdrawn-late", leaves_at="complete_works"),
)
"""Four that go as they should, four that are late, in the main process and in a called one, and two withdrawn ones."""
LEAST, IN_FLIGHT = 5, 10


async def main() -> int:
    """One run as the environment asks for it; answers the exit code."""
    wanted = Wanted(
        seed=os.environ.get("SEED") or str(secrets.randbelow(1_000_000)),
        kills=int(os.environ.get("KILLS") or 33),
        least=LEAST,
        in_flight=IN_FLIGHT,
        scripts=TEN,
        database=os.environ.get("DATABASE") or "sqlite",
    )
    print(f"SEED={wanted.seed} KILLS={wanted.kills} DATABASE={wanted.database}", flush=True)
    me = asyncio.current_task()
    assert me
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, me.cancel)
    with tempfile.TemporaryDirectory(prefix="yekuo-crash-") as folder:
        outcome = await run(wanted, Path(folder), lambda line: print(line, flush=True))
    print(outcome.verdict())
    print(outcome.summary())
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

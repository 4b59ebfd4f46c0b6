"""One run: cases from their application to their end, over HTTP, while everything is killed again and again."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.client import Client as Temporal

from demo.client import Refusal, connection
from demo.officers import Stuck
from demo.scenario import read_scenario_in_one_day
from domain.chinese import BUSINESS_ZONE
from tests.crash import checks
from tests.crash.company import Company, Script, enrol_all
from tests.crash.installation import Installation, Kind, NotReady, database_of, installation
from tests.crash.kills import Kill, Killer, plan
from tests.crash.manners import BadConnection, InFlight, Watched
from tests.crash.planning import Plan, keep_plan
from tests.crash.replaying import replay_faults

_WHOLE_CASE = 75
"""Acts of a case from its beginning to its end, about; the kills are spread over fewer, so that none is left over."""
_SPREAD = 0.6
_AGAIN = 0.1
"""The share of all acts that are sent once more at the end."""


@dataclass(frozen=True)
class Wanted:
    """What a run is to be: `least` kills of each kind of part at least, `in_flight` while something is under way.

    A `hasty` one does not wait for killed workers as Temporal does (`Killer`).
    """

    seed: str
    kills: int
    least: int
    in_flight: int
    scripts: Sequence[Script]
    database: str = "sqlite"
    patience: float = 540.0
    hasty: bool = False


@dataclass
class Outcome:
    """What came of it; `faults` by what has to hold."""

    wanted: Wanted
    kills: Sequence[Kill]
    faults: dict[str, list[str]]
    seconds: float
    cases: int
    acts: int
    ways: Counter[str]
    parts: list[str]
    words: str = ""

    @property
    def good(self) -> bool:
        return not any(self.faults.values())

    def verdict(self) -> str:
        """Everything that has to hold, and whether it does."""
        lines = list(self.parts)
        for what, found in self.faults.items():
            lines += [f"{'no' if found else 'ok'}   {what}", *(f"       {one}" for one in found[:20])]
        return "\n".join([*lines, self.words] if self.words else lines)

    def summary(self) -> str:
        """The last line."""
        killed = Counter(kill.victim for kill in self.kills)
        told = ", ".join(f"{killed[kind]} {kind}" for kind in Kind)
        flying = sum(kill.in_flight for kill in self.kills)
        return (
            f"crash: seed {self.wanted.seed}, {self.wanted.database}: {len(self.kills)} kills ({told}), "
            f"{flying} in flight; {self.cases} cases, {self.acts} acts ({self.ways['double']} double, "
            f"{self.ways['late']} late); {self.seconds:.0f} s; {'all holds' if self.good else 'IT DOES NOT HOLD'}"
        )


@dataclass
class _Run:
    wanted: Wanted
    place: Installation
    company: Company
    acts: InFlight
    temporal: Temporal
    say: Callable[[str], None]
    running: list[str] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)
    calm: dict[str, Script] = field(default_factory=dict)
    again: int = 0
    plan: Plan = field(default_factory=Plan)

    async def played(self) -> list[str]:
        """Have everything happen; answers why it came to no end, if it did not."""
        stuck: list[str] = []
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.company.work())
                await self._live(_undisturbed(self.wanted.scripts))
                self.calm = dict(self.company.scripts)
                filing = group.create_task(self.plan.file(self.company.dispatcher, self.company.connection))
                await self._among_kills()
                await filing
                self.company.close()
            await self.place.ready()
            await self.plan.taken_in(self.place.database)
            self.again = await self.company.connection.again(_AGAIN)
        except* (Stuck, Refusal, NotReady) as errors:
            stuck += map(str, _leaves(errors))
        return stuck

    async def _among_kills(self) -> None:
        """What the plan has left when all cases are closed would hit nothing any more."""
        moments = plan(
            random.Random(self.wanted.seed), self.wanted.kills, round(len(self.wanted.scripts) * _WHOLE_CASE * _SPREAD)
        )
        killer = Killer(
            self.place, self.company.connection, self.acts, moments, self.say, self.wanted.hasty, done=self.kills
        )
        async with asyncio.TaskGroup() as group:
            killing = group.create_task(killer.work(self.running))
            await self._live(self.wanted.scripts)
            killing.cancel()

    async def _live(self, scripts: Sequence[Script]) -> None:
        for script in scripts:
            await self.company.bring(script)
        await self.company.until_closed(self.temporal, self.place.database, self.running, self.wanted.patience)

    async def faults(self, stuck: list[str]) -> dict[str, list[str]]:
        """By what has to hold: where it does not."""
        scripts = {number: one for number, one in self.company.scripts.items() if number not in self.calm}
        done = self.company.team.done
        end = checks.End(self.place.database, self.place.files, scripts, self.calm, done, self.plan)
        found = {
            "every case came to its end": stuck,
            "everything was killed as often as it should": list(_too_few(self.wanted, self.kills)),
            f"every act has one answer, {self.again} of them long after": self.company.connection.differing,
            **await asyncio.to_thread(checks.faults, end),
            "every case can be replayed": await replay_faults(self.temporal, checks.workflows(end)),
        }
        if stuck:
            return found
        return {
            **found,
            "every workflow has completed": await checks.temporal_faults(self.temporal, end),
            "every paper can be downloaded": await checks.download_faults(self.company.marketing, end),
        }


def _leaves(group: BaseExceptionGroup[Stuck | Refusal | NotReady]) -> Iterator[Exception]:
    for one in group.exceptions:
        if isinstance(one, BaseExceptionGroup):
            yield from _leaves(one)
        else:
            yield one


def _undisturbed(scripts: Sequence[Script]) -> list[Script]:
    """A case of each kind that is not withdrawn; nothing is killed while they go on."""
    kinds = dict.fromkeys(script.late for script in scripts if not script.leaves_at)
    return [Script(f"calm-{number}", late) for number, late in enumerate(kinds, 1)]


async def run(wanted: Wanted, folder: Path, say: Callable[[str], None] = print) -> Outcome:
    """Do it, and say each kill; answers what came of it. Everything that was begun has ended then."""
    began, acts = time.monotonic(), InFlight()
    scenario = read_scenario_in_one_day("10kv", datetime.now(BUSINESS_ZONE).date() - timedelta(1))
    with database_of(wanted.database, folder) as url:
        async with (
            installation(url, folder, random.Random(wanted.seed), hasty=wanted.hasty) as place,
            connection(place.address, transport=Watched(acts)) as http,
        ):
            enrol_all(place.database)
            keep_plan(place.database)
            company = Company(http, scenario, BadConnection(wanted.seed))
            one = _Run(wanted, place, company, acts, await place.temporal(), say)
            stuck = await one.played()
            return Outcome(
                wanted,
                one.kills,
                await one.faults(stuck),
                time.monotonic() - began,
                len(company.scripts) - len(one.calm),
                company.connection.begun,
                company.connection.ways,
                [str(part) for part in place.parts.values()],
                place.last_words() if stuck else "",
            )


def _too_few(wanted: Wanted, kills: Sequence[Kill]) -> Iterator[str]:
    killed = Counter(kill.victim for kill in kills)
    yield from (f"{kind}: {killed[kind]} of {wanted.least}" for kind in Kind if killed[kind] < wanted.least)
    if len(kills) < wanted.kills:
        yield f"{len(kills)} of {wanted.kills} in all"
    if (flying := sum(kill.in_flight for kill in kills)) < wanted.in_flight:
        yield f"{flying} of {wanted.in_flight} while something was in flight"

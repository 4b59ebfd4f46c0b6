"""Moves running cases to another version of their diagram: `python -m api.migrations --process ID --by ACCOUNT`.

Without `--go` it only looks: each case says whether it could move, and what keeps it from that. A case that cannot move
stays as it was, and one that has moved is not among those that a second run finds. Exit code 1 where a case cannot
move, or could not be asked, 2 where there is no Temporal to ask, no database to read, or no such version.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError

from activities.starting import unpacked
from api.acts import PATIENCE, send
from bpmn import codec
from domain.acts import ActRefused, MigrateCase
from domain.life import LifeFault, MigrationPreview
from storage.bundles import bundle, current_bundle
from storage.cases import Case, running_processes
from storage.database import Database
from storage.settings import Settings
from workflows.codec import CONVERTER
from workflows.namespace import NamespaceUnfit, connect

_AT_ONCE = 20
"""Cases that are asked at the same time."""
MOST = 500
"""Cases that one batch takes."""


class NoSuchVersion(Exception):
    """The process, or this version of it, has not been deployed."""


@dataclass(frozen=True)
class Target:
    """What cases are to move to: a deployed version of a process, and how (see `domain.acts.MigrateCase`)."""

    process: str
    version: int = 0
    reason: str = ""
    elements: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    timers_anew: bool = False


@dataclass(frozen=True)
class Chosen:
    """Which of the running cases; what is empty does not restrict."""

    versions: Sequence[int] = ()
    county: str = ""
    numbers: Sequence[str] = ()
    limit: int = MOST


class Became(StrEnum):
    """What became of one case of a batch."""

    POSSIBLE = "possible"
    """It could move; it was only looked at."""
    MOVED = "moved"
    REFUSED = "refused"
    """It cannot, and stays as it was."""
    SILENT = "silent"
    """It could not be asked, or did not answer in time."""


@dataclass(frozen=True)
class Answered:
    """The answer of one case."""

    workflow_id: str
    case_no: str
    version: int
    became: Became
    text: str = ""
    faults: Sequence[LifeFault] = ()


def act_of(session: Session, target: Target, by: str) -> MigrateCase:
    """The act that moves a case to the target. Raises `NoSuchVersion`."""
    found = (
        bundle(session, target.process, target.version) if target.version else current_bundle(session, target.process)
    )
    if found is None:
        raise NoSuchVersion(f"流程 {target.process} 没有部署过{f'第{target.version}版' if target.version else ''}")
    return MigrateCase(
        unpacked(found.payload),
        found.version,
        by,
        target.reason,
        dict(target.elements),
        dict(target.variables),
        target.timers_anew,
    )


async def look(client: Client, workflow_id: str, act: MigrateCase) -> MigrationPreview:
    """Whether a case could do the act, and what keeps it from that. Raises `RPCError`, `WorkflowQueryFailedError`."""
    found: Any = await client.get_workflow_handle(workflow_id).query("preview_migrate", act)
    return codec.decode(MigrationPreview, found)


async def move_all(
    client: Client,
    database: Database,
    target: Target,
    chosen: Chosen,
    by: str,
    key: str,
    *,
    dry_run: bool,
    patience: float = PATIENCE,
) -> list[Answered]:
    """Have every chosen case move, or only say whether it could. Raises `NoSuchVersion`."""

    def read() -> tuple[MigrateCase, list[Case]]:
        with database.session() as session:
            act = act_of(session, target, by)
            rows = running_processes(
                session,
                target.process,
                other_than=act.version,
                versions=chosen.versions,
                county=chosen.county,
                numbers=chosen.numbers,
                limit=min(chosen.limit, MOST),
            )
            return act, list(rows)

    act, rows = await asyncio.to_thread(read)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def ask(row: Case) -> Answered:
        async with gate:
            became, text, faults = await _ask(client, row.workflow_id, act, key, dry_run, patience)
        return Answered(row.workflow_id, row.case_no, row.version, became, text, faults)

    return list(await asyncio.gather(*map(ask, rows)))


async def _ask(
    client: Client, workflow_id: str, act: MigrateCase, key: str, dry_run: bool, patience: float
) -> tuple[Became, str, Sequence[LifeFault]]:
    keyed = replace(act, key=key)
    try:
        if not dry_run:
            await send(client, workflow_id, keyed, patience)
            return Became.MOVED, "", ()
        async with asyncio.timeout(patience):
            seen = await look(client, workflow_id, keyed)
    except ActRefused as refused:
        return Became.REFUSED, str(refused), ()
    except (RPCError, WorkflowQueryFailedError) as error:
        return Became.SILENT, f"工单无法联系：{error}", ()
    except TimeoutError:
        return Became.SILENT, "工单未在时限内答复，请稍后重试", ()
    text = "；".join(fault.text for fault in seen.faults)
    return (Became.REFUSED if seen.faults else Became.POSSIBLE), text, seen.faults


# -- the command ---------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m api.migrations", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--process", required=True, metavar="ID", help="the BPMN process")
    parser.add_argument("--by", required=True, metavar="ACCOUNT", help="the account that moves the cases")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why, as the journal of each case tells it")
    parser.add_argument(
        "--version", type=int, default=0, metavar="N", help="to which version; the current one if left out"
    )
    parser.add_argument("--from", type=int, action="append", default=[], dest="versions", metavar="N")
    parser.add_argument("--county", default="", help="only cases of this county")
    parser.add_argument("--case", action="append", default=[], dest="numbers", metavar="NO", help="only this case")
    parser.add_argument("--map", action="append", default=[], dest="elements", metavar="OLD=NEW")
    parser.add_argument("--timers-anew", action="store_true", help="set timers by the new version")
    parser.add_argument("--go", action="store_true", help="move them; else they are only looked at")
    return parser


async def main(arguments: list[str]) -> int:
    """Move the cases, or look at them, and print what each answered."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if wrong := [one for one in given.elements if "=" not in one]:
        parser.error(f"--map {wrong[0]}: write OLD=NEW")
    elements = dict(one.split("=", 1) for one in given.elements)
    target = Target(given.process, given.version, given.reason, elements, timers_anew=given.timers_anew)
    chosen = Chosen(given.versions, given.county, given.numbers)
    settings = Settings()
    key = f"migrations/{given.by}/{datetime.now(UTC).isoformat()}"
    database = Database(settings.database)
    try:
        client = await connect(settings.temporal_address, settings.namespace, CONVERTER)
        answers = await move_all(client, database, target, chosen, given.by, key, dry_run=not given.go)
    except (NamespaceUnfit, NoSuchVersion) as problem:
        print(problem, file=sys.stderr)
        return 2
    except SQLAlchemyError as error:
        print(f"the database cannot be read (YEKUO_DATABASE_URL): {error}", file=sys.stderr)
        return 2
    finally:
        database.close()
    return _told(answers)


_WORDS = {Became.POSSIBLE: "可以迁移", Became.MOVED: "已迁移", Became.REFUSED: "不能迁移", Became.SILENT: "未答复"}
_WELL = (Became.POSSIBLE, Became.MOVED)


def _told(answers: Sequence[Answered]) -> int:
    for one in answers:
        well = one.became in _WELL
        said = f"{_WORDS[one.became]}{f'：{one.text}' if one.text else ''}"
        print(f"{one.workflow_id}（第{one.version}版）{said}", file=sys.stdout if well else sys.stderr)
    bad = sum(one.became not in _WELL for one in answers)
    print(f"共{len(answers)}件，不能迁移或未答复{bad}件")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

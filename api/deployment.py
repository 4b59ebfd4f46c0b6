"""Deploys diagrams, decisions and forms: `python -m api.deployment [--keep] [FOLDER]`, the shipped folder by default.

With `--keep` it does so only where nobody has deployed over HTTP last: what a company drew itself is not replaced by
what is shipped because a process is started again.
What is deployed takes the place of what is current, file by file; files that are not sent stay as they are. The set
that comes of it is checked first, all files together; a faulty set changes nothing. Each process becomes a bundle: the
compiled definition with everything it needs, which a case is started with and stays pinned to.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from activities.starting import unpacked
from api.case_settings import CaseSettings
from api.checking import Checked, check, timers
from bpmn.faults import Fault, ModelRefused
from bpmn.options import Options
from bpmn.starts import Starts
from domain.feel import shipped_functions
from storage.bundles import (
    MessageStartTaken,
    current_bundles,
    current_versions,
    deploy_bundle,
    message_starts,
    retire_bundles,
)
from storage.company_tables import SettingsRefused, limits_in_force
from storage.database import Database
from storage.definitions import DefinitionKind, current_definitions, deploy_definition, retire_definitions
from storage.deployments import Deployment, add_deployment, deployed_sources, newest_deployment
from storage.rules import RuleKind, current_rule, lock_rules
from storage.safety import UnsafeSettings, refuse_unsafe
from storage.settings import Settings
from storage.timer_starts import Planned, plan_starts
from workflows import definitions

SHIPPED = Path(__file__).parent.parent / "bpmn" / "processes"
KINDS: Mapping[str, DefinitionKind] = {f".{kind.value}": kind for kind in DefinitionKind}
"""What a file is, by its ending."""
COMMAND_LINE = "command line"
"""By whom a deployment is that came by the command."""


@dataclass(frozen=True)
class Outcome:
    """The deployment by which the sources are current now; not `new` where they were so already."""

    deployment: Deployment
    new: bool

    @property
    def versions(self) -> dict[str, int]:
        """The version of each process that new cases start with."""
        return {one["process"]: one["version"] for one in self.deployment.processes}


@dataclass(frozen=True)
class Author:
    """Who changes what is current, and why."""

    by: str
    note: str = ""


def read_folder(folder: Path) -> dict[str, str]:
    """The model files of a folder by name, in the order of their names."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in KINDS)
    return {path.name: path.read_text("utf-8") for path in paths}


def deploy(database: Database, files: Mapping[str, str], now: datetime, by: str = COMMAND_LINE) -> Outcome:
    """`deploy_files` in a transaction of its own."""
    with database.transaction() as session:
        return deploy_files(session, files, now, Author(by))


def deploy_files(session: Session, files: Mapping[str, str], now: datetime, author: Author) -> Outcome:
    """Make `files` current over what is, all of them or none. Deploying the same again changes nothing.

    Raises `ModelRefused` with every fault of the set that would be current, `SettingsRefused` where there are no limits
    to check it by.
    """
    lock_rules(session)
    return _make_current(session, {**_sources(session), **files}, now, author)


def check_files(session: Session, files: Mapping[str, str], now: datetime) -> list[str]:
    """The names of those files that would change something, and nothing is changed; raises as `deploy_files` does."""
    current = _sources(session)
    _check(session, {**current, **files}, now)
    return sorted(name for name, text in files.items() if current.get(name) != text)


def roll_back(session: Session, wanted: Deployment, now: datetime, author: Author) -> Outcome:
    """Make the sources current again that were so after the `wanted` deployment, and no others; raises as
    `deploy_files` does."""
    lock_rules(session)
    return _make_current(session, deployed_sources(session, wanted), now, author, wanted.id)


def _sources(session: Session) -> dict[str, str]:
    return {one.file_name: one.source for one in current_definitions(session)}


def _check(session: Session, sources: Mapping[str, str], now: datetime) -> Checked:
    return check(sources, limits_in_force(CaseSettings(), current_rule(session, RuleKind.LIMITS)), now)


def _make_current(
    session: Session, sources: Mapping[str, str], now: datetime, author: Author, rolls_back: int | None = None
) -> Outcome:
    checked = _check(session, sources, now)
    before = {(one.kind, one.key): one.version for one in current_definitions(session)}
    versions = current_versions(session)
    kept = [
        deploy_definition(session, KINDS[Path(name).suffix], Path(name).stem, name, text, now)
        for name, text in sources.items()
    ]
    files = [
        {
            "file": one.file_name,
            "kind": one.kind,
            "key": one.key,
            "version": one.version,
            "changed": before.get((one.kind, one.key)) != one.version,
        }
        for one in sorted(kept, key=lambda one: (one.kind, one.key))
    ]
    retire_definitions(session, {(one.kind, one.key) for one in kept})
    processes = [
        {"process": process, "version": version, "changed": versions.get(process) != version}
        for process, version in sorted(_deploy_bundles(session, checked, now).items())
    ]
    plan_starts(session, checked.timers())
    newest = newest_deployment(session)
    gone = len(before) > len(files) or len(versions) > len(processes)
    if newest and not gone and not any(one["changed"] for one in (*files, *processes)):
        return Outcome(newest, new=False)
    made = Deployment(
        note=author.note,
        deployed_by=author.by,
        deployed_at=now,
        files=files,
        processes=processes,
        rolls_back=rolls_back,
    )
    return Outcome(add_deployment(session, made), new=True)


def plan_current(session: Session, now: datetime) -> list[ModelRefused]:
    """Have what is current begin at its times, though it was deployed before these were kept; what is planned already
    goes on from where it stands. Answers why some cannot."""
    lock_rules(session)
    options = Options(functions=shipped_functions())
    planned: list[Planned] = []
    refused: list[ModelRefused] = []
    for bundle in current_bundles(session):
        definition = definitions.load(bundle.sha256, unpacked(bundle.payload), options.functions)
        try:
            planned += timers(definition, Starts(definition, options, now), bundle.key)
        except ModelRefused as error:
            refused.append(error)
    plan_starts(session, planned)
    return refused


def _deploy_bundles(session: Session, checked: Checked, now: datetime) -> dict[str, int]:
    """The version of each process; those that start by a message of another come after it has given that up."""
    retire_bundles(session, checked.bundles.keys())
    taken, messages = message_starts(session), checked.definition.messages()
    starts = {process: checked.starts(process) for process in checked.bundles}
    versions = {}
    for process in sorted(starts, key=lambda one: any(taken.get(message, one) != one for message in starts[one])):
        compiled = checked.bundles[process]
        try:
            versions[process] = deploy_bundle(
                session,
                process,
                compiled.sha256,
                compiled.payload,
                messages=messages[process],
                starts=starts[process],
                together=checked.together(process),
                signals=checked.heard(process),
                signal_starts=checked.begins.signals_of(process),
                now=now,
            )
        except MessageStartTaken as error:
            found = checked.definition.processes[process]
            remedy = "deploy first what takes the message from the other process"
            raise ModelRefused([Fault(found.file, found.line, process, found.name, str(error), remedy)]) from error
    return versions


def main(arguments: list[str]) -> int:
    """Deploy a folder and say what is current now; exit code 2 for a faulty set."""
    parser = argparse.ArgumentParser(prog="python -m api.deployment", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SHIPPED)
    parser.add_argument("--keep", action="store_true", help="leave what was last deployed over HTTP as it is")
    chosen = parser.parse_args(arguments)
    try:
        settings = Settings()
        refuse_unsafe(settings, ())
        database = Database(settings.database)
        if chosen.keep and (kept := _by_others(database)):
            print(f"deployment {kept.id} by {kept.deployed_by} stays current; without --keep this folder replaces it")
            with database.transaction() as session:
                refusals = plan_current(session, datetime.now(UTC))
            for refusal in refusals:
                print(f"does not begin by itself: {refusal}", file=sys.stderr)
            return 0
        outcome = deploy(database, read_folder(chosen.folder), datetime.now(UTC))
    except (ModelRefused, SettingsRefused, UnsafeSettings) as refused:
        print(refused, file=sys.stderr)
        return 2
    print("deployed: " + ", ".join(f"{process} version {version}" for process, version in outcome.versions.items()))
    return 0


def _by_others(database: Database) -> Deployment | None:
    """The newest deployment where it did not come by the command."""
    with database.session() as session:
        newest = newest_deployment(session)
    return newest if newest and newest.deployed_by != COMMAND_LINE else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

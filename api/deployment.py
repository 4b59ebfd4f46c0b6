"""Deploys diagrams, decisions and forms: `python -m api.deployment [FOLDER]`, the shipped folder by default.

What is deployed is checked first, all files together; a faulty set changes nothing. Each process becomes a bundle: the
compiled definition with everything it needs, which a case is started with and stays pinned to.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from activities.cases import packed
from api.case_settings import SettingsRefused, read_rules
from bpmn.definition import Definition
from bpmn.faults import Fault, ModelRefused
from bpmn.reader import read_all
from domain.calendar import WorkingCalendar
from domain.clock_rules import rule_faults
from domain.feel import feel_functions
from domain.limits import LimitTable
from storage.bundles import deploy_bundle
from storage.database import Database
from storage.definitions import DefinitionKind, deploy_definition
from storage.settings import Settings
from workflows.watch import clock_rules

SHIPPED = Path(__file__).parent.parent / "bpmn" / "processes"
MAX_BUNDLE = 1024 * 1024
"""The compressed size beyond which a bundle is refused: it travels in the history of every case."""

_KINDS = {".bpmn": DefinitionKind.BPMN, ".dmn": DefinitionKind.DMN, ".form": DefinitionKind.FORM}


@dataclass(frozen=True)
class Deployed:
    """A process and the version that new cases of it start with."""

    process: str
    version: int


def read_folder(folder: Path) -> dict[str, str]:
    """The model files of a folder by name, in the order of their names."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in _KINDS)
    return {path.name: path.read_text("utf-8") for path in paths}


def deploy(
    database: Database, files: Mapping[str, str], now: datetime, limits: LimitTable | None = None
) -> list[Deployed]:
    """Make `files` current, all of them or none. Deploying the same again changes nothing.

    Raises `ModelRefused` with every fault: of a file, a called process, decision or form that is missing, a clock
    that none of the `limits` (the shipped ones) is known for, a bundle that is too large.
    """
    definition = read_all(files, feel_functions(WorkingCalendar.shipped()))
    _refuse([*_missing(definition), *_unknown_limits(definition, limits or LimitTable.shipped())])
    bundles = {process: packed(definition.closure(process).dump()) for process in definition.processes}
    sizes = {process: len(payload) for process, (payload, _) in bundles.items()}
    _refuse([_too_large(definition, process, size) for process, size in sizes.items() if size > MAX_BUNDLE])
    messages, starts = definition.messages(), definition.message_starts()
    with database.transaction() as session:
        for name, text in files.items():
            key, kind = name.rpartition(".")[0], _KINDS[Path(name).suffix]
            deploy_definition(session, kind, key, name, text, now)
        return [
            Deployed(
                process,
                deploy_bundle(
                    session,
                    process,
                    sha256,
                    payload,
                    messages=messages[process],
                    starts=[message for message, started in starts.items() if started == process],
                    now=now,
                ),
            )
            for process, (payload, sha256) in bundles.items()
        ]


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise ModelRefused(faults)


def _missing(definition: Definition) -> list[Fault]:
    """What the elements refer to by name and is in none of the files."""
    faults = []
    for process in definition.processes.values():
        for e in process.elements.values():
            wanted: list[tuple[str, Container[str], str]] = [
                (e.call.process if e.call else "", definition.processes, "process"),
                (e.user.form if e.user else "", definition.forms, "form"),
            ]
            for name, known, kind in wanted:
                if name and not name.startswith("=") and name not in known:
                    problem = f"the {kind} {name} is in none of the files"
                    faults.append(Fault(process.file, e.line, e.id, e.name, problem, "deploy it together with this"))
            decision = e.evaluation.decision if e.evaluation else ""
            if decision and not decision.startswith("=") and not definition.decision(decision):
                problem = f"the decision {decision} is in none of the files"
                faults.append(Fault(process.file, e.line, e.id, e.name, problem, "deploy it together with this"))
    return faults


def _unknown_limits(definition: Definition, table: LimitTable) -> list[Fault]:
    """What the clocks of the diagrams name that the table of limits does not know."""
    remedy = "name a step of the table of limits, a department and moments that there are"
    return [
        Fault(process.file, process.line, process.id, process.name, problem, remedy)
        for process in definition.processes.values()
        for problem in rule_faults(clock_rules(process), table)
    ]


def _too_large(definition: Definition, process: str, size: int) -> Fault:
    found = definition.processes[process]
    problem = f"with all it needs it has {size} bytes compressed; at most {MAX_BUNDLE} travel with a case"
    return Fault(found.file, found.line, process, found.name, problem, "divide it into processes that call each other")


def main(arguments: list[str]) -> int:
    """Deploy a folder and say what is current now; exit code 2 for a faulty set."""
    folder = Path(arguments[0]) if arguments else SHIPPED
    try:
        limits = read_rules().limits
        deployed = deploy(Database(Settings().database), read_folder(folder), datetime.now(UTC), limits)
    except (ModelRefused, SettingsRefused) as refused:
        print(refused, file=sys.stderr)
        return 2
    print("deployed: " + ", ".join(f"{one.process} version {one.version}" for one in deployed))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

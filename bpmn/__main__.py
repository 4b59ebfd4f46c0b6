"""The command line: `python -m bpmn check FILE...`, `run FILE`, `feel EXPR`.

Exit codes: 0 completed (or nothing wrong), 2 model or expression refused, 3 waiting at the end of virtual time,
4 incident or uncaught error, 64 usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from bpmn.definition import Definition, called
from bpmn.faults import ModelRefused
from bpmn.feel import BudgetExceeded, Environment, FeelSyntaxError, compile_expression, to_json
from bpmn.journal import Record
from bpmn.options import SHANGHAI, Options
from bpmn.reader import read_all
from bpmn.simulation import Running, Script, Simulation
from bpmn.warnings import warnings_of
from domain.feel import shipped_functions

OK, REFUSED, WAITING, INCIDENT, USAGE = 0, 2, 3, 4, 64
START = datetime(2026, 1, 5, 8, tzinfo=SHANGHAI)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and answer its exit code."""
    parser = _Parser(prog="python -m bpmn", description="Checks and runs BPMN diagrams without a server.")
    parsers = parser.add_subparsers(dest="command", required=True)
    check = parsers.add_parser("check", help="say what is wrong with files (.bpmn, .dmn, .form)")
    check.add_argument("files", nargs="+", metavar="FILE")
    run = parsers.add_parser("run", help="run a diagram in virtual time, the journal as JSON lines")
    run.add_argument("file", metavar="FILE")
    run.add_argument("--process", default="", metavar="ID")
    run.add_argument("--vars", type=_json_object, default={}, metavar="JSON")
    run.add_argument("--script", type=_script, default=Script(), metavar="FILE")
    feel = parsers.add_parser("feel", help="evaluate a FEEL expression")
    feel.add_argument("expression", metavar="EXPR")
    feel.add_argument("--vars", type=_json_object, default={}, metavar="JSON")
    chosen = parser.parse_args(arguments)
    try:
        return int(_COMMANDS[chosen.command](chosen, parser))
    except ModelRefused as refused:
        print(refused, file=sys.stderr)
        return REFUSED


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no JSON ({error})") from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f"{text} is no JSON object")
    return value


def _script(path: str) -> Script:
    try:
        return Script.from_json(json.loads(Path(path).read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{path}: {error}") from None


def _check(chosen: argparse.Namespace, parser: _Parser) -> int:
    functions = shipped_functions()
    definition = read_all(_read(chosen.files, parser), functions)
    for warning in warnings_of(definition, functions):
        print(f"warning: {warning}")
    for process in definition.processes.values():
        for name in process.foreign_extensions:
            print(f"{process.file}: {process.id}: {name} is kept, and says nothing of what runs")
    print(f"{len(chosen.files)} file(s), nothing wrong")
    return OK


def _read(paths: list[str], parser: _Parser) -> dict[str, bytes]:
    try:
        return {path: Path(path).read_bytes() for path in paths}
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")


def _run(chosen: argparse.Namespace, parser: _Parser) -> int:
    functions = shipped_functions()
    definition = _with_what_it_refers_to(_read([chosen.file], parser), functions)
    own = [process.id for process in definition.processes.values() if process.file == chosen.file]
    if not own:
        parser.error(f"{chosen.file} is no diagram with a process to run")
    if not chosen.process and len(own) > 1:
        parser.error(f"{chosen.file} has several processes, choose one with --process: {', '.join(own)}")
    process = chosen.process or own[0]
    if process not in definition.processes:
        parser.error(f"{chosen.file} has no process {process}; it has {', '.join(own)}")
    simulation = Simulation(definition, START, chosen.script, Options(functions=functions))
    for running, record in simulation.run(process, chosen.vars):
        print(json.dumps(_line(running, record), ensure_ascii=False))
    return _outcome(simulation)


def _with_what_it_refers_to(files: dict[str, bytes], functions: Mapping[str, Any]) -> Definition:
    """The file's processes, with the files of the same folder that hold what they call."""
    definition = read_all(files, functions)
    folder = Path(next(iter(files))).parent
    wanted = [f'id="{name}"'.encode() for name in _missing(definition, functions)]
    for path in sorted(folder.glob("*.bpmn")) + sorted(folder.glob("*.dmn")):
        if str(path) not in files and any(text in path.read_bytes() for text in wanted):
            return _with_what_it_refers_to({**files, str(path): path.read_bytes()}, functions)
    return definition


def _missing(definition: Definition, functions: Mapping[str, Any]) -> list[str]:
    elements = [e for process in definition.processes.values() for e in process.elements.values()]
    processes = [name for e in elements if e.call for name in called(e.call, frozenset(functions)) or ()]
    decided = [e.evaluation.decision for e in elements if e.evaluation and e.evaluation.decision]
    return [name for name in processes if name not in definition.processes] + [
        name for name in decided if not definition.decision(name)
    ]


def _line(running: Running, record: Record) -> dict[str, Any]:
    return {
        "instance": running.name,
        "seq": record.seq,
        "at": record.at.isoformat(),
        "event": record.event,
        "element": record.element,
        "type": record.type,
        "name": record.name,
        "scope": record.scope,
        **({"data": record.data} if record.data else {}),
    }


def _outcome(simulation: Simulation) -> int:
    main_instance = simulation.running[0].instance
    incidents = [message for r in simulation.running for _, message in r.instance.incidents.values()]
    outcome = "incident" if incidents else main_instance.outcome or "waiting"
    line = {"outcome": outcome, "variables": simulation.variables}
    print(json.dumps(line, ensure_ascii=False))
    if incidents or outcome == "failed":
        return INCIDENT
    return WAITING if outcome == "waiting" else OK


def _feel(chosen: argparse.Namespace, _parser: _Parser) -> int:
    functions = shipped_functions()
    environment = Environment(START, SHANGHAI, functions)
    try:
        expression = compile_expression(chosen.expression, frozenset(functions) | frozenset(chosen.vars))
        result = expression.evaluate(chosen.vars, environment)
        print(json.dumps(to_json(result.value), ensure_ascii=False))
    except (FeelSyntaxError, BudgetExceeded, TypeError, ValueError) as error:
        print(error, file=sys.stderr)
        return REFUSED
    for problem in result.problems:
        print(problem, file=sys.stderr)
    return OK


_COMMANDS: dict[str, Callable[[argparse.Namespace, _Parser], int]] = {"check": _check, "run": _run, "feel": _feel}

if __name__ == "__main__":
    sys.exit(main())

"""The command line: `python -m bpmn check FILE...`, `run FILE`, `feel EXPR`.

Exit codes: 0 completed (or nothing wrong), 2 model or expression refused, 3 waiting at the end of virtual time,
4 incident or uncaught error, 64 usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Any, NoReturn

from bpmn.definition import Definition, called
from bpmn.faults import ModelRefused
from bpmn.feel import BudgetExceeded, Environment, FeelSyntaxError, compile_expression, to_json
from bpmn.journal import Record
from bpmn.options import SHANGHAI, Options
from bpmn.reader import read_all
from bpmn.simulation import MAX_AT_ONCE, MAX_EVENTS, Running, Script, Simulation, beginning
from bpmn.variables import unfit
from bpmn.warnings import warnings_of
from domain.feel import shipped_functions

OK, REFUSED, WAITING, INCIDENT, USAGE = 0, 2, 3, 4, 64
START = datetime(2026, 1, 5, 8, tzinfo=SHANGHAI)

_SCRIPT = (
    '{"elements": {ID: [{"do": "complete" | "error" | "fail" | "deny" | "assign" | "update" | "wait", "variables", '
    '"code", "message", "after", "result"}]}, '
    '"messages": [{"name", "correlationKey", "variables", "after"}], "signals": [{"name", "variables", "after"}], '
    '"activations": [{"adHoc", "elements", "variables", "after"}] in ad-hoc sub-processes}; '
    "the actions of an element are used in turn, then it is completed at once; those of its listeners stand at "
    "ID:start, ID:completing and so on; the result is that of Camunda's job completion: what a task listener corrects "
    '({"corrections": {"priority": 80}}), what the job of an ad-hoc sub-process decides ({"activateElements": '
    '[{"elementId"}], "isCompletionConditionFulfilled"}), whom a task is assigned to, what of it is updated'
)
_RUN: dict[str, Any] = {
    "description": (
        "Runs all that a file starts, in one engine: every process with a plain start event, unless it is only called "
        "by another; those that have none begin by timers, messages, signals, conditions. Messages, signals, message "
        "flows between them are delivered. User and manual tasks and jobs are completed at once, timers fire in "
        "virtual time."
    ),
    "epilog": (
        "Each line of output is a record of the journal; the last tells the outcome, the variables of the process of "
        "--process (else of the first in the file that begins), and where several began, each instance. "
        "Exit codes: 0 completed, 2 model refused, 3 something waits at the end, 4 incident or uncaught error, "
        "64 usage."
    ),
}


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
    _add_run(parsers.add_parser("run", help="run a diagram in virtual time, the journal as JSON lines", **_RUN))
    feel = parsers.add_parser("feel", help="evaluate a FEEL expression")
    feel.add_argument("expression", metavar="EXPR")
    feel.add_argument("--vars", type=_json_object, default={}, metavar="JSON")
    chosen = parser.parse_args(arguments)
    try:
        return int(_COMMANDS[chosen.command](chosen, parser))
    except ModelRefused as refused:
        print(refused, file=sys.stderr)
        return REFUSED


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("file", metavar="FILE", help="a .bpmn file; what it calls is read from its folder too")
    run.add_argument("--process", default="", metavar="ID", help="start this process alone")
    text = "start this process before the others, which wait until it rests; repeat it for several, in order"
    run.add_argument("--first", action="append", default=[], metavar="ID", help=text)
    text = "variables of what is started at the beginning: of --process alone where it is given"
    run.add_argument("--vars", type=_json_object, default={}, metavar="JSON", help=text)
    run.add_argument("--script", type=_script, default=Script(), metavar="FILE", help=f"what people do: {_SCRIPT}")
    text = "virtual time ends after so many seconds (without it, when nothing is due; always after endless repetition)"
    run.add_argument("--horizon", type=_seconds, default=None, metavar="SECONDS", help=text)
    run.add_argument("--real-time", action="store_true", help="start now and wait for timers; ended by Ctrl-C")


def _seconds(text: str) -> float:
    try:
        START + timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds") from None
    if float(text) < 0:
        raise argparse.ArgumentTypeError(f"{text} is before the beginning")
    return float(text)


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no JSON ({error})") from None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f"{text} is no JSON object")
    if problem := unfit(value):
        raise argparse.ArgumentTypeError(problem)
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
    for process in [chosen.process or own[0], *chosen.first]:
        if process not in definition.processes:
            parser.error(f"{chosen.file} has no process {process}; it has {', '.join(own)}")
    begins = beginning(definition, chosen.file, chosen.process, chosen.first, chosen.vars, functions)
    now, pace = (datetime.now(SHANGHAI), _wait_for) if chosen.real_time else (START, _do_not_wait)
    options = Options(functions=functions, endless_steps=MAX_AT_ONCE)
    simulation = Simulation(definition, now, chosen.script, options, chosen.horizon, pace)
    with suppress(KeyboardInterrupt):
        for running, record in simulation.play(begins):
            print(json.dumps(_line(running, record), ensure_ascii=False), flush=chosen.real_time)
    if simulation.agenda.exhausted:
        print(f"ended after {MAX_EVENTS} events: it repeats for ever, give it a --horizon", file=sys.stderr)
    if simulation.agenda.endless:
        how = f"{MAX_AT_ONCE} events followed from each other, and no time passed: it repeats for ever"
        print(f"ended at {simulation.now.isoformat()}: {how}, say in a --script what ends that", file=sys.stderr)
    return _outcome(simulation)


def _wait_for(instant: datetime) -> None:
    sleep(max(0.0, (instant - datetime.now(SHANGHAI)).total_seconds()))


def _do_not_wait(_instant: datetime) -> None:
    """Virtual time is there already."""


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
    decided = [(e.evaluation.decision, e.evaluation.version_tag) for e in elements if e.evaluation]
    return [name for name in processes if name not in definition.processes] + [
        name for name, tag in decided if name and not definition.decision(name, tag)
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
    outcome = simulation.outcome
    line: dict[str, Any] = {"outcome": outcome, "variables": simulation.variables}
    if len(simulation.roots) > 1:
        line["instances"] = {
            one.name: {"outcome": one.outcome, "variables": one.variables} for one in simulation.running
        }
    print(json.dumps(line, ensure_ascii=False))
    return {"incident": INCIDENT, "failed": INCIDENT, "waiting": WAITING}.get(outcome, OK)


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

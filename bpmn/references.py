"""What a definition refers to by name and does not hold: it must be there when it runs, from wherever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bpmn.definition import Definition, called
from bpmn.faults import Fault
from bpmn.feel import FeelSyntaxError
from bpmn.model import Call, Element

REMEDY = "deploy it together with this"


def missing_references(definition: Definition, names: Iterable[str] = ()) -> list[Fault]:
    """The called processes, decisions and forms that are in none of the files, where they are named.

    What only a case tells (an expression) is not missing. `names` are those of extra FEEL functions, as when the
    definition was read; an expression with a name that is not among them is not looked into.
    """
    known = frozenset(names)
    return [
        Fault(process.file, element.line, element.id, element.name, f"the {what} is in none of the files", REMEDY)
        for process in definition.processes.values()
        for element in process.elements.values()
        for what in _missing(element, definition, known)
    ]


def _missing(element: Element, definition: Definition, names: frozenset[str]) -> Iterator[str]:
    if call := element.call:
        for name in _called(call, names):
            if definition.process(name, call.version_tag) is None:
                yield _tagged(f"process {name}", call.version_tag)
    if (user := element.user) and _is_name(user.form) and not definition.form(user.form, user.form_version_tag):
        yield _tagged(f"form {user.form}", user.form_version_tag)
    decided = element.evaluation
    if decided and _is_name(decided.decision) and not definition.decision(decided.decision, decided.version_tag):
        yield _tagged(f"decision {decided.decision}", decided.version_tag)


def _called(call: Call, names: frozenset[str]) -> tuple[str, ...]:
    try:
        return called(call, names) or ()
    except FeelSyntaxError:
        return ()


def _is_name(text: str) -> bool:
    return bool(text) and not text.startswith("=")


def _tagged(what: str, version_tag: str) -> str:
    return f"{what} with the version tag {version_tag}" if version_tag else what

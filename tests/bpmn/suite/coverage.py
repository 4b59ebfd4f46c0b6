"""The table of coverage: every element with its model and its test, and the extension elements that are known."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from bpmn.support import SUPPORT
from tests.bpmn.suite import CASES
from tests.bpmn.suite.cases import Case

MODELS = Path(__file__).with_name("models")
PAGE = Path(__file__).parents[3] / "docs" / "bpmn-coverage.md"
_SUITE = "../tests/bpmn/suite"
_INTRODUCTION = """# What of BPMN 2.0 runs

Each row is a small model and a test that runs it in the engine alone; `tests/workflows/test_element_suite.py` runs the
same model through Temporal, continued as new after every step, and replays every history. Run one by hand:
`python -m bpmn run tests/bpmn/suite/models/boundary-event-timer-duration-interrupting.bpmn`.

This page and the models are made by `make coverage` of the table of what is supported (`bpmn/support.toml`) and of the
cases of the suite (`tests/bpmn/suite`); what is in neither is refused when a file is read, with the element and what to
do about it.
"""


def page() -> str:
    """The page in Markdown."""
    return "\n".join([_INTRODUCTION, *_elements(), *_extensions()]) + "\n"


def _elements() -> Iterator[str]:
    for heading, cases in groupby(sorted(CASES, key=_heading), key=_heading):
        yield f"## {heading}\n"
        yield "| | Model | Test |"
        yield "|---|---|---|"
        yield from map(_line, cases)
        yield ""


def _heading(case: Case) -> str:
    return case.row.partition(" · ")[0]


def _line(case: Case) -> str:
    variant = case.row.partition(" · ")[2].replace(" · ", ", ")
    model = f"[model]({_SUITE}/models/{case.file})"
    test = f"[test]({_SUITE}/test_suite.py) `{case.name}`"
    return f"| {variant} | {model} | {test} |"


def _extensions() -> Iterator[str]:
    yield "## Extension elements of Camunda 8\n"
    yield "| | On | Attributes | Children |"
    yield "|---|---|---|---|"
    for name, rule in SUPPORT.zeebe.items():
        places = "everything" if rule.on == ("*",) else ", ".join(rule.on)
        yield f"| `zeebe:{name}` | {places} | {', '.join(rule.attributes)} | {', '.join(rule.children)} |"
    yield ""
    yield "Extension elements of other namespaces are kept and listed;"
    yield "`camunda:` of Camunda 7 is refused with how to convert it."

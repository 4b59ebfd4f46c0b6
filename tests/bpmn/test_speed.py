"""Reading and importing stay quick: the aims are 1 s and 0.3 s, the bounds are three times as wide.

What is measured is processor time: other people's work on the machine does not count.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from bpmn import read
from bpmn.warnings import warnings_of
from tests.bpmn.building import end, gateway, io, model_xml, process, script, service, start, user

REPOSITORY = Path(__file__).parents[2]


def large_model(elements: int) -> str:
    """A process of blocks of five elements, with conditions, mappings and scripts of their own in each."""
    shapes, flows, last = [start()], [], "start"
    for n in range((elements - 2) // 5):
        shapes += [user(f"u{n}", io({"x": f"=a + {n}"}, {"y": f"=x * {n}"})), gateway("exclusive", f"g{n}")]
        shapes += [service(f"s{n}"), script(f"c{n}", f"=y + {n}", "z"), gateway("exclusive", f"m{n}")]
        flows += [f"{last} > u{n} > g{n}", f"g{n} > s{n}: =y > {n}", f"g{n} > c{n}: default"]
        flows += [f"s{n} > m{n}", f"c{n} > m{n}"]
        last = f"m{n}"
    return model_xml(process(*shapes, end(), flows=[*flows, f"{last} > end"]))


def test_a_model_of_2000_elements_is_read_and_checked_quickly() -> None:
    xml = large_model(2002)
    begun = time.process_time()

    definition = read(xml)
    read_in = time.process_time() - begun
    warnings_of(definition)

    assert len(definition.processes["p"].elements) >= 2000
    assert read_in < 3
    assert time.process_time() - begun < 6


def test_the_engine_is_imported_quickly() -> None:
    code = "import time; begun = time.process_time(); import bpmn; print(time.process_time() - begun)"

    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)

    assert float(done.stdout) < 1


def test_importing_the_engine_leaves_parsers_decisions_and_forms_for_later() -> None:
    code = "import sys, bpmn; print(sorted(name for name in ('lark', 'bpmn.dmn', 'bpmn.forms') if name in sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"

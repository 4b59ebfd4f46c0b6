"""Whatever is in a file, reading it gives a definition or the list of its faults, in reasonable time."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn import Definition, Fault, ModelRefused, read_all
from bpmn.warnings import warnings_of
from domain.feel import shipped_functions
from tests.bpmn.mutating import spoilt_json, spoilt_xml

REPOSITORY = Path(__file__).parents[2]
FILES = [
    path
    for folder in (REPOSITORY / "tests" / "bpmn" / "models", REPOSITORY / "bpmn" / "processes")
    for path in sorted(folder.iterdir())
    if path.suffix in (".bpmn", ".dmn", ".form")
]
NAMES = shipped_functions()
LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SMALL = 60_000
SECONDS = 5


def read_spoilt(chance: Random, kind: str, largest: int) -> str:
    """Spoils a file of a kind and reads it; answers whether it was refused."""
    path = chance.choice([path for path in FILES if path.suffix == kind and path.stat().st_size <= largest])
    text = (spoilt_json if kind == ".form" else spoilt_xml)(chance, path.read_bytes())
    begun = time.perf_counter()
    definition, faults = _read(path.name, text)
    if definition:
        use(definition)
    assert definition or faults
    assert all(fault.problem and fault.remedy and fault.line >= 0 for fault in faults)
    assert time.perf_counter() - begun < SECONDS
    return "read" if definition else "refused"


def _read(name: str, text: str | bytes) -> tuple[Definition | None, tuple[Fault, ...]]:
    try:
        return read_all({name: text}, NAMES), ()
    except ModelRefused as refused:
        return None, refused.faults


def use(definition: Definition) -> None:
    """What is accepted can be warned about, made ready to run, and sent as JSON."""
    warnings_of(definition)
    for process in definition.processes:
        assert definition.graph(process, NAMES).root.starts
    assert Definition.load(json.loads(json.dumps(definition.dump())), NAMES).processes == definition.processes


@pytest.mark.parametrize("kind", [".bpmn", ".dmn", ".form"])
@settings(LOOSE, max_examples=60)
@given(chance=st.randoms(use_true_random=False))
def test_a_spoilt_file_is_read_or_refused_with_its_faults(kind: str, chance: Random) -> None:
    read_spoilt(chance, kind, SMALL)


@pytest.mark.parametrize("kind", [".bpmn", ".dmn", ".form"])
def test_spoilt_files_of_every_kind_are_now_read_and_now_refused(kind: str) -> None:
    outcomes = {read_spoilt(Random(seed), kind, SMALL) for seed in range(40)}

    assert outcomes == {"read", "refused"}


@pytest.mark.long
@pytest.mark.parametrize("kind", [".bpmn", ".dmn", ".form"])
@pytest.mark.parametrize("block", range(20))
def test_many_spoilt_files_are_read_or_refused_with_their_faults(kind: str, block: int) -> None:
    for seed in range(200):
        read_spoilt(Random(1000 + 200 * block + seed), kind, 10**9)


@pytest.mark.parametrize("kind", [".bpmn", ".dmn", ".form"])
@settings(LOOSE, max_examples=100)
@given(text=st.one_of(st.text(), st.binary()))
def test_what_is_no_model_at_all_is_refused(kind: str, text: str | bytes) -> None:
    with pytest.raises(ModelRefused):
        read_all({f"model{kind}": text}, NAMES)

"""Whole cases that tests of the papers look at: the ordinary one, and one in which much is done again."""

from __future__ import annotations

import pytest

from bpmn.definition import Definition
from tests.bpmn.processes.play import REWORK, Play, played, read_definition


@pytest.fixture(scope="package")
def definition() -> Definition:
    return read_definition()


@pytest.fixture(scope="package")
def whole(definition: Definition) -> Play:
    return played(definition, "ordinary_customer")


@pytest.fixture(scope="package")
def reworked(definition: Definition) -> Play:
    return played(definition, REWORK)

"""Every drive of a test must keep the invariants, whatever else the test looks at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bpmn.engine import driving


@pytest.fixture(autouse=True)
def _invariants() -> Iterator[None]:
    driving.driven.clear()
    yield
    for drive in driving.driven:
        drive.check()

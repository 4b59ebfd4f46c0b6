"""Departments, as lanes of diagrams name them."""

from __future__ import annotations

import pytest

from domain.departments import departments_named


@pytest.mark.parametrize(
    ("lane", "codes"),
    [
        ("发展部", ["planning"]),
        ("运检部、调控中心", ["operations", "dispatch"]),
        ("会同部门", []),
        ("发展部、会同部门", []),
        ("有权限的发展部（省、市公司）", []),
        ("", []),
    ],
)
def test_a_lane_is_for_the_departments_that_it_names_and_nothing_besides(lane: str, codes: list[str]) -> None:
    assert departments_named(lane) == codes

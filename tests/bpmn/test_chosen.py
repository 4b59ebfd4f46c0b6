"""Runs in which people choose what is done next in ad-hoc sub-processes, as their script says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bpmn.simulation import Script
from tests.bpmn.building import Shape, ad_hoc, end, multi, process, start, user, zeebe
from tests.bpmn.playing import START, Run, line


def choosing(*parts: Any, **how: Any) -> Shape:
    """A process in whose ad-hoc sub-process H nothing begins by itself."""
    nothing = zeebe("adHoc", activeElementsCollection="=[]")
    host = ad_hoc("H", nothing, *parts, user("A"), user("B"), until="=done", **how)
    return process(start(), host, end(), flows=["start > H > end"])


def test_what_the_script_activates_begins_with_its_variables_when_it_says_so() -> None:
    done = {"elements": {"B": [{"variables": {"done": True}}]}}
    chosen = [
        {"adHoc": "H", "elements": ["A"], "variables": {"x": 1}, "after": "P1D"},
        {"adHoc": "H", "elements": ["B"], "after": "P2D"},
    ]

    run = Run(choosing(), does={**done, "activations": chosen}, done=False)

    begun = [(r.element, r.at) for _, r in run.lines if (r.event, r.type) == ("activated", "userTask")]
    assert begun == [("A", START + timedelta(days=1)), ("B", START + timedelta(days=2))]
    assert run.outcomes == {"p": "completed"}
    assert run.variables == {"p": {"done": True}}


def test_an_activation_reaches_every_instance_that_is_open() -> None:
    chosen = [{"adHoc": "H", "elements": ["A"]}]

    run = Run(choosing(multi("=[1, 2]")), does={"activations": chosen}, done=True)

    assert [r.element for _, r in run.lines if (r.event, r.type) == ("completed", "userTask")] == ["A", "A"]
    assert run.outcomes == {"p": "completed"}


def test_an_activation_where_nothing_is_open_is_a_line_in_the_journal() -> None:
    chosen = [{"adHoc": "H", "elements": ["A"], "after": "P1D"}, {"adHoc": "G", "elements": ["A"]}]

    run = Run(line("p", ad_hoc("H", user("A"))), does={"activations": chosen})

    told = [record.data for _, record in run.lines if record.event == "discarded"]
    assert [one["reason"] for one in told] == [
        "no ad-hoc sub-process G is open",
        "no ad-hoc sub-process H is open",
    ]


@pytest.mark.parametrize(
    "activation",
    [
        {"elements": ["A"]},
        {"adHoc": "H"},
        {"adHoc": "H", "elements": []},
        {"adHoc": "H", "elements": "A"},
        {"adHoc": "H", "elements": ["A"], "after": "soon"},
        {"adHoc": "H", "elements": ["A"], "variables": 1},
    ],
)
def test_an_activation_of_another_form_is_refused(activation: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the script"):
        Script.from_json({"elements": {}, "activations": [activation]})

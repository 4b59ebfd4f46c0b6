"""How often an activity runs, and what is inside an ad-hoc sub-process (BPMN 2.0 §13.3.5–7)."""

from __future__ import annotations

from dataclasses import dataclass

from bpmn.model.events import ImplicitThrow


@dataclass(frozen=True)
class Loop:
    """Multi-instance characteristics (BPMN 2.0 §13.3.7, zeebe:loopCharacteristics).

    It has an `input_collection` or a `cardinality`; `behavior` says for which instances it `throws`.
    """

    sequential: bool
    input_collection: str
    input_element: str = ""
    output_collection: str = ""
    output_element: str = ""
    completion_condition: str = ""
    cardinality: str = ""
    behavior: str = "All"
    throws: tuple[ImplicitThrow, ...] = ()


@dataclass(frozen=True)
class StandardLoop:
    """Standard loop characteristics (BPMN 2.0 §13.3.6): again while `condition` holds, at most `maximum` times.

    An empty condition always holds; a `maximum` of 0 is none.
    """

    condition: str = ""
    test_before: bool = False
    maximum: int = 0


@dataclass(frozen=True)
class AdHoc:
    """How an ad-hoc sub-process goes on and ends (BPMN 2.0 §13.3.5, zeebe:adHoc).

    `active_elements` gives what is activated on entry, all where it is empty; `cancel_remaining` says whether what is
    active still is ended when the completion condition has become true, or waited for.
    """

    sequential: bool = False
    completion_condition: str = ""
    cancel_remaining: bool = True
    active_elements: str = ""
    output_collection: str = ""
    output_element: str = ""

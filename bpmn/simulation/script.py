"""What the people and systems around do in a run: how they answer tasks and jobs, and what they send from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn import timing
from bpmn.variables import unfit


@dataclass(frozen=True)
class Action:
    """What the script does with one activation of an element: complete, error, fail or wait.

    The jobs of an element's listeners are apart: `element:start`, `element:end`, `element:completing` and so on. A task
    listener may also deny, with a message. Its `result` (`bpmn.answers`) is what it corrects, and that of an ad-hoc
    sub-process's job what it activates; where the script says nothing, such a job says that all is done. A user task
    may be assigned (`result` is `{"assignee": …}`) or updated (to what `result` has), and is open still after that.
    """

    do: str = "complete"
    variables: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    message: str = ""
    after: str = ""
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """A message or signal from outside, `after` an ISO 8601 duration from the start."""

    name: str
    correlation_key: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    after: str = "PT0S"


@dataclass(frozen=True)
class Chosen:
    """Elements that people have begin in an ad-hoc sub-process, `after` an ISO 8601 duration from the start, each with
    these variables as its own."""

    ad_hoc: str
    elements: list[str]
    variables: dict[str, Any] = field(default_factory=dict)
    after: str = "PT0S"


@dataclass(frozen=True)
class Script:
    """What the people and systems around do. An element's actions are used in turn; after the last, the default."""

    elements: Mapping[str, list[Action]] = field(default_factory=dict)
    messages: list[Sent] = field(default_factory=list)
    signals: list[Sent] = field(default_factory=list)
    activations: list[Chosen] = field(default_factory=list)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Script:
        """`{"elements": {id: [{"do", "variables", "code", "message", "after", "result"}]}, "messages": [...],
        "signals": [...], "activations": [{"adHoc", "elements", "variables", "after"}]}`.

        Raises `ValueError` where the form is another.
        """
        try:
            elements = {name: [Action(**action) for action in actions] for name, actions in data["elements"].items()}
            messages = [_sent(one) for one in data.get("messages", [])]
            signals = [_sent(one) for one in data.get("signals", [])]
            activations = [_chosen(one) for one in data.get("activations", [])]
            actions = [action for some in elements.values() for action in some]
            everything: list[Action | Sent | Chosen] = [*actions, *messages, *signals, *activations]
            for one in everything:
                _check(one)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"the script has another form than expected ({error})") from None
        return cls(elements, messages, signals, activations)


_DOES = ("complete", "error", "fail", "deny", "assign", "update", "wait")


def _sent(data: Mapping[str, Any]) -> Sent:
    key = str(data.get("correlationKey", ""))
    return Sent(data["name"], key, data.get("variables", {}), data.get("after", "PT0S"))


def _chosen(data: Mapping[str, Any]) -> Chosen:
    return Chosen(data["adHoc"], data["elements"], data.get("variables", {}), data.get("after", "PT0S"))


def _check(one: Action | Sent | Chosen) -> None:
    if isinstance(one, Action) and one.do not in _DOES:
        raise ValueError(f"the script knows {', '.join(_DOES)}, not {one.do}")
    if isinstance(one, Action) and not isinstance(one.result, dict):
        raise ValueError(f"the script has the result {one.result}, which is no JSON object")
    if isinstance(one, Chosen) and not (isinstance(one.elements, list) and one.elements):
        raise ValueError(f"the script activates {one.elements} in {one.ad_hoc}, which is no list of elements")
    if one.after and not timing.is_duration(one.after):
        raise ValueError(f"the script has after {one.after}, which is no duration such as P1DT2H")
    if not isinstance(one.variables, dict):
        raise ValueError(f"the script has variables {one.variables}, which are no JSON object")
    if problem := unfit(one.variables):
        raise ValueError(f"the script has a variable that cannot be kept: {problem}")

"""People choose what is done next in an ad-hoc sub-process (BPMN 2.0 §13.3.5): its elements are activated by name.

That is the ordinary work of those whose lane the sub-process stands in, where the lane bears the names of departments;
elsewhere of everybody who works on the case. What is activated has candidates of its own: whoever chooses that
something is done need not be the one who does it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bpmn import events
from bpmn.commands import Command
from bpmn.graph import Node
from domain.acts import ActivateAdHoc, ActRefused, Refusal, check_named, wrong_field
from domain.ad_hoc import Choice, OpenAdHoc, Underway
from domain.departments import department_name, departments_named
from workflows.case import Case
from workflows.checks import check_awake, check_sizes


def opened(case: Case) -> list[OpenAdHoc]:
    """The ad-hoc sub-processes that are open, in the order in which they were entered."""
    keys = _keys(case)
    inside: dict[int, list[int]] = {key: [] for key in keys}
    for key, one in case.instance.instances.items():
        if one.parent in inside:
            inside[one.parent].append(key)
    return [_shown(case, key, inside[key]) for key in keys]


def _keys(case: Case) -> list[int]:
    return [key for key, one in case.instance.instances.items() if one.ad_hoc is not None]


def _shown(case: Case, key: int, inside: list[int]) -> OpenAdHoc:
    nodes, scope, node = case.instance.graph.nodes, case.instance.instances[key], _node(case, key)
    assert scope.ad_hoc is not None
    assert node.element.ad_hoc is not None
    return OpenAdHoc(
        str(key),
        node.id,
        _name(node),
        node.element.ad_hoc.sequential,
        case.instance.is_suspended(key),
        departments_named(node.element.lane),
        [_choice(nodes[element]) for element in case.instance.activatable(key)],
        [Underway(str(one), _node(case, one).id, _name(_node(case, one))) for one in inside],
        [_choice(nodes[one.element]) for one in scope.ad_hoc.later],
    )


def _name(node: Node) -> str:
    return node.name or node.id


def _choice(node: Node) -> Choice:
    return Choice(node.id, _name(node))


def _node(case: Case, key: int) -> Node:
    return case.instance.graph.nodes[case.instance.instances[key].element]


def _listed(case: Case, key: int) -> str:
    """What may be activated, for those who asked for something else."""
    nodes = case.instance.graph.nodes
    return "、".join(f"{_name(nodes[one])}（{one}）" for one in case.instance.activatable(key))


# -- the act -------------------------------------------------------------------------------------------------------


def _scope(case: Case, scope: str) -> int:
    """The key of the sub-process instance. Raises `ActRefused` where none of that key is open."""
    known = _keys(case)
    if scope not in map(str, known):
        there = "、".join(f"{_name(_node(case, key))}（编号 {key}）" for key in known)
        raise ActRefused(f"没有编号为 {scope} 的自选子流程，或它已经结束；在办的：{there or '无'}", Refusal.GONE)
    return int(scope)


def _check(case: Case, act: ActivateAdHoc, _now: datetime) -> None:
    check_named(act.by)
    key = _scope(case, act.scope)
    check_awake(case, key)
    node = _node(case, key)
    _check_chooses(node, act)
    if not (known := case.instance.activatable(key)):
        raise ActRefused(f"「{_name(node)}」即将结束，不能再启动其中的环节")
    if not act.elements:
        raise wrong_field("elements", f"未说明要启动的环节（elements）；可以启动的：{_listed(case, key)}")
    if strange := [one for one in act.elements if one not in known]:
        what = "、".join(dict.fromkeys(strange))
        raise wrong_field("elements", f"「{_name(node)}」中不能启动 {what}；可以启动的：{_listed(case, key)}")
    _check_count(case, key, len(act.elements))
    check_sizes(case, "variables", act.variables)


def _check_chooses(node: Node, act: ActivateAdHoc) -> None:
    departments = departments_named(node.element.lane)
    if departments and not set(act.groups) & set(departments):
        who = "、".join(map(department_name, departments))
        raise ActRefused(f"「{_name(node)}」中的环节由 {who} 启动，{act.by} 不在其中", Refusal.FORBIDDEN)


def _check_count(case: Case, key: int, more: int) -> None:
    """What is open at once in one workflow has a bound, as it has for multi-instance."""
    state, limit = case.instance.instances[key].ad_hoc, case.start.settings.open_bodies
    assert state is not None
    running = sum(one.parent == key for one in case.instance.instances.values())
    if running + len(state.later) + more > limit:
        raise ActRefused(f"「{_name(_node(case, key))}」中同时在办和待办的环节不能超过 {limit} 项")


def _activate(case: Case, act: ActivateAdHoc, channel: str, now: datetime) -> list[Command]:
    key, nodes = int(act.scope), case.instance.graph.nodes
    said = {"elements": act.elements, "names": [_name(nodes[one]) for one in act.elements]}
    case.note("act", now, key, act="activate", by=act.by, channel=channel, **said, variables=sorted(act.variables))
    return case.handle(events.ActivateAdHoc(key, tuple(act.elements), act.variables), now)


CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {ActivateAdHoc: _check}
ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {ActivateAdHoc: _activate}

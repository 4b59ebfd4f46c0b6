"""Plays the token game of a diagram before it runs, and tells what can go wrong with the way to it.

Each process, and each sub-process as a scope of its own, is explored as a net (`net`) that is made small first
(`reduction`) and then played in every way (`exploration`): whatever conditions may say, whatever may be caught. From
outside a sub-process, a call or a multi-instance activity is one step. What is found:

deadlock                 a token waits for ever at a join (BPMN 2.0 §13.4.2, §13.4.3)
lack of synchronisation  two tokens meet where no join makes one of them, and what follows is done twice
dead activity            no token ever comes to it

A complex gateway is played with both its phases (`phases`), an ad-hoc sub-process with what it activates on entry
(`ad_hoc`).

Data is not looked at: where conditions exclude each other by what they say, a finding may be one that never happens.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.definition import Definition
from bpmn.faults import Fault
from bpmn.model import Element, Process, is_activity
from bpmn.soundness.building import net_of, scopes
from bpmn.soundness.endings import Endings
from bpmn.soundness.exploration import MAX_STATES, Exploration, Finding, Findings
from bpmn.soundness.net import Net
from bpmn.soundness.reduction import reduce
from bpmn.soundness.telling import path_to, sources_missing

__all__ = ["MAX_STATES", "check_soundness"]


def check_soundness(definition: Definition) -> Iterator[Fault]:
    """A warning for everything that the token game finds wrong, or that a scope is too large for it."""
    for process in definition.processes.values():
        ends = Endings(definition, process)
        for scope in scopes(process):
            net = net_of(process, scope, ends)
            reduce(net)
            work = frozenset(e.id for e in process.elements.values() if _works(e))
            yield from _told(process, scope, net, Exploration(net, work).explore())


def _works(e: Element) -> bool:
    return is_activity(e.kind) or (e.kind.endswith("Event") and e.event_kind != "none")


def _told(process: Process, scope: str, net: Net, findings: Findings) -> Iterator[Fault]:
    for finding in findings.stuck.values():
        yield _deadlock(process, net, finding)
    for finding in findings.doubled.values():
        yield _doubled(process, net, finding)
    dead = [e for e in process.elements.values() if e.id in findings.dead and _works(e)]
    if dead:
        names = ", ".join(e.name or e.id for e in dead)
        problem = f"no token ever comes to {names}"
        yield _fault(process, dead[0].id, problem, "connect it to a way from a start event, or remove it")
    if not findings.decided:
        problem = f"whether it is sound is not decided: more than {MAX_STATES} states"
        yield _fault(process, scope, problem, "divide it into sub-processes")


def _deadlock(process: Process, net: Net, finding: Finding) -> Fault:
    if condition := net.nodes[finding.node].condition:
        problem = f"deadlock: what has come here never fulfils {condition}, by {path_to(process, net, finding)}"
        return _fault(process, finding.node, problem, "let the condition be true of what can come, or let more come")
    missing = " and ".join(sources_missing(process, net, finding)) or "another way"
    problem = f"deadlock: a token can wait here for ever for one from {missing}, by {path_to(process, net, finding)}"
    return _fault(process, finding.node, problem, "let a token come by every flow into the join, or merge exclusively")


def _doubled(process: Process, net: Net, finding: Finding) -> Fault:
    problem = f"two tokens can be here at once, and what follows is done twice, by {path_to(process, net, finding)}"
    return _fault(process, finding.node, problem, "join what runs in parallel with a parallel or inclusive gateway")


def _fault(process: Process, element: str, problem: str, remedy: str) -> Fault:
    e = process.elements.get(element)
    line, name = (e.line, e.name) if e else (process.line, process.name)
    return Fault(process.file, line, element, name, problem, remedy)

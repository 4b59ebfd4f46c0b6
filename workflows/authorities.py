"""User tasks that only one level may do: a diagram names the matter, the table of authorities says whose it is.

    <zeebe:property name="authority" value="connection_review"/>
    <zeebe:property name="projectKind" value="bay_extension"/>       fixed, FEEL (`=projectKind`), or left out

The diagram offers the task to the department that the FEEL function `authority` gives it, and moves it when that is
another one: by a boundary timer for the day after `until`, and by a boundary event for the message `authority_changed`
(correlation key: the case number), which the case sends itself when it is given another table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from bpmn import commands
from bpmn.feel import BudgetExceeded, Environment, FeelSyntaxError, compile_expression
from bpmn.model import Element, Process
from domain.acts import ActRefused, Refusal, wrong_field
from domain.authority import ANY_KIND, MATTERS, PROJECT_KINDS, Authority, NoAuthority
from domain.business_time import instant
from domain.calendar import shanghai_date
from domain.departments import full_name
from workflows.case import Case

CHANGED = "authority_changed"
"""The message that moves tasks."""
MATTER, KIND = "authority", "projectKind"
"""The properties of a task."""


@dataclass(frozen=True)
class Question:
    """What a task asks of the table."""

    case: Case
    matter: str
    kind: str

    def at(self, day: date) -> Authority:
        """Whose it is on a day. Raises `NoAuthority`."""
        if self.case.authorities is None:
            raise NoAuthority("本案没有授权表，无法判断由谁办理")
        return self.case.authorities.at(self.matter, self.case.start.case.voltage_kv, day, self.kind)


def check_level(
    case: Case, task: commands.OpenUserTask, groups: list[str], now: datetime, happened_at: str = ""
) -> None:
    """Raises `ActRefused`, naming the rule, where those departments do not have the authority that the task needs.

    They must have it today, and on the day on which the step is said to have happened: an approval is neither backdated
    nor put off into days on which another level decides.
    """
    question = _asked(case, task, now)
    if question is None:
        return
    try:
        today = question.at(shanghai_date(now))
    except NoAuthority as error:
        raise ActRefused(str(error)) from None
    if today.department not in groups:
        raise ActRefused(f"{today.rule}，{_names(groups)}不能办理", Refusal.FORBIDDEN)
    if today.department not in task.candidate_groups:
        offered = _names(task.candidate_groups)
        raise ActRefused(f"{today.rule}；任务「{task.name}」现派给{offered}，须待流程移交后办理")
    if happened_at:
        _check_then(question, today, shanghai_date(instant(happened_at)))


def _check_then(question: Question, today: Authority, day: date) -> None:
    try:
        then = question.at(day)
    except NoAuthority as error:
        raise wrong_field("happened_at", str(error)) from None
    if then.department != today.department:
        who = full_name(today.department)
        raise wrong_field("happened_at", f"业务时间{day.isoformat()}：{then.rule}，{who}不能办理")


def _asked(case: Case, task: commands.OpenUserTask, now: datetime) -> Question | None:
    properties = case.instance.graph.nodes[task.element].element.properties
    if MATTER not in properties:
        return None
    return Question(case, properties[MATTER], _kind(case, task, properties.get(KIND, ANY_KIND), now))


def _kind(case: Case, task: commands.OpenUserTask, text: str, now: datetime) -> str:
    """The kind of project, fixed or computed; one that is null does not matter."""
    if not text.startswith("="):
        return text
    environment = Environment(now, case.options.zone, case.functions, case.options.budget)
    try:
        expression = compile_expression(text[1:], frozenset(case.functions))
        value = expression.evaluate(case.instance.variables(task.key), environment).value
    except (BudgetExceeded, FeelSyntaxError) as error:
        raise ActRefused(f"任务「{task.name}」的项目类别 {text} 无法计算：{error}") from None
    if not isinstance(value, str | None):
        raise ActRefused(f"任务「{task.name}」的项目类别 {text} 得到 {value}，应为文字")
    return value or ANY_KIND


def _names(groups: list[str] | tuple[str, ...]) -> str:
    return "、".join(map(full_name, groups)) or "无部门的账号"


# -- diagrams ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TaskFault:
    """What is wrong with a task that needs an authority, and what would be right."""

    element: Element
    problem: str
    remedy: str


def task_faults(process: Process) -> Iterator[TaskFault]:
    """What is wrong with the tasks of a diagram that need an authority: to be asked when it is deployed."""
    for element in process.elements.values():
        if MATTER in element.properties:
            for problem, remedy in _faults(process, element):
                yield TaskFault(element, problem, remedy)


def _faults(process: Process, element: Element) -> Iterator[tuple[str, str]]:
    matter, kind = element.properties[MATTER], element.properties.get(KIND, ANY_KIND)
    if element.user is None:
        yield "only user tasks need an authority", f"remove the property {MATTER}"
        return
    if matter not in MATTERS:
        yield f"there is no authority for {matter!r}", f"one of {', '.join(MATTERS)}"
    if kind and not kind.startswith("=") and kind not in PROJECT_KINDS:
        yield f"there is no project kind {kind!r}", f"one of {', '.join(PROJECT_KINDS)}, FEEL, or none"
    if problem := _syntax_problem(kind):
        yield f"the project kind is no FEEL: {problem}", "mend the expression"
    if not element.user.candidate_groups:
        yield "it is offered to no department", f"give it the candidate groups that the function {MATTER} tells"
    caught = list(_interruptions(process, element))
    if not any(one.event and one.event.message and one.event.message.name == CHANGED for one in caught):
        yield "it stays where it is when the table of authorities changes", f"an interrupting event for {CHANGED}"
    if not any(one.event and one.event.timer for one in caught):
        yield "it stays where it is when a delegation ends", "an interrupting timer for the day after `until`"


def _syntax_problem(text: str) -> str:
    if not text.startswith("="):
        return ""
    try:
        compile_expression(text[1:])
    except FeelSyntaxError as error:
        return str(error)
    return ""


def _interruptions(process: Process, element: Element) -> Iterator[Element]:
    """The events that end an element or what surrounds it: at its boundary, and starts of event sub-processes."""
    around = [element.id]
    while (scope := process.elements.get(around[-1])) is not None:
        around.append(scope.scope)
    for one in process.elements.values():
        parent = process.elements.get(one.scope)
        begins = one.kind == "startEvent" and parent is not None and parent.triggered_by_event
        place = parent.scope if begins and parent else one.attached_to
        if one.interrupting and place in around:
            yield one

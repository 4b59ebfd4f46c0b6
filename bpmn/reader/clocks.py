"""The clocks of a process: `yekuo:clock`, on the process or on one of its activities.

On an activity it runs from the activation of each instance to its completion. On the process it says by what it runs:

    <yekuo:clock id="reply" name="供电方案答复" limit="reply">
      <yekuo:start element="accept_application" on="completed" />
      <yekuo:stop element="reply_plan" on="completed" />
    </yekuo:clock>

`yekuo:reopen` starts a stopped one again, from the same start; `yekuo:resume` goes on with what was left of it, the
time between being somebody else's; a `yekuo:milestone` is a point on its way with a limit of its own, and one that
`outlasts` it goes on when it has stopped. `passTo` names the call activity whose process goes on with it, under the
same id and without a start of its own; `counts` the starting element that begins the limit where several do;
`department` is who answers for it. `yekuo:delay` names an element that explains why it is late, for as long as that
lasts: `<yekuo:delay element="wait" cause="materials_shortage" text="shortageText" />`, where `text` is a variable; the
clock counts on. One with `until="other"` begins with the completion of its element, such as a message that was caught,
and lasts until the other has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bpmn.clocks import Clock, Delay, Milestone, Trigger
from bpmn.model import Element, is_activity
from bpmn.reader.collector import Collector
from bpmn.reader.namespaces import YEKUO
from bpmn.xml import Tag

_MOMENTS = ("activated", "completed", "terminated")
_ATTRIBUTES = ("id", "name", "limit", "passTo", "department", "counts", "restarts")
_CHILDREN = ("start", "stop", "reopen", "resume", "milestone", "delay")


def read_clocks(
    found: Iterable[tuple[Tag, Tag]], elements: Mapping[str, Element], collector: Collector
) -> tuple[Clock, ...]:
    """The clocks of a process, each found with the element that carries it; what is wrong with them is collected."""
    clocks: dict[str, Clock] = {}
    for owner, tag in found:
        clock = _read(owner, tag, elements, collector)
        if clock.id in clocks:
            collector.tag(tag, f"clock {clock.id} stands twice in the process", "give each an id of its own", owner)
        clocks[clock.id] = clock
    return tuple(clocks.values())


def _read(owner: Tag, tag: Tag, elements: Mapping[str, Element], collector: Collector) -> Clock:
    _check_parts(owner, tag, collector)
    if owner.name == "process":
        return _of_process(owner, tag, elements, collector)
    return _of_activity(owner, tag, collector)


def _check_parts(owner: Tag, tag: Tag, collector: Collector) -> None:
    if not tag.get("limit"):
        collector.tag(tag, "yekuo:clock names no limit", "name a row of the table of limits", owner)
    for name in tag.attributes:
        if name not in _ATTRIBUTES:
            problem = f"attribute {name} of yekuo:clock is unknown"
            collector.tag(tag, problem, f"known are {', '.join(_ATTRIBUTES)}", owner)
    for child in tag.children:
        if child.namespace != YEKUO or child.name not in _CHILDREN:
            collector.tag(child, f"{child.name} in yekuo:clock is unknown", f"known are {', '.join(_CHILDREN)}", owner)


def _of_activity(owner: Tag, tag: Tag, collector: Collector) -> Clock:
    id_ = owner.get("id")
    if not is_activity(owner.name) or tag.children or tag.get("passTo"):
        problem = "a clock of an activity runs from its activation to its completion"
        collector.tag(tag, problem, "put one that starts or stops otherwise on the process", owner)
    name = tag.get("name") or " ".join(owner.get("name").split()) or id_
    starts, stops = (Trigger(id_, "activated"),), (Trigger(id_, "completed"),)
    department = tag.get("department")
    return Clock(tag.get("id") or id_, name, tag.get("limit"), starts, stops, activity=id_, department=department)


def _of_process(owner: Tag, tag: Tag, elements: Mapping[str, Element], collector: Collector) -> Clock:
    if not tag.get("id"):
        collector.tag(tag, "the clock has no id", "give it one", owner)
    passed_to = tag.get("passTo")
    if passed_to and (passed_to not in elements or elements[passed_to].call is None):
        problem = f"clock {tag.get('id')} is passed to {passed_to}, which is no call activity of this process"
        collector.tag(tag, problem, "name the call activity whose process goes on with it", owner)
    clock = Clock(
        id=tag.get("id"),
        name=tag.get("name") or tag.get("id"),
        limit=tag.get("limit"),
        starts=_triggers(owner, tag, "start", elements, collector),
        stops=_triggers(owner, tag, "stop", elements, collector),
        reopens=_triggers(owner, tag, "reopen", elements, collector),
        resumes=_triggers(owner, tag, "resume", elements, collector),
        milestones=_milestones(owner, tag, elements, collector),
        delays=_delays(owner, tag, elements, collector),
        passed_to=passed_to,
        department=tag.get("department"),
        counts=tag.get("counts"),
        restarts=tag.get("restarts") == "true",
    )
    if clock.counts and clock.counts not in [trigger.element for trigger in clock.starts]:
        problem = f"clock {clock.id} counts from {clock.counts}, which does not start it"
        collector.tag(tag, problem, "name the element of one of its starts", owner)
    if not clock.stops and not passed_to:
        collector.tag(tag, f"clock {clock.id} never stops", "give it a yekuo:stop, or pass it on", owner)
    return clock


def _milestones(owner: Tag, tag: Tag, elements: Mapping[str, Element], collector: Collector) -> tuple[Milestone, ...]:
    found = []
    for child, stop in zip(
        tag.all("milestone", YEKUO), _triggers(owner, tag, "milestone", elements, collector), strict=True
    ):
        if not child.get("id") or not child.get("limit"):
            problem = f"clock {tag.get('id')}: a milestone needs an id and a limit"
            collector.tag(child, problem, "name it, and a row of the table of limits", owner)
        if child.get("outlasts") not in ("", "true", "false"):
            problem = f"clock {tag.get('id')}: outlasts of a milestone is «{child.get('outlasts')}»"
            collector.tag(child, problem, "choose true or false", owner)
        outlasts = child.get("outlasts") == "true"
        name = child.get("name") or child.get("id")
        found.append(Milestone(child.get("id"), name, child.get("limit"), stop, outlasts))
    return tuple(found)


def _delays(owner: Tag, tag: Tag, elements: Mapping[str, Element], collector: Collector) -> tuple[Delay, ...]:
    delays = []
    for child in tag.all("delay", YEKUO):
        element, cause = child.get("element"), child.get("cause")
        if element not in elements:
            problem = f"clock {tag.get('id')}: delay names {element or 'no element'}, which is not in this process"
            collector.tag(child, problem, "name one of its elements by id", owner)
        if not cause:
            collector.tag(child, f"clock {tag.get('id')}: the delay names no cause", "give it a cause", owner)
        if (until := child.get("until")) and until not in elements:
            problem = f"clock {tag.get('id')}: the delay lasts until {until}, which is not in this process"
            collector.tag(child, problem, "name one of its elements by id", owner)
        delays.append(Delay(element, cause, child.get("text"), until))
    return tuple(delays)


def _triggers(
    owner: Tag, tag: Tag, kind: str, elements: Mapping[str, Element], collector: Collector
) -> tuple[Trigger, ...]:
    triggers = []
    for child in tag.all(kind, YEKUO):
        element, moment = child.get("element"), child.get("on")
        if element not in elements:
            problem = f"clock {tag.get('id')}: {kind} names {element or 'no element'}, which is not in this process"
            collector.tag(child, problem, "name one of its elements by id", owner)
        if moment not in _MOMENTS:
            problem = f"clock {tag.get('id')}: {kind} on «{moment}» is no moment of an element"
            collector.tag(child, problem, f"choose {' or '.join(_MOMENTS)}", owner)
        triggers.append(Trigger(element, moment))
    return tuple(triggers)

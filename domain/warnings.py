"""What officers are told of a clock, subject and text in Chinese: of a level of the ladder that it has reached
(domain.md §5.2), or of a due date that was moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain import moved
from domain.business_time import instant, spoken
from domain.clock import Clock, Outcome
from domain.posts import Vacancy

_PROVISIONAL = "（暂定，放假安排尚未公告）"
_LEARNED_LATE = "补录：系统获知时该时点已过。"
_DONE_THEN = "补录：后来的记录表明事项当时已经办结。此前的通知保留，无须再办理。"
_NOTHING_TO_DO = "无须再办理。"
_OF_AN_ORDER = ("L2", "L3", "L4")
_ASKED = {
    "L0": "请按期办理。",
    "L1": "请确认收到，并安排人手按期办结；确认后不再重复提醒，期限照常计算。",
    "L2": "请在一个工作日内答复督办单：说明原因（客户、业务人员、电网受限、政策、系统），并给出新的承诺日期。",
    "L3": "该事项已列入督办，请分管领导协调，并督促责任部门答复。",
    "L4": "该事项将列入周通报，并移送稽查核查。",
}


def subject(raised: Mapping[str, Any], case_no: str) -> str:
    """One line for lists: level, clock, case.

    `raised` is the JSON of a `domain.escalation.Escalation` or of a `domain.moved.DueMoved`.
    """
    mark = "（补录）" if raised.get("takenBack") else "（重复）" if raised["repeat"] else ""
    return f"{raised['title']}{mark}：{raised['name']}（{case_no}）"


def text(raised: Mapping[str, Any], summary: str, order: str = "") -> str:
    """The whole message: the case in one line, what is due when, how it stands, what is asked, the id of the clock.

    `order` is the number of the clock's supervision order, where it has one.
    """
    told = _moved if raised["level"] == moved.KIND else _level
    return "\n".join([*told(raised, summary, order), f"期限编号：{raised['clock']}"])


def vacancy(vacant: Vacancy, summary: str, case_no: str) -> tuple[str, str]:
    """Subject and text of what the service centre is told where a level went to nobody or to another post."""
    return f"岗位空缺：{vacant.seat.title}（{case_no}）", f"{summary}\n{vacant.sentence()}\n请在岗位表中补上人员。"


def since_then(clock: Clock, kind: str, *, taken_back: bool) -> str:
    """The line above a message of that kind that goes out after its clock has ended; empty while that runs.

    A supervision order is still to be answered, unless its level was taken back.
    """
    if clock.ended is None or clock.outcome is Outcome.PASSED_ON:
        return ""
    if clock.outcome is Outcome.DROPPED:
        return f"该事项已于{spoken(clock.ended)}终止，{_NOTHING_TO_DO}"
    asks = kind in _OF_AN_ORDER and not taken_back
    return f"该事项已于{spoken(clock.ended)}办结" + ("。" if asks else f"，{_NOTHING_TO_DO}")


def _level(raised: Mapping[str, Any], summary: str, order: str) -> list[str]:
    provisional = _PROVISIONAL if raised["provisional"] else ""
    lines = [
        summary,
        f"期限：{raised['name']}，{spoken(instant(raised['due']))}前办结{provisional}。",
        f"状态：{raised['colour']}，{raised['level']} {raised['title']}，{spoken(instant(raised['at']))}达到。",
        *([f"督办单：{order}。"] if order else []),
    ]
    if raised.get("takenBack"):
        return [*lines, _DONE_THEN]
    return [*lines, _ASKED[raised["level"]], *([_LEARNED_LATE] if raised["backdated"] else [])]


def _moved(raised: Mapping[str, Any], summary: str, _order: str) -> list[str]:
    days = raised["days"]
    by_how_much = f"，{'推迟' if days > 0 else '提前'}{abs(days)}天" if days else ""
    before = f"原定{spoken(instant(raised['previous']))}前办结，" if raised["previous"] else ""
    if raised["due"]:
        provisional = _PROVISIONAL if raised["provisional"] else ""
        now = f"现为{spoken(instant(raised['due']))}前办结{provisional}{by_how_much}。"
    else:
        now = "现无期限规定。"
    who = f"调整人：{raised['by']}；" if raised["by"] else ""
    return [
        summary,
        f"期限：{raised['name']}，{before}{now}",
        f"{who}理由：{raised['reason']}。",
        "请按新的期限办理；新的期限临近时重新提醒，已发出的督办单仍须答复。",
    ]

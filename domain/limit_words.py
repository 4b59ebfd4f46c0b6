"""What the journal's records of limits and of escalations say to people: clocks, levels, supervision orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.levels import Level
from domain.orders import Cause
from domain.records import Record
from domain.said import Said, Sentence, more

_CLOCK_EN: Mapping[str, str] = {
    "起算": "starts",
    "截止": "stops",
    "取消": "is dropped",
    "移交": "is handed on",
    "恢复": "goes on",
    "调整": "is due at another time",
    "确认": "is due as said",
    "延误": "is held up",
    "延误消除": "is held up no more",
}


def _clock(said: Said) -> Sentence:
    kind = said.text("kind")
    due = said.when("due") if kind in ("起算", "恢复", "调整", "确认") else ""
    due_en = said.when_en("due") if due else ""
    reason = said.text("reason")
    uncertain = bool(due) and said.value("provisional") is True
    until = f"{more('，截止', due)}{'（暂定）' * uncertain}"
    return Sentence(
        f"期限「{said.clock}」{kind}于{said.when('at')}{until}{more('：', reason)}",
        f"The limit “{said.clock}” {_CLOCK_EN.get(kind, kind)} at {said.when_en('at')}{more(', due ', due_en)}"
        f"{' (provisional)' * uncertain}{more(': ', reason)}",
    )


def _level(said: Said) -> str:
    code = said.text("level")
    return f"{code} {Level[code].title}" if code in Level.__members__ else code


def _escalated(said: Said) -> Sentence:
    if "level" not in said.record.data:
        code, caller = said.text("code"), said.value("toCaller") is True
        return Sentence(
            f"「{said.step}」上报{code}{'（转上级流程）' if caller else ''}",
            f"“{said.step}” escalates {code}{' to the calling process' if caller else ''}",
        )
    if said.value("takenBack") is True:
        return Sentence(
            f"期限「{said.clock}」的{_level(said)}因补录撤销",
            f"{said.text('level')} of “{said.clock}” is taken back: it was in time",
        )
    again = said.value("repeat")
    late = "（补录）" if said.value("backdated") is True else ""
    return Sentence(
        f"期限「{said.clock}」{'再次' if again else ''}达到{_level(said)}{late}，截止{said.when('due')}",
        f"“{said.clock}” reached {said.text('level')}{' again' if again else ''}, due {said.when_en('due')}",
    )


def _acknowledged(said: Said) -> Sentence:
    return Sentence(
        f"{said.who()}已阅知期限「{said.clock}」的{_level(said)}",
        f"{said.who_en()} has seen {said.text('level')} of “{said.clock}”",
    )


def _ordered(said: Said) -> Sentence:
    number = said.text("number")
    return Sentence(
        f"就期限「{said.clock}」签发督办单{number}", f"Supervision order {number} is issued for “{said.clock}”"
    )


_CAUSES: Mapping[str, str] = {one.value: one.title for one in Cause}


def _answered(said: Said) -> Sentence:
    given = said.value("answer")
    answer = Said(
        Record(0, "", "", "", "", "", data=given if isinstance(given, dict) else {}), said.name_of, said.clock_of
    )
    cause, number = answer.text("cause"), said.text("number")
    named = _CAUSES.get(cause, cause)
    return Sentence(
        f"{said.who()}答复督办单{number}：原因{named}，承诺{answer.when('promised')}{more('，', answer.text('text'))}",
        f"{said.who_en()} answered order {number}: cause {cause}, promised {answer.when_en('promised')}"
        f"{more(', ', answer.text('text'))}",
    )


def _third_yellow(said: Said) -> Sentence:
    return Sentence(f"期限「{said.clock}」为连续第三次黄色预警", f"“{said.clock}” is the third yellow in a row")


def _bulletin(said: Said) -> Sentence:
    return Sentence(f"期限「{said.clock}」列入周通报", f"“{said.clock}” comes onto the red list of the week")


def _took_over(said: Said) -> Sentence:
    return Sentence(
        f"接续上级流程的期限「{said.clock}」", f"The limit “{said.clock}” of the calling process goes on here"
    )


LIMIT_WORDS: Mapping[str, Callable[[Said], Sentence]] = {
    "clock": _clock,
    "escalated": _escalated,
    "acknowledged": _acknowledged,
    "ordered": _ordered,
    "answered": _answered,
    "third yellow": _third_yellow,
    "bulletin": _bulletin,
    "took over": _took_over,
}

"""What the journal says of tasks, and of what people have done to them and to the case."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.departments import department_name
from domain.said import Said, Sentence, lateness, more

# -- tasks ---------------------------------------------------------------------------------------------------------


def _opened(said: Said) -> Sentence:
    groups = said.texts("candidateGroups")
    people = [said.who("assignee")] if said.text("assignee") else said.people("candidateUsers")
    to = "、".join([*map(department_name, groups), *people])
    to_en = ", ".join([*groups, *people])
    return Sentence(
        f"「{said.step}」待办{more('，由', to)}{'办理' if to else ''}",
        f"“{said.step}” is to be done{more(' by ', to_en)}",
    )


def _closed(said: Said) -> Sentence:
    if said.text("outcome") == "completed":
        return Sentence(f"{said.who()}办结「{said.step}」", f"{said.who_en()} has completed “{said.step}”")
    return Sentence(f"「{said.step}」不再需要办理", f"“{said.step}” need not be done any more")


def _claimed(said: Said) -> Sentence:
    return Sentence(f"{said.who()}领办「{said.step}」", f"{said.who_en()} takes on “{said.step}”")


def _released(said: Said) -> Sentence:
    return Sentence(f"{said.who()}退还「{said.step}」", f"{said.who_en()} gives “{said.step}” back")


def _transferred(said: Said) -> Sentence:
    to, reason = "、".join(said.people("to")), said.text("reason")
    return Sentence(
        f"{said.who()}将「{said.step}」转办给{to}{more('：', reason)}",
        f"{said.who_en()} hands “{said.step}” over to {to}{more(': ', reason)}",
    )


def _reminded(said: Said) -> Sentence:
    text = said.text("text")
    return Sentence(
        f"{said.who()}催办「{said.step}」{more('：', text)}",
        f"{said.who_en()} urges “{said.step}”{more(': ', text)}",
    )


def _copied(said: Said) -> Sentence:
    to, text = said.people("to"), said.text("text")
    return Sentence(
        f"{said.who()}将「{said.step}」抄送{'、'.join(to)}{more('：', text)}",
        f"{said.who_en()} copies “{said.step}” to {', '.join(to)}{more(': ', text)}",
    )


def _skipped(said: Said) -> Sentence:
    reason = said.text("reason")
    return Sentence(
        f"{said.who()}跳过「{said.step}」{more('：', reason)}",
        f"{said.who_en()} skips “{said.step}”{more(': ', reason)}",
    )


def _changed(said: Said) -> str:
    changes = said.record.data.get("changes")
    return "、".join(changes) if isinstance(changes, dict) else ""


def _reassigned(said: Said) -> Sentence:
    return Sentence(f"「{said.step}」的处理人已变更", f"“{said.step}” is assigned anew")


def _updated(said: Said) -> Sentence:
    what = _changed(said)
    return Sentence(
        f"{said.who()}变更「{said.step}」{more('：', what)}", f"{said.who_en()} changed “{said.step}”{more(': ', what)}"
    )


def _denied(said: Said) -> Sentence:
    reason = said.text("reason")
    return Sentence(
        f"「{said.step}」被监听退回{more('：', reason)}", f"A listener denied “{said.step}”{more(': ', reason)}"
    )


# -- acts ----------------------------------------------------------------------------------------------------------


def _act(said: Said) -> Sentence:
    return _ACTS.get(said.text("act"), _other_act)(said)


def _other_act(said: Said) -> Sentence:
    act = said.text("act")
    return Sentence(f"{said.who()}对「{said.step}」作{act}操作", f"{said.who_en()} did {act} to “{said.step}”")


def _claim(said: Said) -> Sentence:
    return Sentence(f"{said.who()}要求领办「{said.step}」", f"{said.who_en()} asks for “{said.step}”")


def _release(said: Said) -> Sentence:
    return Sentence(f"{said.who()}要求退还「{said.step}」", f"{said.who_en()} asks to give “{said.step}” back")


def _transfer(said: Said) -> Sentence:
    to, reason = "、".join(said.people("to")), said.text("reason")
    return Sentence(
        f"{said.who()}要求将「{said.step}」转办给{to}{more('：', reason)}",
        f"{said.who_en()} asks to hand “{said.step}” over to {to}{more(': ', reason)}",
    )


def _update_task(said: Said) -> Sentence:
    what, reason = _changed(said), said.text("reason")
    return Sentence(
        f"{said.who()}要求变更「{said.step}」的{what}{more('：', reason)}",
        f"{said.who_en()} asks to change {what} of “{said.step}”{more(': ', reason)}",
    )


def _complete(said: Said) -> Sentence:
    late, late_en = lateness(said)
    return Sentence(f"{said.who()}办结「{said.step}」{late}", f"{said.who_en()} completed “{said.step}”{late_en}")


def _resolve_incident(said: Said) -> Sentence:
    names = said.texts("variables")
    return Sentence(
        f"{said.who()}处理「{said.step}」的异常并重试{more('，改正了', '、'.join(names))}",
        f"{said.who_en()} retried “{said.step}”{more(', with ', ', '.join(names))}",
    )


def _message(said: Said) -> Sentence:
    message = said.text("message")
    return Sentence(f"{said.who()}发来消息{message}", f"{said.who_en()} sent the message {message}")


def _activate(said: Said) -> Sentence:
    elements = said.texts("names") or said.texts("elements")
    return Sentence(
        f"{said.who()}启动「{said.step}」中的{''.join(f'「{one}」' for one in elements)}",
        f"{said.who_en()} had {', '.join(f'“{one}”' for one in elements)} begin in “{said.step}”",
    )


def _move_deadline(said: Said) -> Sentence:
    reason = said.text("reason")
    before, after = said.when_en("previous"), said.when_en("due")
    return Sentence(
        f"{said.who()}将期限「{said.clock}」由{said.when('previous')}调整为{said.when('due')}{more('：', reason)}",
        f"{said.who_en()} moved “{said.clock}” from {before} to {after}{more(': ', reason)}",
    )


def _new_calendar(said: Said) -> Sentence:
    remark, years = said.text("remark"), "、".join(said.texts("years"))
    return Sentence(
        f"{said.who()}送来新的放假安排{more('（', years)}{'年）' if years else ''}{more('：', remark)}",
        f"{said.who_en()} sent a new calendar{more(' for ', years)}{more(': ', remark)}",
    )


def _new_authority(said: Said) -> Sentence:
    remark, changes = said.text("remark"), "；".join(said.texts("changes"))
    return Sentence(
        f"{said.who()}送来新的授权表{more('（', changes)}{'）' if changes else ''}{more('：', remark)}",
        f"{said.who_en()} sent a new table of authorities{more(': ', remark)}{more('; ', changes)}",
    )


def _refused(said: Said) -> Sentence:
    act, reason = said.text("act"), said.text("reason")
    return Sentence(f"未接受{said.who()}的{act}操作：{reason}", f"{act} by {said.who_en()} was refused: {reason}")


_ACTS: Mapping[str, Callable[[Said], Sentence]] = {
    "complete": _complete,
    "claim": _claim,
    "release": _release,
    "transfer": _transfer,
    "update_task": _update_task,
    "resolve_incident": _resolve_incident,
    "message": _message,
    "activate": _activate,
    "move_deadline": _move_deadline,
    "new_calendar": _new_calendar,
    "new_authority": _new_authority,
}

TASK_WORDS: Mapping[str, Callable[[Said], Sentence]] = {
    "denied": _denied,
    "assigned": _reassigned,
    "updated": _updated,
    "opened": _opened,
    "closed": _closed,
    "claimed": _claimed,
    "released": _released,
    "transferred": _transferred,
    "reminded": _reminded,
    "copied": _copied,
    "skipped": _skipped,
    "act": _act,
    "refused": _refused,
}
"""Event -> sentence."""

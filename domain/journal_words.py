"""The journal in words: what each record says to people, in Chinese and in English.

One table, event -> sentence. A record whose event is not in it, or whose data are of another form than expected, still
has a sentence: a journal is read long after the program that wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.business_time import HAPPENED_AT
from domain.limit_words import LIMIT_WORDS
from domain.records import Record
from domain.said import PROCESS, Said, Sentence, lateness, more
from domain.task_words import TASK_WORDS

NOISE = frozenset(
    {
        "activated",
        "completed",
        "terminated",
        "closed",
        "decided",
        "warned",
        "read",
        "written",
        "scheduled",
        "subscribed",
        "unsubscribed",
        "buffered",
        "kept",
        "listened",
        "directed",
        "assigned",
        "unscheduled",
        "migrated",
        "adopted",
        "unexpected report",
        "too late",
    }
)
"""Events of single elements that only who follows the engine wants to see; of a whole process they matter."""


def is_important(record: Record) -> bool:
    """Whether a record tells people something of the case, not only of an element."""
    return record.event not in NOISE or record.type == PROCESS


def words(record: Record, name_of: Callable[[str], str] = str, clock_of: Callable[[str], str] = str) -> Sentence:
    """What the record says; `name_of` gives the name of an account, `clock_of` that of a clock by its id."""
    said = Said(record, name_of, clock_of)
    return _WORDS.get(record.event, _other)(said)


def _other(said: Said) -> Sentence:
    about = more("：", said.step)
    return Sentence(f"{said.record.event}{about}", f"{said.record.event}{more(': ', said.step)}")


# -- the process and its elements ----------------------------------------------------------------------------------


def _case(said: Said) -> Sentence:
    customer, title = said.text("customer"), said.text("title") or said.step
    number, version, (late, late_en) = said.text("case_no"), said.text("version"), lateness(said)
    return Sentence(
        f"收到{customer}的申请，工单{number}，流程「{title}」第{version}版{late}",
        f"Case {number} opened{more(' for ', customer)}: {title}, version {version}{late_en}",
    )


def _stage(said: Said) -> Sentence:
    return Sentence(f"进入环节「{said.text('stage')}」", f"Stage “{said.text('stage')}” begins")


def _activated(said: Said) -> Sentence:
    return Sentence(f"「{said.step}」开始", f"“{said.step}” begins")


def _completed(said: Said) -> Sentence:
    if said.whole:
        return Sentence(f"流程「{said.step}」办结", f"The process “{said.step}” is completed")
    happened = said.when(HAPPENED_AT)
    return Sentence(
        f"「{said.step}」完成{more('（实际发生于', happened)}{'）' if happened else ''}",
        f"“{said.step}” is done{more(', really at ', said.when_en(HAPPENED_AT))}",
    )


def _terminated(said: Said) -> Sentence:
    what = ("流程", "The process ") if said.whole else ("", "")
    return Sentence(f"{what[0]}「{said.step}」终止", f"{what[1]}“{said.step}” is terminated")


def _cancelled(said: Said) -> Sentence:
    reason = said.text("reason")
    return Sentence(
        f"流程「{said.step}」被取消{more('：', reason)}",
        f"The process “{said.step}” is cancelled{more(': ', reason)}",
    )


def _decided(said: Said) -> Sentence:
    rules = "、".join(said.texts("rules"))
    return Sentence(
        f"「{said.step}」按决策{said.text('decision')}得出{said.text('value')}{more('，命中规则', rules)}",
        f"“{said.step}”: decision {said.text('decision')} gave {said.text('value')}{more(', by rules ', rules)}",
    )


def _warned(said: Said) -> Sentence:
    problems = "；".join(said.texts("problems"))
    return Sentence(
        f"「{said.step}」的表达式{said.text('expression')}没有结果：{problems}",
        f"“{said.step}”: the expression {said.text('expression')} gave nothing: {problems}",
    )


def _scheduled(said: Said) -> Sentence:
    return Sentence(f"「{said.step}」定于{said.when('due')}", f"“{said.step}” is set for {said.when_en('due')}")


def _subscribed(said: Said) -> Sentence:
    message = said.text("message")
    return Sentence(f"「{said.step}」等待消息{message}", f"“{said.step}” waits for the message {message}")


def _unsubscribed(said: Said) -> Sentence:
    message = said.text("message")
    return Sentence(f"「{said.step}」不再等待消息{message}", f"“{said.step}” waits for the message {message} no more")


def _unscheduled(said: Said) -> Sentence:
    return Sentence(f"「{said.step}」的定时停下", f"“{said.step}” is not set any more")


def _kept(said: Said) -> Sentence:
    return Sentence(
        f"流程挂起期间收到「{said.step}」的{said.text('event')}，恢复后处理",
        f"{said.text('event')} for “{said.step}” is kept until it is resumed",
    )


def _listened(said: Said) -> Sentence:
    job = said.text("job")
    return Sentence(f"「{said.step}」的监听{job}已执行", f"The listener {job} of “{said.step}” has run")


def _directed(said: Said) -> Sentence:
    chosen = "、".join(said.texts("activates"))
    if said.record.data.get("fulfilled"):
        return Sentence(f"「{said.step}」可以结束", f"“{said.step}” may complete")
    return Sentence(f"「{said.step}」启动{chosen or '无'}", f"“{said.step}” activates {chosen or 'nothing'}")


def _version(said: Said) -> Sentence:
    version, reason = said.text("version"), said.text("reason")
    return Sentence(
        f"{said.who()}将流程「{said.step}」换到第{version}版{more('：', reason)}",
        f"{said.who_en()} moved “{said.step}” to version {version}{more(': ', reason)}",
    )


def _migrated(said: Said) -> Sentence:
    return Sentence(f"「{said.step}」按新版本办理", f"“{said.step}” goes on by the new version")


def _modified(said: Said) -> Sentence:
    reason = said.text("reason")
    return Sentence(
        f"{said.who()}调整了在办的环节{more('：', reason)}",
        f"{said.who_en()} changed the steps under way{more(': ', reason)}",
    )


def _suspended(said: Said) -> Sentence:
    reason = said.text("reason")
    return Sentence(
        f"{said.who()}挂起「{said.step}」{more('：', reason)}",
        f"{said.who_en()} suspended “{said.step}”{more(': ', reason)}",
    )


def _resumed(said: Said) -> Sentence:
    reason = said.text("reason")
    return Sentence(
        f"{said.who()}恢复「{said.step}」{more('：', reason)}",
        f"{said.who_en()} resumed “{said.step}”{more(': ', reason)}",
    )


def _buffered(said: Said) -> Sentence:
    name = said.text("message")
    return Sentence(
        f"消息{name}先到，暂存至{said.when('expires')}",
        f"The message {name} came early and is kept until {said.when_en('expires')}",
    )


def _read(said: Said) -> Sentence:
    store = said.text("store")
    return Sentence(f"「{said.step}」读取数据存储{store}", f"“{said.step}” read the data store {store}")


def _written(said: Said) -> Sentence:
    store = said.text("store")
    return Sentence(f"「{said.step}」写入数据存储{store}", f"“{said.step}” wrote to the data store {store}")


def _discarded(said: Said) -> Sentence:
    reason = said.text("reason")
    if elements := "、".join(said.texts("elements")):
        return Sentence(
            f"「{said.step}」中未启动{elements}：{reason}", f"{elements} did not begin in “{said.step}”: {reason}"
        )
    if what := said.text("message") or said.text("signal"):
        return Sentence(f"消息{what}未被接收：{reason}", f"{what} was not taken: {reason}")
    return Sentence(f"对「{said.step}」的操作未生效：{reason}", f"Nothing was done to “{said.step}”: {reason}")


# -- what went wrong -----------------------------------------------------------------------------------------------


def _incident(said: Said) -> Sentence:
    message = said.text("message")
    return Sentence(f"「{said.step}」发生异常：{message}", f"“{said.step}” cannot go on: {message}")


def _resolved(said: Said) -> Sentence:
    return Sentence(f"「{said.step}」的异常已消除", f"“{said.step}” goes on")


def _undelivered(said: Said) -> Sentence:
    if said.text("signal"):
        to, reason = said.text("to"), said.text("reason")
        if not to:
            signal = said.text("signal")
            return Sentence(f"信号「{signal}」未能送出：{reason}", f"The signal “{signal}” could not be sent: {reason}")
        return Sentence(f"未能告知流程{to}：{reason}", f"The process {to} could not be told: {reason}")
    channel = said.text("channel")
    return Sentence(f"一则通知未能由{channel}送达", f"A notice could not be delivered by {channel}")


def _unsent(said: Said) -> Sentence:
    reason = said.text("reason")
    return Sentence(f"通知未能发出：{reason}", f"Notices could not be sent: {reason}")


def _vacant(said: Said) -> Sentence:
    return Sentence(f"岗位空缺：{said.text('reason')}", f"A post is vacant: {said.text('reason')}")


def _too_late(said: Said) -> Sentence:
    job, outcome = said.text("job"), said.text("outcome")
    return Sentence(f"自动任务{job}的结果来得太迟：{outcome}", f"The result of the job {job} came too late: {outcome}")


def _adopted(said: Said) -> Sentence:
    child = said.text("child")
    return Sentence(f"「{said.step}」接续已在办的流程{child}", f"“{said.step}” goes on with the process {child}")


def _unexpected_report(said: Said) -> Sentence:
    child = said.text("child")
    return Sentence(f"收到无人等待的流程{child}的报告", f"The process {child} reported to nobody who waits for it")


_WORDS: Mapping[str, Callable[[Said], Sentence]] = {
    **LIMIT_WORDS,
    **TASK_WORDS,
    "case": _case,
    "stage": _stage,
    "activated": _activated,
    "completed": _completed,
    "terminated": _terminated,
    "cancelled": _cancelled,
    "decided": _decided,
    "warned": _warned,
    "read": _read,
    "written": _written,
    "scheduled": _scheduled,
    "subscribed": _subscribed,
    "unsubscribed": _unsubscribed,
    "buffered": _buffered,
    "unscheduled": _unscheduled,
    "kept": _kept,
    "listened": _listened,
    "directed": _directed,
    "version": _version,
    "migrated": _migrated,
    "modified": _modified,
    "suspended": _suspended,
    "resumed": _resumed,
    "discarded": _discarded,
    "incident": _incident,
    "resolved": _resolved,
    "undelivered": _undelivered,
    "unsent": _unsent,
    "vacant": _vacant,
    "too late": _too_late,
    "adopted": _adopted,
    "unexpected report": _unexpected_report,
}
EVENTS = frozenset(_WORDS)
"""Every event that has a sentence of its own."""

"""Wrong models whose clocks are written wrongly."""

from __future__ import annotations

from tests.bpmn.reader.wrong_models import TASK, Wrong, around, extended


def clocked(name: str, clock: str, piece: str, problem: str) -> Wrong:
    """A case whose process has a clock."""
    text = clock.replace("{stop}", '<yekuo:stop element="A" on="completed"/>')
    return around(name, f"<bpmn:extensionElements>\n{text}\n</bpmn:extensionElements>\n{TASK}", (piece, "p", problem))


CLOCKS = [
    around(
        "clock without a limit",
        extended("userTask", "A", "<yekuo:clock/>"),
        ("yekuo:clock", "A", "yekuo:clock names no limit"),
    ),
    around(
        "clock of an activity that says when it stops",
        extended("userTask", "A", '<yekuo:clock limit="l">\n<yekuo:stop element="A" on="completed"/></yekuo:clock>'),
        ("yekuo:clock", "A", "a clock of an activity runs from its activation to its completion"),
    ),
    around(
        "clock on an event",
        extended("intermediateThrowEvent", "A", '<yekuo:clock limit="l"/>'),
        ("yekuo:clock", "A", "a clock of an activity runs from its activation to its completion"),
    ),
    around(
        "clock with an unknown attribute",
        extended("userTask", "A", '<yekuo:clock limit="l" speed="2"/>'),
        ("yekuo:clock", "A", "attribute speed of yekuo:clock is unknown"),
    ),
    around(
        "two clocks of one id",
        extended("userTask", "A", '<yekuo:clock id="k" limit="l"/>\n<yekuo:clock limit="l" id="k"/>'),
        ('limit="l" id="k"', "A", "clock k stands twice in the process"),
    ),
    clocked(
        "clock without an id", '<yekuo:clock limit="l">\n{stop}\n</yekuo:clock>', "yekuo:clock", "the clock has no id"
    ),
    clocked("clock that never stops", '<yekuo:clock id="k" limit="l"/>', "yekuo:clock", "clock k never stops"),
    clocked(
        "clock that is passed to no call",
        '<yekuo:clock id="k" limit="l" passTo="A"/>',
        "yekuo:clock",
        "clock k is passed to A, which is no call activity",
    ),
    clocked(
        "clock that stops by an element that is not there",
        '<yekuo:clock id="k" limit="l">\n<yekuo:stop element="B" on="completed"/></yekuo:clock>',
        "yekuo:stop",
        "clock k: stop names B, which is not in this process",
    ),
    clocked(
        "clock that stops at no moment",
        '<yekuo:clock id="k" limit="l">\n<yekuo:stop element="A" on="noon"/></yekuo:clock>',
        "yekuo:stop",
        "clock k: stop on «noon» is no moment of an element",
    ),
    clocked(
        "milestone without a limit",
        '<yekuo:clock id="k" limit="l">{stop}\n<yekuo:milestone id="m" element="A" on="completed"/></yekuo:clock>',
        "yekuo:milestone",
        "clock k: a milestone needs an id and a limit",
    ),
    clocked(
        "milestone at an element that is not there",
        '<yekuo:clock id="k" limit="l">{stop}\n'
        '<yekuo:milestone id="m" limit="l" element="B" on="completed"/></yekuo:clock>',
        "yekuo:milestone",
        "clock k: milestone names B, which is not in this process",
    ),
    clocked(
        "milestone that outlasts its clock perhaps",
        '<yekuo:clock id="k" limit="l">{stop}\n'
        '<yekuo:milestone id="m" limit="l" element="A" on="completed" outlasts="perhaps"/></yekuo:clock>',
        "yekuo:milestone",
        "clock k: outlasts of a milestone is «perhaps»",
    ),
    clocked(
        "clock that is held up at an element that is not there",
        '<yekuo:clock id="k" limit="l">{stop}\n<yekuo:delay element="B" cause="c"/></yekuo:clock>',
        "yekuo:delay",
        "clock k: delay names B, which is not in this process",
    ),
    clocked(
        "clock that is held up until an element that is not there",
        '<yekuo:clock id="k" limit="l">{stop}\n<yekuo:delay element="A" cause="c" until="B"/></yekuo:clock>',
        "yekuo:delay",
        "clock k: the delay lasts until B, which is not in this process",
    ),
    clocked(
        "clock that is held up without a cause",
        '<yekuo:clock id="k" limit="l">{stop}\n<yekuo:delay element="A"/></yekuo:clock>',
        "yekuo:delay",
        "clock k: the delay names no cause",
    ),
    clocked(
        "clock that counts from what does not start it",
        '<yekuo:clock id="k" limit="l" counts="end">{stop}</yekuo:clock>',
        "yekuo:clock",
        "clock k counts from end, which does not start it",
    ),
    clocked(
        "clock with an unknown part",
        '<yekuo:clock id="k" limit="l">\n{stop}\n<yekuo:pause/>\n</yekuo:clock>',
        "yekuo:pause",
        "pause in yekuo:clock is unknown",
    ),
]

"""Random well-formed models: blocks with one way in and one way out, put inside each other; and random runs of them.

Everything random comes from the one `Random` that is given, so a seed (or hypothesis) decides all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bpmn import commands, events
from tests.bpmn.building import (
    CANCEL,
    TERMINATE,
    Part,
    Shape,
    ad_hoc,
    at_root,
    boundary,
    call,
    catch,
    compensation,
    condition,
    end,
    error,
    escalation,
    gateway,
    looping,
    message,
    multi,
    multi_bpmn,
    on_event,
    parallel,
    process,
    receive,
    script,
    service,
    signal,
    start,
    sub,
    task,
    throw,
    timer,
    transaction,
    user,
)
from tests.bpmn.engine.driving import Drive

VARIABLES: dict[str, Any] = {"key": "k", "x": 1, "again": False, "items": [1, 2, 3]}


@dataclass
class Block:
    """A piece of a scope with one first and one last element."""

    first: str
    last: str
    shapes: list[Shape] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def take_in(self, *others: Block) -> None:
        """The shapes and flows of others become part of this one."""
        for other in others:
            self.shapes += other.shapes
            self.flows += other.flows
            self.links += other.links


class Maker:
    """Makes one model; `size` is about the number of leaves it has."""

    def __init__(self, chance: Random, size: int) -> None:
        self.chance = chance
        self.left = size
        self.count = 0

    def model(self) -> Shape:
        """The whole process."""
        inside = self.scope()
        if self.chance.random() < 0.3:
            inside.shapes.append(self.event_subprocess())
        return process(*inside.shapes, flows=inside.flows, links=inside.links)

    def scope(self) -> Block:
        """Start, content and end of a process or sub-process."""
        first, last = start(self.name("s")), end(self.name("e"))
        content = self.block(self.chance.randint(1, 3))
        result = Block(first.id, last.id, [first, last])
        result.take_in(content)
        result.flows += [f"{first.id} > {content.first}", f"{content.last} > {last.id}"]
        return result

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def block(self, length: int = 1) -> Block:
        """A few blocks one after another."""
        result = self.one()
        for _ in range(length - 1):
            following = self.one()
            result.take_in(following)
            result.flows.append(f"{result.last} > {following.first}")
            result.last = following.last
        return result

    def one(self) -> Block:
        self.left -= 1
        simple = [self.leaf] * 2 + [self.undoable, self.race, self.taking_back]
        nested = [self.exclusive, self.parallel, self.inclusive, self.complex, self.loop] + [self.guarded] * 4
        make: Callable[[], Block] = self.chance.choice(simple if self.left <= 0 else simple + nested)
        return make()

    # -- leaves ----------------------------------------------------------------------------------------------------

    def leaf(self) -> Block:
        return self.only(self.chance.choice([*self.activities(), *self.middle_events()]))

    @staticmethod
    def only(shape: Shape) -> Block:
        return Block(shape.id, shape.id, [shape])

    def activities(self, *parts: Part) -> list[Shape]:
        a = self.name("a")
        return [
            user(a, *parts),
            service(a, *parts),
            task("task", a, *parts),
            script(a, "=x + 1", "x", *parts),
            receive(a, self.a_message(), *parts),
            call(a, "other", *parts),
        ]

    def middle_events(self) -> list[Shape]:
        e = self.name("m")
        return [
            catch(e, timer("PT1H")),
            catch(e, message(self.a_message())),
            catch(e, signal(self.a_signal())),
            throw(e, message(self.a_message())),
            throw(e, signal(self.a_signal())),
            throw(e, escalation("X")),
            throw(e),
            catch(e, message(self.a_message()), signal(self.a_signal()), timer("PT1H")),
            catch(e, condition("=x > 5"), timer("PT1H")),
            parallel(catch(e, message(self.a_message()), signal(self.a_signal()))),
            throw(e, message(self.a_message()), signal(self.a_signal()), compensation()),
        ]

    def a_message(self) -> str:
        return f"M{self.chance.randint(1, 3)}"

    def a_signal(self) -> str:
        return f"S{self.chance.randint(1, 2)}"

    def many(self) -> Part:
        until = self.chance.choice(["", "", "=numberOfCompletedInstances >= 2"])
        into, gives = self.chance.choice([("", ""), (self.name("out"), "=x")])
        if self.chance.random() < 0.2:
            return self.telling()
        return multi("=items", item="item", into=into, gives=gives, until=until, sequential=self.chance.random() < 0.5)

    def telling(self) -> Part:
        """A multi-instance marker that throws something when its instances complete."""
        thrown = self.chance.choice([signal(self.a_signal()), escalation("X"), message(self.a_message())])
        definition, (way, reference) = self.name("ev"), self.chance.choice(_BEHAVIOURS)
        three = "<bpmn:loopCardinality>3</bpmn:loopCardinality>"
        return multi_bpmn(three, *at_root(thrown, definition), behavior=way, **{reference: definition})

    # -- blocks ----------------------------------------------------------------------------------------------------

    def undoable(self) -> Block:
        a, b, undo = self.name("a"), self.name("c"), self.name("undo")
        parts = [self.many()] if self.chance.random() < 0.3 else []
        shapes = [service(a, *parts), boundary(a, b, compensation()), service(undo, undoes=True)]
        return Block(a, a, shapes, [], [f"{b} > {undo}"])

    def taking_back(self) -> Block:
        return self.only(throw(self.name("back"), compensation()))

    def race(self) -> Block:
        g, a, b, merge = self.name("g"), self.name("m"), self.name("m"), self.name("g")
        shapes = [
            gateway("eventBased", g),
            catch(a, self.chance.choice([message(self.a_message()), condition("=x > 5")])),
            catch(b, timer("PT2H")),
            gateway("exclusive", merge),
        ]
        return Block(g, merge, shapes, [f"{g} > {a} > {merge}", f"{g} > {b} > {merge}"])

    def exclusive(self) -> Block:
        return self.fork("exclusive", [": =x > 5", ": default"])

    def parallel(self) -> Block:
        return self.fork("parallel", [""] * self.chance.randint(2, 3))

    def inclusive(self) -> Block:
        return self.fork("inclusive", [": =x > 3", ": =x < 7", ": default"])

    def fork(self, kind: str, ways: list[str]) -> Block:
        split, join = self.name("g"), self.name("g")
        result = Block(split, join, [gateway(kind, split), gateway(kind, join)])
        for way in ways:
            branch = self.block()
            result.take_in(branch)
            result.flows += [f"{split} > {branch.first}{way}", f"{branch.last} > {join}"]
        return result

    def complex(self) -> Block:
        """Some branches of several start what follows; the gateway is reset by the others."""
        count = self.chance.randint(2, 3)
        result = self.fork("parallel", [""] * count)
        enough = f"<bpmn:activationCondition>=activationCount &gt;= {self.chance.randint(1, count)}"
        join = next(shape for shape in result.shapes if shape.id == result.last)
        join.tag, join.parts = "complexGateway", (Part(f"{enough}</bpmn:activationCondition>"),)
        return result

    def loop(self) -> Block:
        merge, split = self.name("g"), self.name("g")
        body = self.block()
        waits = user(self.name("a"))
        result = Block(merge, split, [gateway("exclusive", merge), gateway("exclusive", split), waits])
        result.take_in(body)
        out = gateway("exclusive", self.name("g"))
        result.shapes.append(out)
        result.flows += [f"{merge} > {body.first}", f"{body.last} > {waits.id} > {split}"]
        result.flows += [f"{split} > {merge}: =again = true", f"{split} > {out.id}: default"]
        result.last = out.id
        return result

    def guarded(self) -> Block:
        """An activity with boundary events; those that interrupt lead back to the way behind it."""
        inner = [self.subprocess(), self.subprocess(), self.transaction(), self.ad_hoc()]
        host = self.chance.choice([*self.activities(*self.maybe_many()), *inner])
        result = Block(host.id, self.name("g"), [host])
        result.shapes.append(gateway("exclusive", result.last))
        result.flows.append(f"{host.id} > {result.last}")
        definitions = [message(self.name("N")), timer("R2/PT1H"), signal(self.a_signal()), escalation("X"), error("")]
        definitions += [condition("=x > 7"), timer("cycle=0 0 12 * * *")]
        for definition in self.chance.sample(definitions, self.chance.randint(0, 2)):
            b = self.name("b")
            interrupting = definition == error("") or self.chance.random() < 0.5
            another = [signal(self.a_signal())] if self.chance.random() < 0.2 else []
            event = boundary(host.id, b, definition, *another, interrupting=interrupting)
            waits = definition not in (error(""), escalation("X"))
            result.shapes.append(parallel(event) if another and waits and self.chance.random() < 0.5 else event)
            if interrupting:
                result.flows.append(f"{b} > {result.last}")
            else:
                a, finish = user(self.name("a")), end(self.name("e"))
                result.shapes += [a, finish]
                result.flows.append(f"{b} > {a.id} > {finish.id}")
        if host.tag == "transaction":
            b = self.name("b")
            result.shapes.append(boundary(host.id, b, CANCEL))
            result.flows.append(f"{b} > {result.last}")
        return result

    def maybe_many(self) -> list[Part]:
        if self.chance.random() < 0.15:
            return [looping("=x > 5", first=self.chance.random() < 0.5, at_most=3)]
        return [self.many()] if self.chance.random() < 0.4 else []

    def subprocess(self) -> Shape:
        inside = self.scope()
        way = self.chance.randrange(5)
        if way == 0:
            inside.shapes.append(self.event_subprocess())
        elif way == 1:
            self.add_end(inside, end(self.name("e"), TERMINATE))
        elif way == 2:
            self.add_end(inside, end(self.name("e"), error("E")))
            inside.shapes.append(on_event(self.name("h"), error("E"), then=self.name("a")))
        elif way == 3:
            inside.shapes.append(self.compensating())
        return sub(self.name("p"), *self.maybe_many(), *inside.shapes, flows=inside.flows, links=inside.links)

    def compensating(self) -> Shape:
        """An event sub-process that compensates the sub-process around it."""
        begin, undo, back, finish = (self.name(prefix) for prefix in ("s", "undo", "back", "e"))
        shapes = [start(begin, compensation()), service(undo), throw(back, compensation()), end(finish)]
        return sub(self.name("h"), *shapes, flows=[f"{begin} > {undo} > {back} > {finish}"], by_event=True)

    def transaction(self) -> Shape:
        inside = self.scope()
        if self.chance.random() < 0.7:
            self.add_end(inside, end(self.name("e"), CANCEL))
        return transaction(self.name("t"), *self.maybe_many(), *inside.shapes, flows=inside.flows, links=inside.links)

    def ad_hoc(self) -> Shape:
        inside = self.only(user(self.name("a")))
        following = self.block()
        inside.take_in(following)
        inside.flows.append(f"{inside.first} > {following.first}")
        for _ in range(self.chance.randint(0, 2)):
            inside.take_in(self.only(self.chance.choice(self.activities(*self.maybe_many()))))
        self.take_ends_out(inside)
        until, cancels = self.chance.choice([("", True), ("=x < 3", True), ("=x < 3", False)])
        return ad_hoc(
            self.name("hoc"),
            *self.maybe_many(),
            *inside.shapes,
            flows=inside.flows,
            links=inside.links,
            until=until,
            cancels=cancels,
            sequential=self.chance.random() < 0.5,
        )

    @staticmethod
    def take_ends_out(inside: Block) -> None:
        """An ad-hoc sub-process has no end events: a way in it ends with its last element."""
        ends = [shape.id for shape in inside.shapes if shape.tag == "endEvent"]
        inside.shapes = [shape for shape in inside.shapes if shape.id not in ends]
        for number, flow in enumerate(inside.flows):
            way, _, last = flow.rpartition(" > ")
            inside.flows[number] = way if last in ends else flow

    def add_end(self, inside: Block, finish: Shape) -> None:
        """A second way through a scope, beside the first, to an end of its own."""
        fork, a = gateway("parallel", self.name("g")), user(self.name("a"))
        inside.shapes += [fork, a, finish]
        first = next(flow for flow in inside.flows if flow.startswith(f"{inside.first} > "))
        inside.flows.remove(first)
        inside.flows += [f"{inside.first} > {fork.id}", first.replace(inside.first, fork.id, 1)]
        inside.flows.append(f"{fork.id} > {a.id} > {finish.id}")

    def event_subprocess(self) -> Shape:
        definition = self.chance.choice(
            [message(self.name("N")), timer("PT3H"), signal(self.a_signal()), escalation("X"), condition("=x > 8")]
        )
        interrupting = self.chance.random() < 0.5
        return on_event(self.name("h"), definition, interrupting=interrupting, then=self.name("a"))


_BEHAVIOURS = [("None", "noneBehaviorEventRef"), ("One", "oneBehaviorEventRef")]


class Run:
    """A random run of a model: first anything may happen, then everything is brought to its end."""

    def __init__(self, drive: Drive, chance: Random) -> None:
        self.drive = drive
        self.chance = chance
        self.closed: list[int] = []

    def play(self, steps: int) -> Drive:
        """Until the instance has ended, or ends cannot be reached in reason (an `AssertionError`)."""
        for _ in range(steps):
            if not self.drive.outcome:
                self.anything()
        for _ in range(2_000):
            if self.drive.outcome:
                return self.drive
            self.towards_the_end()
        raise AssertionError(f"it does not end: {self.drive.open}, {self.drive.waiting}, {self.drive.incidents}")

    def values(self, again: bool) -> dict[str, Any]:
        return {"x": self.chance.randint(0, 10), "again": again}

    def anything(self) -> None:
        """One event that may come: an answer, a failure, a message, a signal, time, or something late."""
        work, ledger = list(self.drive.work), self.drive.ledger
        timers = [key for kind, key in ledger.open if kind == "timer"]
        way = self.chance.randrange(10)
        if way < 4 and work:
            self.answer(*self.chance.choice(work))
        elif way == 4 and timers:
            self.drive.tell(events.TimerFired(self.chance.choice(timers)))
        elif way in (5, 6):
            awaited = [c.message for c in ledger.open.values() if isinstance(c, commands.Subscribe)]
            name = self.chance.choice([*awaited, "M1", "M2", "M3"])
            self.drive.tell(events.MessageArrived(name, "k", {"x": 5}, "", self.chance.choice([0.0, 3600.0])))
        elif way == 7:
            self.drive.signal(f"S{self.chance.randint(1, 2)}")
        elif way == 8 and self.drive.instance.incidents:
            mend = self.chance.choice((events.RetryIncident, events.SkipIncident))
            self.drive.tell(mend(self.chance.choice(list(self.drive.instance.incidents)), self.values(False)))
        elif way == 9 and (activations := self.activations()):
            self.drive.tell(self.chance.choice(activations))
        elif way == 9:
            self.late()

    def activations(self, idle: bool = False) -> list[events.Event]:
        """What may be activated in ad-hoc sub-processes now; only in those where nothing is active, if `idle`."""
        instance = self.drive.instance
        busy = [one.parent for one in instance.instances.values()] if idle else []
        hosts = [key for key in instance.instances if key not in busy]
        return [events.ActivateAdHoc(key, (inside,)) for key in hosts for inside in instance.activatable(key)]

    def answer(self, kind: str, key: int) -> None:
        values = self.values(self.chance.random() < 0.3)
        if kind == "task":
            answers: list[events.Event] = [events.TaskCompleted(key, values)]
        elif kind == "call":
            answers = [
                events.CallCompleted(key, values),
                events.CallThrewError(key, "E"),
                events.CallEscalated(key, "X", values, waits=True),
                events.CallLost(key, "lost"),
            ]
        else:
            answers = [events.JobCompleted(key, values)] * 3
            answers += [events.JobFailed(key, "no"), events.JobThrewError(key, "E")]
        self.closed.append(key)
        self.drive.tell(self.chance.choice(answers))

    def late(self) -> None:
        """An answer for what is answered already, or for what never was: it changes nothing."""
        open_ = {key for _, key in self.drive.ledger.open}
        keys = [key for key in [*self.closed, 10**6] if key not in open_ and key not in self.drive.instance.incidents]
        if keys:
            key = self.chance.choice(keys)
            before = self.drive.instance.dump()
            for event in (events.JobCompleted(key), events.TaskCompleted(key), events.CallCompleted(key)):
                assert self.drive.tell(event) == []
            assert self.drive.tell(events.TimerFired(key)) == []
            assert self.drive.instance.dump() == before

    def towards_the_end(self) -> None:
        drive = self.drive
        if drive.instance.incidents:
            drive.tell(events.RetryIncident(next(iter(drive.instance.incidents)), self.values(False)))
            return
        if drive.work:
            kind, key = min(drive.work, key=lambda entry: entry[1])
            answer = {"task": events.TaskCompleted, "call": events.CallCompleted}.get(kind, events.JobCompleted)
            drive.tell(answer(key, self.values(False)))
            return
        ways: list[events.Event] = []
        for command in drive.ledger.open.values():
            if isinstance(command, commands.SetTimer):
                ways.append(events.TimerFired(command.key))
            elif isinstance(command, commands.Subscribe):
                ways.append(events.MessageArrived(command.message, command.correlation_key))
        ways += [events.SignalArrived(wait.name) for wait in drive.instance.waits if wait.kind == "signal"]
        ways += self.activations(idle=True)
        drive.tell(self.chance.choice(ways))


def played(chance: Random, size: int = 12, steps: int = 25) -> Drive:
    """A random run of a random model."""
    model = Maker(chance, size).model()
    return Run(Drive(model, VARIABLES), chance).play(steps)

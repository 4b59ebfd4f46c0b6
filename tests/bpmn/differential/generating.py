"""Random well-formed models of what both engines run, each written twice: with FEEL, and with Python for SpiffWorkflow.

Both texts come from the same seed and so differ in their words only. A decision hangs on a variable of its own that a
user task right before it sets, for SpiffWorkflow keeps variables per token, and here they belong to scopes. What is
left out, and why, says `settled.SETTLED`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from tests.bpmn.building import (
    TERMINATE,
    Part,
    Shape,
    boundary,
    catch,
    end,
    error,
    gateway,
    message,
    model_xml,
    multi,
    process,
    start,
    sub,
    task,
    timer,
    user,
)
from tests.bpmn.engine.generating import Block


class Feel:
    """The words of Camunda 8."""

    def condition(self, text: str) -> str:
        return f"={text}"

    def timer(self, duration: str) -> Part:
        return timer(duration)

    def user(self, name: str, *parts: Part) -> Shape:
        return user(name, *parts)

    def many(self, count: int, sequential: bool) -> Part:
        return multi(f"=[{', '.join(map(str, range(1, count + 1)))}]", sequential=sequential)


class Python(Feel):
    """The words of SpiffWorkflow: expressions are Python, and a multi-instance activity tells how often it runs."""

    def condition(self, text: str) -> str:
        return text

    def timer(self, duration: str) -> Part:
        return timer(f'duration="{duration}"')

    def user(self, name: str, *parts: Part) -> Shape:
        return task("userTask", name, *parts)

    def many(self, count: int, sequential: bool) -> Part:
        return Part(
            f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
            f"<bpmn:loopCardinality>{count}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
        )


class Maker:
    """Makes one model in one dialect; `used` counts what it is made of."""

    def __init__(self, seed: int, words: Feel) -> None:
        self.chance = Random(seed)
        self.words = words
        self.left = self.chance.randint(2, 9)
        self.count = 0
        self.in_inclusive = False
        self.in_loop = False
        self.used: Counter[str] = Counter()

    def xml(self) -> str:
        """The whole file."""
        inside = self.scope(self.chance.randint(1, 3))
        return model_xml(process(*inside.shapes, flows=inside.flows))

    def use(self, kind: str) -> None:
        self.used[kind] += 1

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    # -- blocks ----------------------------------------------------------------------------------------------------

    def scope(self, length: int) -> Block:
        """Start, content and end of a process or sub-process."""
        first, last = start(self.name("s")), end(self.name("e"))
        content = self.row(length)
        result = Block(first.id, last.id, [first, last])
        result.take_in(content)
        result.flows += [f"{first.id} > {content.first}", f"{content.last} > {last.id}"]
        return result

    def row(self, length: int = 1) -> Block:
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
        if self.in_inclusive:
            return self.leaf()
        simple = [self.leaf, self.leaf, self.race]
        nested = [self.exclusive, self.loop, *[self.guarded] * 3, self.subprocess]
        nested += [] if self.in_loop else [self.parallel, self.inclusive]
        make: Callable[[], Block] = self.chance.choice(simple if self.left <= 0 else [*simple, *nested])
        return make()

    def leaf(self) -> Block:
        kind = self.chance.choice(["userTask", "userTask", "task", "manualTask", "timer", "message"])
        self.use(f"{kind} catch" if kind in ("timer", "message") else kind)
        if kind == "userTask":
            return only(self.words.user(self.name("a"), *self.maybe_many()))
        if kind in ("timer", "message"):
            return only(self.catch(kind))
        return only(task(kind, self.name("a")))

    def catch(self, kind: str) -> Shape:
        name = self.name("m")
        return catch(name, self.words.timer("PT1H") if kind == "timer" else message(f"M_{name}", '="k"'))

    def race(self) -> Block:
        self.use("eventBasedGateway")
        split, merge = gateway("eventBased", self.name("g")), gateway("exclusive", self.name("g"))
        ways = [self.catch("message"), self.catch("timer"), self.catch("message")][: self.chance.randint(2, 3)]
        flows = [f"{split.id} > {way.id} > {merge.id}" for way in ways]
        return Block(split.id, merge.id, [split, merge, *ways], flows)

    def decision(self) -> tuple[Shape, str]:
        """A user task, and the variable it sets: a whole number from 0 to 9."""
        name = self.name("d")
        return self.words.user(name), f"v_{name}"

    def exclusive(self) -> Block:
        ask, value = self.decision()
        return self.fork("exclusive", ask, [f"{value} > 6", f"{value} > 3", ""])

    def inclusive(self) -> Block:
        ask, value = self.decision()
        self.in_inclusive = True
        result = self.fork("inclusive", ask, [f"{value} > 2", f"{value} > 5", ""])
        self.in_inclusive = False
        return result

    def parallel(self) -> Block:
        return self.fork("parallel", None, [""] * self.chance.randint(2, 3))

    def fork(self, kind: str, ask: Shape | None, conditions: list[str]) -> Block:
        """Some ways side by side; the one without a condition is the default where there is something to ask."""
        self.use(f"{kind}Gateway")
        split, join = gateway(kind, self.name("g")), gateway(kind, self.name("g"))
        result = Block(split.id, join.id, [split, join])
        for condition in conditions:
            way = self.row(self.chance.randint(1, 2))
            result.take_in(way)
            what = f": {self.words.condition(condition)}" if condition else ": default" if ask else ""
            result.flows += [f"{split.id} > {way.first}{what}", f"{way.last} > {join.id}"]
        return self.asked(ask, result)

    def asked(self, ask: Shape | None, block: Block) -> Block:
        if ask is not None:
            block.shapes.append(ask)
            block.flows.append(f"{ask.id} > {block.first}")
            block.first = ask.id
        return block

    def loop(self) -> Block:
        """A block that is done again while a user task says so."""
        self.use("loop")
        merge, split = gateway("exclusive", self.name("g")), gateway("exclusive", self.name("g"))
        out = task("task", self.name("a"))
        before, self.in_loop = self.in_loop, True
        body = self.row()
        self.in_loop = before
        ask, value = self.decision()
        result = Block(merge.id, out.id, [merge, split, out, ask])
        result.take_in(body)
        result.flows += [f"{merge.id} > {body.first}", f"{body.last} > {ask.id} > {split.id}"]
        result.flows += [f"{split.id} > {merge.id}: {self.words.condition(f'{value} > 5')}"]
        result.flows += [f"{split.id} > {out.id}: default"]
        return result

    def subprocess(self) -> Block:
        return only(self.inner(*self.maybe_many()))

    def inner(self, *parts: Part, code: str = "") -> Shape:
        """A sub-process; one with a `code` may end with that error, any other may end at once."""
        self.use("subProcess")
        before, self.in_loop = self.in_loop, False
        inside = self.scope(1)
        self.in_loop = before
        if code:
            self.other_end(inside, error(code))
        elif self.chance.random() < 0.25:
            self.use("terminate end")
            self.other_end(inside, TERMINATE)
        return sub(self.name("p"), *parts, *inside.shapes, flows=inside.flows)

    def other_end(self, inside: Block, how: Part) -> None:
        """A second way through a scope, side by side with the first or instead of it, to an end of its own."""
        beside = self.chance.random() < 0.5
        ask, value = self.decision()
        fork, finish = gateway("parallel" if beside else "exclusive", self.name("g")), end(self.name("e"), how)
        inside.shapes += [fork, ask, finish]
        first = next(flow for flow in inside.flows if flow.startswith(f"{inside.first} > "))
        inside.flows.remove(first)
        rest = first.removeprefix(f"{inside.first} > ")
        if beside:
            inside.flows += [f"{inside.first} > {fork.id} > {rest}", f"{fork.id} > {ask.id} > {finish.id}"]
        else:
            inside.flows += [f"{inside.first} > {ask.id} > {fork.id}", f"{fork.id} > {rest}: default"]
            inside.flows += [f"{fork.id} > {finish.id}: {self.words.condition(f'{value} > 4')}"]

    def guarded(self) -> Block:
        """An activity with boundary events; those that interrupt lead back to the way behind it."""
        kinds = self.chance.sample(["timer", "message", "error"], self.chance.randint(1, 2))
        code = self.name("E")
        interrupting = {kind: kind == "error" or self.chance.random() < 0.5 for kind in kinds}
        if "error" in kinds or self.chance.random() < 0.5:
            parts = [] if any(interrupting.values()) else self.maybe_many()
            host = self.inner(*parts, code=code if "error" in kinds else "")
        else:
            host = self.words.user(self.name("a"), *self.maybe_many())
        merge = gateway("exclusive", self.name("g"))
        result = Block(host.id, merge.id, [host, merge], [f"{host.id} > {merge.id}"])
        for kind in kinds:
            self.watch(result, host, kind, code, interrupting[kind])
        return result

    def watch(self, block: Block, host: Shape, kind: str, code: str, interrupting: bool) -> None:
        name = self.name("b")
        self.use(f"{kind} boundary" + ("" if interrupting else ", not interrupting"))
        what = {"timer": self.words.timer("PT1H"), "message": message(f"M_{name}", '="k"'), "error": error(code)}[kind]
        after = task("task", self.name("a"))
        block.shapes += [boundary(host.id, name, what, interrupting=interrupting), after]
        if interrupting:
            block.flows.append(f"{name} > {after.id} > {block.last}")
        else:
            finish = end(self.name("e"))
            block.shapes.append(finish)
            block.flows.append(f"{name} > {after.id} > {finish.id}")

    def maybe_many(self) -> list[Part]:
        if self.in_inclusive or self.chance.random() >= 0.3:
            return []
        sequential = self.chance.random() < 0.5
        self.use("multi-instance, sequential" if sequential else "multi-instance, parallel")
        return [self.words.many(self.chance.randint(2, 3), sequential)]


def only(shape: Shape) -> Block:
    """One element as a block."""
    return Block(shape.id, shape.id, [shape])

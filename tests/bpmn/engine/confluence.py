"""Models whose outcome does not hang on the order of events, and runs of them in any order.

Nothing in them competes: no boundary event, no event-based gateway, no condition, no message that two could take. To
add a kind of element, add a method and name it in `LEAVES` or `BLOCKS`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from bpmn import commands, events
from tests.bpmn.building import (
    Shape,
    boundary,
    call,
    catch,
    compensation,
    gateway,
    message,
    multi,
    on_event,
    process,
    receive,
    script,
    service,
    sub,
    throw,
    timer,
    user,
)
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.generating import VARIABLES, Block, Maker

LEAVES: dict[str, Callable[[str], Shape]] = {
    "userTask": user,
    "serviceTask": service,
    "scriptTask": lambda name: script(name, "=1", f"v_{name}"),
    "callActivity": lambda name: call(name, "other"),
    "receiveTask": lambda name: receive(name, f"M_{name}"),
    "timer": lambda name: catch(name, timer("PT1H")),
    "message": lambda name: catch(name, message(f"M_{name}")),
}
BLOCKS = ("side_by_side", "inclusive_all", "nested", "many", "undone", "listening")


class ConfluentMaker(Maker):
    """Makes such models; `used` counts what they are made of."""

    def __init__(self, chance: Random, size: int) -> None:
        super().__init__(chance, size)
        self.used: Counter[str] = Counter()

    def model(self) -> Shape:
        """The whole process."""
        inside = self.scope()
        return process(*inside.shapes, flows=inside.flows, links=inside.links)

    def one(self) -> Block:
        self.left -= 1
        kind = self.chance.choice([*LEAVES] if self.left <= 0 else [*LEAVES, *BLOCKS])
        self.used[kind] += 1
        if kind in LEAVES:
            return self.only(LEAVES[kind](self.name("a")))
        block: Block = getattr(self, kind)()
        return block

    def side_by_side(self) -> Block:
        return self.fork("parallel", [""] * self.chance.randint(2, 3))

    def inclusive_all(self) -> Block:
        return self.fork("inclusive", [": =true"] * 3)

    def nested(self) -> Block:
        return self.only(self.holding())

    def many(self) -> Block:  # type: ignore[override]
        loop = multi("=items", item="item", sequential=self.chance.random() < 0.5)
        return self.only(self.chance.choice([user(self.name("a"), loop), call(self.name("a"), "other", loop)]))

    def undone(self) -> Block:
        """Two activities side by side in a sub-process, and then both compensated."""
        names = [self.name("a") for _ in range(2)]
        guards = [boundary(name, f"{name}_b", compensation()) for name in names]
        undo = [service(f"{name}_undo", undoes=True) for name in names]
        split, join, back = gateway("parallel", self.name("g")), gateway("parallel", self.name("g")), self.name("back")
        flows = [flow for name in names for flow in (f"{split.id} > {name}", f"{name} > {join.id}")]
        shapes = [split, join, *map(service, names), *guards, *undo, throw(back, compensation())]
        links = [f"{name}_b > {name}_undo" for name in names]
        return Block(split.id, back, shapes, [*flows, f"{join.id} > {back}"], links)

    def listening(self) -> Block:
        """A sub-process with an event sub-process for a message that never comes."""
        return self.only(self.holding(on_event(self.name("h"), message(self.name("N")), then=self.name("a"))))

    def holding(self, *others: Shape) -> Shape:
        inside = self.scope()
        return sub(self.name("p"), *inside.shapes, *others, flows=inside.flows, links=inside.links)


def played_in_some_order(model: Shape, order: Random) -> Drive:
    """Run to its end: of what may happen next, `order` chooses. Raises `AssertionError` where it does not end."""
    drive = Drive(model, VARIABLES)
    for _ in range(1_000):
        if drive.outcome:
            return drive
        drive.tell(order.choice(_ways(drive)))
    raise AssertionError(f"it does not end: {drive.open}, {drive.waiting}, {drive.incidents}")


def _ways(drive: Drive) -> list[events.Event]:
    found: list[events.Event] = []
    for command in drive.ledger.open.values():
        if isinstance(command, commands.OpenUserTask):
            found.append(events.TaskCompleted(command.key))
        elif isinstance(command, commands.RunJob):
            found.append(events.JobCompleted(command.key))
        elif isinstance(command, commands.StartCall):
            found.append(events.CallCompleted(command.key))
        elif isinstance(command, commands.SetTimer):
            found.append(events.TimerFired(command.key))
        elif isinstance(command, commands.Subscribe) and command.message.startswith("M_"):
            found.append(events.MessageArrived(command.message, command.correlation_key))
    return found

"""Runs of whole files in virtual time, as tests play them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bpmn.journal import Record
from bpmn.options import SHANGHAI
from bpmn.simulation import Running, Script, Simulation, beginning
from tests.bpmn.building import (
    Shape,
    build,
    end,
    process,
    start,
)

START = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
DAY = 86_400


def line(name: str, *steps: Shape, begin: Shape | None = None) -> Shape:
    """A process of these steps, one after the other; its start and end event are `s_` and `e_` with its name."""
    first, last = begin or start(f"s_{name}"), end(f"e_{name}")
    path = " > ".join(shape.id for shape in (first, *steps, last))
    return process(first, *steps, last, flows=[path], id_=name)


class Run:
    """A run of these processes, played to its end."""

    def __init__(
        self,
        *processes: Shape,
        process: str = "",
        first: Iterable[str] = (),
        does: dict[str, Any] | None = None,
        horizon: float | None = None,
        **variables: Any,
    ) -> None:
        self.paced: list[datetime] = []
        definition = build(*processes)
        written = Script.from_json({"elements": {}, **(does or {})})
        self.simulation = Simulation(definition, START, written, horizon=horizon, pace=self.paced.append)
        begins = beginning(definition, "model.bpmn", process, first, variables)
        self.lines: list[tuple[Running, Record]] = list(self.simulation.play(begins))

    @property
    def outcomes(self) -> dict[str, str]:
        return {running.name: running.outcome for running in self.simulation.running}

    @property
    def variables(self) -> dict[str, dict[str, Any]]:
        return {running.name: running.variables for running in self.simulation.running}

    def begun(self) -> list[tuple[str, datetime]]:
        """Each instance that nobody called, with the instant of its beginning."""
        return [(one.name, r.at) for one, r in self.lines if (r.event, r.type, r.seq) == ("activated", "process", 1)]

    def incident(self) -> dict[str, Any]:
        (data,) = [record.data for _, record in self.lines if record.event == "incident"]
        return data

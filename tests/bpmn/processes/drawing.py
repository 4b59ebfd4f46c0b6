"""A diagram as it is drawn: shapes, edges and labels of a BPMN file, read from its diagram interchange."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

PROCESSES = Path(__file__).parents[3] / "bpmn" / "processes"
DIAGRAMS = sorted(PROCESSES.glob("*.bpmn"))

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"

FLOW_NODE = ("Event", "Task", "Gateway", "callActivity", "subProcess")


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels, y downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def contains(self, other: Box) -> bool:
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    def overlaps(self, other: Box) -> bool:
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )  # touching borders do not overlap

    def on_border(self, x: float, y: float) -> bool:
        inside = self.x <= x <= self.right and self.y <= y <= self.bottom
        return inside and (x in (self.x, self.right) or y in (self.y, self.bottom))


@dataclass(frozen=True)
class Shape:
    """A drawn node, lane or participant."""

    id: str
    box: Box


@dataclass(frozen=True)
class Edge:
    """A drawn sequence flow or association."""

    id: str
    points: tuple[tuple[float, float], ...]

    def segments(self) -> list[Box]:
        """Its pieces, as rectangles without width or height."""
        pairs = pairwise(self.points)
        return [Box(min(a, c), min(b, d), abs(a - c), abs(b - d)) for (a, b), (c, d) in pairs]


@dataclass(frozen=True)
class Label:
    """The text beside a node or an edge."""

    id: str
    text: str
    box: Box


@dataclass
class Drawing:
    """One file: its semantic elements by id, and what is drawn of them."""

    file: Path
    root: ET.Element
    elements: dict[str, ET.Element] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)

    def kind(self, element: str) -> str:
        return self.elements[element].tag.removeprefix(BPMN)

    def name(self, element: str) -> str:
        return self.elements[element].get("name", "")

    def nodes(self) -> list[str]:
        """Ids of all flow nodes."""
        return [name for name in self.elements if self.kind(name).endswith(FLOW_NODE)]

    def of_kind(self, *kinds: str) -> list[str]:
        return [name for name in self.elements if self.kind(name) in kinds]

    def lane_of(self) -> dict[str, str]:
        """The innermost lane that names each flow node."""
        found: dict[str, str] = {}
        for lane in self.root.iter(f"{BPMN}lane"):
            found.update({ref.text or "": lane.get("id", "") for ref in lane.findall(f"{BPMN}flowNodeRef")})
        return found

    def extension(self, element: str, name: str) -> ET.Element | None:
        """A zeebe extension element."""
        return self.elements[element].find(f"{BPMN}extensionElements/{ZEEBE}{name}")


def read_drawing(file: Path) -> Drawing:
    """The drawing of one BPMN file."""
    root = ET.parse(file).getroot()
    drawing = Drawing(file, root)
    for parent in root.iter():
        for child in parent:
            if child.tag.startswith(BPMN) and child.get("id"):
                drawing.elements[child.get("id", "")] = child
                drawing.parents[child.get("id", "")] = parent.get("id", "")
    for item in root.iter():
        of = item.get("bpmnElement", "")
        if item.tag == f"{DI}BPMNShape":
            drawing.shapes[of] = Shape(of, _box(item))
        elif item.tag == f"{DI}BPMNEdge":
            points = [(float(p.get("x", "")), float(p.get("y", ""))) for p in item.findall(WAYPOINT)]
            drawing.edges[of] = Edge(of, tuple(points))
        label = item.find(f"{DI}BPMNLabel") if of else None
        if label is not None:
            drawing.labels[of] = Label(of, drawing.name(of), _box(label))
    return drawing


def _box(item: ET.Element) -> Box:
    bounds = item.find(f"{DC}Bounds")
    assert bounds is not None, item.attrib
    return Box(*(float(bounds.get(key, "")) for key in ("x", "y", "width", "height")))

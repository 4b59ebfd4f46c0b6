"""The diagrams look right: everything is drawn, docked and readable."""

from __future__ import annotations

import math
from itertools import combinations, pairwise, product

import pytest

from tests.bpmn.processes.drawing import DIAGRAMS, PROCESSES, Box, Drawing, read_drawing

GLYPH, LINE, LONGEST = 11, 14, 90
"""How bpmn-js sets a label beside a node: width of a Chinese character, height of a line, width of the text, pixels."""
CLEAR = 3
"""How far a label keeps from lines, pixels."""


@pytest.fixture(params=DIAGRAMS, ids=lambda file: file.stem)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return read_drawing(request.param)


def test_the_diagrams_are_there() -> None:
    assert [file.stem for file in DIAGRAMS] == [
        "connection_system",
        "energization",
        "energization_hv",
        "grid_project_10kv",
        "grid_project_bay_extension",
        "hv_connection",
        "outage_item",
        "rule_conflict",
        "weekly_outage_plan",
    ]
    assert PROCESSES.is_dir()


def test_every_node_lane_and_flow_is_drawn(drawing: Drawing) -> None:
    shapes = {*drawing.nodes(), *drawing.of_kind("lane", "participant")}
    edges = set(drawing.of_kind("sequenceFlow", "association"))

    assert set(drawing.shapes) == shapes
    assert set(drawing.edges) == edges


def test_flows_are_rectangular_and_dock_on_their_ends(drawing: Drawing) -> None:
    for edge in drawing.edges.values():
        element = drawing.elements[edge.id]
        source, target = (drawing.shapes[element.get(end, "")].box for end in ("sourceRef", "targetRef"))

        assert all(segment.width == 0 or segment.height == 0 for segment in edge.segments()), edge.id
        assert source.on_border(*edge.points[0]), edge.id
        assert target.on_border(*edge.points[-1]), edge.id


def test_flows_pass_no_node_but_their_ends(drawing: Drawing) -> None:
    for edge, node in product(drawing.edges.values(), drawing.nodes()):
        element = drawing.elements[edge.id]
        around = drawing.parents[edge.id]
        if node in (element.get("sourceRef"), element.get("targetRef"), around) or _attached(drawing, edge.id, node):
            continue
        assert not any(segment.overlaps(drawing.shapes[node].box) for segment in edge.segments()), (edge.id, node)


def _attached(drawing: Drawing, edge: str, node: str) -> bool:
    """A boundary event and its activity lie on each other."""
    ends = [drawing.elements[edge].get(end, "") for end in ("sourceRef", "targetRef")]
    hosts = [drawing.elements[end].get("attachedToRef") for end in ends]
    return node in hosts


def test_flows_do_not_run_along_each_other(drawing: Drawing) -> None:
    for one, other in combinations(drawing.edges.values(), 2):
        if drawing.elements[one.id].get("sourceRef") == drawing.elements[other.id].get("sourceRef"):
            continue
        for a, b in product(one.segments(), other.segments()):
            assert not _run_along(a, b), (one.id, other.id)


def _run_along(a: Box, b: Box) -> bool:
    if a.width == b.width == 0 and a.x == b.x:
        return min(a.bottom, b.bottom) > max(a.y, b.y)
    if a.height == b.height == 0 and a.y == b.y:
        return min(a.right, b.right) > max(a.x, b.x)
    return False


def test_nodes_lie_apart(drawing: Drawing) -> None:
    for one, other in combinations(drawing.nodes(), 2):
        together = (
            drawing.elements[other].get("attachedToRef") == one or drawing.elements[one].get("attachedToRef") == other
        )
        if together or drawing.parents[other] == one or drawing.parents[one] == other:
            continue
        assert not drawing.shapes[one].box.overlaps(drawing.shapes[other].box), (one, other)


def test_boundary_events_sit_on_their_activity(drawing: Drawing) -> None:
    for event in drawing.of_kind("boundaryEvent"):
        host = drawing.shapes[drawing.elements[event].get("attachedToRef", "")].box
        box = drawing.shapes[event].box
        assert host.on_border(box.x + box.width / 2, box.y + box.height / 2), event


def test_every_node_lies_inside_its_lane(drawing: Drawing) -> None:
    lanes = drawing.lane_of()
    for node in drawing.nodes():
        around = drawing.parents[node]
        outer = drawing.shapes[around if around in drawing.shapes else lanes[node]]
        assert outer.box.contains(drawing.shapes[node].box), (node, outer.id)


def test_lanes_fill_their_pool_without_gap(drawing: Drawing) -> None:
    pool = drawing.shapes[drawing.of_kind("participant")[0]].box
    leaves = [lane for lane in drawing.of_kind("lane") if drawing.elements[lane].find("{*}childLaneSet") is None]
    boxes = sorted((drawing.shapes[lane].box for lane in leaves), key=lambda box: box.y)

    assert boxes[0].y == pool.y
    assert boxes[-1].bottom == pool.bottom
    assert all(upper.bottom == lower.y for upper, lower in pairwise(boxes))
    assert all(box.right == pool.right for box in boxes)


def test_everything_named_outside_a_box_has_a_label(drawing: Drawing) -> None:
    named = {
        name
        for name in drawing.elements
        if drawing.name(name) and drawing.kind(name).endswith(("Event", "Gateway", "sequenceFlow"))
    }
    assert set(drawing.labels) == named


def test_labels_are_as_large_as_their_text(drawing: Drawing) -> None:
    for label in drawing.labels.values():
        width = sum(GLYPH if ord(sign) > 255 else GLYPH / 2 for sign in label.text)
        assert label.box.width >= min(width, LONGEST - GLYPH) - 1, label
        assert label.box.height >= LINE * math.ceil(width / LONGEST), label


def test_labels_cross_no_node_line_or_other_label(drawing: Drawing) -> None:
    for label in drawing.labels.values():
        for node in drawing.nodes():
            if node != drawing.parents.get(label.id):
                assert not label.box.overlaps(drawing.shapes[node].box), (label, node)
        for edge in drawing.edges.values():
            assert not any(_near(segment).overlaps(label.box) for segment in edge.segments()), (label, edge.id)
        for lane in drawing.of_kind("lane"):
            assert not any(line.overlaps(label.box) for line in _borders(drawing.shapes[lane].box)), (label, lane)
    for one, other in combinations(drawing.labels.values(), 2):
        assert not one.box.overlaps(other.box), (one, other)


def _near(segment: Box) -> Box:
    return Box(segment.x - CLEAR, segment.y - CLEAR, segment.width + 2 * CLEAR, segment.height + 2 * CLEAR)


def _borders(box: Box) -> tuple[Box, Box]:
    return _near(Box(box.x, box.y, box.width, 0)), _near(Box(box.x, box.bottom, box.width, 0))


def test_every_node_has_a_chinese_name_but_forks_and_joins(drawing: Drawing) -> None:
    for node in drawing.nodes():
        if drawing.kind(node) in ("parallelGateway", "inclusiveGateway"):
            continue
        assert any("\u4e00" <= sign <= "\u9fff" for sign in drawing.name(node)), node


def test_every_way_out_of_a_choice_is_named(drawing: Drawing) -> None:
    for flow in drawing.of_kind("sequenceFlow"):
        source = drawing.elements[flow].get("sourceRef", "")
        if drawing.elements[flow].find("{*}conditionExpression") is not None:
            assert drawing.name(flow), flow
        elif drawing.kind(source) == "exclusiveGateway":
            pytest.fail(f"{flow} leaves a choice without a condition")

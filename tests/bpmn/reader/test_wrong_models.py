"""Every wrong model of the corpus is refused with exactly its faults, and so is XML that reaches out of itself."""

from __future__ import annotations

import pytest

from bpmn import Fault, ModelRefused, read, read_all
from tests.bpmn.building import end, model_xml, process, start
from tests.bpmn.reader.wrong_activities import ACTIVITIES
from tests.bpmn.reader.wrong_clocks import CLOCKS
from tests.bpmn.reader.wrong_data import DATA
from tests.bpmn.reader.wrong_definitions import DEFINITIONS
from tests.bpmn.reader.wrong_events import EVENTS
from tests.bpmn.reader.wrong_extensions import EXTENSIONS
from tests.bpmn.reader.wrong_flows import FLOWS
from tests.bpmn.reader.wrong_models import Wrong
from tests.bpmn.reader.wrong_shapes import SHAPES
from tests.bpmn.reader.wrong_work import WORK

CASES = [*SHAPES, *EVENTS, *DEFINITIONS, *WORK, *DATA, *EXTENSIONS, *CLOCKS, *ACTIVITIES, *FLOWS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_model_is_refused_with_exactly_its_faults(case: Wrong) -> None:
    with pytest.raises(ModelRefused) as refused:
        read(case.xml, "wrong.bpmn")

    lines = case.xml.splitlines() or [""]
    left = list(case.faults)
    for fault in refused.value.faults:
        assert fault.file == "wrong.bpmn"
        assert fault.remedy
        text = lines[max(fault.line - 1, 0)]
        match = [one for one in left if one[0] in text and one[1] == fault.element and one[2] in fault.problem]
        assert match, f"unexpected: {fault}"
        left.remove(match[0])
    assert not left, "\n".join(map(str, refused.value.faults))


def test_there_is_a_case_for_every_name() -> None:
    names = [case.name for case in CASES]

    assert len(names) == len(set(names))
    assert len(names) >= 80


BAD_XML = {
    "entity": '<!DOCTYPE d [<!ENTITY e "x">]><d>&e;</d>',
    "external entity": '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d>&e;</d>',
    "parameter entity": '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1/p.dtd">%p;]><d/>',
    "external DTD": '<!DOCTYPE d SYSTEM "http://127.0.0.1/d.dtd"><d/>',
    "billion laughs": "<!DOCTYPE d ["
    '<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]><d>&j;</d>",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", BAD_XML)
def test_a_file_that_declares_a_dtd_is_refused(name: str, encoding: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        read(BAD_XML[name].encode(encoding))

    (fault,) = refused.value.faults
    assert (fault.line, fault.problem) == (1, "the file declares a DTD")


def test_a_comment_that_speaks_of_a_dtd_does_no_harm() -> None:
    model = model_xml(process(start(), end(), flows=["start > end"]))

    assert read(model.replace("</bpmn:definitions>", "<!-- <!DOCTYPE d> --></bpmn:definitions>")).processes["p"]


@pytest.mark.parametrize(
    "text",
    ["&undefined;", "\x00", "<a", "<a></b>", '<a x="1" x="2"/>', "<x:a/>", "no xml", b"\xff\xfe", b"\x80abc", "\ud800"],
)
def test_what_is_no_xml_is_refused(text: str | bytes) -> None:
    with pytest.raises(ModelRefused, match="not well-formed XML"):
        read(text)


def test_a_model_that_is_nested_too_deeply_is_refused() -> None:
    depth = 5000
    inside = "".join(f'<bpmn:subProcess id="s{n}">' for n in range(depth)) + "</bpmn:subProcess>" * depth
    text = model_xml(process(start(), end(), flows=["start > end"])).replace(
        "</bpmn:process>", inside + "</bpmn:process>"
    )

    with pytest.raises(ModelRefused, match="nested more than"):
        read(text)


def test_faults_of_all_files_are_told_at_once_in_the_order_of_files_and_lines() -> None:
    first, second = SHAPES[0].xml, SHAPES[-1].xml

    with pytest.raises(ModelRefused) as refused:
        read_all({"b.bpmn": second, "a.bpmn": first, "c.form": "{", "d.form": b"\xff"})

    told = [(fault.file, fault.line) for fault in refused.value.faults]
    assert told == sorted(told)
    assert [file for file, _ in told] == ["a.bpmn"] + ["b.bpmn"] * 5 + ["c.form", "d.form"], refused.value


def test_a_process_that_stands_in_two_files_is_refused() -> None:
    model = model_xml(process(start(), end(), flows=["start > end"]))

    with pytest.raises(ModelRefused, match=r"process p stands in a\.bpmn too"):
        read_all({"a.bpmn": model, "b.bpmn": model})


def test_a_fault_says_where_who_what_and_what_would_be_right() -> None:
    assert (
        str(Fault("m.bpmn", 7, "A", "审核", "it has no task definition", "give it one"))
        == "m.bpmn:7: A «审核»: it has no task definition; give it one"
    )
    assert str(Fault("m.bpmn", 0, "", "", "it is empty", "write something")) == "m.bpmn: it is empty; write something"

"""One case over HTTP: its stages, its clocks with their explanation, and what is told when Temporal does not answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from api.case_views import StageState, customer_stages_of, stages_of
from api.diagrams import Stage
from storage.cases import Case, CaseState
from storage.journal_rows import StageReached
from tests.api.counting import statements_of
from tests.api.serving import Site
from tests.api.test_case_table import given
from tests.api.test_journal import accepted
from tests.storage.journals import at, opened, record

NOW = datetime(2026, 3, 5, 2, tzinfo=UTC)
DIAGRAM = (
    Stage("hv", "业务受理"),
    Stage("hv", "现场勘查"),
    Stage("hv", "竣工检验"),
    Stage("grid", "施工"),
    Stage("hv", "客户撤回", aside=True),
)


def process(name: str = "hv", stage: str = "", state: CaseState = CaseState.RUNNING) -> Case:
    return Case(workflow_id=name, process=name, stage=stage, state=state.value, opened_at=NOW)


def reached(*stages: tuple[str, str]) -> list[StageReached]:
    return [StageReached(where, stage, NOW + timedelta(days=n)) for n, (where, stage) in enumerate(stages)]


def test_stages_come_in_the_order_of_the_diagrams_with_those_of_what_is_called() -> None:
    family = [process(stage="现场勘查"), process("grid", stage="施工")]

    shown = stages_of(DIAGRAM, family, reached(("hv", "业务受理"), ("hv", "现场勘查"), ("grid", "施工")))

    assert [(one.name, one.state) for one in shown] == [
        ("业务受理", StageState.DONE),
        ("现场勘查", StageState.NOW),
        ("竣工检验", StageState.TO_COME),
        ("施工", StageState.NOW),
    ]
    assert [one.reached_at for one in shown] == [NOW, NOW + timedelta(days=1), None, NOW + timedelta(days=2)]


def test_a_stage_that_was_reached_again_was_first_reached_before() -> None:
    again = reached(("hv", "业务受理"), ("hv", "现场勘查"), ("hv", "业务受理"))

    shown = stages_of(DIAGRAM, [process(stage="业务受理")], again)

    assert (shown[0].state, shown[0].reached_at) == (StageState.NOW, NOW)


def test_a_withdrawal_is_shown_where_there_was_one_and_brings_the_customer_no_further() -> None:
    withdrawn = process(stage="客户撤回", state=CaseState.COMPLETED)
    ours = stages_of(DIAGRAM, [withdrawn], reached(("hv", "业务受理"), ("hv", "客户撤回")))

    customers = customer_stages_of(withdrawn, ours, frozenset({"客户撤回"}))

    assert [one.name for one in ours if one.state is StageState.DONE] == ["业务受理", "客户撤回"]
    assert [one.state for one in customers] == [StageState.DONE, StageState.TO_COME, StageState.TO_COME]


def test_the_customer_sees_three_stages() -> None:
    main = process(stage="竣工检验")
    ours = stages_of(DIAGRAM, [main], reached(("hv", "业务受理"), ("hv", "现场勘查"), ("hv", "竣工检验")))

    customers = customer_stages_of(main, ours, frozenset())

    assert [(one.name, one.state) for one in customers] == [
        ("业务受理", StageState.DONE),
        ("供电方案答复", StageState.DONE),
        ("竣工检验及装表接电", StageState.NOW),
    ]


async def test_a_new_case_stands_at_the_first_of_all_stages(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)

    told = (await wang.get(f"/cases/{case_no}")).json()

    assert [one["state"] for one in told["customer_stages"]] == ["now", "to come", "to come"]
    assert (told["stages"][0]["name"], told["stages"][0]["state"]) == ("业务受理", "now")
    assert ("grid_project_10kv", "物资领用") in [(one["process"], one["name"]) for one in told["stages"]]
    assert "grid_project_bay_extension" not in {one["process"] for one in told["stages"]}, "that is for 35kV and above"
    assert {one["state"] for one in told["stages"][1:]} == {"to come"}


async def test_the_clocks_of_a_case_say_how_they_came_about(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)

    told = (await wang.get(f"/cases/{case_no}")).json()

    (clock,) = told["clocks"]
    assert told["live"] is True
    assert (clock["name"], clock["state"], clock["limit"]) == ("业务受理", "计时中", "acceptance")
    assert clock["explanation"]
    assert told["missing_papers"] == []


async def test_a_case_that_temporal_does_not_know_is_told_as_it_was_recorded(here: Site) -> None:
    clock = {"clock": "reply", "kind": "起算", "name": "答复", "at": at(3), "due": at(60), "department": "marketing"}
    raised = {"clock": "reply", "level": "L2", "at": at(4), "repeat": 0, "officer": ""}
    case_no = given(here, 1, record(3, "clock", data=clock), record(4, "escalated", data=raised))
    wang = await here.person("wang")

    told = (await wang.get(f"/cases/{case_no}")).json()

    assert (told["live"], told["missing_papers"]) == (False, None)
    assert [(one["name"], one["colour"], one["level"]) for one in told["clocks"]] == [("答复", "红", "超期")]


async def test_a_case_takes_the_same_number_of_statements_however_much_it_has(here: Site) -> None:
    small = given(here, 1)
    large = given(here, 2, *(opened(seq, str(100 + seq), candidateGroups=["marketing"]) for seq in range(3, 23)))
    wang = await here.person("wang")
    counts = []
    for case_no in (small, large):
        count, answer = await statements_of(partial(wang.get, f"/cases/{case_no}"))
        counts.append(count)

    assert len(answer.json()["holders"]) == 21
    assert counts[0] == counts[1]

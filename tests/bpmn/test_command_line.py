"""`python -m bpmn`: what it prints and the codes it exits with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bpmn.__main__ import main
from bpmn.simulation import agenda
from tests.bpmn.building import (
    Shape,
    call,
    catch,
    end,
    error,
    gateway,
    message,
    model_xml,
    process,
    script,
    service,
    signal,
    start,
    task,
    throw,
    timer,
    user,
    zeebe,
)
from tests.bpmn.playing import line

MODELS = Path(__file__).with_name("models")
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes a model of one element into a file of its own and answers the path."""

    def write(*shapes: Any, name: str = "model.bpmn") -> str:
        path = " > ".join(["start", *(shape.id for shape in shapes), "end"])
        text = model_xml(process(start(), *shapes, end(), flows=[path]))
        (tmp_path / name).write_text(text, "utf-8")
        return str(tmp_path / name)

    return write


def code(*arguments: str) -> int:
    try:
        return main(list(arguments))
    except SystemExit as exit_:
        return int(exit_.code or 0)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_completed_run_exits_with_0_and_ends_with_outcome_and_variables(
    written: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code("run", written(script("A", "=x * 2", "y")), "--vars", '{"x": 2}') == 0

    assert lines(capsys)[-1] == {"outcome": "completed", "variables": {"x": 2, "y": 4}}


def test_the_journal_has_exactly_its_fields(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code("run", written(user("A", zeebe("assignmentDefinition", assignee="li"))))

    *journal, _ = lines(capsys)
    for one in journal:
        assert list(one)[:8] == ["instance", "seq", "at", "event", "element", "type", "name", "scope"]
        assert set(list(one)[8:]) <= {"data"}
    assert [line["seq"] for line in journal] == list(range(1, len(journal) + 1))
    assert {line["instance"] for line in journal} == {"p"}
    assert {line["at"] for line in journal} == {"2026-01-05T08:00:00+08:00"}
    opened = next(line for line in journal if line["event"] == "opened")
    assert (opened["element"], opened["type"], opened["data"]["assignee"]) == ("A", "userTask", "li")


def test_the_journal_of_a_case_tells_its_instances_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert code("run", str(MODELS / "withdrawal.bpmn"), "--process", "case", "--vars", '{"caseNo": "1"}') == 0

    *journal, _ = lines(capsys)
    for name in ("case", "case/works-3"):
        seen = [line["seq"] for line in journal if line["instance"] == name]
        assert seen == list(range(1, len(seen) + 1))


def test_a_refused_model_exits_with_2_and_says_everything_that_is_wrong(
    written: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(task("serviceTask", "A"), task("scriptTask", "B"))

    for command in ("check", "run"):
        assert code(command, path) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert "A: it has no task definition" in told.err
        assert "B: it has no FEEL expression" in told.err


def test_what_still_waits_at_the_end_exits_with_3(
    written: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "script.json"
    plan.write_text('{"elements": {"A": [{"do": "wait"}]}}')

    assert code("run", written(user("A")), "--script", str(plan), "--vars", '{"x": 1}') == 3

    assert lines(capsys)[-1] == {"outcome": "waiting", "variables": {"x": 1}}


def test_an_incident_exits_with_4(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert code("run", written(service("A", zeebe("taskHeaders")), script("B", "=1", "r")), "--vars", "{}") == 0
    assert (
        code("run", written(task("businessRuleTask", "A", zeebe("calledDecision", decisionId="d", resultVariable="r"))))
        == 4
    )

    assert lines(capsys)[-1]["outcome"] == "incident"


def test_an_uncaught_error_exits_with_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.bpmn"
    path.write_text(model_xml(process(start(), end("bad", error("E")), flows=["start > bad"])))

    assert code("run", str(path)) == 4

    *journal, last = lines(capsys)
    assert last["outcome"] == "incident"
    assert journal[-1]["data"] == {
        "kind": "uncaught error",
        "message": "nothing catches the error E",
        "reason": "uncaught error",
        "code": "E",
    }


# -- several processes -----------------------------------------------------------------------------------------------


@pytest.fixture
def several(tmp_path: Path) -> Callable[..., str]:
    """Writes processes into one file and answers the path."""

    def write(*processes: Shape) -> str:
        (tmp_path / "several.bpmn").write_text(model_xml(*processes), "utf-8")
        return str(tmp_path / "several.bpmn")

    return write


Several = Callable[..., str]


def test_without_a_chosen_process_all_that_a_file_starts_runs(
    several: Several, capsys: pytest.CaptureFixture[str]
) -> None:
    path = several(line("p", script("A", "=x + 1", "y")), line("q", script("B", "=x + 2", "z")))

    assert code("run", path, "--vars", '{"x": 1}') == 0

    *journal, last = lines(capsys)
    assert {line["instance"] for line in journal} == {"p", "q"}
    assert last == {
        "outcome": "completed",
        "variables": {"x": 1, "y": 2},
        "instances": {
            "p": {"outcome": "completed", "variables": {"x": 1, "y": 2}},
            "q": {"outcome": "completed", "variables": {"x": 1, "z": 3}},
        },
    }


def test_a_chosen_process_runs_alone_and_its_result_stands_for_the_run(
    several: Several, capsys: pytest.CaptureFixture[str]
) -> None:
    path = several(line("p", user("A")), line("q", script("B", "=x + 2", "z")))

    assert code("run", path, "--process", "q", "--vars", '{"x": 1}') == 0

    assert lines(capsys)[-1] == {"outcome": "completed", "variables": {"x": 1, "z": 3}}


def test_first_processes_begin_before_the_others(several: Several, capsys: pytest.CaptureFixture[str]) -> None:
    path = several(line("p", throw("A", signal("Go"))), line("q", service("B"), catch("C", signal("Go"))))

    assert code("run", path) == 3
    assert code("run", path, "--first", "q") == 0

    assert lines(capsys)[-1]["instances"]["q"]["outcome"] == "completed"


def test_several_first_processes_begin_in_their_order(several: Several, capsys: pytest.CaptureFixture[str]) -> None:
    assert code("run", several(line("p"), line("q"), line("r")), "--first", "r", "--first", "q") == 0

    begun = [line["instance"] for line in lines(capsys)[:-1] if line["seq"] == 1]
    assert begun == ["r", "q", "p"]


def test_what_waits_in_any_instance_exits_with_3(several: Several, capsys: pytest.CaptureFixture[str]) -> None:
    assert code("run", several(line("p"), line("q", catch("C", signal("Go"))))) == 3

    last = lines(capsys)[-1]
    assert (last["outcome"], last["instances"]["p"]["outcome"]) == ("waiting", "completed")


def test_an_incident_in_any_instance_exits_with_4(several: Several, capsys: pytest.CaptureFixture[str]) -> None:
    failing = process(start("s"), end("bad", error("E")), flows=["s > bad"], id_="q")

    assert code("run", several(line("p"), failing)) == 4

    assert lines(capsys)[-1]["instances"]["q"]["outcome"] == "incident"


def test_a_file_of_which_nothing_begins_waits(several: Several, capsys: pytest.CaptureFixture[str]) -> None:
    assert code("run", several(line("p", begin=start("s", message("Order", ""))))) == 3

    assert lines(capsys) == [{"outcome": "waiting", "variables": {}}]


# -- time ------------------------------------------------------------------------------------------------------------


def test_time_ends_at_the_horizon(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(catch("T", timer("PT2H")))

    assert code("run", path, "--horizon", "7199.5") == 3
    assert code("run", path, "--horizon", "7200") == 0

    assert lines(capsys)[-1]["outcome"] == "completed"


def test_endless_repetition_ends_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(agenda, "MAX_EVENTS", 20)
    path = tmp_path / "endless.bpmn"
    path.write_text(model_xml(process(start(), gateway("exclusive", "G"), user("A"), flows=["start > G > A > G"])))

    assert code("run", str(path)) == 3

    assert "it repeats for ever, give it a --horizon" in capsys.readouterr().err


ENDLESS = {
    "of gateways and scripts": (script("A", "=1", "x"), 4, ""),
    "of user tasks": (user("A"), 3, "and no time passed: it repeats for ever"),
    "of signals": (throw("A", signal("S")), 4, ""),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_loop_that_takes_no_time_is_ended_soon(kind: str, tmp_path: Path) -> None:
    shape, expected, told = ENDLESS[kind]
    path = tmp_path / "endless.bpmn"
    path.write_text(model_xml(process(start(), gateway("exclusive", "G"), shape, flows=["start > G > A > G"])))

    done = subprocess.run(
        [sys.executable, "-m", "bpmn", "run", str(path), "--horizon", "10"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    printed = done.stdout.splitlines()
    assert done.returncode == expected
    assert len(printed) < 150_000
    assert told in done.stderr
    if expected == 4:
        (incident,) = [line for line in map(json.loads, printed[-3:]) if line.get("event") == "incident"]
        assert incident["data"]["kind"] == "endless loop"


def test_a_process_that_calls_itself_for_ever_is_an_incident(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert code("run", written(call("A", "p"))) == 4

    printed = lines(capsys)
    (incident,) = [line for line in printed if line.get("event") == "incident"]
    assert incident["element"] == "A"
    assert "100 calls are nested in each other" in incident["data"]["message"]
    assert len(printed) < 1_000


def test_in_real_time_timers_are_waited_for(
    written: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("bpmn.__main__.sleep", waited.append)
    before = datetime.now(UTC)

    assert code("run", written(catch("T", timer("PT1H"))), "--real-time") == 0

    (seconds,) = waited
    assert 3500 < seconds <= 3600
    assert before <= datetime.fromisoformat(lines(capsys)[0]["at"]) <= datetime.now(UTC)


def test_a_run_that_is_interrupted_ends_with_what_it_has_come_to(
    written: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bpmn.__main__.sleep", interrupted)

    assert code("run", written(script("A", "=1", "x"), catch("T", timer("PT1H"))), "--real-time") == 3

    assert lines(capsys)[-1] == {"outcome": "waiting", "variables": {"x": 1}}


def test_help_tells_every_option_of_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert code("run", "--help") == 0

    told = capsys.readouterr().out
    assert [
        o for o in ("--process", "--first", "--vars", "--script", "--horizon", "--real-time") if o not in told
    ] == []
    assert "4 incident or uncaught error" in told


def test_check_says_that_nothing_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(MODELS.glob("*.bpmn"))

    assert code("check", *map(str, files)) == 0

    *warnings, last = capsys.readouterr().out.splitlines()
    assert last == f"{len(files)} file(s), nothing wrong"
    assert all(line.startswith("warning: ") for line in warnings)


def test_check_lists_what_other_programs_have_written_into_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (MODELS / "signals.bpmn").read_text("utf-8")
    head = '<bpmn:definitions xmlns:o="http://other" o:owner="li"'
    path = tmp_path / "kept.bpmn"
    path.write_text(text.replace("<bpmn:definitions", head, 1), "utf-8")

    assert code("check", str(path)) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert any(line.endswith("{http://other}@owner is kept, and says nothing of what runs") for line in lines)
    assert last == "1 file(s), nothing wrong"


def test_feel_prints_the_value_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert code("feel", "{sum: a + 1.5, days: [x, date(d)]}", "--vars", '{"a": 1, "x": "好", "d": "2026-01-05"}') == 0

    assert capsys.readouterr().out == '{"sum": 2.5, "days": ["好", "2026-01-05"]}\n'


def test_feel_knows_working_days_and_names_with_spaces(capsys: pytest.CaptureFixture[str]) -> None:
    assert code("feel", 'working days after(date("2026-01-05"), due days)', "--vars", '{"due days": 3}') == 0

    assert capsys.readouterr().out == '"2026-01-08"\n'


def test_feel_tells_why_a_value_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    assert code("feel", '1 + "a"') == 0

    told = capsys.readouterr()
    assert told.out == "null\n"
    assert told.err


def test_feel_that_cannot_be_read_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert code("feel", "1 +") == 2

    assert capsys.readouterr().err


USAGE = [
    [],
    ["dance"],
    ["run"],
    ["run", "nowhere.bpmn"],
    ["check", "nowhere.bpmn"],
    ["check"],
    ["run", "MODEL", "--vars", "[]"],
    ["run", "MODEL", "--vars", "{"],
    ["run", "MODEL", "--vars", '{"x": NaN}'],
    ["run", "MODEL", "--process", "nobody"],
    ["run", "MODEL", "--script", "nowhere.json"],
    ["run", "MODEL", "--dance"],
    ["run", "MODEL", "--first", "nobody"],
    ["run", "MODEL", "--horizon", "soon"],
    ["run", "MODEL", "--horizon", "-1"],
    ["run", "MODEL", "--horizon", "nan"],
    ["run", "MODEL", "--horizon", "1e300"],
    ["run", "DECISION"],
    ["feel"],
    ["feel", "1", "--vars", "no"],
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_usage_exits_with_64(
    arguments: list[str], written: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decision = tmp_path / "d.form"
    decision.write_text('{"type": "default", "id": "f", "components": []}')
    files = {"MODEL": written(user("A")), "DECISION": str(decision)}

    assert code(*(files.get(argument, argument) for argument in arguments)) == 64

    told = capsys.readouterr()
    assert told.out == ""
    assert "usage:" in told.err


def test_a_script_of_another_form_is_wrong_usage(written: Any, tmp_path: Path) -> None:
    plan = tmp_path / "script.json"
    for text in ("{", "[]", '{"elements": {"A": [{"do": "dance"}]}}', '{"elements": {"A": [{"after": "soon"}]}}'):
        plan.write_text(text)
        assert code("run", written(user("A")), "--script", str(plan)) == 64


def test_a_run_reads_what_the_file_refers_to_from_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.bpmn").write_text(model_xml(process(start(), call("C", "q"), end(), flows=["start > C > end"])))
    called = process(start("s"), script("A", "=1", "r"), end("e"), flows=["s > A > e"], id_="q")
    (tmp_path / "two.bpmn").write_text(model_xml(called))
    (tmp_path / "broken.bpmn").write_text("<not even xml")

    assert code("run", str(tmp_path / "one.bpmn")) == 0

    assert lines(capsys)[-1] == {"outcome": "completed", "variables": {"r": 1}}


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bpmn", "run", str(MODELS / "payment.bpmn"), "--vars", '{"orderNo": 7}'],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"outcome": "completed", "variables": {"orderNo": 7}}

"""A set of diagrams, decisions and forms becomes current as a whole, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import delete

from api.checking import MAX_BUNDLE
from api.deployment import SHIPPED, Author, Outcome, check_files, deploy, main, read_folder, roll_back
from bpmn.faults import ModelRefused
from domain.limits import LimitTable
from storage.bundles import current_bundle, message_starts
from storage.database import Database
from storage.definitions import current_definitions
from storage.deployments import deployment, deployments
from storage.rules import RuleKind, load_rules
from storage.settings import Settings
from storage.timer_starts import TimerStart, timer_starts
from tests.bpmn.building import call, end, message, model_xml, parallel, process, start, timer, user
from tests.databases import migrated

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = {path.stem: 1 for path in SHIPPED.glob("*.bpmn")}
"""The version of each process after it has been deployed once."""


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return migrated(tmp_path / "test.db")


def version(database: Database, process: str) -> int:
    with database.session() as session:
        bundle = current_bundle(session, process)
        return bundle.version if bundle else 0


def test_the_shipped_diagrams_become_current(database: Database) -> None:
    outcome = deploy(database, read_folder(SHIPPED), NOW)

    assert outcome.versions == FIRST
    assert version(database, "hv_connection") == 1


def test_deploying_the_same_again_makes_no_new_version(database: Database) -> None:
    first = deploy(database, read_folder(SHIPPED), NOW)

    again = deploy(database, read_folder(SHIPPED), NOW)

    assert (first.new, again.new) == (True, False)
    assert (again.deployment.id, set(again.versions.values())) == (1, {1})


def test_a_changed_diagram_is_a_new_version_of_every_process_that_contains_it(database: Database) -> None:
    files = read_folder(SHIPPED)
    deploy(database, files, NOW)

    files["energization.bpmn"] = files["energization.bpmn"].replace('name="停送电申请"', 'name="提出停送电申请"')
    deploy(database, files, NOW)

    assert version(database, "energization") == 2
    assert version(database, "hv_connection") == 2
    assert version(database, "grid_project_10kv") == 1


def test_a_faulty_file_changes_nothing_and_names_the_element(database: Database) -> None:
    files = read_folder(SHIPPED)
    deploy(database, files, NOW)
    files["energization.bpmn"] = files["energization.bpmn"].replace("bpmn:userTask", "bpmn:complexGateway")

    with pytest.raises(ModelRefused) as refused:
        deploy(database, files, NOW)

    assert any(fault.element == "apply_outage" and fault.line > 0 for fault in refused.value.faults)
    assert version(database, "energization") == 1


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("energization.bpmn", "the process energization is in none of the files"),
        ("supply_plan.form", "the form supply_plan is in none of the files"),
        ("classify_case.dmn", "the decision classify_case is in none of the files"),
    ],
)
def test_what_a_diagram_refers_to_must_be_deployed_with_it(database: Database, missing: str, words: str) -> None:
    files = {name: text for name, text in read_folder(SHIPPED).items() if name != missing}

    with pytest.raises(ModelRefused, match=words):
        deploy(database, files, NOW)


def test_a_process_that_a_diagram_may_choose_must_be_deployed_with_it(database: Database) -> None:
    chosen = '=if kv >= 35 then "errand" else "nowhere"'
    files = {
        "a.bpmn": model_xml(process(start(), call("C", chosen), end(), flows=["start > C > end"], id_="caller")),
        "b.bpmn": model_xml(process(start(), user("T"), end(), flows=["start > T > end"], id_="errand")),
    }

    with pytest.raises(ModelRefused, match="the process nowhere is in none of the files") as refused:
        deploy(database, files, NOW)

    assert [fault.element for fault in refused.value.faults] == ["C"]


def test_a_clock_of_an_unknown_limit_is_refused_with_its_name(database: Database) -> None:
    files = read_folder(SHIPPED)
    files["energization.bpmn"] = files["energization.bpmn"].replace('limit="energization"', 'limit="fortnight"')

    with pytest.raises(ModelRefused, match="时限表中没有环节“fortnight”"):
        deploy(database, files, datetime.now(UTC))


def test_a_bundle_over_a_megabyte_compressed_is_refused(database: Database) -> None:
    files = read_folder(SHIPPED)
    noise = Random(1).randbytes(MAX_BUNDLE).hex()
    name = "energization.bpmn"
    files[name] = files[name].replace(
        '<bpmn:userTask id="apply_outage"', f'<bpmn:userTask id="apply_outage_noise_{noise}"', 1
    )
    files[name] = files[name].replace('"apply_outage"', f'"apply_outage_noise_{noise}"')
    files[name] = files[name].replace(">apply_outage<", f">apply_outage_noise_{noise}<")

    with pytest.raises(ModelRefused, match="at most 1048576 travel with a case"):
        deploy(database, files, NOW)


def test_the_command_says_every_fault_and_exits_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YEKUO_VAR", str(tmp_path))
    Database(Settings().database).migrate()
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "broken.bpmn").write_text("<broken")

    assert main([str(folder)]) == 2
    assert "broken.bpmn" in capsys.readouterr().err


def changed(text: str = "提出停送电申请") -> dict[str, str]:
    """One shipped diagram with another name for an element."""
    name = "energization.bpmn"
    return {name: read_folder(SHIPPED)[name].replace('name="停送电申请"', f'name="{text}"')}


def roll(database: Database, number: int) -> Outcome:
    with database.transaction() as session:
        wanted = deployment(session, number)
        assert wanted is not None
        return roll_back(session, wanted, NOW, Author("zhao", "退回"))


def test_files_that_are_not_sent_stay_as_they_are(database: Database) -> None:
    deploy(database, read_folder(SHIPPED), NOW)

    outcome = deploy(database, changed(), NOW)

    assert outcome.versions == FIRST | {"hv_connection": 2, "energization": 2}
    moved = [one["file"] for one in outcome.deployment.files if one["changed"]]
    assert moved == ["energization.bpmn"]
    assert len(outcome.deployment.files) == len(read_folder(SHIPPED))


def test_a_file_is_checked_with_what_is_current_and_a_faulty_set_changes_nothing(database: Database) -> None:
    deploy(database, read_folder(SHIPPED), NOW)
    renamed = {"classify_case.dmn": read_folder(SHIPPED)["classify_case.dmn"].replace("classify_case", "other")}

    with pytest.raises(ModelRefused, match="the decision classify_case is in none of the files"):
        deploy(database, renamed, NOW)

    with database.session() as session:
        assert len(deployments(session, limit=9)) == 1


def test_what_would_change_is_told_without_changing_it(database: Database) -> None:
    deploy(database, read_folder(SHIPPED), NOW)

    with database.session() as session:
        assert check_files(session, {**read_folder(SHIPPED), **changed()}, NOW) == ["energization.bpmn"]

    assert version(database, "energization") == 1


def test_rolling_back_makes_the_sources_of_a_deployment_current_as_a_new_one(database: Database) -> None:
    deploy(database, read_folder(SHIPPED), NOW)
    deploy(database, changed(), NOW)

    outcome = roll(database, 1)

    assert (outcome.deployment.id, outcome.deployment.rolls_back, outcome.deployment.deployed_by) == (3, 1, "zhao")
    assert outcome.versions == FIRST | {"hv_connection": 3, "energization": 3}
    with database.session() as session:
        now = {one.file_name: one.source for one in current_definitions(session)}
    assert now == read_folder(SHIPPED)


def test_rolling_back_takes_out_of_use_what_came_later(database: Database) -> None:
    deploy(database, read_folder(SHIPPED), NOW)
    errand = process(start(), user("T"), end(), flows=["start > T > end"], id_="errand")
    deploy(database, {"errand.bpmn": model_xml(errand)}, NOW)
    assert version(database, errand.id) == 1

    roll(database, 1)

    assert version(database, errand.id) == 0
    with database.session() as session:
        assert "errand.bpmn" not in {one.file_name for one in current_definitions(session)}


def test_rolling_back_to_what_is_current_changes_nothing(database: Database) -> None:
    deploy(database, read_folder(SHIPPED), NOW)

    outcome = roll(database, 1)

    assert (outcome.new, outcome.deployment.id) == (False, 1)


def test_a_rollback_that_the_limits_of_today_do_not_serve_is_refused(database: Database) -> None:
    files = read_folder(SHIPPED)
    deploy(database, files, NOW)
    renamed = {"energization.bpmn": files["energization.bpmn"].replace('limit="energization"', 'limit="switching"')}
    table = LimitTable.shipped().to_json()
    step = next(row for row in table["rows"] if row["step"] == "energization")
    with database.transaction() as session:
        both = {**table, "rows": [*table["rows"], {**step, "step": "switching", "id": "switching"}]}
        load_rules(session, RuleKind.LIMITS, both, "", "zhao", NOW)
    deploy(database, renamed, NOW)
    with database.transaction() as session:
        rows = [row for row in both["rows"] if row["step"] != "energization"]
        load_rules(session, RuleKind.LIMITS, {**table, "rows": rows}, "", "zhao", NOW)

    with pytest.raises(ModelRefused, match="时限表中没有环节“energization”"):
        roll(database, 1)

    assert version(database, "energization") == 2


def started_by(word: str, name: str) -> str:
    return model_xml(process(start("start", message(word)), user("T"), end(), flows=["start > T > end"], id_=name))


def test_a_message_that_would_start_two_processes_is_refused_by_its_start_event(database: Database) -> None:
    with pytest.raises(ModelRefused, match="message 'm' starts process q too"):
        deploy(database, {"p.bpmn": started_by("m", "p"), "q.bpmn": started_by("m", "q")}, NOW)


def test_a_message_may_move_from_one_process_to_another(database: Database) -> None:
    deploy(database, {"z.bpmn": started_by("m", "z"), "a.bpmn": started_by("n", "a")}, NOW)

    outcome = deploy(database, {"a.bpmn": started_by("m", "a"), "z.bpmn": started_by("o", "z")}, NOW)

    assert outcome.versions == {"a": 2, "z": 2}
    with database.session() as session:
        assert message_starts(session) == {"m": "a", "o": "z"}


def test_a_message_that_a_process_needs_beside_others_may_start_no_other(database: Database) -> None:
    needed = model_xml(
        process(parallel(start("s", message("m", key=""), message("n", key=""))), end(), flows=["s > end"])
    )

    with pytest.raises(ModelRefused, match="message 'm' starts process a too"):
        deploy(database, {"needed.bpmn": needed, "a.bpmn": started_by("m", "a")}, NOW)


def test_the_command_can_leave_what_others_deployed_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YEKUO_VAR", str(tmp_path))
    database = Database(Settings().database)
    database.migrate()
    assert main(["--keep"]) == 0
    assert main(["--keep"]) == 0
    deploy(database, changed(), NOW, by="zhao")

    assert main(["--keep"]) == 0
    kept = version(database, "energization")
    assert main([]) == 0

    assert (kept, version(database, "energization")) == (2, 3)
    assert "deployment 2 by zhao stays current" in capsys.readouterr().out


def test_what_is_left_as_it_is_begins_at_its_times_though_it_was_deployed_before_these_were_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YEKUO_VAR", str(tmp_path))
    database = Database(Settings().database)
    database.migrate()
    timed = process(start("t", timer("cycle=0 0 8 * * MON")), end(), flows=["t > end"], id_="timed")
    deploy(database, {"timed.bpmn": model_xml(timed)}, NOW, by="zhao")
    with database.transaction() as session:
        session.execute(delete(TimerStart))

    assert main(["--keep"]) == 0

    with database.session() as session:
        (first,) = timer_starts(session)
    assert (first.process, first.element, first.timer) == ("timed", "t", "cycle 0 0 8 * * MON")
    assert main(["--keep"]) == 0
    with database.session() as session:
        assert [one.due for one in timer_starts(session)] == [first.due]
    assert "stays current" in capsys.readouterr().out

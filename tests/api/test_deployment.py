"""A set of diagrams, decisions and forms becomes current as a whole, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from api.deployment import MAX_BUNDLE, SHIPPED, deploy, main, read_folder
from bpmn.faults import ModelRefused
from storage.bundles import current_bundle
from storage.database import Database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    database.migrate()
    return database


def version(database: Database, process: str) -> int:
    with database.session() as session:
        bundle = current_bundle(session, process)
        return bundle.version if bundle else 0


def test_the_shipped_diagrams_become_current(database: Database) -> None:
    deployed = deploy(database, read_folder(SHIPPED), NOW)

    assert {one.process for one in deployed} == {"hv_connection", "grid_project_10kv", "energization"}
    assert version(database, "hv_connection") == 1


def test_deploying_the_same_again_makes_no_new_version(database: Database) -> None:
    deploy(database, read_folder(SHIPPED), NOW)

    assert all(one.version == 1 for one in deploy(database, read_folder(SHIPPED), NOW))


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
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "broken.bpmn").write_text("<broken")

    assert main([str(folder)]) == 2
    assert "broken.bpmn" in capsys.readouterr().err

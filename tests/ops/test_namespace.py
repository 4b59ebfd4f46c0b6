"""What a worker does to its namespace before it takes cases, on the real dev server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment

from workflows.namespace import (
    CASE_NO,
    RETENTION,
    SEARCH_ATTRIBUTES,
    NamespaceUnfit,
    Target,
    connect,
    connect_later,
    create_namespace,
    prepare_namespace,
    target,
)

_names = iter(f"prepared-{n}" for n in range(1000))


@pytest_asyncio.fixture(loop_scope="session")
async def fresh(dev_server: WorkflowEnvironment) -> AsyncIterator[Client]:
    """A client of a namespace that is new on the dev server: one day's retention, no attributes of ours."""
    name = next(_names)
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await dev_server.client.workflow_service.register_namespace(request)
    yield await connect_later(_address(dev_server), name)


def _address(environment: WorkflowEnvironment) -> str:
    return environment.client.service_client.config.target_host


async def _retention(client: Client) -> timedelta:
    answer = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    return answer.config.workflow_execution_retention_ttl.ToTimedelta()


async def _attributes(client: Client) -> dict[str, int]:
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return dict(answer.custom_attributes)


async def test_closed_cases_are_kept_for_ten_years(fresh: Client) -> None:
    await prepare_namespace(fresh)

    assert await _retention(fresh) == timedelta(days=3650)


async def test_every_search_attribute_is_there_with_its_type(fresh: Client) -> None:
    await prepare_namespace(fresh)

    assert await _attributes(fresh) == {key.name: int(key.indexed_value_type) for key in SEARCH_ATTRIBUTES}


async def test_preparing_again_changes_nothing(fresh: Client) -> None:
    await prepare_namespace(fresh)
    before = (await _retention(fresh), await _attributes(fresh))

    await prepare_namespace(fresh)

    assert (await _retention(fresh), await _attributes(fresh)) == before


async def test_workers_that_start_together_do_not_disturb_each_other(fresh: Client) -> None:
    await asyncio.gather(*(prepare_namespace(fresh) for _ in range(5)))

    assert await _retention(fresh) == RETENTION
    assert len(await _attributes(fresh)) == len(SEARCH_ATTRIBUTES)


async def test_a_longer_retention_is_kept(fresh: Client) -> None:
    longer = UpdateNamespaceRequest(namespace=fresh.namespace)
    longer.config.workflow_execution_retention_ttl.FromTimedelta(timedelta(days=7300))
    await fresh.workflow_service.update_namespace(longer)

    await prepare_namespace(fresh)

    assert await _retention(fresh) == timedelta(days=7300)


async def test_an_attribute_of_another_type_is_refused_by_name(fresh: Client) -> None:
    keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    await fresh.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=fresh.namespace, search_attributes={"DueAt": keyword})
    )

    with pytest.raises(NamespaceUnfit, match=r"DueAt .*KEYWORD.*DATETIME.*YEKUO_NAMESPACE"):
        await prepare_namespace(fresh)


async def test_a_case_is_found_by_its_number_right_after_preparation(fresh: Client) -> None:
    await prepare_namespace(fresh)
    attributes = TypedSearchAttributes([SearchAttributePair(CASE_NO, "C-1")])
    await fresh.start_workflow("hv_connection", id="case-1", task_queue="nobody", search_attributes=attributes)

    assert await _found(fresh, "CaseNo = 'C-1'") == ["case-1"]


async def _found(client: Client, query: str) -> list[str]:
    for _ in range(100):
        if found := [execution.id async for execution in client.list_workflows(query)]:
            return found
        await asyncio.sleep(0.05)
    return []


def test_the_attributes_fit_into_sql_visibility() -> None:
    counts: dict[Any, int] = {}
    for key in SEARCH_ATTRIBUTES:
        counts[key.indexed_value_type] = counts.get(key.indexed_value_type, 0) + 1

    assert counts.pop(CASE_NO.indexed_value_type) <= 10
    assert all(count <= 3 for count in counts.values())


async def test_a_namespace_that_does_not_exist_is_named_in_the_refusal(dev_server: WorkflowEnvironment) -> None:
    client = await connect(_address(dev_server), "nowhere")

    with pytest.raises(NamespaceUnfit, match="'nowhere'"):
        await prepare_namespace(client, within=timedelta(seconds=0.3))


async def test_waiting_for_a_server_that_never_comes_ends(free_port: Callable[[], int]) -> None:
    port = free_port()
    begin = time.monotonic()

    with pytest.raises(NamespaceUnfit, match=f"127.0.0.1:{port} cannot be reached within"):
        await connect(f"127.0.0.1:{port}", "default", within=timedelta(seconds=0.5))

    assert time.monotonic() - begin < 3


async def test_a_worker_waits_for_a_server_that_comes_later(
    dev_server: WorkflowEnvironment, free_port: Callable[[], int]
) -> None:
    port = free_port()
    connecting = asyncio.create_task(connect(f"127.0.0.1:{port}", "default"))
    await asyncio.sleep(0.3)
    assert not connecting.done()

    host, real_port = _address(dev_server).rsplit(":", 1)
    relay = await asyncio.start_server(
        lambda reader, writer: _relay(reader, writer, host, int(real_port)), "127.0.0.1", port
    )
    try:
        client = await asyncio.wait_for(connecting, 10)
        assert await client.service_client.check_health()
    finally:
        relay.close()


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
    far_reader, far_writer = await asyncio.open_connection(host, port)
    await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def test_the_environment_chooses_another_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "hebei")

    client = await connect_later("127.0.0.1:7233", "default")

    assert client.service_client.config.target_host == "temporal.example:7233"
    assert client.namespace == "hebei"


async def test_a_personal_configuration_file_is_read_only_when_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    file = tmp_path / "temporalio" / "temporal.toml"
    file.parent.mkdir()
    file.write_text('[profile.default]\naddress = "personal.example:7233"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    by_accident = await connect_later("127.0.0.1:7233", "default")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    on_purpose = await connect_later("127.0.0.1:7233", "default")

    assert by_accident.service_client.config.target_host == "127.0.0.1:7233"
    assert on_purpose.service_client.config.target_host == "personal.example:7233"


async def test_a_namespace_that_is_missing_is_made_with_ten_years(dev_server: WorkflowEnvironment) -> None:
    client = await connect_later(_address(dev_server), next(_names))

    assert await create_namespace(client)

    await prepare_namespace(client)
    assert await _retention(client) == RETENTION
    assert await _attributes(client) == {key.name: int(key.indexed_value_type) for key in SEARCH_ATTRIBUTES}


async def test_a_namespace_that_is_there_is_left_as_it_is(fresh: Client) -> None:
    assert not await create_namespace(fresh)

    assert await _retention(fresh) == timedelta(days=1)


async def test_without_a_server_no_namespace_is_made_and_the_reason_is_told(free_port: Callable[[], int]) -> None:
    client = await connect_later(f"127.0.0.1:{free_port()}", "nowhere")

    with pytest.raises(NamespaceUnfit, match="does not make the namespace 'nowhere'"):
        await create_namespace(client, within=timedelta(seconds=0.3))


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Target("127.0.0.1:7233", False, False)),
        ({"TEMPORAL_ADDRESS": "temporal:7233"}, Target("temporal:7233", False, True)),
        ({"TEMPORAL_ADDRESS": "temporal:7233", "TEMPORAL_TLS": "true"}, Target("temporal:7233", True, True)),
        ({"TEMPORAL_ADDRESS": "cloud:7233", "TEMPORAL_API_KEY": "key"}, Target("cloud:7233", True, True)),
    ],
)
def test_the_target_is_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: Target
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert target("127.0.0.1:7233") == expected


def test_the_api_key_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("the key\n", "utf-8")
    monkeypatch.setenv("TEMPORAL_API_KEY_FILE", str(tmp_path / "key"))

    assert target("127.0.0.1:7233").encrypted


def test_an_api_key_file_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(NamespaceUnfit, match="TEMPORAL_API_KEY_FILE"):
        target("127.0.0.1:7233")

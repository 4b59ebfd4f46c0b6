"""The Temporal namespace the cases live in: how to reach it, and what it must hold before a case may start.

Needed by the worker and the API alike, so it stands here; no workflow code runs in it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError, RPCStatusCode

T = TypeVar("T")

CASE_NO = SearchAttributeKey.for_keyword("CaseNo")
CASE_TYPE = SearchAttributeKey.for_keyword("CaseType")
VOLTAGE_KV = SearchAttributeKey.for_keyword("VoltageKV")
COUNTY = SearchAttributeKey.for_keyword("County")
STAGE = SearchAttributeKey.for_keyword("Stage")
DEPARTMENTS = SearchAttributeKey.for_keyword_list("Departments")
OFFICER = SearchAttributeKey.for_keyword("Officer")
DUE_AT = SearchAttributeKey.for_datetime("DueAt")
DEADLINE_STATUS = SearchAttributeKey.for_keyword("DeadlineStatus")
INCIDENT = SearchAttributeKey.for_bool("Incident")

SEARCH_ATTRIBUTES: tuple[SearchAttributeKey[Any], ...] = (
    CASE_NO,
    CASE_TYPE,
    VOLTAGE_KV,
    COUNTY,
    STAGE,
    DEPARTMENTS,
    OFFICER,
    DUE_AT,
    DEADLINE_STATUS,
    INCIDENT,
)
"""What lists of cases filter by. A SQL visibility store has room for 10 keywords and 3 of each other type."""

RETENTION = timedelta(days=3650)
"""How long a closed case stays readable in Temporal: ten years."""

_CALL = timedelta(seconds=5)
_PAUSE = 0.1


class NamespaceUnfit(Exception):
    """Temporal cannot hold our cases here; the text says why and what would help."""


@dataclass(frozen=True)
class Target:
    """Where a process would go: `chosen` if the environment names the address, `encrypted` if by TLS."""

    address: str
    encrypted: bool
    chosen: bool


def target(address: str) -> Target:
    """Where `connect` goes; `address` is the one that Temporal's own variables go before."""
    config = _client_config("", "")
    found = config.get("target_host", "")
    return Target(found or address, bool(config.get("tls", False)), bool(found))


async def connect(
    address: str,
    namespace: str,
    data_converter: DataConverter = DataConverter.default,
    within: timedelta = timedelta(seconds=30),
) -> Client:
    """A connected client, as workers need it; waits for a server that is still starting.

    Temporal's own environment variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, TLS, ...) go
    before `address` and `namespace`; the API key may also stand in a file that `TEMPORAL_API_KEY_FILE` names. A
    configuration file is read only where `TEMPORAL_CONFIG_FILE` names it: the personal one of whoever starts a process
    must not send cases to another cluster.
    Raises `NamespaceUnfit` where no server answers within `within`.
    """
    config = _client_config(address, namespace)
    return await _patiently(
        lambda: Client.connect(**config, data_converter=data_converter),
        within,
        f"Temporal at {config.get('target_host')} cannot be reached",
    )


async def connect_later(address: str, namespace: str, data_converter: DataConverter = DataConverter.default) -> Client:
    """A client that connects at its first call, for processes that start without Temporal; otherwise as `connect`."""
    return await Client.connect(**_client_config(address, namespace), data_converter=data_converter, lazy=True)


async def create_namespace(client: Client, within: timedelta = timedelta(seconds=60)) -> bool:
    """Makes the client's namespace with ten years' retention; False where it is there already, whatever its retention.

    Waits for a server that is still starting. Raises `NamespaceUnfit` where none answers within `within`.
    """
    request = RegisterNamespaceRequest(namespace=client.namespace, description="电力业扩工单")
    request.workflow_execution_retention_period.FromTimedelta(RETENTION)

    async def register() -> bool:
        try:
            await client.workflow_service.register_namespace(request, timeout=_CALL)
        except RPCError as error:
            if error.status is not RPCStatusCode.ALREADY_EXISTS:
                raise
            return False
        return True

    return await _patiently(register, within, f"Temporal does not make the namespace {client.namespace!r}")


async def prepare_namespace(client: Client, within: timedelta = timedelta(seconds=30)) -> None:
    """Gives the namespace, as soon as it answers, our search attributes and ten years' retention.

    Changes only what is missing, so every worker may call it at its start; a longer retention is kept.
    Raises `NamespaceUnfit` where the namespace does not answer within `within`, or an attribute of one of
    our names has another type.
    """
    answer = await _patiently(
        lambda: client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=_CALL
        ),
        within,
        f"Temporal does not answer for the namespace {client.namespace!r}",
    )
    if answer.config.workflow_execution_retention_ttl.ToTimedelta() < RETENTION:
        await _keep_closed_cases(client)
    if missing := await missing_attributes(client):
        await add_search_attributes(client, missing)
        await _until_listed(client)


async def add_search_attributes(client: Client, keys: Sequence[SearchAttributeKey[Any]] = SEARCH_ATTRIBUTES) -> None:
    """Registers `keys`; what is there already stays.

    All that the time-skipping server can do of `prepare_namespace`: it neither lists attributes nor keeps a retention.
    """
    request = AddSearchAttributesRequest(
        namespace=client.namespace, search_attributes={key.name: _value_type(key) for key in keys}
    )
    try:
        await client.operator_service.add_search_attributes(request, timeout=_CALL)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise


async def missing_attributes(client: Client, timeout: timedelta = _CALL) -> list[SearchAttributeKey[Any]]:
    """Those of our search attributes that the namespace lacks; `NamespaceUnfit` where one has another type."""
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), timeout=timeout
    )
    present = answer.custom_attributes
    for key in SEARCH_ATTRIBUTES:
        if key.name in present and present[key.name] != _value_type(key):
            raise NamespaceUnfit(
                f"the search attribute {key.name} exists as {IndexedValueType.Name(present[key.name])};"
                f" yekuo needs {IndexedValueType.Name(_value_type(key))}: use another namespace (YEKUO_NAMESPACE)"
            )
    return [key for key in SEARCH_ATTRIBUTES if key.name not in present]


async def _until_listed(client: Client) -> None:
    for _ in range(100):
        if not (missing := await missing_attributes(client)):
            return
        await asyncio.sleep(_PAUSE)
    names = ", ".join(key.name for key in missing)
    raise NamespaceUnfit(f"Temporal took the search attributes {names} but does not list them after 10 s")


async def _keep_closed_cases(client: Client) -> None:
    config = NamespaceConfig()
    config.workflow_execution_retention_ttl.FromTimedelta(RETENTION)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(namespace=client.namespace, config=config), timeout=_CALL
    )


async def _patiently(call: Callable[[], Awaitable[T]], within: timedelta, problem: str) -> T:
    loop = asyncio.get_running_loop()
    end = loop.time() + within.total_seconds()
    while True:
        try:
            return await call()
        except (RPCError, RuntimeError) as error:
            failure = error
        # Also before giving up: an interpreter that ends right after a failed call crashes in the SDK's own threads.
        await asyncio.sleep(_PAUSE)
        if loop.time() > end:
            raise NamespaceUnfit(f"{problem} within {within.total_seconds():.0f} s: {failure}") from failure


def _client_config(address: str, namespace: str) -> ClientConnectConfig:
    environment = dict(os.environ)
    if not environment.get("TEMPORAL_API_KEY") and (path := environment.get("TEMPORAL_API_KEY_FILE")):
        environment["TEMPORAL_API_KEY"] = _api_key(path)
    config = ClientConfig.load_client_connect_config(
        disable_file=not environment.get("TEMPORAL_CONFIG_FILE"), override_env_vars=environment
    )
    if address:
        config.setdefault("target_host", address)
    if namespace:
        config.setdefault("namespace", namespace)
    return config


def _api_key(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise NamespaceUnfit(f"TEMPORAL_API_KEY_FILE names {path}, which cannot be read: {error.strerror}") from error


def _value_type(key: SearchAttributeKey[Any]) -> IndexedValueType.ValueType:
    return IndexedValueType.ValueType(int(key.indexed_value_type))

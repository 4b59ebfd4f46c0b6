"""Requests to addresses that others have named: only where they may go, bounded in time and size, redirects refused.

A name is resolved once for each request, every address it has is judged, and the request goes to one of those judged:
a name that changes in between leads nowhere else.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import httpx

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
_ANSWER_BYTES = 4096
"""So much of an answer is read; nothing depends on it but that the connection ends properly."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotAllowed(ValueError):
    """The address may not be asked; the text says why in Chinese."""


@dataclass(frozen=True)
class Outbound:
    """Where requests may go: `networks` beyond the public internet, and how long one may take, in seconds."""

    networks: tuple[Network, ...]
    timeout: float

    async def check(self, url: str) -> Sequence[Address]:
        """The addresses of a URL, all of them allowed. Raises `NotAllowed`."""
        parts = _parts(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            async with asyncio.timeout(self.timeout):
                found = await asyncio.get_running_loop().getaddrinfo(parts.host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise NotAllowed(f"主机名 {parts.host} 无法解析") from None
        except TimeoutError:
            raise NotAllowed(f"主机名 {parts.host} 未在时限内解析") from None
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        for address in addresses:
            self._check(address, parts.scheme)
        return addresses

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer to a POST.

        Raises `NotAllowed`, `httpx.HTTPError` where the request fails, `TimeoutError` where it takes too long.
        """
        async with asyncio.timeout(self.timeout):
            (address, *_) = await self.check(url)
            parts = _parts(url)
            request = httpx.Request(
                "POST",
                parts.copy_with(host=str(address)),
                content=body,
                headers={**headers, "Host": parts.netloc.decode("ascii")},
                extensions={"sni_hostname": parts.raw_host.decode("ascii")},
            )
            # Nothing of the environment's proxies: they would resolve the name again.
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.send(request, stream=True, follow_redirects=False)
                try:
                    await _read_a_little(answer)
                finally:
                    await answer.aclose()
        return answer.status_code

    def _check(self, address: Address, scheme: str) -> None:
        real = _real(address)
        if any(real in network for network in self.networks):
            return
        if not real.is_global or real.is_multicast:
            raise NotAllowed(f"地址 {address} 不在公网，也不在允许的网段（YEKUO_API_HOOK_NETWORKS）之内")
        if scheme != "https":
            raise NotAllowed("公网地址须用 https")


def networks(text: str) -> tuple[Network, ...]:
    """The networks of a setting, with commas between. Raises `ValueError` for one that is none."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def _parts(url: str) -> httpx.URL:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        raise NotAllowed("不是有效的网址") from None
    if parts.scheme not in ("http", "https") or not parts.host:
        raise NotAllowed("应为 http 或 https 网址")
    if parts.userinfo or parts.fragment:
        raise NotAllowed("网址中不能有账号密码，也不能有“#”")
    return parts


def _real(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


async def _read_a_little(answer: httpx.Response) -> None:
    size = 0
    async for piece in answer.aiter_raw():
        size += len(piece)
        if size >= _ANSWER_BYTES:
            return

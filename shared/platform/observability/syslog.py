"""Lines to a collector of logs, as RFC 5424 writes them: by UDP, TCP or TLS (RFC 6587, 5425)."""

import asyncio
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from shared.errors import PermanentFailure, TemporaryFailure

PATIENCE = 10.0
AUDIT = 13
"""The facility « log audit »."""
INFO, WARNING = 6, 4
PORTS: Mapping[str, int] = {"udp": 514, "tcp": 601, "tls": 6514}
_SPACED = re.compile(r"[^!-~]")


@dataclass(frozen=True, slots=True)
class Collector:
    """The address of a syslog collector: protocol, host and port (`tls://logs.example:6514`)."""

    way: Literal["udp", "tcp", "tls"]
    host: str
    port: int
    authority: Path | None = None
    """PEM of who signed its certificate; `None`: those that the system trusts."""


def collector(address: str, authority: Path | None = None) -> Collector:
    """Parses the address of a syslog collector. Raises PermanentFailure when it is unreadable."""
    parts = urlsplit(address)
    try:
        port, readable = parts.port, parts.scheme in PORTS and parts.path in {"", "/"}
    except ValueError:
        port, readable = None, False
    if not readable or not parts.hostname:
        raise PermanentFailure(
            f"VAGUEMESTRE_SYSLOG is {address!r}: write udp://, tcp:// or tls://, a host and a port."
        )
    port = port or PORTS[parts.scheme]
    return Collector(parts.scheme, parts.hostname, port, authority)  # type: ignore[arg-type]  # one of PORTS, as was looked


def message(
    at: datetime, host: str, app: str, name: str, severity: int, said: Mapping[str, str]
) -> bytes:
    """Formats one syslog message (RFC 5424, facility log audit); the values are structured data."""
    data = " ".join(f'{key}="{_quoted(value)}"' for key, value in said.items())
    head = f"<{AUDIT * 8 + severity}>1 {at.isoformat(timespec='milliseconds')}"
    # 32473 is the number that RFC 5612 keeps for whoever has none of their own.
    names = f"{_name(host, 255)} {_name(app, 48)} - {_name(name, 32)}"
    return f"{head} {names} [audit@32473 {data}]".encode()


async def send(to: Collector, messages: "list[bytes]") -> None:
    """Sends syslog messages to the collector.

    Raises TemporaryFailure when it does not take them.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            if to.way == "udp":
                await _datagrams(to, messages)
            else:
                await _stream(to, messages)
    except (OSError, TimeoutError, ssl.SSLError) as error:
        raise TemporaryFailure(
            f"The collector of logs at {to.host}:{to.port} takes nothing: {error or 'no answer'}."
        ) from error


async def _datagrams(to: Collector, messages: "list[bytes]") -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=(to.host, to.port)
    )
    try:
        for message in messages:
            transport.sendto(message)
    finally:
        transport.close()


async def _stream(to: Collector, messages: "list[bytes]") -> None:
    context = None
    if to.way == "tls":  # its certificate and its name are verified, TLS 1.2 at least
        context = await asyncio.to_thread(ssl.create_default_context, cafile=to.authority)
    _, writer = await asyncio.open_connection(to.host, to.port, ssl=context)
    try:
        for message in messages:
            writer.write(b"%d %b" % (len(message), message))
        await writer.drain()
        writer.write_eof() if writer.can_write_eof() else None
    finally:
        writer.close()
        await writer.wait_closed()


def _name(text: str, longest: int) -> str:
    return _SPACED.sub("-", text)[:longest] or "-"


def _quoted(text: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", text)

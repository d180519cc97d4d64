"""The reader of tests/plumbing_reader.py as a process of its own."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest


@dataclass
class Running:
    """The reader of tests/plumbing_reader.py as a process of its own."""

    process: asyncio.subprocess.Process
    port: int

    async def health(self) -> tuple[int, dict[str, Any]]:
        """Status and checks; 0 before it listens."""
        try:
            status, body = await self.get("/health")
        except OSError:
            return 0, {}
        return status, json.loads(body)["checks"]

    async def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of what it answers. Raises OSError before it listens."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        return int(head.split()[1]), body

    async def status(self) -> int:
        if self.process.returncode is not None:
            pytest.fail(f"It ended: {await self.ended()}")
        return (await self.health())[0]

    async def ended(self, within: float = 300) -> tuple[int, list[dict[str, Any]]]:
        """Exit code, and the lines of its log."""
        _, said = await asyncio.wait_for(self.process.communicate(), within)
        assert self.process.returncode is not None
        return self.process.returncode, [json.loads(line) for line in said.splitlines()]


async def taken(url: str) -> list[tuple[str, int]]:
    """Asked on a connection of its own: the server may have been away."""
    connection = await asyncpg.connect(url)
    try:
        rows: Sequence[asyncpg.Record] = await connection.fetch(
            "SELECT item, n FROM sla.effects ORDER BY id"
        )
    finally:
        await connection.close()
    return [tuple(row) for row in rows]

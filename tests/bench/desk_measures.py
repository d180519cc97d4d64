"""What the bench measures with: pages asked in this process, and their bare questions."""

import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from pydantic import SecretStr

from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool
from tests.desk_browser import pages

Ask = Callable[[str], Awaitable[tuple[int, int]]]


def p95(times: Sequence[float]) -> float:
    """Milliseconds within which 95 in 100 were answered."""
    return 1000 * sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]


def asking(app: Any, token: str, *, key: str = "") -> Ask:
    """Asks the application in this process; status and octets of its answer.

    `key`: the token of a program, which has no session.
    """
    who = (
        (b"authorization", f"Bearer {key}".encode())
        if key
        else (b"cookie", f"desk={token}".encode())
    )

    async def ask(url: str) -> tuple[int, int]:
        path, _, query = url.partition("?")
        scope = {
            "type": "http", "method": "GET", "http_version": "1.1", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "root_path": "", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"127.0.0.1"), who],
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return sent[0]["status"], sum(len(part.get("body", b"")) for part in sent[1:])

    return ask


async def recorded(
    url: str, folder: Path, token: str, asked: Sequence[str], *, key: str = ""
) -> list[Any]:
    """For each page, or address of the API, the questions that it puts to the database."""
    pool = await open_pool(SecretStr(url), "recorded", size=1)
    said: list[Any] = []
    async with pool.acquire() as connection:
        connection.add_query_logger(said.append)
    ask = asking(pages(pool, SystemClock(), folder).app, token, key=key)
    found = []
    for question in asked:
        said.clear()
        await ask(question)
        found.append([(q.query, q.args) for q in said if _is_question(q.query)])
    await pool.close()
    return found


def _is_question(query: str) -> bool:
    """Not the begin and end of a transaction, nor what cleans a connection afterwards."""
    return query.split(maxsplit=1)[0] in {"SELECT", "WITH"} and "unlock_all" not in query


async def bare(pool: Pool, asked: Sequence[tuple[str, Sequence[Any]]]) -> None:
    """The same questions, their rows as JSON."""
    async with pool.acquire() as connection, connection.transaction():
        for query, args in asked:
            rows = await connection.fetch(query, *(args or ()))
            orjson.dumps([dict(row) for row in rows], default=str)


async def timed(acts: Sequence[Callable[[], Awaitable[Any]]]) -> list[float]:
    times = []
    for act in acts:
        start = time.perf_counter()
        await act()
        times.append(time.perf_counter() - start)
    return times

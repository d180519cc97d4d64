"""A server that takes every line and never answers: what a hung machine looks like."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """`127.0.0.1:port`, until the end of the block."""

    async def listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(1024):
                pass
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(listens, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"127.0.0.1:{port}"


async def until_busy(tasks: list[asyncio.Task[httpx.Response]]) -> None:
    """Until each has asked the register what it asks first, and waits for something else."""
    async with asyncio.timeout(60):
        while not all(_parted(task) for task in tasks):
            assert not any(task.done() for task in tasks)
            await asyncio.sleep(0.02)


def _parted(task: asyncio.Task[httpx.Response]) -> bool:
    """Whether a request stands in `apart`: its innermost frame of ours waits elsewhere."""
    awaited, names = task.get_coro(), list[str]()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "ag_frame", None)
        names += [] if frame is None else [frame.f_code.co_name]
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "ag_await", None)  # type: ignore[assignment]  # one name for both
    return bool({"looked_at", "_discovered"} & set(names))

"""A line kept half open is closed, and only a proxy that is named says who asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from shared.platform import http
from shared.platform.http import Receive, Scope, Send
from shared.web import bodies, forms

PATIENCE = 30.0


async def who(scope: Scope, receive: Receive, send: Send) -> None:
    """Says who asks."""
    await PlainTextResponse(str((scope["client"] or ("nobody",))[0]))(scope, receive, send)


@asynccontextmanager
async def serving(proxies: str = "") -> AsyncIterator[int]:
    door = http.bind("127.0.0.1", 0)
    server = http.HttpServer(who, proxies)
    task = asyncio.create_task(server.serve([door]))
    try:
        yield door.getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def asked(port: int, octets: bytes) -> bytes:
    """What comes back until the line is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(octets)
        async with asyncio.timeout(PATIENCE):
            try:
                return await reader.read()
            except ConnectionResetError:
                return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "head",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT"],
    ids=["nothing", "half a head", "half a second head"],
)
async def test_a_head_that_does_not_end_closes_its_line(
    head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "HEADERS_SECONDS", 0.2)
    async with serving() as port:
        said = await asked(port, head)
    assert (b"127.0.0.1" in said) is head.startswith(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [("", b"127.0.0.1"), ("198.51.100.1", b"127.0.0.1"), ("127.0.0.0/8", b"203.0.113.7")],
)
async def test_who_asks_is_believed_from_a_proxy_that_is_named_alone(
    proxies: str, seen: bytes
) -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n"
    async with serving(proxies) as port:
        assert (await asked(port, head)).endswith(seen)


async def test_a_server_that_serves_nobody_is_not_asked_to_look_and_ends_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "TICK_SECONDS", 3_600.0)
    server = http.HttpServer(who)
    looks = 0

    async def look(counter: int) -> bool:
        nonlocal looks
        assert counter == 0, "the date is written anew each time"
        looks += 1
        return server.should_exit

    monkeypatch.setattr(server, "on_tick", look)
    waiting = asyncio.create_task(server.main_loop())
    done, _ = await asyncio.wait({waiting}, timeout=0.3)
    assert (done, looks) == (set(), 1)
    server.should_exit = True
    await asyncio.wait_for(waiting, PATIENCE)
    assert looks == 2


async def test_an_answer_that_nobody_takes_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SEND_SECONDS", 0.1)
    ended = asyncio.Event()

    async def stuck(message: object) -> None:
        del message
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        await http.give_up_slow(who)({"type": "http", "client": None}, None, stuck)  # type: ignore[arg-type]  # unpacked, each of its own type
    assert ended.is_set()


async def test_a_form_that_trickles_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "FIRST_SECONDS", 0.2)
    sent = 0

    async def receive() -> dict[str, object]:
        nonlocal sent
        sent += 1
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"a", "more_body": True}

    head = [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", b"100000"),
    ]
    request = Request({"type": "http", "method": "POST", "headers": head}, receive)
    with pytest.raises(HTTPException) as refused:
        async with asyncio.timeout(PATIENCE):
            await forms.read(request, 200_000)
    assert refused.value.status_code == 408
    assert sent > 1, "it was coming, too slowly"

"""Whoever sends what is no deposit, too much, too slowly or without a secret leaves nothing."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from services.ingest import deposit_door
from shared.content import spool
from shared.content.deposit_transfer import (
    PATH,
    TransferFile,
    TransferKind,
    TransferManifest,
)
from shared.content.transfer_intake import IncomingTransfer
from shared.facts.envelope import Digest
from shared.web import bodies
from tests.deposit_door import SECRET, WORDS, Sites, a_form, content_of, names_below, sites


def _client(two: Sites) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=two.url, headers={"authorization": f"Bearer {SECRET}"}, timeout=60
    )


def described(*contents: bytes, name: str = "20260511T080000-" + str(UUID(int=5))) -> bytes:
    """A manifest of a hand-made transfer."""
    names = ["deposit.json", *(f"file-{number}" for number in range(len(contents) - 1))]
    files = [
        TransferFile(
            name=name_of, size=len(octets), sha256=Digest(hashlib.sha256(octets).hexdigest())
        )
        for name_of, octets in zip(names, contents, strict=True)
    ]
    return TransferManifest.model_construct(
        kind=TransferKind.DEPOSIT, name=name, files=tuple(files)
    ).line


HOSTILE = {
    "no manifest": (b"nothing of ours", 400),
    "no JSON": (b"{\n", 400),
    "an endless first line": (b"x" * 200_000, 400),
    "a way up": (described(b"{}", name="../../etc/cron.d/x") + b"{}", 400),
    "a way up behind a moment": (described(b"{}", name="20260511T080000-../../x") + b"{}", 400),
    "an end of line": (
        described(b"{}", name=f"20260511T080000-{UUID(int=5)}\n") + b"{}",
        400,
    ),
    "a NUL": (described(b"{}", name=f"20260511T080000-{UUID(int=5)}\0") + b"{}", 400),
    "another file name": (
        described(b"{}").replace(b"deposit.json", b"../evil.json") + b"{}",
        400,
    ),
    "a hidden folder": (described(b"{}", name=".survey") + b"{}", 400),
    "a size below nothing": (described(b"{}").replace(b'"size":2', b'"size":-2') + b"{}", 400),
    "too large as it says": (
        described(b"{}").replace(b'"size":2', b'"size":999999999999') + b"{}",
        400,
    ),
    "fewer octets than it says": (described(b"{}", b"abc") + b"{}ab", 422),
    "more octets than it says": (described(b"{}") + b"{}more", 422),
    "other octets than it says": (described(b"{}") + b"[]", 422),
    "another deposit than it says": (
        described(b'{"kind":"form","id":"x"}') + b'{"kind":"form","id":"x"}',
        422,
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_whoever_holds_a_secret_and_sends_what_is_no_deposit_leaves_nothing(
    tmp_path: Path, what: str
) -> None:
    body, status = HOSTILE[what]
    async with sites(tmp_path) as two, _client(two) as client:
        answer = await client.post(PATH, content=body)
        assert (answer.status_code, len(answer.text) < 20) == (status, True), answer.text
        assert content_of(two.far) == {}
        assert names_below(tmp_path) == {"far", ".door"}


async def test_a_body_is_read_within_its_size_and_its_pace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposit_door, "MOST_OCTETS", 1000)
    monkeypatch.setattr(deposit_door, "MOST_MANIFEST", 1000)
    monkeypatch.setattr(bodies, "FIRST_SECONDS", 0.2)
    async with sites(tmp_path) as two, _client(two) as client:
        assert (await client.post(PATH, content=b"x" * 3000)).status_code == 413

        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(two.url).port)
        head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {SECRET}\r\n"
        writer.write(f"{head}content-length: 900\r\n\r\n".encode() + described(b"x" * 600))
        async with asyncio.timeout(60):
            assert b" 408 " in await reader.readline()
        writer.close()
        assert content_of(two.far) == {}


async def test_so_many_bodies_of_one_at_a_time_and_a_place_is_free_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sites(tmp_path) as two, _client(two) as client:
        go = asyncio.Event()
        begun = asyncio.Semaphore(0)
        write = IncomingTransfer.__enter__

        def entered(transfer: IncomingTransfer) -> IncomingTransfer:
            loop.call_soon_threadsafe(begun.release)
            return write(transfer)

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(IncomingTransfer, "__enter__", entered)

        async def held() -> AsyncIterator[bytes]:
            yield described(b"{}")
            await go.wait()

        waiting = [
            asyncio.create_task(client.post(PATH, content=held()))
            for _ in range(deposit_door.OF_ONE)
        ]
        for _ in waiting:
            await begun.acquire()
        answer = await client.post(PATH, content=b"x")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        go.set()
        assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {422}
        assert (await client.post(PATH, content=b"x\n")).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer"}, {"authorization": SECRET},
     {"authorization": f"Basic {SECRET}"}, {"authorization": f"Bearer {SECRET[:-1]}"},
     {"authorization": f"Bearer {SECRET}\xe9"}],
)  # fmt: skip
async def test_a_stranger_is_told_nothing(tmp_path: Path, headers: dict[str, str]) -> None:
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    async with sites(tmp_path) as two, httpx.AsyncClient(base_url=two.url) as client:
        for answer in (
            await client.get(PATH, headers=encoded),
            await client.post(PATH, headers=encoded),
        ):
            assert (answer.status_code, answer.text) == (401, "secret\n")


async def test_an_id_is_known_for_thirty_days(tmp_path: Path) -> None:
    async with sites(tmp_path) as two:
        spool.deposit(two.near, a_form(1), WORDS)
        await two.sender().round()
        (mark,) = (two.far / ".received").iterdir()
        long_ago = mark.stat().st_mtime - timedelta(days=31).total_seconds()
        await two.door.forget()
        assert mark.exists()
        os.utime(mark, (long_ago, long_ago))
        await two.door.forget()
        assert not mark.exists()

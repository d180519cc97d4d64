"""A stranger's file that is slow to open: nobody waits for it but whoever looks at such files."""

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Never, cast
from uuid import UUID

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.desk.pages import drawn_pages, originals
from services.desk.pages.visit import Visit
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import ArrivalId
from shared.platform.children import ChildDied, Children, Death
from shared.web import foreign_files

PATIENCE = 120
ARRIVAL = ArrivalId(UUID(int=7))


async def test_many_slow_pictures_hold_up_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun, free, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

    def slow(*_: object) -> bytes:
        loop.call_soon_threadsafe(begun.set)
        assert free.wait(PATIENCE)
        return b"drawn"

    for name in ("page", "part", "pages", "message"):
        monkeypatch.setattr(foreign_files, name, slow)
    blobs = LocalBlobs(tmp_path)
    key = await blobs.put(2026, ARRIVAL, b"a letter")
    threads = 3 * 20  # more than the event loop's own has on any machine of ours
    pictures = [asyncio.create_task(originals.page(b"%PDF-", n)) for n in range(threads)]
    parts = [
        asyncio.create_task(originals.call_in_thread(foreign_files.part, b"a mail", "0" * 64))
        for _ in range(threads)
    ]
    try:
        await begun.wait()
        async with asyncio.timeout(PATIENCE / 2):
            assert await blobs.get(key) == b"a letter"
    finally:
        free.set()
    assert set(await asyncio.gather(*pictures, *parts)) == {b"drawn"}


class LookingVisit:
    """What `drawn_pages.answer` asks of a visit, for a page of a document."""

    def __init__(self, page: int) -> None:
        self.request = Request(
            {
                "type": "http", "method": "GET", "path": "/", "headers": [],
                "query_string": b"", "path_params": {"page": page},
            }
        )  # fmt: skip

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        yield


def dying(monkeypatch: pytest.MonkeyPatch, reason: Death) -> Sequence[int]:
    """Has every child end; returns the numbers of the pages that they are asked."""
    asked = list[int]()

    def ask(_: object, __: object, request: Mapping[str, int], *_more: object) -> Never:
        asked.append(request["number"])
        raise ChildDied(reason)

    monkeypatch.setattr(Children, "ask", ask)
    return asked


async def refused(document: str, *pages: int) -> None:
    async def octets() -> bytes:
        return b"%PDF-"

    for page in pages:
        visit = cast(Visit, LookingVisit(page))
        with pytest.raises(HTTPException) as caught:
            await drawn_pages.answer(visit, document, octets, kept=True)
        assert caught.value.status_code == 404


async def test_a_page_that_ended_its_child_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = dying(monkeypatch, "crash")
    await refused("a" * 64, 1, 1, 2, 1, 2)
    assert asked == [1, 2]
    await refused("a" * 64, 3, 4, 5)
    assert asked == [1, 2, 3], "of a document that ended three children no page is tried"
    await refused("b" * 64, 1)
    assert asked == [1, 2, 3, 1]


async def test_a_busy_machine_blames_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = dying(monkeypatch, "timeout")
    await refused("c" * 64, 1, 1)
    assert asked == [1, 1]


def test_only_the_last_documents_are_remembered() -> None:
    known = drawn_pages.RuinousPages()
    for number in range(201):
        known.add(str(number), 1)
    assert [known.has(str(number), 1) for number in (0, 1, 200)] == [False, True, True]

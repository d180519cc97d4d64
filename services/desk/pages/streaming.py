"""`/nouvelles`: server-sent events to a page that is open, outside any transaction.

An event says only that something changed, for pages to ask again for what they show: whatever they
may not see never leaves by this way. A stream ends after some minutes; the browser opens another,
whose session and roles are looked at anew.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.desk.news import News, NewsReader
from services.desk.pages.request_context import RequestContext, RequestOpener
from services.desk.rights import Right, may
from services.desk.roles import Roles
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.web.transactions import Transactions

BEATS = 15
"""Of silence in a stream, before it ends."""
BEAT_SECONDS = 20.0
QUEUE = "file"
"""In the address, of pages that show who has which letter of the queue open."""
APART_SECONDS = 0.5
"""A burst of changes is one event each half second."""


@dataclass(frozen=True)
class Streaming:
    """The route that tells an open page of changes by server-sent events."""

    pool: Pool
    clock: Clock
    opening: RequestOpener
    news: News

    async def __call__(self, request: Request) -> Response:
        """The stream. Raises HTTPException 403 for whoever is not signed in."""
        async with Transactions(self.pool) as transactions:
            visit = await self.opening(transactions, self.clock.now(), RequestContext(request))
            roles = visit.roles
        if not may(roles, Right.BELONG):
            raise HTTPException(403)
        sorts = QUEUE in request.query_params and may(roles, Right.SORT)
        return StreamingResponse(
            self._events(None if roles.everything else _whom(roles), sorts=sorts),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no"},
        )

    async def _events(self, whom: frozenset[str] | None, *, sorts: bool) -> AsyncIterator[bytes]:
        with self.news.reader(whom, sorts=sorts) as reader:
            yield b"retry: 2000\n\n"
            for _ in range(BEATS):
                async for event in _until_silent(reader):
                    yield event
                yield b": still here\n\n"


def _whom(roles: Roles) -> frozenset[str]:
    return roles.services | {f"@{person}" for person in roles.persons}


async def _until_silent(reader: NewsReader) -> AsyncIterator[bytes]:
    while await reader.wait(BEAT_SECONDS):
        yield b"event: nouvelles\ndata: .\n\n"
        await asyncio.sleep(APART_SECONDS)

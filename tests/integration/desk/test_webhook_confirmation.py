"""A key is confirmed, or given a webhook, one after the other: nobody confirms what was not seen.

Each of the two begins while the other has not committed yet, and waits for it.
"""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from services.desk.api.domain.keys import KeyScope
from services.desk.api.domain.webhooks import digest_of_webhooks
from services.desk.api.key_service import KeyService
from services.desk.api.webhook_service import WebhookService, WebhookWish
from services.desk.pages.serve import PageServer
from services.desk.store.access_journal import JournalLine, What
from shared.content.site_keys import SiteKeys
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool, transaction
from shared.site.staff import people_store
from tests.code_keys import SECRET
from tests.desk_browser import TODAY
from tests.desk_builders import a_site
from tests.integration.desk.programs import Program, a_register, given

pytestmark = pytest.mark.usefixtures("live_site", "environment")

LINE: Final = JournalLine(TODAY, What.WEBHOOK_GIVEN, None, None, "tests")
WAITING: Final = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return await a_register(pool, story_clock, tmp_path)


async def gives(connection: Connection, program: Program) -> None:
    """The administrator has the key tell an address."""
    service = WebhookService(connection, "account:local", LINE, SiteKeys(SECRET.encode()))
    wish = WebhookWish(program.key, "https://application.example/", None)
    await service.give(wish, a_site(), TODAY, uuid4())


async def confirms(connection: Connection, program: Program) -> None:
    """The SG, who saw a key without webhooks, confirms it."""
    directory = await people_store.people_at(connection, TODAY)
    secretary = KeyService(connection, "person:s.general", LINE)
    who, nothing = PersonId("s.general"), digest_of_webhooks(())
    await secretary.confirm(program.key, who, a_site(), directory, TODAY, nothing)


async def alone(pool: Pool, work: Any, program: Program) -> None:
    """One of the two, in a transaction of its own."""
    async with transaction(pool) as connection:
        await work(connection, program)


async def begun(pool: Pool, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """Begins what is to wait for a lock, and returns as soon as it waits or has ended."""
    task = asyncio.create_task(work)
    async with asyncio.timeout(60):
        while not task.done() and not await pool.fetchval(WAITING):  # noqa: ASYNC110  (a lock)
            await asyncio.sleep(0.02)
    return task


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [(gives, confirms, "key-told-otherwise"), (confirms, gives, "webhook-confirmed")],
)
async def test_a_key_is_confirmed_or_told_where_to_tell_one_after_the_other(
    desk: PageServer, pool: Pool, first: Any, second: Any, why: str
) -> None:
    program = await given(desk, KeyScope.ITEMS, KeyScope.RESERVED, services=None, confirmed=False)
    async with transaction(pool) as connection:
        await first(connection, program)
        late = await begun(pool, alone(pool, second, program))
    with pytest.raises(Refused) as refused:
        await late
    assert refused.value.why == why

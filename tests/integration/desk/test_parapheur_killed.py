"""A process that is killed after the parapheur took a letter: it is found again, and there once."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from services.desk.store.parapheur_letters import LEASE
from tests.integration.desk.test_hostile_requests import served_at
from tests.integration.desk.test_parapheur_letters import Desk, desk

__all__ = ["desk"]

PLAN: Final = b"%PDF-1.7 plan"
PROJECT: Final = Path(__file__).parents[3]
CHILD: Final = """
import asyncio, sys
from pathlib import Path
from pydantic import SecretStr
from services.desk.parapheur.job import ParapheurRounds
from services.desk.parapheur.pastell import Pastell
from shared.content.blobs import LocalBlobs
from shared.platform.clock import open_clock
from shared.platform.database import open_pool
from shared.site.applied_rules import AppliedRules
from tests.desk_browser import desk_settings
from tests.fake_pastell import LOGIN, PASSWORD, PLACE

async def main():
    url, folder, address = sys.argv[1:]
    place = PLACE.model_copy(update={"url": address})
    pool = await open_pool(SecretStr(url), "tests")
    clock, folder = await open_clock(pool, SecretStr(url)), Path(folder)
    rounds = ParapheurRounds(
        pool, AppliedRules(), LocalBlobs(folder), clock, desk_settings(folder), asyncio.Event(),
        book=lambda _, __: Pastell(place, LOGIN, SecretStr(PASSWORD)))
    await rounds.round()

asyncio.run(main())
"""


class Speechless:
    """A server that does what it is asked, and never answers one question: it ends so."""

    def __init__(self, app: Any, ending: str) -> None:
        self._app, self._ending = app, ending
        self.given = asyncio.Event()
        self.ends = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not scope["path"].endswith(self._ending):
            await self._app(scope, receive, send)
            return

        async def says_nothing(_: Any) -> None:
            """Keeps the answer back."""

        await self._app(scope, receive, says_nothing)
        self.given.set()
        await self.ends.wait()


@asynccontextmanager
async def speechless(app: Any, ending: str) -> AsyncIterator[tuple[Speechless, str]]:
    """The server of a fake, by which nothing is answered to what ends so."""
    server: Any = Speechless(app, ending)
    async for url in served_at(server):
        yield server, url
        server.ends.set()


async def killed(server: Speechless, code: str, *words: str) -> None:
    """A process of this code and its words is killed once it waits for an answer."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", code, *words, cwd=PROJECT)
    ended = asyncio.create_task(child.wait())
    given = asyncio.create_task(server.given.wait())
    await asyncio.wait((ended, given), return_when=asyncio.FIRST_COMPLETED)
    assert given.done(), "it gave what it had"
    child.send_signal(signal.SIGKILL)
    assert await ended == -signal.SIGKILL
    given.cancel()


async def test_a_letter_that_was_given_by_a_process_killed_before_it_noted_so_is_found_again(
    desk: Desk, environment: dict[str, str], tmp_path: Path
) -> None:
    reference = await desk.give(fichiers=("plan.pdf", PLAN, "application/pdf"))
    async with speechless(desk.fake.app, "/action/orientation") as (server, url):
        words = (CHILD, environment["VAGUEMESTRE_DATABASE_URL"], str(tmp_path), url)
        await killed(server, *words)
    assert await desk.state() == ("to_send", None), "nothing of it was noted"
    await desk.rounds.round()
    assert desk.fake.asked == [], f"it is claimed, for {LEASE}"
    await desk.round()
    assert await desk.state() == ("sent", None)
    assert desk.fake.sent(reference) == 1
    assert len(desk.fake.documents) == 1, "found again by its title"
    assert desk.fake.annexes(reference) == [("annexe-1-plan.pdf", PLAN)]
    desk.fake.sign(reference, "Catherine Aubry")
    await desk.round()
    assert await desk.state() == ("signed", None)
    assert (await desk.types()).count("SignatureReturned") == 1

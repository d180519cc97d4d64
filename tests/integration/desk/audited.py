"""Three mails of May to be audited, and who decides about them or audits them."""

import asyncio
import csv
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from click.testing import CliRunner
from pydantic import SecretStr

from services.__main__ import main
from services.desk.decider import Decider
from services.desk.domain.decisions import Command
from shared.facts.clocks import Outcome
from shared.facts.envelope import ItemId
from shared.platform.clock import open_clock
from shared.platform.database import Connection, Pool, transaction
from shared.site.staff import people_store
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_applied_site
from tests.integration.desk.clocked import items, starts, stops
from tests.roles import one_transaction, under_role

NOW = datetime(2026, 6, 9, 8, 0, tzinfo=UTC)
WHY = ("--why", "page-en-panne")
MAY = ("--from", "2026-05-01", "--until", "2026-05-31", "--as", "q.officer")


async def decide(pool: Pool, item: ItemId, *commands: Command) -> None:
    async with transaction(pool) as connection:
        for command in commands:
            await (await a_head(connection)).about(item, command)


async def a_head(connection: Connection) -> Decider:
    people = await people_store.people_at(connection, NOW)
    head = people.somebody("b.head")
    return Decider(connection, head, uuid4(), NOW, an_applied_site(), people)


async def three_of_may(pool: Pool, postgres_url: str) -> Sequence[ItemId]:
    """Three mails of bmi of May: answered in time, answered late, still open and past its limit."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", NOW)
    found = await items(pool, "a", "b", "c")
    for item_id in found:
        await starts(pool, item_id)
    await stops(pool, found[0], 2, Outcome.KEPT)
    await stops(pool, found[1], 2, Outcome.LATE)
    return found


@asynccontextmanager
async def the_officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    """The quality officer, signed in."""
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    browser = await Browser(pages(pool, clock, tmp_path)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


async def said(*words: str) -> str:
    outcome = await asyncio.to_thread(CliRunner().invoke, main, ("desk", "audit", *words))
    assert outcome.exit_code == 0, outcome.output + str(outcome.exception)
    return outcome.output


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def unpacked(out: Path) -> Path:
    folder = out.with_suffix("")
    with zipfile.ZipFile(out) as archive:
        archive.extractall(folder)
    return folder


def contents(archive: bytes, names: set[str]) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in names}

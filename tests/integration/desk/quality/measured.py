"""A register in which measures are opened: months closed, one measure stated step by step."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from pydantic import SecretStr

from services.desk.pages.serve import PageServer
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.tables.bundle import AppliedSite
from tests.desk_browser import Browser, pages
from tests.integration.desk.closed import JULY
from tests.integration.desk.quality.drawn_items import DrawnItem
from tests.roles import one_transaction, under_role

NEW: Final = "/qualite/mesures/nouvelle"
ONE: Final = "/qualite/mesures/1"
DUE: Final = date(2026, 7, 10)


async def at(pool: Pool, postgres_url: str, folder: Path, moment: datetime = JULY) -> PageServer:
    """The pages of the register at a moment of its story."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("DELETE FROM site.story")
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", moment)
    return pages(pool, await open_clock(pool, SecretStr(under_role(postgres_url, "desk"))), folder)


async def applied(pool: Pool) -> AppliedSite:
    """The rules that run."""
    async with transaction(pool) as connection:
        return await store.current(connection)


async def opens(
    officer: Browser, *, query: str = "", owner: str = "a.gent", due: date = DUE, seen: str = "Vu."
) -> str:
    """The quality officer opens a measure; the page of it."""
    answer = await officer.send(
        f"{NEW}{query}",
        NEW,
        {
            "constat": seen,
            "responsable": owner,
            "echeance": due.isoformat(),
            **dict(parse_qsl(query.removeprefix("?"))),
        },
    )
    return await officer.to(answer)


def noon(day: date) -> datetime:
    """A moment of that day."""
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def in_july(item: DrawnItem) -> DrawnItem:
    """Those of April, which was before the go-live, were received in July."""
    if item.received_on.month != 4:
        return item
    later = timedelta(days=80)
    clocks = [
        replace(clock, limit=clock.limit + later, stopped_on=clock.stopped_on + later)
        for clock in item.clocks
    ]
    return replace(item, received_on=item.received_on + later, clocks=clocks)


def headings(octets: bytes) -> list[str]:
    """The headings of a text document, in order."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        tree = ET.fromstring(archive.read("content.xml"))  # noqa: S314  (ours)
    name = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}h"
    return ["".join(found.itertext()) for found in tree.iter(name)]

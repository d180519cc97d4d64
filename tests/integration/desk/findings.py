"""Arrivals that say something: their plis lie in the blobs, and the search has read them."""

from pathlib import Path
from typing import Any

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.search.index_job import index
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli, ScanText
from shared.facts.arrivals import Arrived
from shared.platform.database import Pool, transaction
from tests.desk_browser import TODAY
from tests.desk_builders import MONDAY, an_arrival, digest, rules


async def a_mail(blobs: LocalBlobs, name: str, /, pli: Pli, **kw: Any) -> Arrived:
    """An arrival whose pli is kept, of a correspondent of its own."""
    arrival = an_arrival(name, **({"correspondent": digest(name)} | kw))
    key = await plis.write(blobs, 2026, arrival.arrival_id, pli)
    return arrival.model_copy(update={"pli": key})


def wrote(name: str, subject: str, text: str, **kw: Any) -> Pli:
    sender = Correspondent(name=name, address=kw.pop("address", ""))
    return Pli(kind="mail", sender=sender, answer_to=sender, subject=subject, text=text, **kw)


def scanned(*pages: str) -> Pli:
    nobody = Correspondent()
    text = "\n".join(pages)
    read = ScanText(pages=pages, confidence=90)
    return Pli(kind="scan", sender=nobody, answer_to=nobody, text=text, scan=read)


async def registered(pool: Pool, *arrivals: Arrived) -> None:
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, list(arrivals), MONDAY)


async def hear(pool: Pool, *batch: Any) -> None:
    """Any facts of `arrivals`, on the day of the pages' story."""
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, batch, TODAY)


async def read(pool: Pool, folder: Path) -> None:
    while await index(pool, LocalBlobs(folder)):
        pass

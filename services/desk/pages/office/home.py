"""`/bureau`: what the mail office has before it today."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from starlette.responses import Response

from services.desk.pages import words
from services.desk.pages.names import Names
from services.desk.pages.office.confirming import DAYS, REGIMES, regimes_of
from services.desk.pages.office.day import midnight
from services.desk.pages.office.returned import RETURNED
from services.desk.pages.service.held import HELD
from services.desk.pages.visit import Visit
from services.desk.store import held, office_day, returned, work
from services.desk.store.found import Reader
from services.desk.store.office_day import Pile
from shared import spool
from shared.facts.vocabulary import Waiting

PRESSING: Final = 15
NOTHING: Final = Pile(0, None)


@dataclass(frozen=True, slots=True)
class Tile:
    """One list of the office: its name, its address, how many, and the age of the oldest."""

    name: str
    url: str
    count: int
    age: str = ""


async def home(visit: Visit) -> Response:
    """The lists by age, then what is most pressing of all that must be answered."""
    day = await office_day.day(visit.connection, midnight(visit))
    bounced = await office_day.returned(visit.connection)
    letters = await returned.waiting(visit.connection)
    back = len(bounced) + sum(len(one.to_settle) for one in letters)
    waiting, oldest = await held.count(visit.connection, visit.roles.seen)
    silent = await office_day.unsettled(visit.connection, sorted(regimes_of(visit)))
    async with visit.apart():
        deposits = await asyncio.to_thread(spool.waiting, visit.settings.spool)

    def count(name: str, url: str, n: int, many: str = "") -> Tile:
        return Tile(many if many and n > 1 else name, url, n)

    def tile(name: str, url: str, waiting: Waiting, many: str = "") -> Tile:
        pile = day.piles.get(waiting, NOTHING)
        return replace(count(name, url, pile.count, many), age=_age(visit, pile.oldest))

    names = Names(visit.applied.site, visit.directory)
    reader = Reader(visit.roles.seen)
    found = await work.rows(visit.connection, reader, work.Which(), visit.today, limit=PRESSING)
    return await visit.html(
        "office/home.html",
        day=words.long_day(visit.today),
        registered=day.registered,
        tiles=[
            tile("à qualifier", "/bureau/a-qualifier", Waiting.TO_QUALIFY),
            tile("en quarantaine", "/bureau/attente/quarantaine", Waiting.QUARANTINE),
            tile(
                "date d’arrivée à confirmer",
                DAYS,
                Waiting.RECEIPT_TO_CONFIRM,
                "dates d’arrivée à confirmer",
            ),
            tile(
                "lettre à imprimer", "/bureau/impressions", Waiting.TO_PRINT, "lettres à imprimer"
            ),
            count(
                "régime du silence à confirmer",
                REGIMES,
                len(silent),
                "régimes du silence à confirmer",
            ),
            replace(
                count("envoi retenu", HELD, waiting, "envois retenus"), age=_age(visit, oldest)
            ),
            count("envoi revenu", RETURNED, back, "envois revenus"),
            count("mis de côté aujourd’hui", "/bureau/attente/ecartes", day.set_aside),
            count("départ aujourd’hui", "/bureau/departs", day.departures, "départs aujourd’hui"),
            count(
                "dépôt en cours de lecture",
                "/bureau/guichet",
                len(deposits),
                "dépôts en cours de lecture",
            ),
        ],
        rows=[
            {
                "chrono": one.chrono,
                "due": words.short_day(one.due),
                "late": one.late(visit.today),
                "subject": row.subject,
                "sender": row.sender,
                "category": names.category(one.category),
                "service": names.service(one.service),
                "state": words.STATES[one.state],
            }
            for row in found
            for one in (row.line,)
            if one.due is not None
        ],
    )


def _age(visit: Visit, oldest: datetime | None) -> str:
    if oldest is None:
        return ""
    since = oldest.astimezone(visit.applied.site.zone).date()
    days = visit.applied.days.between(since, visit.today)
    return f"le plus ancien : {words.jours_ouvres(days)}" if days else "d’aujourd’hui"

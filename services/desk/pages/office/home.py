"""`/bureau`: what the mail office has before it today."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.help_chapters import first_step
from services.desk.pages.office.confirmations import REGIMES, regimes_of
from services.desk.pages.office.letter_returns import RETURNED
from services.desk.pages.office.receipt_batches import DAYS
from services.desk.pages.service.notes import unread_notes
from services.desk.pages.service.opinions import owed_opinions
from services.desk.pages.service.signatures import waiting_letters
from services.desk.pages.visit import Visit
from services.desk.store import held_notices, letter_returns, office_day, work
from services.desk.store.office_day import Pile
from services.desk.store.search_types import SearchReader
from shared.content import spool
from shared.facts.vocabulary import Waiting

PRESSING: Final = 15
HELD: Final = "/retenus"
NOTHING: Final = Pile(0, None)


@dataclass(frozen=True, slots=True)
class Tile:
    """A waiting list on the home page of the mail office: name, address, count, oldest."""

    name: str
    url: str
    count: int
    age: str = ""


async def home(visit: Visit) -> Response:
    """Shows the home page of the mail office: its waiting lists by age, the most urgent items."""
    day = await office_day.day(visit.connection, visit.midnight)
    bounced = await office_day.returned_notices(visit.connection)
    letters = await letter_returns.open_returns(visit.connection)
    back = len(bounced) + sum(len(letter.to_settle) for letter in letters)
    waiting, oldest = await held_notices.count(visit.connection, visit.roles.seen)
    silent = await office_day.unsettled_regimes(visit.connection, sorted(regimes_of(visit)))
    async with visit.apart():
        deposits = await asyncio.to_thread(spool.waiting_folders, visit.settings.spool)

    def count(name: str, url: str, n: int, many: str = "") -> Tile:
        return Tile(many if many and n > 1 else name, url, n)

    def tile(name: str, url: str, waiting: Waiting, many: str = "") -> Tile:
        pile = day.piles.get(waiting, NOTHING)
        return replace(count(name, url, pile.count, many), age=_age(visit, pile.oldest))

    names = Names(visit.applied.site, visit.directory)
    reader = SearchReader(visit.roles.seen)
    found = await work.rows(
        visit.connection, reader, work.WorklistFilter(), visit.today, limit=PRESSING
    )
    return await visit.html(
        "office/home.html",
        day=labels_fr.long_day(visit.today),
        registered=day.registered,
        notes=await unread_notes(visit),
        opinions=await owed_opinions(visit),
        signatures=await waiting_letters(visit),
        unguided=await first_step(visit),
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
            *(
                [
                    count(
                        "réponse à un exercice aujourd’hui",
                        "/bureau/attente/ecartes",
                        day.drilled,
                        "réponses à un exercice aujourd’hui",
                    )
                ]
                if day.drilled
                else []
            ),
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
                "chrono": line.chrono,
                "due": labels_fr.short_day(line.due),
                "late": line.late(visit.today),
                "subject": row.subject,
                "sender": row.sender,
                "category": names.category(line.category),
                "service": names.service(line.service),
                "state": labels_fr.STATES[line.state],
            }
            for row in found
            for line in (row.line,)
            if line.due is not None
        ],
    )


def _age(visit: Visit, oldest: datetime | None) -> str:
    if oldest is None:
        return ""
    since = oldest.astimezone(visit.applied.site.zone).date()
    days = visit.applied.days.between(since, visit.today)
    return f"le plus ancien : {labels_fr.jours_ouvres(days)}" if days else "d’aujourd’hui"

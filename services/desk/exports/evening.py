"""The evening export: with it an office goes on by hand if the system is down tomorrow.

Each evening one .xlsx and one .csv of all that waits for an answer, and the next chrono to write on
paper, in a folder that the site chooses (a share that is there when this machine is not). A file
appears whole or not at all, for its writer alone to read until the site says otherwise; old ones
are removed. What is réservé stands there without sender and subject.
"""

import asyncio
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from services.desk.columns import COLUMNS, Tongue, row
from services.desk.exports.lists import LIST
from services.desk.french import labels_fr
from services.desk.jobs import JobContext
from services.desk.search.store import search
from services.desk.settings import DeskSettings
from services.desk.sheets import KINDS, ExportSheet, SheetCell
from services.desk.store import counters
from services.desk.store.search_types import OPEN, Filter, SearchHit, SearchQuery, SearchReader
from services.desk.store.visibility import ALL
from shared.content import chronos
from shared.content.chronos import Direction
from shared.errors import TemporaryFailure
from shared.platform import disk_space
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log
from shared.site.applied_rules import Rules
from shared.site.staff import people_store
from shared.site.tables.bundle import AppliedSite

EACH_SECONDS = 60.0
WRITTEN: Final = (".xlsx", ".csv")
_NAME: Final = re.compile(r"registre-(\d{4}-\d{2}-\d{2})\.(?:xlsx|csv)")

log = Log("evening")


def writes_each_evening(parts: JobContext) -> Job:
    """Makes the background job that writes the evening export once a day.

    From the site's hour on; nothing is written without a folder.
    """
    settings = parts.settings

    async def look() -> None:
        if settings.evening_folder is not None:
            now = parts.clock.now()
            await evening(parts.pool, parts.rules, now, settings.evening_folder, settings)

    return every(EACH_SECONDS, look, parts.stopping)


async def evening(
    pool: Pool, rules: Rules, now: datetime, folder: Path, settings: DeskSettings
) -> bool:
    """Writes the evening export if it is due, and deletes old ones; returns whether it wrote.

    Raises:
        TemporaryFailure: the folder can't be written.
    """
    async with transaction(pool) as connection:
        applied = await rules.in_transaction(connection)
        local = now.astimezone(applied.site.zone)
        day = local.date()
        wanted = [folder / f"registre-{day}{ending}" for ending in WRITTEN]
        if local.time() < settings.evening_at or all(path.exists() for path in wanted):
            return False
        tongue = Tongue.of(applied, await people_store.people_at(connection, now), now)
        everything = SearchReader(ALL)
        asked = SearchQuery(
            everything, "", Filter(state=OPEN), day, applied.site.identity.department
        )
        hits = [hit async for hit in search.all_found(connection, asked)]
        last = {
            direction: await counters.last(connection, direction, local.year)
            for direction in Direction
        }
    notice = _notice(applied, local, last, len(hits))
    try:
        await asyncio.to_thread(_write, folder, wanted, sorted(hits, key=_by_limit), tongue, notice)
        _forget(folder, day - timedelta(days=settings.evening_days))
    except OSError as error:
        raise TemporaryFailure(
            f"The evening export can't be written into {folder} ({error.strerror}): check the"
            " folder, its rights and its room."
        ) from error
    log.info("evening_export_written", day=day.isoformat(), items=len(hits))
    return True


def _by_limit(hit: SearchHit) -> tuple[bool, date, date, str]:
    line = hit.line
    return line.due is None, line.due or date.max, line.received_on, line.chrono


_NOTICE: Final = ExportSheet("Mode d’emploi", ["Si le registre ne répond pas"], [110])


def _notice(
    applied: AppliedSite, local: datetime, last: dict[Direction, int], items: int
) -> list[list[SheetCell]]:
    """Instructions for working by hand, one row a line."""
    department, year = applied.site.identity.department, local.year
    following = {
        direction: chronos.write(department, year, direction, number + 1)
        for direction, number in last.items()
    }
    at = labels_fr.moment(local, applied.site.zone)
    waiting = f"{labels_fr.amount(items, 'courrier')} {'attendent' if items > 1 else 'attend'}"
    said = (
        applied.site.identity.authority,
        f"Écrit le {at} : {waiting} une réponse (feuille « Courriers »).",
        "Les plus pressés sont en haut. « Jours ouvrés restants » est compté de ce jour-là.",
        f"Prochain numéro d’arrivée, à écrire à la main : {following[Direction.ARRIVAL]}.",
        f"Prochain numéro de départ : {following[Direction.DEPARTURE]}.",
        "Notez pour chaque arrivée : numéro, date de réception, expéditeur, objet, service.",
        "Notez pour chaque départ : numéro du courrier, date d’envoi, qui a signé.",
        "Au retour du registre, saisissez-les au guichet avec leur vraie date de réception.",
        "Le registre leur donnera ses propres numéros : reportez-les sur votre feuille.",
        "Les courriels reçus entre-temps seront lus d’eux-mêmes : ne les ressaisissez pas.",
    )
    return [[line] for line in said]


def _write(
    folder: Path,
    wanted: list[Path],
    hits: list[SearchHit],
    tongue: Tongue,
    notice: list[list[SheetCell]],
) -> None:
    """Each file beside its place, flushed, then named."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row(hit, tongue) for hit in hits]
    for path in wanted:
        part = folder / f".{path.stem}.part{path.suffix}"
        part.unlink(missing_ok=True)
        part.touch(mode=0o640)
        with KINDS[path.suffix](part) as book:
            if path.suffix == ".xlsx":
                book.begin(_NOTICE)
                book.add(notice)
            book.begin(LIST)
            book.add(rows)
            if path.suffix == ".csv":  # a text has one table: what to do stands below it
                book.add([[], *([line[0], *[None] * (len(COLUMNS) - 1)] for line in notice)])
        disk_space.sync(part)
        part.replace(path)
    disk_space.sync(folder)


def _forget(folder: Path, before: date) -> None:
    """Removes our files of earlier days, and nothing else."""
    for path in folder.iterdir():
        found = _NAME.fullmatch(path.name)
        if found is not None and date.fromisoformat(found[1]) < before:
            path.unlink(missing_ok=True)

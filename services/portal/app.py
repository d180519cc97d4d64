"""The composition of the portal: its pages, and the tasks beside them."""

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path

from services.portal import metrics
from services.portal.pages import follow_letter, serve, survey
from services.portal.pages.program_server import ProgramServer
from services.portal.pages.serve import PublicPages
from services.portal.settings import PortalSettings
from services.portal.store import deposit_keys, deposit_names, deposits, notes, surveys
from services.portal.store.deposit_keys import KnownDepositKeys
from services.portal.store.letters import KnownLetters
from services.portal.store.letters import every as every_letter
from services.portal.store.surveys import KnownDoors
from shared.content import encryption_metric
from shared.platform.clock import Clock, SystemClock
from shared.platform.database import Pool, transaction
from shared.platform.jobs import every
from shared.platform.observability.health import room
from shared.platform.observability.logs import Log
from shared.platform.service_life import Parts, ServiceCommand, ServiceContext
from shared.site.applied_rules import AppliedRules
from shared.web.guards import refuse_unsheltered

SCHEMA = "desk"
"""Whose migrations make what the portal stands on: schema `portal` is the register's to write."""
EACH_SECONDS = 5.0
DOORS_SECONDS = 60.0
LETTERS_SECONDS = 300.0
KEYS_SECONDS = 60.0
NAMED_SECONDS = 3600.0

log = Log("portal")


async def take_notes(pool: Pool, rules: AppliedRules, spool: Path) -> int:
    """Inserts deposits noted on the disk while the database was away; returns how many.

    Notes are removed after the commit. Raises TemporaryFailure: database or disk are away, and
    every note stays.
    """
    async with transaction(pool) as connection:
        await rules.if_any(connection)  # none were ever applied: the form answers nobody
    found = await asyncio.to_thread(notes.read, spool)
    if found:
        async with transaction(pool) as connection:
            for note in found:
                await deposits.insert(connection, note.deposit, note.at, by_program=note.by_program)
        await asyncio.to_thread(notes.remove, spool, found)
        log.info("deposits_noted", deposits=len(found))
    return len(found)


async def know_doors(pool: Pool, doors: KnownDoors) -> None:
    """Caches the survey campaigns for when the database is away, and stores counts of visits.

    Raises TemporaryFailure when the database is away; the visits are kept for the next call.
    """
    visits = doors.take_visits()
    try:
        async with transaction(pool) as connection:
            doors.keep(await surveys.every(connection))
            await surveys.add_visits(connection, visits)
    except BaseException:
        doors.give_back(visits)
        raise


async def know_letters(pool: Pool, clock: Clock, letters: KnownLetters) -> None:
    """Caches what the portal may show of each letter, for when the database is away.

    Raises TemporaryFailure when the database is away; what was known stays.
    """
    async with transaction(pool, readonly=True) as connection:
        found = await every_letter(connection)
    letters.keep(found, clock.now())


async def know_deposit_keys(pool: Pool, keys: KnownDepositKeys) -> None:
    """Caches the keys by which programs deposit for when the database is away.

    Raises TemporaryFailure when the database is away; what was known stays.
    """
    async with transaction(pool, readonly=True) as connection:
        found = await deposit_keys.every(connection)
    keys.keep(found)


async def forget_named(spool: Path, now: datetime) -> None:
    """Deletes what is stored of old idempotency keys: which deposit each stands for.

    `now`: by the machine's clock. Raises TemporaryFailure: the disk can't be read or written now.
    """
    gone = await asyncio.to_thread(deposit_names.forget, spool, now - deposit_names.KEPT)
    if gone:
        log.info("deposit_names_forgotten", deposits=gone)


def create_serve(settings: PortalSettings) -> ServiceCommand:
    """Builds the process `portal serve`, which shows the public's pages.

    Raises:
        PermanentFailure: the pages would be read on their way to a network.
    """
    refuse_unsheltered(settings.http_host, settings.portal_url, "VAGUEMESTRE_PORTAL_URL")

    async def assemble(ground: ServiceContext) -> Parts:
        rules = AppliedRules()
        by_program = metrics.BY_PROGRAM.on(ground.telemetry.registry)
        programs = ProgramServer(counted=lambda key: by_program.labels(key).inc())
        pages = PublicPages(ground.pool, ground.clock, rules, settings, programs)
        pages.prepare()
        # The machine's clock, also while a story is told: files carry its time.
        disk_clock, folder = SystemClock(), settings.spool
        ground.telemetry.on_scrape(metrics.question(ground.telemetry.registry, folder, disk_clock))
        work = partial(take_notes, ground.pool, rules, settings.spool)
        doors = partial(know_doors, ground.pool, survey.DOORS)
        letters = partial(know_letters, ground.pool, ground.clock, follow_letter.KNOWN)
        keys = partial(know_deposit_keys, ground.pool, pages.programs.keys)
        sending = settings.sender_parts(ground.telemetry, ground.stopping)

        # Where it is sent, the disk is nobody's but ours.
        taken = {
            "spool": metrics.taken_in(folder, disk_clock),
            "sheets": metrics.sheets_taken_in(folder, disk_clock),
        }

        async def forget() -> None:
            await forget_named(folder, disk_clock.now())

        return Parts(
            pages=pages.app,
            tasks={
                "notes": every(EACH_SECONDS, work, ground.stopping),
                "survey": every(DOORS_SECONDS, doors, ground.stopping),
                "letters": every(LETTERS_SECONDS, letters, ground.stopping),
                "keys": every(KEYS_SECONDS, keys, ground.stopping),
                "named": every(NAMED_SECONDS, forget, ground.stopping),
                **sending.jobs,
            },
            proxies=settings.proxies,
            checks={
                "room": room(settings.free_floor, folder),
                "encryption": encryption_metric.key_check(
                    ground.telemetry.registry, settings.writing_key
                ),
                **(sending.checks or taken),
            },
        )

    return ServiceCommand("portal", SCHEMA, settings, assemble, serve.waiting_app(settings))

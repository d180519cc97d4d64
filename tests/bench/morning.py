"""What a morning costs notify: `make bench WHAT=morning`.

Twenty thousand rungs fell at six; Prometheus scrapes each fifteen seconds; mails leave meanwhile by
a real SMTP connection. Whether they leave as fast as without scrapes is measured in turns, on one
embedded PostgreSQL with fsync on.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from services.notify.metrics import NotifyMetrics
from services.notify.store import hearings
from shared.calendar.working_days import working_calendar
from shared.content.blobs import LocalBlobs
from shared.facts.clocks import Holder
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import Audience
from shared.platform.database import Pool, open_glances, open_pool, transaction
from shared.platform.messaging import trigger_counts
from shared.platform.observability.telemetry import Telemetry
from shared.site import store
from shared.site.applied_rules import applied_rules
from shared.site.load import load_proposal
from shared.site.staff import people_store
from shared.site.tables.bundle import Site
from tests.bench.said import Said, run
from tests.contract.smtp.sink import Sink
from tests.integration.notify.conftest import GO_LIVE, INDRE, House, Moment
from tests.integration.notify.test_digests import MORNING, OPENING, rung

SLOWEST, KEPT = 100.0, 0.9
MANY = 1_000_000
BATCH = 500


def unthrottled(site: Site) -> Site:
    """The rules of Indre, where as many mails may leave as can."""
    caps = site.notices.caps
    named = ("address_a_day", "domain_an_hour", "domain_a_day", "all_an_hour", "all_a_day")
    wide = caps.model_copy(update=dict.fromkeys(named, MANY))
    notices = site.notices.model_copy(update={"outgoing_per_minute": MANY, "caps": wide})
    return site.model_copy(update={"notices": notices})


async def opened(url: str, folder: Path, sink: Sink) -> House:
    """notify's parts on an empty database, live."""
    pool = await open_pool(SecretStr(url), "bench", size=10)
    proposal = load_proposal(INDRE)
    calendar = proposal.site.calendar
    days = working_calendar(calendar.territory, calendar.closures, 2025, 2028)
    early = datetime(2026, 4, 1, tzinfo=UTC)
    async with transaction(pool) as connection:
        await store.keep(connection, unthrottled(proposal.site), days, "q", "bench", early)
        await people_store.import_people(connection, proposal.people, "bench", early)
        await store.go_live(connection, GO_LIVE, "q", "bench", GO_LIVE)
    rules = await applied_rules(pool)
    return House(pool, SecretStr(url), rules, Moment(), LocalBlobs(folder / "blobs"), sink)


async def fell(house: House, rungs: int) -> float:
    """The rungs of the morning are heard; seconds."""
    holders = [
        Holder(service=ServiceId(service), person=PersonId(person.id))
        for person in load_proposal(INDRE).people.people
        for service in person.services
    ]
    house.clock.at = MORNING
    start = time.perf_counter()
    for begin in range(0, rungs, BATCH):
        told = []
        for number in range(begin, min(begin + BATCH, rungs)):
            holder = holders[number % len(holders)]
            tell = (Audience.HOLDER, Audience.HEAD) if number % 3 else (Audience.HOLDER,)
            told.append(rung(number, *tell, holder=holder, service=holder.service))
        await house.hear(*told)
    return time.perf_counter() - start


async def leaving(house: House, name: int, mails: int) -> float:
    """Mails a second, from the first to the last of so many receipts."""
    planned = []
    for number in range(name, name + mails):
        address = f"personne{number}@exemple{number}.fr"
        planned.append(await house.mail(str(100_000 + number), address, at=house.clock.at))
    await house.hear(*planned)
    before = len(house.sink.taken)
    start = time.perf_counter()
    async with house.sending():
        await house.sink.until(before + mails, within=3_600)
    return mails / (time.perf_counter() - start)


class Scraping:
    """Prometheus, every so many seconds."""

    def __init__(self, house: House, glances: Pool, every: float) -> None:
        self._telemetry = Telemetry("notify")
        voice = NotifyMetrics(self._telemetry.registry, glances, house.clock, house.rules)
        self._telemetry.on_scrape(voice.scrape)
        self._every = every
        self.spent = list[float]()

    async def once(self) -> None:
        start = time.perf_counter()
        await self._telemetry.exposition()
        self.spent.append((time.perf_counter() - start) * 1000)

    async def run(self) -> None:
        while True:
            await self.once()
            await asyncio.sleep(self._every)


async def bench(url: str, folder: Path, o: argparse.Namespace) -> Said:
    """Everything, on an empty migrated database."""
    said = Said()
    async with Sink() as sink:
        house = await opened(url, folder, sink)
        seconds = await fell(house, o.rungs)
        said.fact(f"{o.rungs:,} rungs of six o'clock are heard", o.rungs / seconds, "a second")
        async with transaction(house.pool) as connection:
            said.fact(
                "hearings that no digest has told", await hearings.count_untold(connection), ""
            )
        # Nobody has made the digests, and they are overdue: what a scrape asks then is the most.
        house.clock.at = OPENING + timedelta(minutes=30)
        ended = asyncio.Event()  # counts are folded once a minute, as the process does
        folding = asyncio.ensure_future(trigger_counts.folds(house.pool, "notify", ended)())
        glances = await open_glances(SecretStr(url), "bench")
        scraping = Scraping(house, glances, o.every)
        await scraping.once()
        scraping.spent.clear()
        alone, beside = list[float](), list[float]()
        for turn in range(o.turns):
            shown = f"turn {turn + 1} of {o.turns}: mails leave"
            alone.append(await leaving(house, 2 * turn * o.mails, o.mails))
            said.fact(f"{shown} without scrapes", alone[-1], "a second")
            task = asyncio.create_task(scraping.run())
            beside.append(await leaving(house, (2 * turn + 1) * o.mails, o.mails))
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            said.fact(f"{shown} with scrapes", beside[-1], "a second")
        said.fact("median of turns without scrapes", statistics.median(alone), "a second")
        said.fact(f"and with a scrape each {o.every:g} s", statistics.median(beside), "a second")
        ratio = statistics.median(b / a for a, b in zip(alone, beside, strict=True))
        said.goal("with scrapes they leave at", ratio, KEPT, "of the rate", least=True)
        for _ in range(o.scrapes):
            await scraping.once()
        said.fact("median scrape", statistics.median(scraping.spent), "ms")
        said.goal(
            f"the slowest of {len(scraping.spent)} scrapes takes",
            max(scraping.spent),
            SLOWEST,
            "ms",
        )
        ended.set()
        await folding
        await glances.close()
        await house.pool.close()
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.morning")
    for name, size, what in (
        ("rungs", 20_000, "rungs that fell at six"),
        ("mails", 400, "mails of a turn"),
        ("turns", 7, "pairs of turns, without and with scrapes"),
        ("scrapes", 40, "scrapes one after the other, afterwards"),
    ):
        parser.add_argument(f"--{name}", type=int, default=size, help=what)
    parser.add_argument("--every", type=float, default=15.0, help="seconds between scrapes")
    return parser.parse_args(words)


def main() -> None:
    o = options()
    run(lambda url, folder: bench(url, folder, o))


if __name__ == "__main__":
    main()

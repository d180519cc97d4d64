"""Kafka and PostgreSQL away, each for 20 s: nobody restarts anything, and all comes through.

0 s   Kafka goes           mails are taken in all the same, and wait in the outbox
10 s  PostgreSQL too       mails wait in their mailbox
20 s  Kafka is back        PostgreSQL is still missed
30 s  PostgreSQL is back   everything resumes
"""

import os
import signal
import time

import asyncpg

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.postgres import PostgresServer
from tests.e2e.house import SERVICES, House

OUTAGE = 20.0
"""Seconds of each; long enough for every back-off to be in its fourth pause or later."""
NOTICED = 90.0
MAILS = 6
HEAR_OR_TELL = ("ingest", "desk-keep", "sla", "notify")


async def test_mails_of_two_outages_become_items_by_themselves_when_they_end(live: House) -> None:
    await live.settle()
    before = await live.ask("SELECT count(*) FROM desk.items")
    taken = await live.ask("SELECT count(*) FROM ingest.arrivals")
    pids = dict(live.run["pids"])
    early, late = ([live.mail("Ines Coupure") for _ in range(MAILS)] for _ in range(2))

    os.kill(pids["kafka"], signal.SIGKILL)
    kafka_went = time.monotonic()
    await live.write(*early)
    for process in HEAR_OR_TELL:
        await _until_it_misses(live, process, "kafka")
    await live.when_asked("SELECT count(*) = $1 FROM ingest.arrivals", taken + MAILS)
    await _passed(live, kafka_went, OUTAGE / 2)

    # PostgreSQL's SIGQUIT is its power cut: its children end too, recovery follows.
    os.kill(pids["postgres"], signal.SIGQUIT)
    postgres_went = time.monotonic()
    await live.write(*late)
    for process in SERVICES:
        await _until_it_misses(live, process, "database")
    await _passed(live, kafka_went, OUTAGE)
    live.replace("kafka", KafkaServer(live.running.data, port=live.port("kafka")))
    await _passed(live, postgres_went, OUTAGE)
    for process in SERVICES:
        await _until_it_misses(live, process, "database")
    live.replace("postgres", PostgresServer(live.running.data, port=live.port("postgres")))
    live.running.db = await asyncpg.connect(live.run["database_urls"]["owner"])

    for process in SERVICES:
        await live.when(lambda name=process: live.health(name)[0] == 200, f"{process}", NOTICED)
    await live.settle()
    assert await live.ask("SELECT count(*) FROM desk.items") == before + 2 * MAILS
    mails = [*early, *late]
    assert [len(await live.inbox(mail["address"])) for mail in mails] == [1] * len(mails)
    here = {name: pid for name, pid in live.run["pids"].items() if name in SERVICES}
    assert here == {name: pids[name] for name in here}


async def _passed(live: House, since: float, seconds: float) -> None:
    await live.when(lambda: time.monotonic() - since >= seconds, "the end of the outage", NOTICED)


async def _until_it_misses(live: House, process: str, server: str) -> None:
    def missed() -> bool:
        return live.health(process)[0] == 503 and server in live.unwell(process)

    await live.when(missed, f"{process} that misses {server}", NOTICED)

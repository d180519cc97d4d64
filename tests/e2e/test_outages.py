"""Kafka or PostgreSQL away for a while: nobody restarts anything, and all comes through."""

import os
import signal
import time
from collections.abc import Callable, Mapping

import asyncpg
import pytest

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.server import Server
from tests.e2e.house import House

OUTAGE = 8.0
"""Seconds; long enough for every back-off to be in its second or third pause."""
NOTICED = 90.0
MAILS = 12

CONCERNED: Mapping[str, tuple[str, ...]] = {
    "kafka": ("ingest", "desk-keep", "sla", "notify"),
    "postgres": ("ingest", "desk-keep", "desk", "sla", "notify"),
}
REBUILT: Mapping[str, Callable[[House], Server]] = {
    "kafka": lambda live: KafkaServer(live.running.data, port=live.port("kafka")),
    "postgres": lambda live: PostgresServer(live.running.data, port=live.port("postgres")),
}


@pytest.mark.parametrize("server", CONCERNED)
async def test_mails_of_an_outage_become_items_by_themselves_when_it_ends(
    live: House, server: str
) -> None:
    await live.settle()
    before = await live.ask("SELECT count(*) FROM desk.items")
    pids = dict(live.run["pids"])
    mails = [live.mail("Ines Coupure") for _ in range(MAILS)]

    # PostgreSQL's SIGQUIT is its power cut: its children end too, recovery follows.
    os.kill(pids[server], signal.SIGQUIT if server == "postgres" else signal.SIGKILL)
    began = time.monotonic()
    await live.write(*mails)
    for process in CONCERNED[server]:
        await _until_it_says(live, process, 503)
    await live.when(lambda: time.monotonic() - began > OUTAGE, "the end of the outage", NOTICED)
    live.replace(server, REBUILT[server](live))
    if server == "postgres":
        live.running.db = await asyncpg.connect(live.run["database_urls"]["owner"])

    for process in CONCERNED[server]:
        await _until_it_says(live, process, 200)
    await live.settle()
    assert await live.ask("SELECT count(*) FROM desk.items") == before + MAILS
    assert [len(await live.inbox(mail["address"])) for mail in mails] == [1] * MAILS
    here = {name: pid for name, pid in live.run["pids"].items() if name in CONCERNED["postgres"]}
    assert here == {name: pids[name] for name in here}


async def _until_it_says(live: House, process: str, status: int) -> None:
    await live.when(lambda: live.health(process)[0] == status, f"{status} of {process}", NOTICED)

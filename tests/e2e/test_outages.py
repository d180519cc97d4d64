"""Kafka and PostgreSQL away, each for 20 s: nobody restarts anything, and all comes through.

0 s   Kafka goes           mails are taken in all the same, and wait in the outbox
10 s  PostgreSQL too       mails wait in their mailbox; the public form is taken all the same
20 s  Kafka is back        PostgreSQL is still missed
30 s  PostgreSQL is back   everything resumes
"""

import os
import re
import signal
import time
from uuid import uuid4

import asyncpg
import httpx

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.postgres import PostgresServer
from tests.e2e.house import SERVICES, SOON, House

OUTAGE = 20.0
"""Seconds of each; long enough for every back-off to be in its fourth pause or later."""
NOTICED = SOON
MAILS = 6
FORM = {
    "nature": "demande",
    "message": "Où en est ma demande de titre ?",
    "nom": "Colette Panne",
    "courriel": "colette.panne@courriel.example",
}
CHRONO = re.compile(r"36-2026-A-\d{6}")
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
    form = await _sent_by_form(live)
    await _passed(live, kafka_went, OUTAGE)
    live.replace("kafka", KafkaServer(live.running.data, port=live.port("kafka")))
    await _passed(live, postgres_went, OUTAGE)
    for process in SERVICES:
        await _until_it_misses(live, process, "database")
    live.replace("postgres", PostgresServer(live.running.data, port=live.port("postgres")))
    live.running.db = await asyncpg.connect(live.run["database_urls"]["owner"])

    for process in SERVICES:
        await live.when(lambda name=process: live.health(name)[0] == 200, f"{process}", NOTICED)  # type: ignore[misc]  # asked where it stands
    await live.settle()
    assert await live.ask("SELECT count(*) FROM desk.items") == before + 2 * MAILS + 1
    (receipt,) = await live.inbox(FORM["courriel"])
    async with httpx.AsyncClient(base_url=live.portal, timeout=NOTICED) as browser:
        chrono = CHRONO.search((await browser.get(form)).text)
    assert chrono is not None
    assert chrono[0] in str(receipt["Subject"])
    mails = [*early, *late]
    assert [len(await live.inbox(mail["address"])) for mail in mails] == [1] * len(mails)
    here = {name: pid for name, pid in live.run["pids"].items() if name in SERVICES}
    assert here == {name: pids[name] for name in here}


async def _sent_by_form(live: House) -> str:
    """The page that follows what was sent by the public form, with its number of deposit."""
    live.strangers += [FORM["nom"], FORM["courriel"], FORM["message"]]
    async with httpx.AsyncClient(base_url=live.portal, timeout=NOTICED) as browser:
        assert (await browser.get("/formulaire")).status_code == 200
        said = FORM | {"depot": str(uuid4()), "page": "/formulaire"}
        sent = await browser.post("/formulaire", data=said, headers={"origin": live.portal})
        assert sent.status_code == 303, sent.text
        follow = sent.headers["location"]
        page = await browser.get(follow)
    assert page.status_code == 200
    assert "Numéro de dépôt" in page.text
    return str(follow)


async def _passed(live: House, since: float, seconds: float) -> None:
    await live.when(lambda: time.monotonic() - since >= seconds, "the end of the outage", NOTICED)


async def _until_it_misses(live: House, process: str, server: str) -> None:
    def missed() -> bool:
        return live.health(process)[0] == 503 and server in live.unwell(process)

    await live.when(missed, f"{process} that misses {server}", NOTICED)

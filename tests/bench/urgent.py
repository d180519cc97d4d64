"""How soon words of danger leave behind 20,000 receipts: `make bench WHAT=urgent`.

A ledger of receipts that are due, an SMTP server that takes a mail at once, both lanes of one
notify at work. The measure runs from the commit of the fact to the mail taken by the server; its
raw limit is the same mail handed to the same server by nobody but itself.
"""

import asyncio
import statistics
import time
from datetime import timedelta
from pathlib import Path

import aiosmtplib
from pydantic import SecretStr

from services.notify.lanes import ORDINARY, URGENT
from shared.content.blobs import LocalBlobs
from shared.platform.database import open_pool
from shared.site import store
from shared.site.applied_rules import applied_rules
from shared.site.tables.notices import Caps
from tests.bench.said import Said, run
from tests.contract.smtp.sink import Sink
from tests.integration.notify.conftest import GO_LIVE, House, Moment, rules_and_people
from tests.roles import one_transaction
from tests.unit.notify.builders import MONDAY

WAITING = 20_000
ALERTS = 10
WITHIN, RATE = 10.0, 0.9
"""Seconds from the fact to the mail; the share of their rate that receipts keep meanwhile."""
OPEN = Caps(
    address_a_day=10**6,
    domain_an_hour=10**6,
    domain_a_day=10**6,
    all_an_hour=10**6,
    all_a_day=10**6,
)
"""The receipts are of one address: nothing is held here."""
WINDOW = 15.0
"""Seconds over which the rate of receipts is counted."""


async def bench(url: str, folder: Path) -> Said:
    """Alerts one after the other, while receipts leave at the site's rate."""
    said = Said()
    await rules_and_people(url, OPEN)
    async with one_transaction(url) as connection:
        await store.go_live(connection, GO_LIVE, "bench", "bench", GO_LIVE)
    address = SecretStr(url)
    pool = await open_pool(address, "bench")
    async with Sink() as sink:
        rules = await applied_rules(pool)
        house = House(pool, address, rules, Moment(), LocalBlobs(folder / "blobs"), sink)
        await house.receipts_wait(WAITING)
        house.clock.move(MONDAY + timedelta(minutes=10))
        alone = await _raw(sink)
        async with house.sending(ORDINARY), house.sending(URGENT):
            await sink.until(len(sink.taken) + 1)
            before = await _left_in(sink, WINDOW)
            taken = [await _alert(house, number) for number in range(ALERTS)]
            after = await _left_in(sink, WINDOW)
    await pool.close()
    said.fact("one mail, handed to the server by nobody but itself", alone * 1000, "ms")
    said.fact("an alert behind 20,000 receipts, median", statistics.median(taken) * 1000, "ms")
    said.goal("an alert behind 20,000 receipts, the slowest", max(taken), WITHIN, "s")
    said.goal("receipts a minute, after alerts to before", after / before, RATE, "", least=True)
    return said


async def _alert(house: House, number: int) -> float:
    """Seconds from the fact that somebody is in danger to the mail of whoever is on call."""
    alerts = _alerts(house.sink)
    fact = await house.mail(
        str(number + 2), f"d{number}@exemple.fr", at=house.clock.at, danger=True
    )
    began = time.perf_counter()
    await house.hear(fact)
    while _alerts(house.sink) == alerts:  # noqa: ASYNC110 (what a server of ours has taken)
        await asyncio.sleep(0.002)
    return time.perf_counter() - began


def _alerts(sink: Sink) -> int:
    return sum(taken.recipient.endswith("@indre.example") for taken in sink.taken)


async def _left_in(sink: Sink, seconds: float) -> float:
    """Mails a minute."""
    before, began = len(sink.taken), time.perf_counter()
    await asyncio.sleep(seconds)
    return (len(sink.taken) - before) * 60 / (time.perf_counter() - began)


async def _raw(sink: Sink) -> float:
    """Seconds of one mail from a client that does nothing else."""
    began = time.perf_counter()
    await aiosmtplib.send(
        b"Subject: x\r\n\r\nx",
        sender="a@indre.example",
        recipients=["b@exemple.fr"],
        hostname=sink.host,
        port=sink.port,
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    run(bench)

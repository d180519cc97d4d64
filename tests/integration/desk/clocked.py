"""Items of the register with reply clocks, as sla tells them."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid5

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.handlers.clocks import hear_clocks
from shared.facts import ids
from shared.facts.clocks import Clocks, ClockStarted, ClockStopped, Holder, Outcome
from shared.facts.envelope import ItemId, ServiceId
from shared.facts.vocabulary import ClockName
from shared.platform.database import Pool, transaction
from tests.desk_builders import MONDAY, SPACE, an_arrival, certain, digest, rules

ARRIVALS = hears_arrivals(rules)
NOW = MONDAY + timedelta(minutes=5)


async def items(pool: Pool, *names: str, **kw: Any) -> list[ItemId]:
    fields = [
        {"routing": certain(), "correspondent": digest(name), "subject": digest(name)} | kw
        for name in names
    ]
    arrivals = [an_arrival(name, **one) for name, one in zip(names, fields, strict=True)]
    async with transaction(pool) as connection:
        await ARRIVALS(connection, arrivals, NOW)
    return [ids.item_id("indre", arrival.arrival_id) for arrival in arrivals]


async def clock(pool: Pool, cls: type[Clocks], item: ItemId, revision: int, **kw: Any) -> None:
    fields = {
        "event_id": uuid5(SPACE, f"{item} {revision}"),
        "happened_at": NOW,
        "recorded_at": NOW,
        "by": "service:sla",
        "item_id": item,
        "revision": revision,
        "chrono": "36-2026-A-000001",
        "service": ServiceId("bmi"),
        "holder": Holder(service=ServiceId("bmi")),
        "category": "titre-de-sejour",
        "clock": ClockName.REPLY,
        "limit": date(2026, 5, 19),
    }
    async with transaction(pool) as connection:
        await hear_clocks(connection, [cls.model_validate(fields | kw)], NOW)


async def starts(pool: Pool, item: ItemId) -> None:
    day = date(2026, 5, 11)
    await clock(pool, ClockStarted, item, 1, commitment="reponse", day_zero=day, rules=1)


async def stops(pool: Pool, item: ItemId, revision: int, outcome: Outcome, **kw: Any) -> None:
    raw = 4 if outcome is Outcome.KEPT else 7 if outcome is Outcome.LATE else None
    await clock(pool, ClockStopped, item, revision, outcome=outcome, raw=raw, net=raw, **kw)

"""A small reader for the tests of the plumbing; run as a module, a process that listens with it.

What it takes lands in `sla.effects`; 666 is poison, and the table refuses 999.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar, Literal
from uuid import uuid4

from pydantic import TypeAdapter

from shared.facts.envelope import EventId, Fact, Topic
from shared.platform import process, service_life
from shared.platform.database import Connection
from shared.platform.messaging import inbox
from shared.platform.messaging.subscription import RejectedFact, Subscription
from shared.platform.settings import Settings, load
from tests.subscribing import router_of

NOW = datetime(2026, 5, 11, 8, tzinfo=UTC)
POISON = 666
REFUSED_BY_SQL = 999
EFFECTS = f"CREATE TABLE sla.effects (id bigserial, item text, n int CHECK (n <> {REFUSED_BY_SQL}))"


class Said(Fact):
    """Something about `item`, the n-th time."""

    topic: ClassVar[Topic] = Topic.ITEMS
    type: Literal["Said"] = "Said"
    item: str
    n: int

    @property
    def key(self) -> str:
        return self.item


def said(item: str, n: int) -> Said:
    return Said(
        event_id=EventId(uuid4()), happened_at=NOW, recorded_at=NOW, by="rule:test", item=item, n=n
    )


async def take(
    connection: Connection, facts: Sequence[Said], now: datetime
) -> Sequence[RejectedFact[Said]]:
    del now
    good = {fact.event_id: fact for fact in facts if fact.n != POISON}
    new = await inbox.keep_new(connection, "sla", "test", good)
    await connection.executemany(
        "INSERT INTO sla.effects (item, n) VALUES ($1, $2)",
        [(fact.item, fact.n) for event_id, fact in good.items() if event_id in new],
    )
    return [RejectedFact(fact, "poison") for fact in facts if fact.n == POISON]


EAR = Subscription(Topic.ITEMS, TypeAdapter(Said).validate_json, take)


async def assemble(ground: service_life.ServiceContext) -> service_life.Parts:
    return service_life.Parts(router=router_of(ground.group, EAR))


if __name__ == "__main__":
    process.run(service_life.ServiceCommand("test reader", "sla", load(Settings), assemble))

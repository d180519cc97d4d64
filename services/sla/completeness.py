"""sla's word that nothing due at the rungs of a day is left: what the digests wait for (ADR 0030).

Told once a local day, by whichever ticker first finds nothing left, on every partition. An item
that another transaction steps has its old moment still, so that nobody speaks too early.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.sla.steps import SCHEMA, BatchContext
from shared.facts.authors import by_service
from shared.facts.clocks import RungsTold
from shared.facts.envelope import Topic, Via
from shared.facts.ids import event_id, site_namespace
from shared.platform.database import Connection
from shared.platform.kafka.partitions import keys_of
from shared.platform.messaging import outbox

KEYS = keys_of(Topic.CLOCKS)

LEFT = """
    SELECT EXISTS (SELECT FROM sla.items WHERE wake_at <= $1)
        OR EXISTS (SELECT FROM sla.items WHERE awaits > 0)
        OR EXISTS (SELECT FROM sla.items WHERE open AND edition < $2 AND awaits = 0)
"""
TAKE = """
    INSERT INTO sla.told AS told (until) VALUES ($1)
    ON CONFLICT (single) DO UPDATE SET until = excluded.until WHERE told.until < excluded.until
    RETURNING until
"""


def next_fall(ground: BatchContext) -> datetime:
    """Returns the moment at which the next day's reminders fall due."""
    rules = ground.edition.rulebook.last
    today = rules.day(ground.now)
    this_morning = rules.morning(today)
    return this_morning if this_morning > ground.now else rules.morning(today + timedelta(days=1))


def fell(ground: BatchContext) -> datetime:
    """Returns the last moment at which a day's reminders fell due: this morning or yesterday."""
    rules = ground.edition.rulebook.last
    today = rules.day(ground.now)
    this_morning = rules.morning(today)
    return this_morning if this_morning <= ground.now else rules.morning(today - timedelta(days=1))


async def tell(connection: Connection, ground: BatchContext) -> bool:
    """Publishes the day's `RungsTold` once all due reminders are published; digests await it.

    Returns whether any process has published it by now.
    """
    until = fell(ground)
    if await connection.fetchval(LEFT, until, ground.edition.number):
        return False
    if await connection.fetchval(TAKE, until) is not None:
        await outbox.put(connection, SCHEMA, _facts(ground, until))
    return True


def _facts(ground: BatchContext, until: datetime) -> Sequence[RungsTold]:
    site = site_namespace(ground.edition.rulebook.last.applied.site.identity.id)
    return [
        RungsTold(
            event_id=event_id(site, "rungs told", until.isoformat(), part),
            happened_at=until,
            recorded_at=ground.now,
            by=by_service("sla"),
            via=Via.MACHINE,
            until=until,
            part=part,
            parts=len(KEYS),
            partition_key=key,
        )
        for part, key in enumerate(KEYS)
    ]

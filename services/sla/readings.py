"""What sla hears of sources: how far each was read, which frees the rungs that waited for it."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from services.sla.domain.rules import ClockRules
from services.sla.rulebook import Editions
from services.sla.store import READ, READINGS
from shared.facts.arrivals import Arrivals
from shared.facts.observations import SourceRead
from shared.platform.database import Connection
from shared.platform.messaging.subscription import Handle, RejectedFact, pass_over

OWN_READINGS = "SELECT pg_advisory_xact_lock($1)"
NOTE = """
    INSERT INTO sla.sources AS kept (source, read_until)
    SELECT source, max(read_until)
    FROM unnest($1::text[], $2::timestamptz[]) AS told (source, read_until)
    GROUP BY source
    ON CONFLICT (source) DO UPDATE SET read_until = excluded.read_until
        WHERE excluded.read_until > kept.read_until
    RETURNING source
"""
WAKE_READERS = """
    UPDATE sla.items SET wake_at = least(wake_at, $3)
    WHERE item_id IN (
        SELECT item_id FROM sla.items
        JOIN unnest($1::text[], $2::timestamptz[]) AS done (service, read_until) USING (service)
        WHERE unread_since <= done.read_until
        ORDER BY item_id
        FOR UPDATE OF items
    )
"""


async def note_readings(
    connection: Connection, until: Mapping[str, datetime], rules: ClockRules, now: datetime
) -> AbstractSet[str]:
    """Stores up to when sources (mailboxes) were read, and wakes items whose reminders await that.

    Returns the sources that were read further than before.
    """
    await connection.execute(OWN_READINGS, READINGS)
    news = await connection.fetch(NOTE, list(until), list(until.values()))
    read = {row["source"]: row["read_until"] for row in await connection.fetch(READ)}
    done = {
        service: min(read[source] for source in rules.sources(service))
        for service in rules.applied.site.service
        if set(rules.sources(service)) & set(until) and set(rules.sources(service)) <= set(read)
    }
    await connection.execute(WAKE_READERS, list(done), list(done.values()), now)
    return {row["source"] for row in news}


def hears_readings(editions: Editions) -> Handle[Arrivals]:
    """Makes sla's handler of topic `arrivals`, which uses only `SourceRead`."""

    async def hear(
        connection: Connection, batch: Sequence[Arrivals], now: datetime
    ) -> Sequence[RejectedFact[Arrivals]]:
        readings = [fact for fact in batch if isinstance(fact, SourceRead)]
        until: dict[str, datetime] = {}
        for fact in readings:
            until[fact.source] = max(fact.until, until.get(fact.source, fact.until))
        if until:
            rules = (await editions(connection)).rulebook.last
            news = await note_readings(connection, until, rules, now)
            for fact in readings:
                if fact.source not in news:
                    pass_over(fact)
        return ()

    return hear

"""The rows that a batch of arrivals may change, locked before anything is decided.

Everywhere in the register locks are taken in one order: what arrivals share (locks.py), items by
id, arrivals by id, the counters of chronos. A batch that opens one item, joins a second and
observes the answer to a third must hold all that exist before it takes a number.
"""

from collections.abc import Sequence

from services.desk.domain.matching import likenesses
from services.desk.domain.paper_matching import chronos_of
from services.desk.store import items
from services.desk.store.states import NOT_DONE
from shared.facts.arrival_base import messages_named
from shared.facts.arrivals import Arrivals, JudgedArrival
from shared.facts.envelope import ArrivalId, Digest, ItemId
from shared.facts.observations import DepartureScanned, ReplySeen
from shared.platform.database import Connection

ITEMS = f"""
    WITH named (item_id) AS (
        SELECT item_id FROM desk.items WHERE chrono = ANY($1::text[])
        UNION SELECT item_id FROM desk.messages WHERE message = ANY($2::text[])
        UNION SELECT item_id FROM desk.arrivals WHERE item_id IS NOT NULL AND fingerprint = ANY($3)
        UNION SELECT item_id FROM desk.arrivals WHERE arrival_id = ANY($4::uuid[])
        UNION SELECT item_id FROM desk.labels WHERE label = ANY($5::text[])
        UNION SELECT latest.item_id
              FROM unnest($6::text[], $7::text[]) AS alike (correspondent, subject)
              CROSS JOIN LATERAL (
                  SELECT item_id FROM desk.arrivals a
                  WHERE a.correspondent = alike.correspondent AND a.subject = alike.subject
                    AND a.item_id IS NOT NULL
                  ORDER BY a.received_at DESC LIMIT 1) AS latest
    ), addressees (correspondent) AS (
        SELECT unnest($8::text[])
        UNION SELECT unnest(addressees) FROM desk.replies
              WHERE item_id IS NULL AND addressees && $9::text[]
    )
    SELECT DISTINCT desk.survivor(item_id) AS item_id FROM named WHERE item_id IS NOT NULL
    UNION SELECT item_id FROM named WHERE item_id IS NOT NULL
    UNION SELECT item_id FROM desk.items
          WHERE correspondent IN (SELECT correspondent FROM addressees)
            AND {NOT_DONE}
"""  # noqa: S608  (a constant of states.py)
ARRIVALS = """
    SELECT FROM desk.arrivals WHERE arrival_id = ANY($1::uuid[]) ORDER BY arrival_id FOR UPDATE
"""


async def lock(connection: Connection, batch: Sequence[Arrivals]) -> None:
    """Locks all rows that a batch of arrivals may change, always in the same order."""
    judged = [arrival for arrival in batch if isinstance(arrival, JudgedArrival)]
    alike = likenesses(judged)
    known: list[ArrivalId] = [arrival.arrival_id for arrival in judged]
    addressees: set[Digest] = {
        to for reply in batch if isinstance(reply, ReplySeen) for to in reply.to
    }
    rows = await connection.fetch(
        ITEMS,
        chronos_of(judged)
        + [departure.chrono for departure in batch if isinstance(departure, DepartureScanned)],
        messages_named(thread for arrival in judged for thread in arrival.threads),
        [arrival.fingerprint for arrival in judged],
        known,
        [arrival.label for arrival in judged if arrival.label],
        [correspondent for correspondent, _ in alike],
        [subject for _, subject in alike],
        list(addressees),
        [arrival.correspondent for arrival in judged if arrival.correspondent is not None],
    )
    await items.lock_rows(connection, sorted(ItemId(row["item_id"]) for row in rows))
    await connection.execute(ARRIVALS, known)

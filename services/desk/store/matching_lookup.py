"""What the register knows of a batch of arrivals before it judges them."""

from collections.abc import Sequence

from services.desk.domain.disposition import Disposition, KnownArrival, MatchContext
from services.desk.domain.item import Item
from services.desk.domain.matching import Target, Threads, likenesses
from services.desk.domain.paper_matching import chronos_of
from services.desk.domain.readership import readership_of
from services.desk.store import former_chronos, items
from shared.facts.arrival_base import messages_named
from shared.facts.arrivals import JudgedArrival
from shared.facts.envelope import ArrivalId, Chrono, Digest, ItemId
from shared.platform.database import Connection


async def load_context(connection: Connection, batch: Sequence[JudgedArrival]) -> MatchContext:
    """Loads the tables by which a batch of arrivals is matched; locks the threads' items."""
    arrivals = await connection.fetch(
        """
        SELECT arrival_id, revision, word, item_id FROM desk.arrivals
        WHERE arrival_id = ANY($1::uuid[])
        """,
        [arrival.arrival_id for arrival in batch],
    )
    fingerprints = await connection.fetch(
        """
        SELECT DISTINCT ON (fingerprint) fingerprint, item_id FROM desk.arrivals
        WHERE fingerprint = ANY($1::text[]) AND item_id IS NOT NULL
        ORDER BY fingerprint, recorded_at, arrival_id
        """,
        [arrival.fingerprint for arrival in batch],
    )
    labels = await connection.fetch(
        """
        SELECT label, item_id,
               EXISTS (SELECT FROM desk.arrivals a
                       WHERE a.label = l.label AND a.item_id IS NOT NULL) AS scanned
        FROM desk.labels l WHERE label = ANY($1::text[])
        """,
        [arrival.label for arrival in batch if arrival.label],
    )
    return MatchContext(
        arrivals={
            ArrivalId(row["arrival_id"]): KnownArrival(
                row["revision"], Disposition(row["word"]), row["item_id"] and ItemId(row["item_id"])
            )
            for row in arrivals
        },
        fingerprints={Digest(row["fingerprint"]): ItemId(row["item_id"]) for row in fingerprints},
        labels={row["label"]: ItemId(row["item_id"]) for row in labels},
        threads=await _threads(connection, batch),
        scanned={row["label"] for row in labels if row["scanned"]},
    )


async def _threads(connection: Connection, batch: Sequence[JudgedArrival]) -> Threads:
    candidates = [thread for arrival in batch for thread in arrival.threads]
    chronos = set(chronos_of(batch))
    if not candidates and not chronos:
        return Threads({}, {}, {})
    # A number that two letters had proves neither: it may be of hours that a restore lost.
    alike = likenesses(batch)
    twice = await former_chronos.given_twice(connection, sorted(chronos))
    rows = await connection.fetch(
        """
        SELECT 'chrono' AS kind, chrono AS key, NULL AS subject, desk.survivor(item_id) AS item_id
        FROM desk.numbers WHERE chrono = ANY($1::text[])
        UNION ALL
        SELECT 'message', message, NULL, desk.survivor(item_id)
        FROM desk.messages WHERE message = ANY($2::text[])
        UNION ALL
        SELECT 'likeness', alike.correspondent, alike.subject, desk.survivor(latest.item_id)
        FROM unnest($3::text[], $4::text[]) AS alike (correspondent, subject)
        CROSS JOIN LATERAL (
            SELECT item_id FROM desk.arrivals a
            WHERE a.correspondent = alike.correspondent AND a.subject = alike.subject
              AND a.item_id IS NOT NULL
            ORDER BY a.received_at DESC LIMIT 1
        ) AS latest
        """,
        sorted(chronos - twice),
        messages_named(candidates),
        [correspondent for correspondent, _ in alike],
        [subject for _, subject in alike],
    )
    locked = await items.lock(connection, [row["item_id"] for row in rows])
    targets = {item_id: _target(kept.item) for item_id, kept in locked.items()}
    found = [(row, targets[row["item_id"]]) for row in rows if row["item_id"] in targets]
    return Threads(
        chronos={Chrono(row["key"]): target for row, target in found if row["kind"] == "chrono"},
        messages={Digest(row["key"]): target for row, target in found if row["kind"] == "message"},
        likeness={
            (Digest(row["key"]), Digest(row["subject"])): target
            for row, target in found
            if row["kind"] == "likeness"
        },
    )


def _target(item: Item) -> Target:
    known = (item.item_id, item.correspondent, item.ended, readership_of(item))
    return Target(*known, frozenset(ask.message for ask in item.third_asks if ask.message))

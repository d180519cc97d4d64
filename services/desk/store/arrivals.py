"""The arrivals: one row each, one word each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.desk.domain.days import instant_of
from services.desk.domain.matching import Target, Threads
from services.desk.domain.registering import (
    Kept,
    Known,
    KnownArrival,
    Outcome,
    Word,
    word_of,
)
from services.desk.store import items
from shared.database import Connection
from shared.facts.arrivals import (
    BounceSeen,
    DepartureScanned,
    JudgedArrival,
    LikenessThread,
    MessageThread,
    TokenThread,
)
from shared.facts.envelope import ArrivalId, Chrono, Digest, ItemId


async def known(connection: Connection, batch: Sequence[JudgedArrival]) -> Known:
    """What the register knows of these arrivals; the items of their threads are locked."""
    arrivals = await connection.fetch(
        """
        SELECT arrival_id, revision, word, item_id FROM desk.arrivals
        WHERE arrival_id = ANY($1::uuid[])
        """,
        [one.arrival_id for one in batch],
    )
    fingerprints = await connection.fetch(
        """
        SELECT DISTINCT ON (fingerprint) fingerprint, item_id FROM desk.arrivals
        WHERE fingerprint = ANY($1::text[]) AND item_id IS NOT NULL
        ORDER BY fingerprint, recorded_at, arrival_id
        """,
        [one.fingerprint for one in batch],
    )
    labels = await connection.fetch(
        "SELECT label, item_id FROM desk.labels WHERE label = ANY($1::text[])",
        [one.scan.label for one in batch if one.scan is not None and one.scan.label is not None],
    )
    return Known(
        arrivals={
            ArrivalId(row["arrival_id"]): KnownArrival(
                row["revision"], Word(row["word"]), row["item_id"] and ItemId(row["item_id"])
            )
            for row in arrivals
        },
        fingerprints={Digest(row["fingerprint"]): ItemId(row["item_id"]) for row in fingerprints},
        labels={row["label"]: ItemId(row["item_id"]) for row in labels},
        threads=await _threads(connection, batch),
    )


async def _threads(connection: Connection, batch: Sequence[JudgedArrival]) -> Threads:
    candidates = [one for arrival in batch for one in arrival.threads]
    chronos = [one.chrono for one in candidates if isinstance(one, TokenThread)]
    messages = [m for one in candidates if isinstance(one, MessageThread) for m in one.messages]
    alike = [
        (arrival.correspondent, one.subject)
        for arrival in batch
        for one in arrival.threads
        if isinstance(one, LikenessThread) and arrival.correspondent is not None
    ]
    if not candidates:
        return Threads({}, {}, {})
    rows = await connection.fetch(
        """
        SELECT 'chrono' AS kind, chrono AS key, NULL AS subject, desk.survivor(item_id) AS item_id
        FROM desk.items WHERE chrono = ANY($1::text[])
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
        chronos,
        messages,
        [correspondent for correspondent, _ in alike],
        [subject for _, subject in alike],
    )
    locked = await items.lock(connection, [row["item_id"] for row in rows])
    targets = {
        item_id: Target(item_id, kept.item.correspondent, kept.item.ended)
        for item_id, kept in locked.items()
    }
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


async def keep(
    connection: Connection,
    judged: Sequence[tuple[JudgedArrival, Outcome]],
    zone: ZoneInfo,
) -> None:
    """Writes each arrival under its word, or the new word of one that was read again."""
    if not judged:
        return
    await connection.execute(
        """
        INSERT INTO desk.arrivals
            (arrival_id, revision, word, reason, item_id, source, channel, received_at,
             fingerprint, correspondent, subject, label, original, pli, told, recorded_at)
        SELECT * FROM unnest(
            $1::uuid[], $2::int[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[],
            $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
            $14::text[], $15::text[], $16::timestamptz[])
        ON CONFLICT (arrival_id) DO UPDATE SET
            revision = excluded.revision, word = excluded.word, reason = excluded.reason,
            item_id = excluded.item_id, channel = excluded.channel,
            received_at = excluded.received_at, fingerprint = excluded.fingerprint,
            correspondent = excluded.correspondent, subject = excluded.subject,
            label = excluded.label, original = excluded.original, pli = excluded.pli,
            told = excluded.told
        """,
        *zip(*(_row(arrival, outcome, zone) for arrival, outcome in judged), strict=True),
    )


def _row(arrival: JudgedArrival, outcome: Outcome, zone: ZoneInfo) -> tuple[object, ...]:
    reason, item_id = (
        (outcome.reason, None) if isinstance(outcome, Kept) else (None, outcome.item_id)
    )
    return (
        arrival.arrival_id,
        arrival.revision,
        word_of(outcome).value,
        reason,
        item_id,
        arrival.source,
        arrival.channel.value,
        instant_of(arrival.receipt, zone),
        arrival.fingerprint,
        arrival.correspondent,
        arrival.subject,
        None if arrival.scan is None else arrival.scan.label,
        arrival.original,
        arrival.pli,
        arrival.model_dump_json(),
        arrival.recorded_at,
    )


async def bind_labels(connection: Connection, labels: Sequence[tuple[str, ItemId]]) -> None:
    """Stickers name the item of their paper; the first binding stays."""
    if labels:
        await connection.execute(
            """
            INSERT INTO desk.labels (label, item_id)
            SELECT * FROM unnest($1::text[], $2::uuid[]) ON CONFLICT (label) DO NOTHING
            """,
            *zip(*labels, strict=True),
        )


async def want(connection: Connection, wanted: Sequence[tuple[Digest, ItemId]]) -> None:
    """Remembers references to messages that nobody knows yet."""
    if wanted:
        await connection.execute(
            """
            INSERT INTO desk.wanted (message, item_id)
            SELECT * FROM unnest($1::text[], $2::uuid[]) ON CONFLICT DO NOTHING
            """,
            *zip(*wanted, strict=True),
        )


async def wanted_by(
    connection: Connection, messages: Sequence[Digest]
) -> Sequence[tuple[Digest, ItemId]]:
    """The items that named one of these messages before it was registered; asked for once."""
    if not messages:
        return []
    rows = await connection.fetch(
        "DELETE FROM desk.wanted WHERE message = ANY($1::text[]) RETURNING message, item_id",
        messages,
    )
    return [(Digest(row["message"]), ItemId(row["item_id"])) for row in rows]


@dataclass(frozen=True, slots=True)
class Aside:
    """An arrival that is no message of a person: a departure, a bounce, or one that waits."""

    arrival: DepartureScanned | BounceSeen
    word: Word
    received: datetime
    item_id: ItemId | None = None
    reason: str | None = None


async def unknown(connection: Connection, arrival_ids: Sequence[ArrivalId]) -> set[ArrivalId]:
    """Those of which the register knows nothing yet."""
    rows = await connection.fetch(
        """
        SELECT told.arrival_id FROM unnest($1::uuid[]) AS told (arrival_id)
        WHERE NOT EXISTS (SELECT FROM desk.arrivals a WHERE a.arrival_id = told.arrival_id)
        """,
        arrival_ids,
    )
    return {ArrivalId(row["arrival_id"]) for row in rows}


async def keep_aside(connection: Connection, asides: Sequence[Aside]) -> None:
    """Writes departures and bounces under their word."""
    if not asides:
        return
    await connection.execute(
        """
        INSERT INTO desk.arrivals
            (arrival_id, revision, word, reason, item_id, source, received_at, original, told,
             recorded_at)
        SELECT arrival_id, 1, word, reason, item_id, source, received_at, original, told,
               recorded_at
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[],
                    $6::timestamptz[], $7::text[], $8::text[], $9::timestamptz[])
             AS one (arrival_id, word, reason, item_id, source, received_at, original, told,
                     recorded_at)
        ON CONFLICT (arrival_id) DO NOTHING
        """,
        *zip(
            *(
                (
                    one.arrival.arrival_id,
                    one.word.value,
                    one.reason,
                    one.item_id,
                    one.arrival.source,
                    one.received,
                    one.arrival.original,
                    one.arrival.model_dump_json(),
                    one.arrival.recorded_at,
                )
                for one in asides
            ),
            strict=True,
        ),
    )

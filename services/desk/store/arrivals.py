"""The arrivals: one row each, one word each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.desk.domain.days import instant_of
from services.desk.domain.disposition import (
    ArrivalOutcome,
    Disposition,
    KnownArrival,
    StoredDisposition,
    word_of,
)
from shared.facts.arrivals import ArrivalReread, JudgedArrival
from shared.facts.envelope import ArrivalId, Digest, ItemId
from shared.facts.observations import BounceSeen, DepartureScanned
from shared.platform.database import Connection


async def keep(
    connection: Connection,
    judged: Sequence[tuple[JudgedArrival, ArrivalOutcome]],
    zone: ZoneInfo,
) -> None:
    """Stores arrivals under their disposition; one that was read again gets its new one.

    `judged` pairs each arrival with its outcome.
    """
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


def _row(arrival: JudgedArrival, outcome: ArrivalOutcome, zone: ZoneInfo) -> tuple[object, ...]:
    reason, item_id = (
        (outcome.reason, None)
        if isinstance(outcome, StoredDisposition)
        else (None, outcome.item_id)
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
        arrival.label,
        arrival.original,
        arrival.pli,
        arrival.model_dump_json(),
        arrival.recorded_at,
    )


async def filed_arrivals(
    connection: Connection, arrival_ids: Sequence[ArrivalId]
) -> dict[ArrivalId, KnownArrival]:
    """Returns the dispositions of those of these arrivals that the register has filed, by id.

    Erased ones are left out.
    """
    rows = await connection.fetch(
        """
        SELECT arrival_id, revision, word, item_id FROM desk.arrivals
        WHERE arrival_id = ANY($1::uuid[]) AND erased_at IS NULL
        """,
        arrival_ids,
    )
    return {
        ArrivalId(row["arrival_id"]): KnownArrival(
            row["revision"], Disposition(row["word"]), row["item_id"] and ItemId(row["item_id"])
        )
        for row in rows
    }


async def keep_texts(connection: Connection, read: Sequence[ArrivalReread]) -> None:
    """Stores the plis of arrivals whose attachments were read; their disposition stays.

    Of several revisions of one arrival the last is stored.
    """
    last = {fact.arrival_id: fact for fact in sorted(read, key=lambda fact: fact.revision)}
    await connection.execute(
        """
        UPDATE desk.arrivals a SET revision = read.revision, pli = read.pli
        FROM unnest($1::uuid[], $2::int[], $3::text[]) AS read (arrival_id, revision, pli)
        WHERE a.arrival_id = read.arrival_id
        """,
        [fact.arrival_id for fact in last.values()],
        [fact.revision for fact in last.values()],
        [fact.pli for fact in last.values()],
    )


async def bind_labels(connection: Connection, labels: Sequence[tuple[str, ItemId]]) -> None:
    """Binds printed stickers to items; a sticker that is bound already stays where it is."""
    if labels:
        await connection.execute(
            """
            INSERT INTO desk.labels (label, item_id)
            SELECT * FROM unnest($1::text[], $2::uuid[]) ON CONFLICT (label) DO NOTHING
            """,
            *zip(*labels, strict=True),
        )


async def want(
    connection: Connection, wanted: Sequence[tuple[Digest, ItemId]], now: datetime
) -> None:
    """Stores the ids of messages that an item refers to and that have not arrived yet."""
    if wanted:
        await connection.execute(
            """
            INSERT INTO desk.wanted (message, item_id, since)
            SELECT message, item_id, $3 FROM unnest($1::text[], $2::uuid[]) AS w (message, item_id)
            ON CONFLICT DO NOTHING
            """,
            *zip(*wanted, strict=True),
            now,
        )


async def wanted_by(
    connection: Connection, messages: Sequence[Digest]
) -> Sequence[tuple[Digest, ItemId]]:
    """Returns the items that referred to these messages before they arrived, and forgets that."""
    if not messages:
        return []
    rows = await connection.fetch(
        "DELETE FROM desk.wanted WHERE message = ANY($1::text[]) RETURNING message, item_id",
        messages,
    )
    return [(Digest(row["message"]), ItemId(row["item_id"])) for row in rows]


@dataclass(frozen=True, slots=True)
class SetAsideArrival:
    """A scanned departure or bounced email, stored as an arrival without becoming a message."""

    arrival: DepartureScanned | BounceSeen
    word: Disposition
    received: datetime
    item_id: ItemId | None = None
    reason: str | None = None


async def unknown(connection: Connection, arrival_ids: Sequence[ArrivalId]) -> set[ArrivalId]:
    """Returns those of these arrival ids that have no row in `desk.arrivals`."""
    rows = await connection.fetch(
        """
        SELECT told.arrival_id FROM unnest($1::uuid[]) AS told (arrival_id)
        WHERE NOT EXISTS (SELECT FROM desk.arrivals a WHERE a.arrival_id = told.arrival_id)
        """,
        arrival_ids,
    )
    return {ArrivalId(row["arrival_id"]) for row in rows}


async def keep_aside(connection: Connection, asides: Sequence[SetAsideArrival]) -> None:
    """Stores scanned departures and bounced emails under their disposition."""
    if not asides:
        return
    await connection.execute(
        """
        INSERT INTO desk.arrivals
            (arrival_id, revision, word, reason, item_id, source, received_at, original, pli, told,
             recorded_at)
        SELECT arrival_id, 1, word, reason, item_id, source, received_at, original, pli, told,
               recorded_at
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[],
                    $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::timestamptz[])
             AS one (arrival_id, word, reason, item_id, source, received_at, original, pli, told,
                     recorded_at)
        ON CONFLICT (arrival_id) DO NOTHING
        """,
        *zip(
            *(
                (
                    decision.arrival.arrival_id,
                    decision.word.value,
                    decision.reason,
                    decision.item_id,
                    decision.arrival.source,
                    decision.received,
                    decision.arrival.original,
                    decision.arrival.pli
                    if isinstance(decision.arrival, DepartureScanned)
                    else None,
                    decision.arrival.model_dump_json(),
                    decision.arrival.recorded_at,
                )
                for decision in asides
            ),
            strict=True,
        ),
    )

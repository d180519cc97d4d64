"""Reminders about quality that stand: who is to hear each, and the digest that told it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.facts.envelope import NoticeId, PersonId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.measures import QualityRung, RungAudience
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class QualityHearing:
    """A reminder about a corrective measure for one audience, such as the measure's owner."""

    event_id: UUID
    audience: RungAudience
    number: int
    rung: str
    owner: PersonId
    due: date
    opened: date


async def reach(connection: Connection, fact: QualityRung) -> None:
    """Stores a corrective measure's reminder, a row for each audience that is to read it.

    A late one is not stored: when the measure was changed, done, closed or opened again since.
    """
    await connection.execute(
        """
        INSERT INTO notify.quality_rungs (event_id, audience, subject_id, number, rung, owner, due,
                                          opened)
        SELECT $1, audience, $3, $4, $5, $6, $7, $8 FROM unnest($2::text[]) AS audience
        WHERE NOT EXISTS (
            SELECT FROM notify.quality q
            WHERE q.subject_id = $3 AND q.seq > $9 AND q.type IN (
                'MeasureChanged', 'MeasureDone', 'MeasureClosed', 'MeasureReopened'))
        ON CONFLICT DO NOTHING
        """,
        fact.event_id,
        [audience.value for audience in dict.fromkeys(fact.tell)],
        fact.subject_id,
        fact.number,
        fact.rung,
        fact.owner,
        fact.due,
        fact.opened,
        fact.seq,
    )


async def withdraw(connection: Connection, subject: SubjectId, seq: int) -> None:
    """Removes a measure's reminders older than fact number `seq`, so that no digest lists them."""
    await connection.execute(
        """
        DELETE FROM notify.quality_rungs r USING notify.quality q
        WHERE r.subject_id = $1 AND q.event_id = r.event_id AND q.seq < $2
        """,
        subject,
        seq,
    )


async def untold(connection: Connection) -> Sequence[QualityHearing]:
    """Returns the reminders about corrective measures that are in no digest yet."""
    return await _hearings(connection, None)


async def of_digest(connection: Connection, digest: NoticeId) -> Sequence[QualityHearing]:
    """Returns the reminders about measures assigned to a digest and not withdrawn."""
    return await _hearings(connection, digest)


async def _hearings(connection: Connection, digest: NoticeId | None) -> Sequence[QualityHearing]:
    rows = await connection.fetch(
        """
        SELECT event_id, audience, number, rung, owner, due, opened FROM notify.quality_rungs
        WHERE digest IS NOT DISTINCT FROM $1 ORDER BY due, number, audience
        """,
        digest,
    )
    return [
        QualityHearing(
            row["event_id"],
            RungAudience(row["audience"]),
            row["number"],
            row["rung"],
            PersonId(row["owner"]),
            row["due"],
            row["opened"],
        )
        for row in rows
    ]


async def count_untold(connection: Connection) -> int:
    """Counts the reminders about corrective measures that are in no digest yet."""
    return int(
        await connection.fetchval("SELECT count(*) FROM notify.quality_rungs WHERE digest IS NULL")
    )


async def assign(connection: Connection, told: Mapping[QualityHearing, NoticeId]) -> None:
    """Stores which digests list these reminders about corrective measures."""
    await connection.execute(
        """
        UPDATE notify.quality_rungs AS rung SET digest = told.digest
        FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS told (event_id, audience, digest)
        WHERE (rung.event_id, rung.audience) = (told.event_id, told.audience)
          AND rung.digest IS NULL
        """,
        [hearing.event_id for hearing in told],
        [hearing.audience.value for hearing in told],
        list(told.values()),
    )

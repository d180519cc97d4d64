"""Reminders of the quality system: for whom they wait, and which digest tells them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.facts.envelope import EventId, NoticeId
from shared.facts.quality import Quality
from shared.facts.quality.label import (
    LabelDateMoved,
    QualityFactWithdrawn,
    ReminderFell,
    ReminderTo,
    StepHeld,
)
from shared.platform.database import Connection
from shared.site.tables.quality import OF_DOCUMENTS


@dataclass(frozen=True, slots=True)
class WaitingReminder:
    """A reminder of the label's calendar that somebody has not read yet."""

    event_id: UUID
    audience: ReminderTo


@dataclass(frozen=True, slots=True)
class ToldReminder:
    """A reminder of the label's calendar that a digest lists: its date and step."""

    what: str
    documents: bool
    due: date


async def keep(connection: Connection, told: Sequence[Quality], new: Collection[EventId]) -> None:
    """Stores new reminders of the label's calendar, and ends those that are no longer due.

    A reminder ends when its step was held, all do when the dates moved. One that arrives after the
    fact that ends it is told to nobody.
    """
    for fact in told:
        if fact.event_id not in new:
            continue
        match fact:
            case ReminderFell():
                await _reach(connection, fact)
            case StepHeld():
                documents = fact.step.endswith(OF_DOCUMENTS)
                of = (fact.step.removesuffix(OF_DOCUMENTS), documents, fact.due)
                await _end(connection, fact, of)
            case LabelDateMoved():
                await _end(connection, fact)
            case QualityFactWithdrawn() if fact.kind == StepHeld.__name__:
                # The register tells anew what still stands.
                await _end(connection, fact)
            case _:
                pass


async def _reach(connection: Connection, fact: ReminderFell) -> None:
    await connection.execute(
        """
        INSERT INTO notify.quality_reminders (event_id, what, documents, due, tell, fell_on, ended)
        SELECT $1, $2, $3, $4, $5, $6, EXISTS (
            SELECT FROM notify.quality_reminder_ends e
            WHERE e.seq > $7 AND (e.what IS NULL OR (e.what, e.documents, e.due) = ($2, $3, $4)))
        ON CONFLICT DO NOTHING
        """,
        fact.event_id,
        fact.what,
        fact.documents,
        fact.due,
        [audience.value for audience in fact.tell],
        fact.happened_at.date(),
        fact.seq,
    )


async def _end(
    connection: Connection,
    fact: StepHeld | LabelDateMoved | QualityFactWithdrawn,
    of: tuple[str | None, bool | None, date | None] = (None, None, None),
) -> None:
    """Ends the reminders that fell before a fact: of one step, documents and date, or all."""
    await connection.execute(
        """
        INSERT INTO notify.quality_reminder_ends (event_id, seq, what, documents, due)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
        """,
        fact.event_id,
        fact.seq,
        *of,
    )
    await connection.execute(
        """
        UPDATE notify.quality_reminders r SET ended = true
        FROM notify.quality q
        WHERE q.event_id = r.event_id AND q.seq < $1 AND NOT r.ended
          AND ($2::text IS NULL OR (r.what, r.documents, r.due) = ($2, $3, $4))
        """,
        fact.seq,
        *of,
    )


async def waiting_reminders(connection: Connection, since: date) -> Sequence[WaitingReminder]:
    """Returns the label's reminders that are in no digest yet, each with who is to read it.

    Those withdrawn are left out. `since`: reminders that fell earlier, and whose date is earlier,
    are left out too, whoever becomes their reader.
    """
    rows = await connection.fetch(
        """
        SELECT r.event_id, audience FROM notify.quality_reminders r, unnest(r.tell) AS audience
        WHERE NOT r.ended AND greatest(r.due, r.fell_on) >= $1 AND NOT EXISTS (
            SELECT FROM notify.quality_reminders_told t
            WHERE t.event_id = r.event_id AND t.audience = audience.audience)
        ORDER BY r.due, r.event_id
        """,
        since,
    )
    return [WaitingReminder(row["event_id"], ReminderTo(row["audience"])) for row in rows]


async def assign(connection: Connection, told: Mapping[WaitingReminder, NoticeId]) -> None:
    """Stores which digest lists each reminder of the label's calendar, and for whom."""
    await connection.executemany(
        """
        INSERT INTO notify.quality_reminders_told (event_id, audience, notice_id)
        VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
        """,
        [(reminder.event_id, reminder.audience.value, notice) for reminder, notice in told.items()],
    )


async def of_digest(connection: Connection, notice: NoticeId) -> Sequence[ToldReminder]:
    """Returns the label's reminders assigned to a digest and not withdrawn, by date."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT r.what, r.documents, r.due FROM notify.quality_reminders r
        JOIN notify.quality_reminders_told t USING (event_id)
        WHERE t.notice_id = $1 AND NOT r.ended ORDER BY r.due, r.what
        """,
        notice,
    )
    return [ToldReminder(**row) for row in rows]

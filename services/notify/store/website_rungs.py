"""Reminders about the website that stand: who is to hear each, and the digest that told it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.facts.envelope import NoticeId, PersonId, ServiceId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.website import WebsiteAudience, WebsiteRung
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class WebsiteHearing:
    """A reminder about the website for one audience (correspondent or quality officer)."""

    event_id: UUID
    audience: WebsiteAudience
    rung: str
    person: PersonId | None
    service: ServiceId | None
    due: date
    opened: date
    number: int | None
    """Of the change; `None` for pages to check."""
    pages: int
    """Pages that are still to be checked; 0 for a change."""


async def reach(connection: Connection, fact: WebsiteRung) -> None:
    """Stores a reminder about the website, a row for each audience and page that it names.

    A later list of the quarter says what an earlier one did, which goes if no digest told it. What
    is heard late is not stored: an earlier list, a page checked or a change made since.
    """
    later = await connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM notify.quality
                       WHERE subject_id = $1 AND seq > $2
                         AND type IN ('WebsiteRung', 'ChangePlaced', 'ChangeDone'))
        """,
        fact.subject_id,
        fact.seq,
    )
    if later:
        return
    await connection.execute(
        "DELETE FROM notify.website_rungs WHERE subject_id = $1 AND digest IS NULL",
        fact.subject_id,
    )
    await connection.execute(
        """
        INSERT INTO notify.website_rungs (event_id, audience, page, subject_id, number, rung,
                                          person, service, due, opened)
        SELECT $1, audience, page, $4, $5, $6, $7, $8, $9, $10
        FROM unnest($2::text[]) AS audience, unnest($3::text[]) AS page
        WHERE NOT EXISTS (
            SELECT FROM notify.website_checks c WHERE c.page = page.page AND c.seq > $11)
        ON CONFLICT DO NOTHING
        """,
        fact.event_id,
        [audience.value for audience in dict.fromkeys(fact.tell)],
        list(dict.fromkeys(fact.pages)) or [""],
        fact.subject_id,
        fact.number,
        fact.rung,
        fact.person,
        fact.service,
        fact.due,
        fact.opened,
        fact.seq,
    )


async def remove_checked(connection: Connection, page: str, seq: int) -> None:
    """Stores that a website page was checked, and removes it from older lists of pages to check.

    `seq`: the number of the fact that it was checked.
    """
    await connection.execute(
        """
        INSERT INTO notify.website_checks AS kept (page, seq) VALUES ($1, $2)
        ON CONFLICT (page) DO UPDATE SET seq = greatest(kept.seq, excluded.seq)
        """,
        page,
        seq,
    )
    await connection.execute(
        """
        DELETE FROM notify.website_rungs r USING notify.quality q
        WHERE r.page = $1 AND q.event_id = r.event_id AND q.seq < $2
        """,
        page,
        seq,
    )


async def withdraw(connection: Connection, subject: SubjectId, seq: int) -> None:
    """Removes a website change's reminders older than fact number `seq`: no digest lists them."""
    await connection.execute(
        """
        DELETE FROM notify.website_rungs r USING notify.quality q
        WHERE r.subject_id = $1 AND q.event_id = r.event_id AND q.seq < $2
        """,
        subject,
        seq,
    )


async def forget(connection: Connection, quarter: date) -> None:
    """Removes lists of website pages to check that are in no digest and of a past quarter.

    `quarter`: the first day of this one. Nobody can check anything for a day that has passed.
    """
    await connection.execute(
        "DELETE FROM notify.website_rungs WHERE digest IS NULL AND number IS NULL AND due < $1",
        quarter,
    )


async def untold(connection: Connection) -> Sequence[WebsiteHearing]:
    """Returns the reminders about the website that are in no digest yet."""
    return await _hearings(connection, None)


async def of_digest(connection: Connection, digest: NoticeId) -> Sequence[WebsiteHearing]:
    """Returns the reminders about the website assigned to a digest and not withdrawn."""
    return await _hearings(connection, digest)


async def _hearings(connection: Connection, digest: NoticeId | None) -> Sequence[WebsiteHearing]:
    rows = await connection.fetch(
        """
        SELECT event_id, audience, rung, person, service, due, opened, number,
               (count(*) FILTER (WHERE page <> ''))::int AS pages
        FROM notify.website_rungs WHERE digest IS NOT DISTINCT FROM $1
        GROUP BY event_id, audience, rung, person, service, due, opened, number
        ORDER BY due, number NULLS FIRST, event_id, audience
        """,
        digest,
    )
    return [
        WebsiteHearing(
            row["event_id"],
            WebsiteAudience(row["audience"]),
            row["rung"],
            None if row["person"] is None else PersonId(row["person"]),
            None if row["service"] is None else ServiceId(row["service"]),
            row["due"],
            row["opened"],
            row["number"],
            row["pages"],
        )
        for row in rows
    ]


async def count_untold(connection: Connection) -> int:
    """Counts the reminders about the website that are in no digest yet."""
    return int(
        await connection.fetchval("SELECT count(*) FROM notify.website_rungs WHERE digest IS NULL")
    )


async def assign(connection: Connection, told: Mapping[WebsiteHearing, NoticeId]) -> None:
    """Stores which digests list these reminders about the website."""
    await connection.execute(
        """
        UPDATE notify.website_rungs AS rung SET digest = told.digest
        FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS told (event_id, audience, digest)
        WHERE (rung.event_id, rung.audience) = (told.event_id, told.audience)
          AND rung.digest IS NULL
        """,
        [hearing.event_id for hearing in told],
        [hearing.audience.value for hearing in told],
        list(told.values()),
    )

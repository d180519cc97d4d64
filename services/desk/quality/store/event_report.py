"""What left in an event, a row a mail that notify told of: the report counts nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from services.desk.quality.domain.events import CrisisEvent
from services.desk.store import exercise_mails
from shared.facts import ids
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class EventMail:
    """An email sent in a crisis event: to which service or mailbox, when, its outcome."""

    to: str
    """The service that had the item; of an exercise the entry's id."""
    state: str
    """As notify last told it: `sent`, `bounced`, `failed`, `held`, …; `ordered`: nothing yet."""
    left_at: datetime | None
    """When a server took it; `None`: none did, or not yet."""


async def mails(connection: Connection, event: CrisisEvent, site: str) -> Sequence[EventMail]:
    """Returns the emails of a crisis event or exercise, in the order in which they left."""
    if event.exercise:
        found = await _of_exercise(connection, event, site)
    else:
        found = await _of_items(connection, event.subject)
    last = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda mail: (mail.left_at or last, mail.to))


async def _of_items(connection: Connection, subject: UUID) -> Sequence[EventMail]:
    """The register's own facts say when each reply left; what came back later has left too."""
    rows = await connection.fetch(
        """
        SELECT item.service, coalesce(n.state, 'ordered') AS state,
               (SELECT min(f.happened_at) FROM desk.facts f
                WHERE f.item_id = m.item_id AND f.type = 'ReplySent'
                  AND f.payload::jsonb ->> 'notice_id' = m.notice_id::text) AS left_at
        FROM desk.mass_items m
        JOIN desk.items item USING (item_id)
        LEFT JOIN desk.notices n ON n.item_id = m.item_id AND n.notice_id = m.notice_id
        WHERE m.subject_id = $1 AND m.state = 'ordered'
        """,
        subject,
    )
    return [EventMail(row["service"], row["state"], row["left_at"]) for row in rows]


async def _of_exercise(
    connection: Connection, event: CrisisEvent, site: str
) -> Sequence[EventMail]:
    notices = {
        ids.notice_id(
            site, ids.exercise_occasion(event.subject, fact.version), NoticeKind.EXERCISE, entry
        ): entry
        for fact in event.released
        for entry in fact.recipients
    }
    told = await exercise_mails.exercise_states(connection, list(notices))
    found = []
    for notice, entry in notices.items():
        mail = told.get(notice)
        state = "ordered" if mail is None else mail.state
        left = None if mail is None else mail.sent_at
        found.append(EventMail(entry, state, left))
    return found

"""What became of each mail that invites a member of the users' committee, which is of no item.

The register ordered it and knows it by its notice; notify tells its state (docs/decisions/0108).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.facts.envelope import NoticeId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class OrderedMeetingMail:
    """An email about a meeting that notify is to send to a member of the users' committee."""

    notice_id: NoticeId
    meeting: UUID
    member: UUID
    number: int
    """The member's."""
    sequence: int
    at: datetime
    place: UUID
    """The row of the text that says it."""
    points: tuple[str, ...]
    cancelled: bool
    again: bool
    """Whether the member was told of another day or place before."""
    called_at: datetime
    ordered_at: datetime


@dataclass(frozen=True, slots=True)
class ToldMeetingMail:
    """An email about a meeting in the state that the service notify last published."""

    notice_id: NoticeId
    state: str
    """`ordered`: nothing yet; else `planned`, `held`, `sent`, `failed`, `bounced`, `withdrawn`."""
    why: str | None
    at: datetime
    revision: int


async def order(connection: Connection, mails: Sequence[OrderedMeetingMail]) -> None:
    """Stores emails about a meeting that notify is to send, each once."""
    await connection.executemany(
        """
        INSERT INTO desk.meeting_mails
            (notice_id, meeting, member, number, sequence, at, place, points, cancelled, again,
             called_at, ordered_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9, $10, $11, $12)
        ON CONFLICT (notice_id) DO NOTHING
        """,
        [
            (
                mail.notice_id,
                mail.meeting,
                mail.member,
                mail.number,
                mail.sequence,
                mail.at,
                mail.place,
                list(mail.points),
                mail.cancelled,
                mail.again,
                mail.called_at,
                mail.ordered_at,
            )
            for mail in mails
        ],
    )


async def keep(connection: Connection, mails: Sequence[ToldMeetingMail]) -> None:
    """Stores the states of emails about meetings; an earlier one never replaces a later one."""
    if not mails:
        return
    await connection.executemany(
        """
        UPDATE desk.meeting_mails
        SET state = $2::text, why = $3, revision = $5,
            sent_at = CASE WHEN $2::text = 'sent' THEN $4::timestamptz ELSE sent_at END
        WHERE notice_id = $1 AND revision < $5
        """,
        [
            (mail.notice_id, mail.state, mail.why, mail.at, mail.revision)
            for mail in sorted(mails, key=lambda mail: (mail.notice_id, mail.revision))
        ],
    )


async def states(
    connection: Connection, meeting: UUID
) -> Mapping[int, tuple[int, str, str | None]]:
    """Reads a meeting's last email to each member: its sequence, state and reason code."""
    rows = await connection.fetch(
        """
        SELECT number, sequence, state, why FROM desk.meeting_mails WHERE meeting = $1
        ORDER BY ordered_at, sequence
        """,
        meeting,
    )
    return {row["number"]: (row["sequence"], row["state"], row["why"]) for row in rows}

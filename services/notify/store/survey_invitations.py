"""Invitations to the survey: whose item was answered, who was written to, who wants no more.

A person is the keyed pseudonym of a mailbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.facts.envelope import Digest, ItemId, NoticeId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class PlannedInvitation:
    """A planned survey invitation: campaign, answered item, and the page that it leads to."""

    notice_id: NoticeId
    subject_id: UUID
    item_id: ItemId
    page: str


async def keep(connection: Connection, mails: Sequence[PlannedInvitation]) -> None:
    """Stores planned survey invitations, each once."""
    await connection.executemany(
        """
        INSERT INTO notify.survey_invitations (notice_id, subject_id, item_id, page)
        VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
        """,
        [(mail.notice_id, mail.subject_id, mail.item_id, mail.page) for mail in mails],
    )


async def of_notice(connection: Connection, notice: NoticeId) -> PlannedInvitation | None:
    """Reads the survey invitation of a notice; `None`: the notice is none."""
    row = await connection.fetchrow(
        """
        SELECT notice_id, subject_id, item_id, page FROM notify.survey_invitations
        WHERE notice_id = $1
        """,
        notice,
    )
    return None if row is None else PlannedInvitation(**row)


async def lock_person(connection: Connection, person: Digest) -> None:
    """Locks a person's survey invitations for other transactions until this one ends."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtext('notify survey'), hashtext($1))", person
    )


async def keep_attempt(
    connection: Connection, notice: NoticeId, person: Digest, stop: Digest, now: datetime
) -> None:
    """Stores whom a survey invitation goes to, in the transaction of its attempt."""
    await connection.execute(
        """
        UPDATE notify.survey_invitations SET person = $2, stop = $3, invited_at = $4
        WHERE notice_id = $1
        """,
        notice,
        person,
        stop,
        now,
    )


async def was_invited(
    connection: Connection, person: Digest, notice: NoticeId, since: datetime
) -> bool:
    """Whether this person was sent a survey invitation, or one was tried, since a moment.

    `notice` itself does not count.
    """
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (SELECT FROM notify.survey_invitations
                           WHERE person = $1 AND notice_id <> $2 AND invited_at >= $3)
            """,
            person,
            notice,
            since,
        )
    )


async def has_refused(connection: Connection, person: Digest) -> bool:
    """Whether this person refused further survey emails."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM notify.survey_refusals WHERE person = $1)", person
        )
    )


async def refuse(connection: Connection, stop: Digest, now: datetime) -> None:
    """Stores that the receiver of a survey email refused others by its link (idempotent)."""
    await connection.execute(
        """
        INSERT INTO notify.survey_refusals (person, since)
        SELECT DISTINCT person, $2::timestamptz FROM notify.survey_invitations
        WHERE stop = $1 AND person IS NOT NULL
        ON CONFLICT DO NOTHING
        """,
        stop,
        now,
    )


async def end(connection: Connection, campaign: UUID) -> None:
    """Stores that a survey campaign invites nobody any more."""
    await connection.execute(
        "INSERT INTO notify.survey_ended (subject_id) VALUES ($1) ON CONFLICT DO NOTHING", campaign
    )


async def is_ended(connection: Connection, campaign: UUID) -> bool:
    """Whether a survey campaign invites nobody any more."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM notify.survey_ended WHERE subject_id = $1)", campaign
        )
    )

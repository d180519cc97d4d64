"""Mails of exercises: which entry of the site's exercise list each is for, and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.facts.envelope import NoticeId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class PlannedExercise:
    """An email of an exercise: the event, the version of its reply, the entry of the list."""

    notice_id: NoticeId
    subject_id: UUID
    version: int
    recipient: str


async def keep(connection: Connection, mails: Sequence[PlannedExercise]) -> None:
    """Stores emails of exercises, each once."""
    await connection.executemany(
        """
        INSERT INTO notify.exercise_mails (notice_id, subject_id, version, recipient)
        VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
        """,
        [(mail.notice_id, mail.subject_id, mail.version, mail.recipient) for mail in mails],
    )


async def of_notice(connection: Connection, notice: NoticeId) -> PlannedExercise | None:
    """Reads the exercise's email that a notice is; `None`: it is of no exercise."""
    row = await connection.fetchrow(
        """
        SELECT notice_id, subject_id, version, recipient FROM notify.exercise_mails
        WHERE notice_id = $1
        """,
        notice,
    )
    if row is None:
        return None
    return PlannedExercise(
        NoticeId(row["notice_id"]), row["subject_id"], row["version"], row["recipient"]
    )

"""What became of each mail of an exercise, which belongs to no item."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.facts.envelope import NoticeId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class ToldExercise:
    """An email of a crisis exercise, in the state that the service notify last published."""

    notice_id: NoticeId
    state: str
    """`planned`, `held`, `sent`, `failed`, `bounced` or `withdrawn`."""
    at: datetime
    revision: int
    sent_at: datetime | None = None
    """When a server took it, even if it came back later; of a `sent` one it is `at`."""


async def keep(connection: Connection, mails: Sequence[ToldExercise]) -> None:
    """Stores the states of emails of exercises; an earlier one never replaces a later one."""
    if not mails:
        return
    await connection.executemany(
        """
        INSERT INTO desk.exercise_mails (notice_id, state, at, revision, sent_at)
        VALUES ($1, $2::text, $3::timestamptz, $4,
                CASE WHEN $2::text = 'sent' THEN $3::timestamptz END)
        ON CONFLICT (notice_id) DO UPDATE
        SET state = excluded.state, at = excluded.at, revision = excluded.revision,
            sent_at = coalesce(exercise_mails.sent_at, excluded.sent_at)
        WHERE exercise_mails.revision < excluded.revision
        """,
        [
            (mail.notice_id, mail.state, mail.at, mail.revision)
            for mail in sorted(mails, key=lambda mail: (mail.notice_id, mail.revision))
        ],
    )


async def exercise_states(
    connection: Connection, notices: Collection[NoticeId]
) -> Mapping[NoticeId, ToldExercise]:
    """Reads the states of emails of exercises by notice."""
    rows = await connection.fetch(
        """
        SELECT notice_id, state, at, revision, sent_at FROM desk.exercise_mails
        WHERE notice_id = ANY ($1::uuid[])
        """,
        list(notices),
    )
    return {
        NoticeId(row["notice_id"]): ToldExercise(
            NoticeId(row["notice_id"]), row["state"], row["at"], row["revision"], row["sent_at"]
        )
        for row in rows
    }

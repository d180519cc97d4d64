"""What became of each mail that invites to the survey, which belongs to no item's story.

The register drew it and knows it by its notice; notify tells its state, and of one that did not
leave the reason (docs/decisions/0100).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.facts.envelope import NoticeId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class ToldInvitation:
    """A survey invitation in the state that the service notify published."""

    notice_id: NoticeId
    state: str
    """`planned`, `held`, `sent`, `failed`, `bounced` or `withdrawn`."""
    why: str | None
    at: datetime
    revision: int


async def keep(connection: Connection, mails: Sequence[ToldInvitation]) -> None:
    """Stores the states of survey invitations; an earlier one never replaces a later one."""
    if not mails:
        return
    await connection.executemany(
        """
        UPDATE desk.survey_invitations
        SET state = $2::text, why = $3, revision = $5,
            sent_at = CASE WHEN $2::text = 'sent' THEN $4::timestamptz ELSE sent_at END
        WHERE notice_id = $1 AND revision < $5
        """,
        [
            (mail.notice_id, mail.state, mail.why, mail.at, mail.revision)
            for mail in sorted(mails, key=lambda mail: (mail.notice_id, mail.revision))
        ],
    )

"""A mail about a meeting of the users' committee, as the register has it at this moment.

The register's function tells one mail that it ordered, by its notice: no table of members, places
or addresses is read here, and none is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.facts.envelope import NoticeId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class MeetingMail:
    """An email about a meeting that the register ordered, with its receiver's address."""

    meeting: UUID
    address: str
    """Empty: the mandate has ended, or the address is not known any more."""
    at: datetime
    place: str
    points: tuple[str, ...]
    sequence: int
    latest: int
    """The highest sequence of the meeting: of a lower one the mail is old news."""
    cancelled: bool
    again: bool
    """Whether the member was told of another day or place before."""
    called_at: datetime

    def __repr__(self) -> str:
        return f"MeetingMail({self.meeting}, …)"  # a traceback names nobody's address


async def of_notice(connection: Connection, notice: NoticeId) -> MeetingMail | None:
    """Reads the email about a meeting that a notice is; `None`: the register ordered none."""
    row = await connection.fetchrow("SELECT * FROM desk.meeting_mail($1)", notice)
    return None if row is None else MeetingMail(**dict(row) | {"points": tuple(row["points"])})

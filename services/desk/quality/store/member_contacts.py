"""Where members of the users' committee are reached: private, read by who invites, gone in time.

No address is in a fact, a text beside the chain, a log or a metric (docs/decisions/0108).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.facts.quality.base import SubjectId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class MemberContact:
    """The addresses of a member of the users' committee; empty: not known."""

    mail: str = ""
    postal: str = ""
    """Lines below the name."""

    def __repr__(self) -> str:
        return "MemberContact(…)"  # a traceback names nobody's address


async def keep(
    connection: Connection, member: SubjectId, contact: MemberContact, now: datetime
) -> None:
    """Stores a committee member's addresses in place of the earlier ones; none: erases them."""
    if not (contact.mail or contact.postal):
        await erase(connection, [member])
        return
    await connection.execute(
        """
        INSERT INTO desk.member_contacts (subject_id, mail, postal, changed_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (subject_id) DO UPDATE
        SET mail = excluded.mail, postal = excluded.postal, changed_at = excluded.changed_at
        """,
        member,
        contact.mail,
        contact.postal,
        now,
    )


async def of_members(
    connection: Connection, members: Collection[SubjectId]
) -> Mapping[SubjectId, MemberContact]:
    """Reads committee members' addresses by member; members without a stored one are left out."""
    rows = await connection.fetch(
        """
        SELECT subject_id, mail, postal FROM desk.member_contacts
        WHERE subject_id = ANY ($1::uuid[])
        """,
        list(members),
    )
    return {SubjectId(row["subject_id"]): MemberContact(row["mail"], row["postal"]) for row in rows}


async def members_with_address(connection: Connection) -> Collection[SubjectId]:
    """Returns the members of the users' committee who have a stored address."""
    rows = await connection.fetch("SELECT subject_id FROM desk.member_contacts")
    return [SubjectId(row["subject_id"]) for row in rows]


async def erase(connection: Connection, members: Collection[SubjectId]) -> int:
    """Erases committee members' addresses; returns the number of members who had one."""
    gone = await connection.fetch(
        "DELETE FROM desk.member_contacts WHERE subject_id = ANY ($1::uuid[]) RETURNING 1",
        list(members),
    )
    return len(gone)

"""What was changed of our own people, by the notice that tells them."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from shared.facts.envelope import NoticeId, PersonId
from shared.facts.items.directory import PersonChanged
from shared.platform.database import Connection
from shared.platform.postgres import rows


async def keep_new(
    connection: Connection, told: Mapping[NoticeId, PersonChanged]
) -> frozenset[NoticeId]:
    """Stores changes to colleagues' data, once each; returns the notices that tell the new ones."""
    kept = await connection.fetch(
        """
        INSERT INTO notify.person_changes (event_id, notice_id, fact)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::jsonb[])
        ON CONFLICT DO NOTHING RETURNING notice_id
        """,
        [fact.event_id for fact in told.values()],
        list(told),
        [fact.model_dump(mode="json") for fact in told.values()],
    )
    return frozenset(NoticeId(row["notice_id"]) for row in kept)


async def of_notice(connection: Connection, notice: NoticeId) -> PersonChanged | None:
    """Reads the change to a colleague's data that a notice tells of; `None` if none was stored.

    Raises UnreadableRow.
    """
    said = await connection.fetchval(
        "SELECT fact FROM notify.person_changes WHERE notice_id = $1", notice
    )
    if said is None:
        return None
    reader = partial(PersonChanged.model_validate, said, strict=False)
    return rows.read("notify.person_changes", notice, reader)


async def former_address(
    connection: Connection, person: PersonId, before: datetime
) -> tuple[str, str] | None:
    """Returns a person's first name and email address as they were just before a moment.

    Those first stored, if the person is newer; `None`: there is nobody of this id. Thus a change
    of address is told to the former address.
    """
    row = await connection.fetchrow(
        """
        SELECT first_name, email FROM site.people WHERE person = $1
        ORDER BY valid_from < $2 DESC,
                 CASE WHEN valid_from < $2 THEN valid_from END DESC NULLS LAST, valid_from, id
        LIMIT 1
        """,
        person,
        before,
    )
    return None if row is None else (row["first_name"], row["email"])

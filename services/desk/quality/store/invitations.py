"""Invitations to the survey: who was answered on some days, who was drawn, what became of each."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime

from services.desk.domain.item import ENDED
from shared.facts.envelope import Digest, ItemId, NoticeId
from shared.facts.vocabulary import Nature
from shared.platform.database import Connection


async def answered_items(
    connection: Connection, since: datetime, until: datetime
) -> Sequence[ItemId]:
    """Returns the ids of items whose reply left in `[since, until)`, no merged or destroyed one."""
    rows = await connection.fetch(
        """
        SELECT item_id FROM desk.items
        WHERE answered_at >= $1 AND answered_at < $2 AND state NOT IN ('merged', 'destroyed')
        ORDER BY item_id
        """,
        since,
        until,
    )
    return [ItemId(row["item_id"]) for row in rows]


async def mass_answered(connection: Connection, items: Collection[ItemId]) -> AbstractSet[ItemId]:
    """Returns those of these items for which a mass reply was ordered."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT item_id FROM desk.mass_items
        WHERE item_id = ANY ($1::uuid[]) AND state = 'ordered'
        """,
        list(items),
    )
    return {ItemId(row["item_id"]) for row in rows}


async def complaining_persons(
    connection: Connection, persons: Collection[Digest]
) -> AbstractSet[Digest]:
    """Returns those of these persons (pseudonyms) who have an open complaint."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT correspondent FROM desk.items
        WHERE correspondent = ANY ($1::text[]) AND nature = $2 AND state <> ALL ($3::text[])
        """,
        list(persons),
        Nature.COMPLAINT.value,
        [state.value for state in ENDED],
    )
    return {Digest(row["correspondent"]) for row in rows}


async def invited_persons(
    connection: Connection, persons: Collection[Digest], since: date
) -> AbstractSet[Digest]:
    """Returns those of these persons whom a survey campaign drew on `since` or later."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT item.correspondent FROM desk.survey_invitations
        JOIN desk.items item USING (item_id)
        WHERE drawn_on >= $2 AND item.correspondent = ANY ($1::text[])
        """,
        list(persons),
        since,
    )
    return {Digest(row["correspondent"]) for row in rows}


async def keep(
    connection: Connection, campaign: int, drawn: Mapping[NoticeId, ItemId], on: date
) -> None:
    """Stores who was drawn to be invited to the survey, by notice; twice is once."""
    await connection.executemany(
        """
        INSERT INTO desk.survey_invitations (notice_id, campaign, item_id, drawn_on)
        VALUES ($1, $2, $3, $4) ON CONFLICT (notice_id) DO NOTHING
        """,
        [(notice, campaign, item, on) for notice, item in drawn.items()],
    )


async def outcomes(connection: Connection, campaign: int) -> Mapping[tuple[str, str], int]:
    """Counts a campaign's survey invitations by state and, if never sent, by reason."""
    rows = await connection.fetch(
        """
        SELECT state, CASE WHEN state = 'withdrawn' THEN coalesce(why, '') ELSE '' END AS why,
               count(*)::int AS n
        FROM desk.survey_invitations WHERE campaign = $1 GROUP BY 1, 2
        """,
        campaign,
    )
    return {(row["state"], row["why"]): row["n"] for row in rows}


async def count_sent(connection: Connection, campaign: int) -> int:
    """Counts a campaign's survey invitations that a mail server took, bounced ones too."""
    return int(
        await connection.fetchval(
            """
            SELECT count(*)::int FROM desk.survey_invitations
            WHERE campaign = $1 AND sent_at IS NOT NULL
            """,
            campaign,
        )
    )


async def campaign_of(connection: Connection, notice: NoticeId) -> int | None:
    """Returns the survey campaign of a drawn invitation's notice, or `None`."""
    found: int | None = await connection.fetchval(
        "SELECT campaign FROM desk.survey_invitations WHERE notice_id = $1", notice
    )
    return found

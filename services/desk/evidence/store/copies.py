"""The register's facts beside the copies that others keep of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.facts.envelope import Chrono
from shared.platform.database import Connection

_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Other:
    """A fact that the register lacks or has otherwise than another service's copy of it."""

    item_id: UUID
    chrono: Chrono | None
    seq: int | None
    """Its number; `None`: the register has no such fact."""


async def heard_otherwise(connection: Connection) -> Sequence[Other]:
    """Returns the facts whose copy in sla differs, or that the register no longer has.

    A limited number of them. Fields that only the copy has are no difference: a later version of
    the program writes more.
    """
    rows = await connection.fetch(
        """
        SELECT heard.item_id, i.chrono, f.seq
        FROM sla.heard
        LEFT JOIN desk.facts f ON f.event_id = heard.event_id
        LEFT JOIN desk.items i ON i.item_id = heard.item_id
        WHERE f.event_id IS NULL
           OR f.payload <> heard.payload AND NOT heard.payload::jsonb @> f.payload::jsonb
        ORDER BY heard.item_id, heard.seq LIMIT $1
        """,
        _LIMIT,
    )
    return [Other(row["item_id"], row["chrono"], row["seq"]) for row in rows]


async def told_otherwise(
    connection: Connection, told: Sequence[tuple[UUID, UUID, str]]
) -> Sequence[Other]:
    """Returns the published facts that the register lacks or has with other content.

    `told`: event id, item id and JSON of each, as read from Kafka.
    """
    rows = await connection.fetch(
        """
        SELECT told.item_id, i.chrono, f.seq
        FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS told (event_id, item_id, payload)
        LEFT JOIN desk.facts f ON f.event_id = told.event_id
        LEFT JOIN desk.items i ON i.item_id = told.item_id
        WHERE f.event_id IS NULL
           OR f.payload <> told.payload AND NOT told.payload::jsonb @> f.payload::jsonb
        ORDER BY told.item_id, f.seq LIMIT $4
        """,
        [event_id for event_id, _, _ in told],
        [item_id for _, item_id, _ in told],
        [payload for _, _, payload in told],
        _LIMIT,
    )
    return [Other(row["item_id"], row["chrono"], row["seq"]) for row in rows]


async def quality_heard_otherwise(connection: Connection) -> Sequence[int]:
    """Returns the numbers of quality facts that notify has otherwise, or the register no longer."""
    rows = await connection.fetch(
        """
        SELECT heard.seq
        FROM notify.quality heard
        LEFT JOIN desk.quality_facts f USING (event_id)
        LEFT JOIN LATERAL (SELECT f.payload::jsonb AS said) AS told ON true
        WHERE f.event_id IS NULL OR f.seq <> heard.seq OR f.subject_id <> heard.subject_id
           OR f.type <> heard.type
           OR heard.sha256 <> coalesce(said ->> 'sha256', said ->> 'hash', said ->> 'frame',
                                        said ->> 'closed', '')
        ORDER BY heard.seq LIMIT $1
        """,
        _LIMIT,
    )
    return [row["seq"] for row in rows]

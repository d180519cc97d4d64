"""Messages to senders that wait for a person's word, of the items that somebody may know of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.desk.store.visibility import Visibility
from services.desk.store.withdrawals import TAKEN_BACK
from shared.facts.envelope import Chrono, ItemId, NoticeId, PersonId, ServiceId
from shared.facts.vocabulary import Confidentiality, NoticeKind, SenderKind, Way
from shared.platform.database import Connection

_WAIT: Final = """
    FROM desk.notices n JOIN desk.items i USING (item_id)
    WHERE n.state = 'held' AND i.state NOT IN ('destroyed', 'merged')
      AND desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[])
      AND NOT EXISTS (SELECT 1 FROM desk.facts f
                      WHERE f.item_id = n.item_id
                        AND f.type IN ('NoticeReleased', 'NoticeDropped')
                        AND f.recorded_at >= n.at
                        AND f.payload::jsonb ->> 'notice_id' = n.notice_id::text)
"""
"""As `domain.decisions.holding.judged_already` says of one item."""


@dataclass(frozen=True, slots=True)
class HeldNotice:
    """A notice to a sender that is held back until a person releases it, with who may see it."""

    notice_id: NoticeId
    item_id: ItemId
    chrono: Chrono
    kind: NoticeKind
    way: Way
    why: str | None
    at: datetime
    service: ServiceId
    agent: PersonId | None
    signatory: PersonId | None
    copies: Sequence[ServiceId]
    informed: Sequence[PersonId]
    confidentiality: Confidentiality
    sender_kind: SenderKind
    sender: str
    subject: str
    """Both empty of what is réservé."""


async def count(connection: Connection, seen: Visibility) -> tuple[int, datetime | None]:
    """Counts the notices held back that a reader may see; returns since when the oldest waits."""
    row = await connection.fetchrow(
        f"SELECT count(*)::int AS n, min(n.at) AS oldest {_WAIT}",
        *seen,
    )
    return (row["n"], row["oldest"]) if row else (0, None)


async def held_notices(
    connection: Connection, seen: Visibility, limit: int
) -> Sequence[HeldNotice]:
    """Returns the notices to senders that wait for a person to release them, the oldest first.

    At most `limit`, and only of items that the reader may know of.
    """
    rows = await connection.fetch(
        f"""
        SELECT page.*, coalesce(s.sender, '') AS sender, coalesce(s.subject, '') AS subject
        FROM (
            SELECT n.notice_id, n.item_id, i.chrono, n.kind, n.way, n.why, n.at, i.service, i.agent,
                   i.signatory, i.copies, i.informed, i.confidentiality,
                   (SELECT f.payload::jsonb #>> '{{classification,sender_kind}}'
                    FROM desk.facts f
                    WHERE f.item_id = i.item_id AND f.type IN ('ItemRegistered', 'ItemReclassified')
                      AND NOT {TAKEN_BACK}
                    ORDER BY f.seq DESC LIMIT 1) AS sender_kind
            {_WAIT} ORDER BY n.at, i.chrono, n.notice_id LIMIT $6
        ) AS page
        LEFT JOIN desk.search s ON s.id = page.item_id AND page.confidentiality = 'normal'
        ORDER BY page.at, page.chrono, page.notice_id
        """,  # noqa: S608  (a constant)
        *seen,
        limit,
    )
    return [_held(dict(row)) for row in rows]


def _held(row: Mapping[str, Any]) -> HeldNotice:
    return HeldNotice(
        **{
            **row,
            "kind": NoticeKind(row["kind"]),
            "way": Way(row["way"]),
            "sender_kind": SenderKind(row["sender_kind"] or "unknown"),
            "confidentiality": Confidentiality(row["confidentiality"]),
        }
    )

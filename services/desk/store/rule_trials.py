"""The last letters that came and were proposed for by rules, for a rule to be tried on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.desk.domain.item import ItemStatus
from services.desk.domain.rule_trials import Sorting, TriedLetter
from shared.facts.envelope import BlobKey, Chrono, ServiceId
from shared.facts.vocabulary import Category
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class PastLetter:
    """A recent letter, with what a rule proposed, what was decided, and its pli's blob key."""

    letter: TriedLetter
    received_on: date
    pli: BlobKey


async def last_letters(connection: Connection, limit: int) -> Sequence[PastLetter]:
    """Returns at most `limit` letters for which a routing rule proposed, last registered first.

    None that is or was réservé or personal, was merged into another or has lost its content.
    """
    rows = await connection.fetch(
        """
        SELECT i.chrono, i.state, i.category, i.service, i.received_on,
               coalesce(r.said ->> 'pli', '') AS pli,
               r.said #>> '{proposal,rule}' AS rule,
               r.said #>> '{classification,category}' AS proposed,
               r.said ->> 'service' AS to_service
        FROM desk.items i
        JOIN LATERAL (SELECT payload::jsonb AS said FROM desk.facts
                      WHERE item_id = i.item_id AND type = 'ItemRegistered' AND seq = 1) r ON true
        WHERE i.confidentiality = 'normal' AND NOT i.was_reserved
          AND i.state NOT IN ('merged', 'destroyed')
          AND r.said ->> 'pli' IS NOT NULL AND r.said #>> '{proposal,rule}' IS NOT NULL
        ORDER BY i.registered_at DESC, i.chrono DESC LIMIT $1
        """,
        limit,
    )
    return [
        PastLetter(
            TriedLetter(
                Chrono(row["chrono"]),
                row["rule"],
                Sorting(Category(row["proposed"]), ServiceId(row["to_service"])),
                None
                if row["state"] == ItemStatus.TO_QUALIFY.value
                else Sorting(Category(row["category"]), ServiceId(row["service"])),
            ),
            row["received_on"],
            BlobKey(row["pli"]),
        )
        for row in rows
    ]

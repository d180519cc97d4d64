"""What the archive has of an item, which retention and decisions read beside the archive's pages.

An item is there when a package with it was accepted, and nothing ended in it or came to it since: a
letter that was opened again and closed has a later end, and has to be transferred again; so has one
to which somebody added a note or a scan.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.content.blobs import KEY
from shared.facts.envelope import ItemId
from shared.platform.database import Connection

PACKED: Final = "packed"
"""The outcome of a line whose item is in the package; any other says why it is not."""


@dataclass(frozen=True, slots=True)
class AcceptedTransfer:
    """The accepted transfer by which the archive has an item, with the day it had ended."""

    transfer: str
    ended_on: date
    """Local day on which the item had ended."""
    reply: str
    """SHA-256 of the archive's reply."""


async def find_accepted(
    connection: Connection, item_ids: Collection[ItemId]
) -> Mapping[ItemId, AcceptedTransfer]:
    """Returns by item the last transfer that the archive accepted; skips items without one.

    One is none for an item to which a document came (a note, a scan, a text) after its package was
    taken for the first time.
    """
    found = await connection.fetch(
        """
        SELECT DISTINCT ON (i.item_id) i.item_id, i.transfer, i.ended_on, r.digest
        FROM desk.archive_transfer_items i
        JOIN desk.archive_transfers t USING (transfer)
        JOIN desk.archive_replies r ON r.transfer = t.transfer AND r.accepted
        WHERE i.item_id = ANY($1::uuid[]) AND i.outcome = 'packed' AND t.accepted_at IS NOT NULL
          AND NOT EXISTS (SELECT FROM desk.facts f
                          WHERE f.item_id = i.item_id AND f.recorded_at > t.packed_at
                            AND f.payload ~ $2)
        ORDER BY i.item_id, t.accepted_at DESC, r.noted_at
        """,
        list(item_ids),
        KEY.pattern,
    )
    return {
        ItemId(row["item_id"]): AcceptedTransfer(row["transfer"], row["ended_on"], row["digest"])
        for row in found
    }


async def has(connection: Connection, item_id: ItemId, ended_on: date) -> bool:
    """Returns whether the archive accepted an item as it stood when it ended on this local day."""
    found = (await find_accepted(connection, [item_id])).get(item_id)
    return found is not None and found.ended_on == ended_on

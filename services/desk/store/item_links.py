"""Links between items, proposed to a person: one item at most from each.

The version before, which runs beside this one during an upgrade, reads `linked_why` into words of
its own and fails at another: what only this one knows is in `linked_by`, which goes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.desk.domain.matching import LinkReason
from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Related:
    """An item linked to another one, as the register proposed or a person said."""

    chrono: Chrono
    why: LinkReason


async def link(connection: Connection, links: Sequence[tuple[ItemId, ItemId, LinkReason]]) -> None:
    """Stores proposed links between items; an item that has one keeps it."""
    if links:
        await connection.execute(
            """
            UPDATE desk.items
            SET linked_to = link.other, linked_why = link.why, linked_by = link.paper
            FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])
                AS link (item_id, other, why, paper)
            WHERE items.item_id = link.item_id AND items.linked_to IS NULL
            """,
            *zip(*((item, other, *_words(why)) for item, other, why in links), strict=True),
        )


async def linked_to(connection: Connection, item_id: ItemId) -> Related | None:
    """Returns the item to which an item is linked, and why; `None`: to none."""
    row = await connection.fetchrow(
        """
        SELECT other.chrono, coalesce(i.linked_by, i.linked_why) AS why FROM desk.items i
        JOIN desk.items other ON other.item_id = i.linked_to WHERE i.item_id = $1
        """,
        item_id,
    )
    return None if row is None else Related(Chrono(row["chrono"]), LinkReason(row["why"]))


def _words(why: LinkReason) -> tuple[LinkReason, LinkReason | None]:
    """A reason as the version before reads it, and the one that it does not know."""
    if why in {LinkReason.OUR_CODE, LinkReason.CITED_NUMBER}:
        return LinkReason.LIKENESS, why
    return why, None

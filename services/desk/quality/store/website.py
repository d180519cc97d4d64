"""The website as its facts in the chain of quality make it; complaints that became no task yet."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, get_args

from services.desk.quality.domain.website import WebsiteState, fold
from services.desk.quality.store import reports, texts
from services.desk.quality.store.texts import TextsByDigest
from services.desk.store import quality
from services.desk.store.states import NOT_DONE
from services.desk.store.visibility import Visibility
from shared.facts.envelope import ItemId
from shared.facts.quality.website import ChangeAsked, WebsiteFact
from shared.facts.vocabulary import Nature, Theme
from shared.platform.database import Connection
from shared.site.tables.bundle import Site

KINDS: Final = get_args(WebsiteFact)


async def website(connection: Connection, site: Site, until: date | None = None) -> WebsiteState:
    """Reads the website's listed pages and changes, today or at the end of a local day."""
    found = await quality.of_kinds(connection, KINDS)
    facts = [fact for fact in found if isinstance(fact, KINDS)]
    lost = await quality.count_of_kinds(connection, KINDS) - len(facts)
    return replace(fold(facts, site.website, site.zone, until), unreadable=lost)


async def words(connection: Connection, found: WebsiteState) -> TextsByDigest:
    """Reads the free texts that the facts about website pages and changes name, by their digest.

    An erased text is left out; one that is missing or altered has a mark in its place.
    """
    wanted = {
        (fact.subject_id, digest)
        for fact in found.facts
        if (digest := getattr(fact, "sha256", None)) is not None
    }
    return await texts.texts(connection, wanted)


async def complaints(connection: Connection, since: date) -> Mapping[ItemId, date]:
    """Returns unanswered complaints about the website that have no change yet.

    With their local day of receipt, from `since` on.
    """
    rows = await connection.fetch(
        f"""
        SELECT item_id, received_on FROM desk.items
        WHERE theme = $1 AND nature = $2 AND {NOT_DONE} AND received_on >= $3
          AND NOT EXISTS (
              SELECT FROM desk.quality_facts f WHERE f.type = $4
                AND (f.payload::jsonb ->> 'item_id')::uuid = items.item_id)
        ORDER BY received_on, item_id
        """,  # noqa: S608  (our own condition)
        Theme.WEBSITE.value,
        Nature.COMPLAINT.value,
        since,
        ChangeAsked.__name__,
    )
    return {ItemId(row["item_id"]): row["received_on"] for row in rows}


async def chronos(
    connection: Connection, items: Sequence[ItemId], seen: Visibility
) -> Mapping[ItemId, str]:
    """Returns the chronos of those items that a person may know of."""
    known = await reports.visible_items(connection, items, seen)
    rows = await connection.fetch(
        "SELECT item_id, chrono FROM desk.items WHERE item_id = ANY ($1::uuid[])", list(known)
    )
    return {ItemId(row["item_id"]): row["chrono"] for row in rows if row["chrono"] is not None}

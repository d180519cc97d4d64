"""Measures as their facts in the chain of quality make them, with what was written about them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, get_args

from services.desk.quality.domain.measures import Measure, fold
from services.desk.quality.store import texts
from services.desk.quality.store.texts import TextsByDigest
from services.desk.store import quality
from shared.facts.envelope import ItemId
from shared.facts.quality.measures import MeasureFact
from shared.platform.database import Connection

KINDS: Final = get_args(MeasureFact)


async def every(connection: Connection, until: datetime | None = None) -> Sequence[Measure]:
    """Reads all corrective measures, by number. `until`: as they stood at that moment."""
    found = await quality.of_kinds(connection, KINDS)
    return fold(
        fact
        for fact in found
        if isinstance(fact, KINDS) and (until is None or fact.happened_at <= until)
    )


async def last_number(connection: Connection) -> int:
    """Returns the last number given to a corrective measure; 0: none was.

    Of one whose opening can't be read too, so that its number and subject are given to no other.
    """
    found = await connection.fetchval(
        """
        SELECT max((payload::jsonb ->> 'number')::int) FROM desk.quality_facts
        WHERE type = 'MeasureOpened'
        """
    )
    return int(found or 0)


async def read_measure(connection: Connection, number: int) -> Measure | None:
    """Reads the corrective measure with this number, or `None`."""
    return next((found for found in await every(connection) if found.number == number), None)


async def words(connection: Connection, measures: Sequence[Measure]) -> TextsByDigest:
    """Reads the texts of corrective measures; what was erased is left out."""
    return await texts.texts(
        connection,
        {
            (measure.subject, digest)
            for measure in measures
            for fact in measure.facts
            if (digest := getattr(fact, "sha256", None)) is not None
        },
    )


async def complaints(
    connection: Connection, since: date, theme: str | None = None
) -> Mapping[str, Sequence[ItemId]]:
    """Returns complaints received since a local day, by theme; `theme`: only of this one."""
    rows = await connection.fetch(
        """
        SELECT theme, array_agg(item_id ORDER BY received_on, item_id) AS items FROM desk.items
        WHERE theme IS NOT NULL AND nature = 'complaint' AND state <> 'merged'
          AND received_on >= $1 AND ($2::text IS NULL OR theme = $2)
        GROUP BY theme ORDER BY theme
        """,
        since,
        theme,
    )
    return {row["theme"]: [ItemId(item_id) for item_id in row["items"]] for row in rows}

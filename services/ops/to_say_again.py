"""What people said in hours that the tables lost, a line each, for them to say it again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from shared.facts.authors import person_of
from shared.facts.items import Items
from shared.facts.items.base import ItemFact
from shared.facts.quality import Quality
from shared.platform.database import Connection
from shared.site.cli import text

Said = Items | Quality
ENVELOPE = {*ItemFact.model_fields, "type", "chrono"}
"""What a line says by itself, or a person can't say."""
SUBJECTS: Final = {"month": "month", "number": "delegation", "slip": "bordereau"}
"""What a statement of the chain of quality is about, by the field that names it."""
MACHINES = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{64}")
"""An id, a digest, a key of a blob."""


async def by_subject(
    connection: Connection, decided: Sequence[Said], promised: Mapping[UUID, str]
) -> Sequence[str]:
    """Lists, as lines of text, the decisions that a restore lost, for people to enter them again.

    `promised`: the chronos of items that come in again.
    """
    rows = await connection.fetch(
        "SELECT item_id, chrono FROM desk.items WHERE item_id = ANY($1::uuid[])",
        [fact.item_id for fact in decided if isinstance(fact, ItemFact)],
    )
    chronos_of = {row["item_id"]: row["chrono"] for row in rows} | dict(promised)
    return [
        "  ".join(
            [
                text.moment(fact.recorded_at),
                chronos_of.get(fact.item_id, "no number")
                if isinstance(fact, ItemFact)
                else _subject(fact),
                fact.type,
                *fields_of(fact),
                person_of(fact.by) or fact.by,
            ]
        )
        for fact in decided
    ]


def _subject(fact: Quality) -> str:
    named = [(what, getattr(fact, name, None)) for name, what in SUBJECTS.items()]
    return next((f"{what} {key}" for what, key in named if key is not None), "quality")


def fields_of(fact: Said) -> Iterator[str]:
    """Yields the fields of a fact as text, without its id, moments and author."""
    by_itself = ENVELOPE if isinstance(fact, ItemFact) else ENVELOPE | SUBJECTS.keys()
    return content(fact.model_dump(mode="json", exclude=by_itself, exclude_none=True))


def content(fields: Mapping[str, object], before: str = "") -> Iterator[str]:
    """Yields the fields of a fact that a person can enter again: no id, digest or blob key."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from content(value, f"{before}{name}.")
        elif value not in (None, "", False, [], ()) and not MACHINES.search(str(value)):
            yield f"{before}{name}={value}"

"""Opinions asked of another service, and what digests told of them (sql/0631)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from shared.facts.envelope import EventId, ItemId, NoticeId, PersonId
from shared.facts.items import Items
from shared.facts.items.routing import OpinionAsked
from shared.platform.database import Connection


class OpinionStage(StrEnum):
    """The stages at which a digest tells of an opinion: asked, the day before its date, late."""

    ASKED = "asked"
    SOON = "soon"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class OpinionTelling:
    """A telling of an opinion by a digest: which one, at which stage, and for whom it is meant."""

    event_id: EventId
    stage: OpinionStage
    person: PersonId
    """For whom it is meant: it is told once, to them or to their deputy."""


async def keep(connection: Connection, facts: Sequence[Items]) -> None:
    """Stores the opinions that new facts ask for, once each."""
    asked = [fact for fact in facts if isinstance(fact, OpinionAsked)]
    if asked:
        await connection.execute(
            """
            INSERT INTO notify.opinions (event_id, item_id, until)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[]) ON CONFLICT DO NOTHING
            """,
            [fact.event_id for fact in asked],
            [fact.item_id for fact in asked],
            [fact.until for fact in asked],
        )


async def items_since(connection: Connection, day: date) -> Collection[ItemId]:
    """Returns the items of which an opinion was asked for this local day or a later one."""
    rows = await connection.fetch(
        "SELECT DISTINCT item_id FROM notify.opinions WHERE until >= $1", day
    )
    return {ItemId(row["item_id"]) for row in rows}


async def tellings_of(connection: Connection, events: Iterable[UUID]) -> Collection[OpinionTelling]:
    """Returns what digests told already of these opinions."""
    rows = await connection.fetch(
        """
        SELECT event_id, stage, person FROM notify.opinions_told
        WHERE event_id = ANY($1::uuid[])
        """,
        list(events),
    )
    return {
        OpinionTelling(
            EventId(row["event_id"]), OpinionStage(row["stage"]), PersonId(row["person"])
        )
        for row in rows
    }


async def assign(
    connection: Connection,
    tellings: Mapping[OpinionTelling, PersonId],
    digests: Mapping[PersonId, NoticeId],
) -> None:
    """Stores which digest tells what of the opinions, of the readers who have one (`digests`)."""
    given = [
        (telling, digests[reader]) for telling, reader in tellings.items() if reader in digests
    ]
    if given:
        await connection.execute(
            """
            INSERT INTO notify.opinions_told (event_id, stage, person, digest)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
            ON CONFLICT DO NOTHING
            """,
            [telling.event_id for telling, _ in given],
            [telling.stage.value for telling, _ in given],
            [telling.person for telling, _ in given],
            [digest for _, digest in given],
        )


async def of_digest(
    connection: Connection, digest: NoticeId
) -> Mapping[ItemId, Collection[EventId]]:
    """Returns the opinions of which a digest tells, by item."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT asked.item_id, asked.event_id
        FROM notify.opinions_told JOIN notify.opinions AS asked USING (event_id) WHERE digest = $1
        """,
        digest,
    )
    found: dict[ItemId, set[EventId]] = {}
    for row in rows:
        found.setdefault(ItemId(row["item_id"]), set()).add(EventId(row["event_id"]))
    return found

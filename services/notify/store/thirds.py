"""What items wait for from outside by a day, and what digests told of it (sql/0673).

The answer of a third party; that the addressee of a mail sécurisé reads it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.facts.envelope import EventId, ItemId, NoticeId, PersonId
from shared.facts.items import Items
from shared.facts.items.pieces import AwaitingThird
from shared.facts.items.replies import SecureMailSent
from shared.platform.database import Connection


class ThirdTelling(NamedTuple):
    """A telling by a digest that nothing came from outside: of which ask, for whom it is meant.

    It is told once, to them or to their deputy.
    """

    event_id: EventId
    person: PersonId


async def keep(connection: Connection, facts: Sequence[Items]) -> None:
    """Stores what new facts say that is waited for by a day, once each."""
    asks = [
        (fact.event_id, fact.item_id, until)
        for fact in facts
        if (until := _until(fact)) is not None
    ]
    if asks:
        await connection.execute(
            """
            INSERT INTO notify.third_asks (event_id, item_id, until)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[]) ON CONFLICT DO NOTHING
            """,
            *zip(*asks, strict=True),
        )


def _until(fact: Items) -> date | None:
    """The last local day on which nobody is told yet that nothing came."""
    match fact:
        case AwaitingThird():
            return fact.expected
        case SecureMailSent():
            return fact.unread_from - timedelta(days=1)
        case _:
            return None


async def items_between(connection: Connection, first: date, end: date) -> Collection[ItemId]:
    """Returns the items of which something was waited for from `first` to before `end`, local."""
    rows = await connection.fetch(
        "SELECT DISTINCT item_id FROM notify.third_asks WHERE until >= $1 AND until < $2",
        first,
        end,
    )
    return {ItemId(row["item_id"]) for row in rows}


async def tellings_of(connection: Connection, events: Iterable[UUID]) -> Collection[ThirdTelling]:
    """Returns what digests told already of these waits (event ids of the facts that began them)."""
    rows = await connection.fetch(
        "SELECT event_id, person FROM notify.third_asks_told WHERE event_id = ANY($1::uuid[])",
        list(events),
    )
    return {ThirdTelling(EventId(row["event_id"]), PersonId(row["person"])) for row in rows}


async def assign(
    connection: Connection,
    tellings: Mapping[ThirdTelling, PersonId],
    digests: Mapping[PersonId, NoticeId],
) -> None:
    """Stores which digest tells what of the waits, of the readers who have one (`digests`)."""
    given = [
        (telling, digests[reader]) for telling, reader in tellings.items() if reader in digests
    ]
    if given:
        await connection.execute(
            """
            INSERT INTO notify.third_asks_told (event_id, person, digest)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING
            """,
            [telling.event_id for telling, _ in given],
            [telling.person for telling, _ in given],
            [digest for _, digest in given],
        )


async def of_digest(
    connection: Connection, digest: NoticeId
) -> Mapping[ItemId, Collection[EventId]]:
    """Returns the waits of which a digest tells, by item."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ask.item_id, ask.event_id
        FROM notify.third_asks_told JOIN notify.third_asks AS ask USING (event_id)
        WHERE digest = $1
        """,
        digest,
    )
    found: dict[ItemId, set[EventId]] = {}
    for row in rows:
        found.setdefault(ItemId(row["item_id"]), set()).add(EventId(row["event_id"]))
    return found

"""Mail received before go-live, as the register would have stated it had it been tracked.

History has no item: its arrivals are registered in memory as the register does it, and what was
seen in the Sent folders is matched with them. A reply seen is taken for the reply, since nobody
will be asked; a later message of the same person under the same subject joins the first one.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter

from pydantic import TypeAdapter

from services.desk.domain.registration import facts as registration
from services.desk.domain.registration import reading
from services.desk.domain.reply_matching import Awaiting, answered_item
from services.desk.domain.stamp import Stamp
from shared.calendar.local_days import end_of, month_after, month_named
from shared.facts import ids
from shared.facts.arrivals import ArrivalReread, Arrived
from shared.facts.envelope import At, Chrono, ItemId, Via
from shared.facts.items import Items
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.replies import ReplySent
from shared.facts.observations import ReplySeen
from shared.facts.vocabulary import Proof
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.tables.bundle import AppliedSite

NO_CHRONO = Chrono("00-0000-A-000000")
"""The number of what was never registered."""
_TOLD: TypeAdapter[Arrived | ArrivalReread] = TypeAdapter(Arrived | ArrivalReread)
_SEEN = TypeAdapter(ReplySeen)
_HISTORY = """
    SELECT arrival_id, told FROM desk.arrivals
    WHERE word = 'history' AND received_at >= $1 AND received_at < $2
    ORDER BY received_at, arrival_id
"""
_REPLIES = (
    "SELECT arrival_id, told FROM desk.replies WHERE sent_at >= $1 ORDER BY sent_at, arrival_id"
)


def days_of_month(text: str) -> tuple[date, date]:
    """Returns the first and the last day of a month such as `2026-03`. Raises ValueError."""
    first = month_named(text)
    return first, month_after(first) - date.resolution


async def facts_if_tracked(
    connection: Connection, first: date, last: date, applied: AppliedSite
) -> Sequence[Sequence[Items]]:
    """Returns the facts that each item would have, had the history mail of some days been tracked.

    History mail came before go-live, so that nothing was registered. Rows that can't be read are
    left out, and noted where `rows.leaving_out` collects them.
    """
    zone = applied.site.zone
    since, until = end_of(first - date.resolution, zone), end_of(last, zone)
    arrivals = rows.readable(
        "desk.arrivals",
        await connection.fetch(_HISTORY, since, until),
        itemgetter("arrival_id"),
        lambda row: _TOLD.validate_json(row["told"]),
    )
    replies = rows.readable(
        "desk.replies",
        await connection.fetch(_REPLIES, since),
        itemgetter("arrival_id"),
        lambda row: _SEEN.validate_json(row["told"]),
    )
    return list(stories(iter(arrivals), iter(replies), applied))


def stories(
    arrivals: Iterator[Arrived | ArrivalReread],
    replies: Iterator[ReplySeen],
    applied: AppliedSite,
) -> Iterator[Sequence[Items]]:
    """Yields the facts that each item would have, had this old mail been tracked, with its reply.

    Leaves out later messages of the same person and subject. Pure.
    """
    opened: dict[ItemId, list[Items]] = {}
    threads = set[tuple[object, object]]()
    for arrival in arrivals:
        thread = (arrival.correspondent, arrival.subject)
        if None not in thread and thread in threads:
            continue
        threads.add(thread)
        item = ids.item_id(applied.site.identity.id, arrival.arrival_id)
        at = arrival.receipt.instant if isinstance(arrival.receipt, At) else arrival.recorded_at
        stamp = Stamp(item, 0, arrival.arrival_id, arrival.by, at)
        opening = reading(arrival, applied.site, doubtful=False)
        opened[item] = registration(arrival, opening, NO_CHRONO, applied.site, stamp)
    awaiting = _awaiting(opened)
    for reply in replies:
        if reply.looks_like is not None:
            continue
        near = [item for to in reply.to for item in awaiting.get(str(to), ())]
        item_id = answered_item(reply, near)
        if item_id is not None and not isinstance(opened[item_id][-1], ReplySent):
            opened[item_id].append(_sent(reply, item_id, opened[item_id]))
    yield from opened.values()


def _awaiting(opened: Mapping[ItemId, Sequence[Items]]) -> Mapping[str, Sequence[Awaiting]]:
    """The items by correspondent, as replies are matched with them."""
    found: dict[str, list[Awaiting]] = {}
    for item, facts in opened.items():
        fact = facts[0]
        if not isinstance(fact, ItemRegistered) or fact.correspondent is None:
            continue
        one = Awaiting(
            item_id=item,
            service=fact.service,
            correspondent=fact.correspondent,
            received=fact.happened_at,
            chrono=fact.chrono,
            messages=frozenset([fact.message] if fact.message else []),
            subjects=frozenset([fact.subject] if fact.subject else []),
        )
        found.setdefault(str(fact.correspondent), []).append(one)
    return found


def _sent(reply: ReplySeen, item: ItemId, facts: Sequence[Items]) -> ReplySent:
    return ReplySent(
        event_id=ids.event_id(reply.arrival_id, str(item), 1),
        item_id=item,
        seq=facts[-1].seq + 1,
        happened_at=reply.sent_at,
        recorded_at=reply.sent_at,
        by=reply.by,
        via=Via.MACHINE,
        proof=Proof.SEEN,
    )

"""How the mail office's day stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.desk.domain.item import DONE, ItemStatus
from services.desk.store.states import not_in
from services.desk.store.withdrawals import TAKEN_BACK
from shared.facts.envelope import ArrivalId, BlobKey, Chrono, ItemId
from shared.facts.vocabulary import Nature, NoticeKind, Waiting, Way
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Pile:
    """The length of a waiting list of the mail office, and since when its oldest entry waits."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """The mail office's day: its waiting lists, and the counts of what came in and left."""

    piles: Mapping[Waiting, Pile]
    set_aside: int
    """Of today: those of yesterday were looked at, or will be deleted in six months."""
    drilled: int
    """Answers to the mails of an exercise, of today: no letter that somebody put aside."""
    departures: int
    registered: int


async def day(connection: Connection, since: datetime) -> OfficeDay:
    """Counts the mail office's waiting lists, and what came in and left since a moment."""
    rows = await connection.fetch(
        "SELECT waiting, count(*)::int AS n, min(since) AS oldest FROM desk.waits GROUP BY waiting"
    )
    counts = await connection.fetchrow(
        """
        SELECT (SELECT count(*) FROM desk.arrivals
                WHERE word = 'set_aside' AND reason IS DISTINCT FROM 'exercise'
                  AND recorded_at >= $1)::int AS set_aside,
               (SELECT count(*) FROM desk.arrivals
                WHERE word = 'set_aside' AND reason = 'exercise'
                  AND recorded_at >= $1)::int AS drilled,
               (SELECT count(*) FROM desk.departures WHERE recorded_at >= $1)::int AS departures,
               (SELECT count(*) FROM desk.items WHERE registered_at >= $1)::int AS registered
        """,
        since,
    )
    piles = {Waiting(row["waiting"]): Pile(row["n"], row["oldest"]) for row in rows}
    return OfficeDay(piles, **counts) if counts else OfficeDay(piles, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Returned:
    """A notice to the sender of an open item that could not be delivered."""

    chrono: Chrono
    service: str
    kind: NoticeKind
    way: Way
    state: str
    why: str | None
    at: datetime


async def returned_notices(connection: Connection, limit: int = 200) -> Sequence[Returned]:
    """Returns the `limit` latest notices that bounced or failed and were not sent again.

    Of copies of a letter those of which nobody has said what was done.
    """
    rows = await connection.fetch(
        f"""
        SELECT i.chrono, i.service, n.kind, n.way, n.state, n.why, n.at
        FROM desk.notices n JOIN desk.items i USING (item_id)
        WHERE n.state IN ('bounced', 'failed')
          AND {not_in(DONE - {ItemStatus.ANSWERED}, "i.state")}
          AND NOT EXISTS (SELECT 1 FROM desk.notices later
                          WHERE later.item_id = n.item_id AND later.kind = n.kind
                            AND n.kind <> 'copy'  -- several at once: none is sent again
                            AND later.at > n.at AND later.state IN ('sent', 'planned'))
          AND NOT (n.kind = 'copy' AND EXISTS (
              SELECT 1 FROM desk.facts f
              WHERE f.item_id = n.item_id AND f.type = 'ReturnSettled'
                AND f.payload::jsonb ->> 'returned' = n.notice_id::text AND NOT {TAKEN_BACK}))
        ORDER BY n.at DESC, i.chrono LIMIT $1
        """,  # noqa: S608  (a constant of states.py)
        limit,
    )
    return [
        Returned(
            Chrono(row["chrono"]),
            row["service"],
            NoticeKind(row["kind"]),
            Way(row["way"]),
            row["state"],
            row["why"],
            row["at"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class DoubtfulReceipt:
    """A qualified item whose day of receipt nobody has confirmed."""

    item_id: ItemId
    chrono: Chrono
    category: str
    received_at: datetime


async def papers(
    connection: Connection, arrivals: Sequence[ArrivalId]
) -> Mapping[ArrivalId, tuple[BlobKey, BlobKey]]:
    """Returns the blob keys of arrivals' plis and originals, where an arrival has both."""
    rows = await connection.fetch(
        """
        SELECT arrival_id, pli, original FROM desk.arrivals
        WHERE arrival_id = ANY($1::uuid[]) AND pli IS NOT NULL AND original IS NOT NULL
        """,
        arrivals,
    )
    return {
        ArrivalId(row["arrival_id"]): (BlobKey(row["pli"]), BlobKey(row["original"]))
        for row in rows
    }


async def doubtful(connection: Connection, limit: int = 100) -> Sequence[DoubtfulReceipt]:
    """Returns at most `limit` qualified items whose day of receipt nobody has confirmed."""
    rows = await connection.fetch(
        """
        SELECT i.item_id, i.chrono, i.category, i.received_at
        FROM desk.waits w JOIN desk.items i ON i.item_id = w.id
        WHERE w.waiting = 'receipt_to_confirm' AND i.state NOT IN ('to_qualify', 'merged')
        ORDER BY w.since, i.chrono LIMIT $1
        """,
        limit,
    )
    return [
        DoubtfulReceipt(
            ItemId(row["item_id"]), Chrono(row["chrono"]), row["category"], row["received_at"]
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An open item whose regime of implied decision (what silence means) nobody has confirmed."""

    chrono: Chrono
    category: str
    nature: Nature
    received_on: date


async def unsettled_regimes(
    connection: Connection, categories: Sequence[str], limit: int = 100
) -> Sequence[Unsettled]:
    """Returns the `limit` oldest open items of these categories without a confirmed regime."""
    rows = await connection.fetch(
        f"""
        SELECT i.chrono, i.category, i.nature, i.received_on FROM desk.items i
        WHERE i.category = ANY($1::text[]) AND i.nature IN ('unknown', 'request', 'pieces')
          AND {not_in(DONE | {ItemStatus.TO_QUALIFY}, "i.state")}
          AND NOT EXISTS (SELECT 1 FROM desk.facts f
                          WHERE f.item_id = i.item_id AND f.type = 'RegimeConfirmed'
                            AND NOT {TAKEN_BACK})
        ORDER BY i.received_on, i.chrono LIMIT $2
        """,  # noqa: S608  (a constant of facts.py)
        categories,
        limit,
    )
    return [
        Unsettled(Chrono(row["chrono"]), row["category"], Nature(row["nature"]), row["received_on"])
        for row in rows
    ]

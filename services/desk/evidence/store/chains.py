"""Whole chains with what was made of them, a page at a time: what the verification reads.

One statement a page: facts, row, clocks and promises are of one moment, and no page waits for the
one before.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from services.desk.domain.evidence import Link
from services.desk.domain.item import Item
from services.desk.domain.label_perimeter import LabelPerimeter, outside_service
from services.desk.domain.months import MonthPromise
from services.desk.domain.replan import Planned
from services.desk.evidence.domain.history import History
from services.desk.store.items import COLUMNS, columns
from shared.facts.clocks import Outcome
from shared.facts.envelope import Chrono, ItemId
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection, Pool, transaction

PAGE = 200
_SEEN = ", ".join(f"i.{name} AS i_{name}" for name in (*COLUMNS, "due", "due_clock", "at_risk"))
_CLOCKS = ("clock", "day_zero", "limit_day", "outcome", "stopped_at", "raw", "net")
_PROMISES = (
    "month",
    "clock",
    "chrono",
    "service",
    "channel",
    "complaint",
    "result",
    "limit_day",
    "days",
)
_FACTS = ("seq", "type", "event_id", "happened_at", "payload", "by", "recorded_at", "link")


def _arrays(table: str, names: Sequence[str], order: str) -> str:
    listed = ", ".join(f"array_agg({name} ORDER BY {order}) AS {table}_{name}" for name in names)
    return f"(SELECT {listed} FROM desk.{table} x WHERE x.item_id = page.item_id) AS {table}"  # noqa: S608  (constants of ours)


_PAGES = f"""
    SELECT page.item_id, {_SEEN}, facts.*, clocks.*, closed_promises.*,
           (SELECT array_agg(clock) FROM desk.clocks c
            WHERE c.item_id = page.item_id AND cardinality(c.rungs) > 0) AS at_risk,
           h.seq AS h_seq, h.reassigned AS h_reassigned, h.proof AS h_proof
    FROM (SELECT DISTINCT item_id FROM desk.facts
          WHERE ($1::uuid IS NULL OR item_id > $1) AND ($2::uuid IS NULL OR item_id = $2)
          ORDER BY item_id LIMIT $3) AS page
    LEFT JOIN desk.items i USING (item_id) LEFT JOIN desk.item_histories h USING (item_id)
    CROSS JOIN LATERAL {_arrays("facts", _FACTS, "seq")}
    CROSS JOIN LATERAL {_arrays("clocks", _CLOCKS, "clock")}
    CROSS JOIN LATERAL {_arrays("closed_promises", _PROMISES, "month, clock")}
    ORDER BY page.item_id
"""  # noqa: S608  (constants of ours)


@dataclass(frozen=True, slots=True)
class StoredChain:
    """The evidence chain of one item as stored, with the rows derived from its facts."""

    item_id: ItemId
    links: Sequence[Link]
    named: Sequence[tuple[str, UUID, datetime]]
    """Of each fact the columns beside its payload: type, event id, moment at which it happened."""
    row: Mapping[str, Any] | None
    """Row of `desk.items`; `None`: there is none."""
    clocks: Sequence[Planned]
    unreadable: Sequence[str]
    """Names of the clocks of which a word is none of ours."""
    at_risk: frozenset[str]
    """The clocks of which a rung stands."""
    promises: Sequence[tuple[date, MonthPromise]]
    """Promises to the item in closed months, each with its month's first day."""
    history: History | None
    """What is kept beside the facts for *Cheminement*."""

    @property
    def chrono(self) -> Chrono | None:
        """The chrono in the item's row, or `None` without a row."""
        return None if self.row is None else Chrono(self.row["chrono"])


async def every(pool: Pool) -> AsyncIterator[StoredChain]:
    """Yields all evidence chains by item id, read page by page, each in its own transaction."""
    after: UUID | None = None
    while True:
        async with transaction(pool, readonly=True) as connection:
            # What was planned while the tables were small would read them whole.
            await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            rows = await connection.fetch(_PAGES, after, None, PAGE)
        for row in rows:
            yield _stored(row)
        if len(rows) < PAGE:
            return
        after = rows[-1]["item_id"]


async def read_chain(connection: Connection, item_id: ItemId) -> StoredChain | None:
    """Reads the evidence chain of one item; `None` if it has no facts."""
    row = await connection.fetchrow(_PAGES, None, item_id, 1)
    return None if row is None else _stored(row)


async def lonely(connection: Connection) -> Sequence[Chrono]:
    """Returns the chronos of items, or lines of closed months, that have no facts; at most 100."""
    rows = await connection.fetch(
        """
        SELECT chrono FROM desk.items i
        WHERE NOT EXISTS (SELECT FROM desk.facts f WHERE f.item_id = i.item_id)
        UNION SELECT chrono FROM desk.closed_promises p
        WHERE NOT EXISTS (SELECT FROM desk.facts f WHERE f.item_id = p.item_id)
        ORDER BY chrono LIMIT 100
        """
    )
    return [Chrono(row["chrono"]) for row in rows]


def _stored(row: asyncpg.Record) -> StoredChain:
    item_id = ItemId(row["item_id"])
    clocks, unreadable = list[Planned](), list[str]()
    for name, *values in _lines(row, "clocks", _CLOCKS):
        try:
            clocks.append(_planned(name, *values))
        except ValueError:
            unreadable.append(name)
    return StoredChain(
        item_id=item_id,
        links=[
            Link(*values)
            for values in zip(
                *(row[f"facts_{name}"] for name in ("seq", "payload", "by", "recorded_at", "link")),
                strict=True,
            )
        ],
        named=list(
            zip(row["facts_type"], row["facts_event_id"], row["facts_happened_at"], strict=True)
        ),
        row=None
        if row["i_chrono"] is None
        else {key[2:]: value for key, value in row.items() if key.startswith("i_")},
        clocks=clocks,
        unreadable=unreadable,
        at_risk=frozenset(row["at_risk"] or ()),
        promises=[
            (month, MonthPromise(item_id, *values))
            for month, *values in _lines(row, "closed_promises", _PROMISES)
        ],
        history=None
        if row["h_seq"] is None
        else History(row["h_seq"], row["h_reassigned"], row["h_proof"]),
    )


def _lines(row: asyncpg.Record, table: str, names: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    return list(zip(*(row[f"{table}_{name}"] or () for name in names), strict=True))


def _planned(
    clock: str, day_zero: date | None, limit: date, outcome: str | None, *rest: Any
) -> Planned:
    ended = None if outcome is None else Outcome(outcome)
    return Planned(ClockName(clock), day_zero, limit, ended, *rest)


def row_of(item: Item, zone: ZoneInfo, perimeter: LabelPerimeter) -> Mapping[str, object]:
    """Returns the columns of an item's row in `desk.items`, from the item and the perimeter."""
    row: dict[str, object] = dict(zip(COLUMNS, columns(item, zone), strict=True))
    outside = outside_service(item, zone, perimeter)
    return row | {
        "copies": list(item.copies),
        "informed": list(item.informed),
        "perimeter": item.classification.perimeter and outside is None,
        "outside_service": outside,
    }

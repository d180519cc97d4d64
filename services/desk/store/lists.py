"""The lists people work from: items by limit, what waits, and the counts of a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from services.desk.domain.disposition import Disposition
from services.desk.domain.item import ItemStatus
from services.desk.store.states import NOT_DONE
from services.desk.store.visibility import ALL, Visibility
from shared.facts.envelope import Chrono, PersonId, ServiceId
from shared.facts.vocabulary import Category, Channel, ClockName, Nature, Priority, Waiting
from shared.platform.database import Connection

EXERCISE_ANSWERS = "exercise_answers"
"""The answers to the mails of an exercise in `desk.dispositions`, apart from what was set aside."""


@dataclass(frozen=True, slots=True)
class WorkLine:
    """An item as one line of a work list."""

    chrono: Chrono
    state: ItemStatus
    channel: Channel
    category: Category
    nature: Nature
    perimeter: bool
    priority: Priority
    service: ServiceId
    agent: PersonId | None
    signatory: PersonId | None
    received_on: date
    due: date | None
    """Local date until whose 24:00 an answer is due; `None` when none is, or not yet told."""
    due_clock: ClockName | None
    at_risk: bool

    def late(self, today: date) -> bool:
        """Returns whether the item's deadline has passed on a local day without an answer."""
        return self.due is not None and self.due < today


async def lines(
    connection: Connection,
    *,
    service: str | None = None,
    state: ItemStatus | None = None,
    seen: Visibility = ALL,
    limit: int = 200,
) -> Sequence[WorkLine]:
    """Returns items by deadline, those without one last; by default those to answer.

    At most `limit`. `service` and `state` filter; `seen` keeps what the reader may know of.
    """
    rows = await connection.fetch(
        f"""
        SELECT chrono, state, channel, category, nature, perimeter, priority, service, agent,
               signatory, received_on, due, due_clock, at_risk
        FROM desk.items AS item
        WHERE ($1::text IS NULL OR service = $1)
          AND desk.known_to(item, $4, $5, $6, $7, $8)
          AND CASE WHEN $2::text IS NULL
                   THEN {NOT_DONE}
                   ELSE state = $2 END
        ORDER BY due NULLS LAST, received_on, chrono LIMIT $3
        """,  # noqa: S608  (a constant of states.py)
        service,
        None if state is None else state.value,
        limit,
        *seen,
    )
    return [line_of(row) for row in rows]


def line_of(row: asyncpg.Record) -> WorkLine:
    """Converts a row of `desk.items` into a line of a work list."""
    return WorkLine(
        chrono=Chrono(row["chrono"]),
        state=ItemStatus(row["state"]),
        channel=Channel(row["channel"]),
        category=Category(row["category"]),
        nature=Nature(row["nature"]),
        perimeter=row["perimeter"],
        priority=Priority(row["priority"]),
        service=ServiceId(row["service"]),
        agent=row["agent"] and PersonId(row["agent"]),
        signatory=row["signatory"] and PersonId(row["signatory"]),
        received_on=row["received_on"],
        due=row["due"],
        due_clock=row["due_clock"] and ClockName(row["due_clock"]),
        at_risk=row["at_risk"],
    )


@dataclass(frozen=True, slots=True)
class WaitLine:
    """A task on an item or arrival that waits for a person, and since when."""

    id: UUID
    """The item's, or the arrival's where there is no item."""
    waiting: str
    """A list of facts (`to_qualify`, …), `set_aside`, or `history` (before go-live)."""
    service: ServiceId | None
    since: datetime
    chrono: Chrono | None = None
    reason: str | None = None
    source: str | None = None


async def open_tasks(
    connection: Connection, *, which: str | None = None, seen: Visibility = ALL, limit: int = 200
) -> Sequence[WaitLine]:
    """Returns the `limit` oldest open tasks; `which`: one list, `set_aside` or `history`.

    `seen`: only tasks on items of which these permissions let somebody know; tasks on arrivals
    without item only for readers of all mail. The lists `set_aside` and `history` are not narrowed
    by it.
    """
    if which in {"set_aside", "history"}:
        rows = await connection.fetch(
            """
            SELECT arrival_id AS id, word AS waiting, NULL AS service, received_at AS since,
                   NULL AS chrono, reason, source
            FROM desk.arrivals WHERE word = $1 AND erased_at IS NULL
            ORDER BY received_at LIMIT $2
            """,
            which,
            limit,
        )
    else:
        rows = await connection.fetch(
            """
            SELECT w.*, a.reason, a.source
            FROM (SELECT w.id, w.waiting, w.service, w.since, i.chrono
                  FROM desk.waits w LEFT JOIN desk.items i ON i.item_id = w.id
                  WHERE ($1::text IS NULL OR w.waiting = $1)
                    AND CASE WHEN i.item_id IS NULL THEN $3
                             ELSE desk.known_to(i, $3, $4, $5::text[], $6::text[], $7::text[]) END
                  ORDER BY w.since, w.id LIMIT $2) AS w
            LEFT JOIN desk.arrivals a ON a.arrival_id = w.id
            ORDER BY w.since, w.id
            """,
            which,
            limit,
            *seen,
        )
    return [WaitLine(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The counts of the desk's front page: arrivals by disposition, items by state, waiting tasks.

    `words` counts all arrivals, `words_today` those of today; both without the answers to the mails
    of an exercise, which are `drilled` and `drilled_today`. `late` and `at_risk` count unanswered
    items.
    """

    words: Mapping[Disposition, int]
    words_today: Mapping[Disposition, int]
    drilled: int
    drilled_today: int
    states: Mapping[ItemStatus, int]
    waits: Mapping[Waiting, int]
    late: int
    at_risk: int


async def counts(
    connection: Connection, today: date, zone: ZoneInfo, *, service: str | None = None
) -> DayCounts:
    """Counts arrivals by disposition, items by state, tasks by waiting list.

    With `service` only its items are counted, but `words` and `waits` are still of the whole
    register.
    """
    words = await connection.fetch(
        """
        SELECT word, sum(arrivals)::int AS n, coalesce(max(here.today), 0)::int AS today
        FROM desk.dispositions
        LEFT JOIN (SELECT CASE WHEN word = 'set_aside' AND reason = 'exercise' THEN $2
                               ELSE word END AS word, count(*) AS today
                   FROM desk.arrivals WHERE recorded_at >= $1 GROUP BY 1) AS here USING (word)
        GROUP BY word
        """,
        datetime.combine(today, time(), zone),
        EXERCISE_ANSWERS,
    )
    drilled = [row for row in words if row["word"] == EXERCISE_ANSWERS]
    words = [row for row in words if row["word"] != EXERCISE_ANSWERS]
    # Counted as items change (sql/0050): the whole register is never read for a page.
    states = await connection.fetch(
        """
        SELECT state, sum(n)::int AS n FROM desk.received
        WHERE $1::text IS NULL OR service = $1 GROUP BY state
        """,
        service,
    )
    waits = await connection.fetch(
        "SELECT waiting, count(*)::int AS n FROM desk.waits GROUP BY waiting"
    )
    open_ = await connection.fetchrow(
        f"""
        SELECT count(*) FILTER (WHERE due < $2)::int AS late,
               count(*) FILTER (WHERE due >= $2 AND at_risk)::int AS at_risk
        FROM desk.items
        WHERE ($1::text IS NULL OR service = $1)
          AND {NOT_DONE}
        """,  # noqa: S608  (a constant of states.py)
        service,
        today,
    )
    return DayCounts(
        words={Disposition(row["word"]): row["n"] for row in words},
        words_today={Disposition(row["word"]): row["today"] for row in words},
        drilled=sum(row["n"] for row in drilled),
        drilled_today=sum(row["today"] for row in drilled),
        states={ItemStatus(row["state"]): row["n"] for row in states},
        waits={Waiting(row["waiting"]): row["n"] for row in waits},
        late=open_["late"] if open_ else 0,
        at_risk=open_["at_risk"] if open_ else 0,
    )

"""Figures, by the one function of the database that counts them (sql/0220, ADR 0078)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from services.desk.quality.domain.figures import (
    REPLY,
    FigureKey,
    FigureRow,
    FigureTable,
    ReplyDelay,
)
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class FigureQuestion:
    """A query for quality figures: first and last month, perhaps one service or channel only."""

    first: date
    last: date
    service: str | None = None
    channel: str | None = None
    """Only these; `None`: all."""
    among: tuple[str, ...] = ()
    """Only these services, together; empty: as `service` says."""

    @property
    def services(self) -> Sequence[str] | None:
        """The filter by service as an SQL parameter, or `None`."""
        if self.among:
            return list(self.among)
        return None if self.service is None else [self.service]

    @property
    def channels(self) -> Sequence[str] | None:
        """The filter by channel as an SQL parameter, or `None`."""
        return None if self.channel is None else [self.channel]


async def figures(
    connection: Connection,
    asked: FigureQuestion,
    codes: Collection[str] | None = None,
    *,
    as_closed: bool = False,
) -> FigureTable:
    """Reads the figures of a span of months with every total.

    `as_closed`: only closed months, as they were closed.
    """
    rows = await connection.fetch(
        """
        SELECT code, service, channel, month, k, n, low, high, late, overdue, unanswered, open,
               observed
        FROM desk.figures($1, $2, $3::text[], $4::text[], $5::text[], $6)
        """,
        asked.first,
        asked.last,
        None if codes is None else list(codes),
        asked.services,
        asked.channels,
        as_closed,
    )
    return FigureTable(
        [
            FigureRow(
                FigureKey(row["code"], row["service"], row["channel"], row["month"]),
                *(row["k"], row["n"], row["low"], row["high"]),
                *(row["late"], row["overdue"], row["unanswered"], row["open"], row["observed"]),
            )
            for row in rows
        ]
    )


async def settled_replies(
    connection: Connection, first: date, last: date, services: Sequence[str] = ()
) -> FigureTable:
    """Reads how replies ended in a span of local days (both included), by service and in all.

    `services`: only these.
    """
    rows = await connection.fetch(
        """
        SELECT service, k, n, low, high, late, overdue, unanswered
        FROM desk.settled($1, $2, $3::text[])
        """,
        first,
        last,
        list(services) or None,
    )
    return FigureTable(
        [
            FigureRow(
                FigureKey(REPLY, row["service"]),
                *(row["k"], row["n"], row["low"], row["high"]),
                *(row["late"], row["overdue"], row["unanswered"]),
            )
            for row in rows
        ]
    )


async def target(connection: Connection, day: date) -> float:
    """Returns the target rate in force on a local day, between 0 and 1.

    Before the first rules of the site, the target of these.
    """
    found = await connection.fetchval(
        """
        SELECT (bundle #>> '{commitments,target}')::float8 FROM site.versions
        ORDER BY desk.local_day(effective_from) <= $1 DESC,
                 CASE WHEN desk.local_day(effective_from) <= $1 THEN version ELSE -version END DESC
        LIMIT 1
        """,
        day,
    )
    return float(found)


async def delays(connection: Connection, asked: FigureQuestion) -> Sequence[ReplyDelay]:
    """Reads the delays of replies by service and channel, with every total."""
    rows = await connection.fetch(
        """
        SELECT service, channel, n, median, ninth_decile
        FROM desk.delays($1, $2, $3::text[], $4::text[])
        """,
        asked.first,
        asked.last,
        asked.services,
        asked.channels,
    )
    return [ReplyDelay(**row) for row in rows]


async def closed_delays(connection: Connection, asked: FigureQuestion) -> Sequence[ReplyDelay]:
    """Reads the delays of replies in closed months as they were closed, with every total."""
    rows = await connection.fetch(
        """
        SELECT service, channel, count(*) AS n,
               percentile_disc(0.5) WITHIN GROUP (ORDER BY days) AS median,
               percentile_disc(0.9) WITHIN GROUP (ORDER BY days) AS ninth_decile
        FROM desk.closed_promises
        WHERE clock = 'reply' AND days >= 0 AND month BETWEEN $1 AND $2
          AND result IN ('kept', 'late')
          AND ($3::text[] IS NULL OR service = ANY ($3))
          AND ($4::text[] IS NULL OR channel = ANY ($4))
        GROUP BY CUBE (service, channel) HAVING count(*) > 0
        """,
        asked.first,
        asked.last,
        asked.services,
        asked.channels,
    )
    return [ReplyDelay(**row) for row in rows]

"""Figures, each by one question to what the database keeps counted (sql/0050, ADR 0019)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.desk.store import learner_numbers
from services.desk.store.states import NOT_DONE
from shared.platform.database import Connection
from shared.platform.postgres.rows import UnreadableRow


@dataclass(frozen=True, slots=True)
class DispositionCounts:
    """The number of arrivals from one source that were filed under one disposition."""

    source: str
    word: str
    n: int


async def words(connection: Connection) -> Sequence[DispositionCounts]:
    """Counts all arrivals by source and disposition.

    Answers to the emails of an exercise are counted apart from those set aside.
    """
    rows = await connection.fetch("SELECT source, word, arrivals AS n FROM desk.dispositions")
    return [DispositionCounts(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """The number of a service's items that are in one state."""

    service: str
    state: str
    n: int


async def standing(connection: Connection) -> Sequence[ServiceFigures]:
    """Counts all items by service and state."""
    rows = await connection.fetch(
        "SELECT service, state, sum(n) AS n FROM desk.received GROUP BY service, state"
    )
    return [ServiceFigures(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Late:
    """The number of a service's items whose deadline has passed without an answer."""

    service: str
    n: int


async def late(connection: Connection, today: date) -> Sequence[Late]:
    """Counts by service the items whose deadline has passed; `today` is the local day."""
    rows = await connection.fetch(
        f"""
        SELECT service, count(*) AS n FROM desk.items
        WHERE {NOT_DONE}
          AND due < $1
        GROUP BY service
        """,  # noqa: S608  (a constant of states.py)
        today,
    )
    return [Late(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class WaitFigures:
    """The number of open tasks of one waiting list, and the moment since when the oldest waits."""

    waiting: str
    n: int
    oldest: datetime


async def waits(connection: Connection) -> Sequence[WaitFigures]:
    """Counts the open tasks by waiting list, with the moment since when the oldest waits."""
    rows = await connection.fetch(
        "SELECT waiting, sum(n) AS n, min(oldest) AS oldest FROM desk.waiting GROUP BY waiting"
    )
    return [WaitFigures(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Promised:
    """The number of deadlines of one kind with one result, in a service and channel."""

    clock: str
    service: str
    channel: str
    result: str
    """A result of `desk.result_of`; `overdue`: open, its limit has passed."""
    n: int


async def promise_results(connection: Connection, since: date, today: date) -> Sequence[Promised]:
    """Counts the deadlines of items received since the month of `since`, by kind and result.

    `today` is the local day by which open ones are overdue.
    """
    rows = await connection.fetch(
        """
        SELECT clock, service, channel,
               CASE WHEN result = 'open' AND open_until < $2 THEN 'overdue' ELSE result END
                   AS result,
               sum(n) AS n
        FROM desk.promises
        WHERE month >= date_trunc('month', $1::timestamp) AND result <> 'excluded'
        GROUP BY 1, 2, 3, 4
        """,
        since,
        today,
    )
    return [Promised(**row) for row in rows]


async def last_verification(connection: Connection) -> tuple[datetime, int] | None:
    """Reads when the evidence was last verified, and how many differences it had, or `None`."""
    row = await connection.fetchrow(
        """
        SELECT verified_at, differ FROM desk.verifications ORDER BY verification DESC LIMIT 1
        """
    )
    return None if row is None else (row["verified_at"], row["differ"])


@dataclass(frozen=True, slots=True)
class WebhookFigures:
    """The numbers of items with facts still to be delivered to webhooks, and of those given up."""

    waiting: int
    failed: int
    oldest_seconds: float
    """For how long of real time the oldest waits that is not given up; 0: none does."""


async def webhooks(connection: Connection) -> WebhookFigures:
    """Counts the items with facts to be delivered to webhooks, and those that were given up."""
    row = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE failed_at IS NULL) AS waiting,
               count(*) FILTER (WHERE failed_at IS NOT NULL) AS failed,
               coalesce(extract(epoch FROM clock_timestamp()
                                - min(since) FILTER (WHERE failed_at IS NULL)), 0)::float8
                   AS oldest_seconds
        FROM desk.webhook_lanes
        """
    )
    assert row is not None  # noqa: S101  (one row of counts)
    return WebhookFigures(**row)


@dataclass(frozen=True, slots=True)
class ParapheurFigures:
    """The numbers of letters at the parapheur by where they are, and how long the oldest waits."""

    letters: Mapping[str, int]
    """`open`: to be given; `sent`: to be signed; `signed`: back, to leave; `late`: failed;
    `unanswered`: of the first two, those of which the last attempts brought no answer."""
    oldest_seconds: Mapping[str, float]
    """For how long the oldest of each waits, without `unanswered`; 0: there is none."""


MOST_SILENT: Final = 3
"""Attempts in a row without an answer, more than two minutes: who is asked is away."""


async def parapheur(connection: Connection, now: datetime) -> ParapheurFigures:
    """Counts the letters at the parapheur by where they are, and those it gives no answer about.

    `now`: aware, of the register, as the moments at which letters were given.
    """
    rows = await connection.fetch(
        """
        SELECT CASE state WHEN 'to_send' THEN 'open' WHEN 'failed' THEN 'late' ELSE state END
                   AS result,
               count(*) AS letters, min(coalesce(ended_at, given_at)) AS oldest,
               count(*) FILTER (WHERE attempts >= $1 AND state IN ('to_send', 'sent'))
                   AS unanswered
        FROM desk.parapheur_letters
        WHERE state IN ('to_send', 'sent', 'failed') OR state = 'signed' AND left_at IS NULL
        GROUP BY state
        """,
        MOST_SILENT,
    )
    letters, oldest = dict.fromkeys(("open", "sent", "signed", "late"), 0), {}
    for row in rows:
        letters[row["result"]] = row["letters"]
        oldest[row["result"]] = (now - row["oldest"]).total_seconds()
    return ParapheurFigures(
        letters={**letters, "unanswered": sum(row["unanswered"] for row in rows)},
        oldest_seconds={**dict.fromkeys(letters, 0.0), **oldest},
    )


async def archive_deposits(connection: Connection) -> Mapping[str, int]:
    """Counts the packages for the archive's own server by where they are.

    `open`: packages to be deposited, or not confirmed; `sent`: packages whose reply is waited for;
    `late`: packages that failed; `unanswered`: packages whose last attempts brought no answer.
    """
    row = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE state IN ('to_send', 'in_doubt')) AS open,
               count(*) FILTER (WHERE state = 'sent') AS sent,
               count(*) FILTER (WHERE state = 'failed') AS late,
               count(*) FILTER (WHERE attempts >= $1 AND state <> 'failed') AS unanswered
        FROM desk.archive_deposits JOIN desk.archive_transfers USING (transfer)
        WHERE accepted_at IS NULL AND refused_at IS NULL AND dropped_at IS NULL
        """,
        MOST_SILENT,
    )
    assert row is not None  # noqa: S101  (one row of counts)
    return dict(row)


async def learner(connection: Connection) -> tuple[float, Mapping[tuple[str, str], int]]:
    """Returns when a night of the learner last ended well, in Unix time, and how often it is right.

    The counts stand by question and by `measured`, `shown`, `right` (see `LearnerFigures`); none
    after a night that failed, or where another version left numbers that can't be read. A night
    with too few corrections ends well, one that failed does not; before the first that does, the
    moment is that of the oldest, or since when the site asks for it. 0: that is not known.
    """
    at = await connection.fetchval(
        """
        SELECT coalesce(
            max(learned_at) FILTER (WHERE numbers IS NULL OR numbers -> 'targets' <> '{}'),
            min(learned_at))
        FROM desk.learned
        """
    )
    try:
        night = await learner_numbers.last_night(connection)
    except UnreadableRow:
        night = None
    targets = {} if night is None or night.numbers is None else night.numbers.targets
    return 0.0 if at is None else at.timestamp(), {
        (target.value, result): count
        for target, numbers in targets.items()
        for result, count in (
            ("measured", numbers.figures.letters),
            ("shown", numbers.figures.shown),
            ("right", numbers.figures.right),
        )
    }


async def secure_mails(connection: Connection) -> Mapping[str, int]:
    """Counts the letters that leave as mails sécurisés by where they are.

    `open`: those that have not left; `sent`: those that left and their addressee has not read;
    `late`: those that failed; `unanswered`: those of the first whose last attempts had no answer.
    """
    row = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE state IN ('to_send', 'given')) AS open,
               count(*) FILTER (WHERE state = 'sent') AS sent,
               count(*) FILTER (WHERE state = 'failed') AS late,
               count(*) FILTER (WHERE attempts >= $1 AND state IN ('to_send', 'given'))
                   AS unanswered
        FROM desk.secure_mails
        WHERE state IN ('to_send', 'given', 'failed') OR (state = 'sent' AND read_at[1] IS NULL)
        """,
        MOST_SILENT,
    )
    assert row is not None  # noqa: S101  (one row of counts)
    return dict(row)

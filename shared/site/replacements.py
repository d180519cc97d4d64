"""Requests to replace numbers of the label, each for a second person (site.replacements).

`site apply` keeps one instead of applying; whoever confirms it does so on a page, signed in, which
states a fact of the chain of quality (docs/decisions/0158). Rows are added and never changed.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import asyncpg
import orjson

from shared.platform.database import Connection
from shared.site.difference import NumberReplaced
from shared.site.effects import Moved


@dataclass(frozen=True, slots=True)
class LimitsMoved:
    """The counts of one clock's running deadlines that new rules would move, by direction."""

    clock: str
    earlier: int
    later: int
    other: int
    """Those that had no limit, or would have none."""


@dataclass(frozen=True, slots=True)
class ReplacementRequest:
    """The request to change numbers of the quality label: which, by which rules, who asks."""

    before: str
    """The digest of the rules that run, which the change is compared with."""
    after: str
    numbers: Sequence[NumberReplaced]
    moved: Sequence[LimitsMoved] | None
    """`None`: nobody could tell which deadlines move."""
    author: str
    """As it was typed (`--by`)."""
    account: str
    """The system's account that typed it."""
    why: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The replaced numbers as text, a line for each, as facts say them."""
        return tuple(str(number) for number in self.numbers)


@dataclass(frozen=True, slots=True)
class KeptReplacement:
    """A stored request to change numbers of the quality label, with its number and moment."""

    number: int
    asked_at: datetime
    what: ReplacementRequest


_FOUND = """
    SELECT number, before_digest, after_digest, numbers::text AS numbers, moved::text AS moved,
           author, account, why, asked_at
    FROM site.replacements WHERE before_digest = $1 AND after_digest = $2
"""
_OF_RULES = """
    SELECT number, before_digest, after_digest, numbers::text AS numbers, moved::text AS moved,
           author, account, why, asked_at
    FROM site.replacements WHERE before_digest = $1 ORDER BY number
"""


async def keep(connection: Connection, what: ReplacementRequest, now: datetime) -> KeptReplacement:
    """Stores a request to replace numbers of the label, or returns the one that waits already.

    A change that was asked for before keeps its first author: whoever types it again adds
    nothing.
    """
    moved = None if what.moved is None else orjson.dumps([asdict(row) for row in what.moved])
    await connection.execute(
        """
        INSERT INTO site.replacements
            (before_digest, after_digest, numbers, moved, author, account, why, asked_at)
        VALUES ($1, $2, $3::text::jsonb, $4::text::jsonb, $5, $6, $7, $8)
        ON CONFLICT (before_digest, after_digest) DO NOTHING
        """,
        what.before,
        what.after,
        orjson.dumps([asdict(number) for number in what.numbers]).decode(),
        None if moved is None else moved.decode(),
        what.author,
        what.account,
        what.why,
        now,
    )
    row = await connection.fetchrow(_FOUND, what.before, what.after)
    assert row is not None  # noqa: S101  (inserted above, or by whoever asked first)
    return _kept(row)


async def asked_of(connection: Connection, digest: str) -> Sequence[KeptReplacement]:
    """Lists the stored requests to replace numbers of the rules with this digest, oldest first.

    Requests that were compared with other rules are over.
    """
    found = await connection.fetch(_OF_RULES, digest)
    return [_kept(row) for row in found]


def limits_moved(moved: Sequence[Moved]) -> Sequence[LimitsMoved]:
    """Counts the deadlines that would move, by clock and by direction; no item is named."""
    counted: dict[str, list[int]] = {}
    for limit in moved:
        of_clock = counted.setdefault(limit.clock.value, [0, 0, 0])
        if limit.before is None or limit.after is None:
            of_clock[2] += 1
        else:
            of_clock[0 if limit.after < limit.before else 1] += 1
    return [LimitsMoved(clock, *counts) for clock, counts in sorted(counted.items())]


def _kept(row: asyncpg.Record) -> KeptReplacement:
    moved = None if row["moved"] is None else orjson.loads(row["moved"])
    return KeptReplacement(
        row["number"],
        row["asked_at"],
        ReplacementRequest(
            before=row["before_digest"],
            after=row["after_digest"],
            numbers=[NumberReplaced(**number) for number in orjson.loads(row["numbers"])],
            moved=None if moved is None else [LimitsMoved(**counts) for counts in moved],
            author=row["author"],
            account=row["account"],
            why=row["why"],
        ),
    )

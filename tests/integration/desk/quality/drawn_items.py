"""Items with clocks of any result, drawn by a seed, and their figures counted again by hand."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random
from typing import Final
from uuid import UUID

from shared.platform.database import Pool
from shared.platform.messaging import trigger_counts

SERVICES: Final = ("courrier", "bmi", "dre", "juridique")
CHANNELS: Final = ("email", "form", "letter", "registered_letter", "hand_delivered")
CLOCKS: Final = {
    "reply": "reponse",
    "receipt": "accuse-automatique",
    "services_publics": "services-publics-plus",
    "holding": "date-annoncee",
}
FIRST: Final = date(2026, 4, 20)
DAYS: Final = 70
KEYS: Final = ("k", "n", "late", "overdue", "unanswered", "open", "observed")
Key = tuple[str, str | None, str | None, date | None]


PATIENCE: Final = 400.0
"""Seconds for tens of thousands of rows and their triggers, on a machine that does much else."""


@dataclass(frozen=True)
class DrawnItem:
    """What the register has of an item, as far as figures go."""

    number: int
    service: str
    channel: str
    nature: str
    perimeter: bool
    state: str
    received_on: date
    clocks: Sequence["DrawnClock"]

    @property
    def item_id(self) -> UUID:
        return UUID(int=self.number)


@dataclass(frozen=True)
class DrawnClock:
    """One of its clocks."""

    clock: str
    limit: date
    outcome: str | None
    stopped_on: date
    raw: int


def drawn(seed: int, count: int) -> Sequence[DrawnItem]:
    """So many items of any kind."""
    dice = Random(seed)  # noqa: S311  (no secret)
    return [_item(dice, number) for number in range(1, count + 1)]


def _item(dice: Random, number: int) -> DrawnItem:
    received = FIRST + timedelta(days=dice.randrange(DAYS))
    state = dice.choice(("open", "observed", "answered", "answered", "closed", "merged"))
    clocks = []
    for clock in CLOCKS:
        if clock != "reply" and dice.random() < 0.5:
            continue
        ended = ("kept", "kept", "kept", "late", "closed", "born", "transferred", "moot")
        outcome = None if state in {"open", "observed"} else dice.choice(ended)
        raw = dice.randrange(1, 25)
        clocks.append(
            DrawnClock(
                clock,
                received + timedelta(days=dice.choice((7, 14, 21, 28))),
                outcome,
                received + timedelta(days=raw),
                raw,
            )
        )
    return DrawnItem(
        number, dice.choice(SERVICES), dice.choice(CHANNELS),
        dice.choice(("request", "request", "information", "complaint")),
        dice.random() < 0.85, state, received, clocks,
    )  # fmt: skip


async def put(pool: Pool, items: Sequence[DrawnItem]) -> None:
    """Writes them into the register, where triggers count them."""
    await pool.executemany(
        """
        INSERT INTO desk.items (item_id, chrono, seq, state, channel, category, nature, perimeter,
                                priority, confidentiality, service, received_on, received_at,
                                provisional, registered_at)
        VALUES ($1, $2, 1, $3, $4, 'titre-de-sejour', $5, $6, 'normale', 'normal', $7, $8,
                $8::date + time '10:00', false, $8::date + time '11:00')
        """,
        [
            (item.item_id, f"36-2026-A-{item.number:06}", item.state, item.channel, item.nature,
             item.perimeter, item.service, item.received_on)
            for item in items
        ],
        timeout=PATIENCE,
    )  # fmt: skip
    await pool.executemany(
        """
        INSERT INTO desk.clocks (item_id, clock, revision, commitment, day_zero, limit_day, holder,
                                 rungs, stopped_at, outcome, raw, net)
        VALUES ($1, $2, 1, 'x', $3, $4, '{}', '{}', $5, $6, $7, $7)
        """,
        [
            (item.item_id, clock.clock, item.received_on, clock.limit,
             None if clock.outcome is None else _noon(clock.stopped_on), clock.outcome,
             clock.raw if clock.outcome in {"kept", "late"} else None)
            for item in items
            for clock in item.clocks
        ],
        timeout=PATIENCE,
    )  # fmt: skip
    await trigger_counts.fold(pool, "desk")


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def counted(items: Sequence[DrawnItem], today: date) -> dict[Key, dict[str, int]]:
    """Every figure and total of what was received, by a loop over the items."""
    found: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(KEYS, 0))
    for item in items:
        month = item.received_on.replace(day=1)
        for code, counts in _cells(item, today):
            for key in product((code,), (item.service, None), (item.channel, None), (month, None)):
                for name in counts:
                    found[key][name] += 1
    return dict(found)


def _cells(item: DrawnItem, today: date) -> Iterator[tuple[str, Sequence[str]]]:
    if item.state != "merged":
        yield "hors-perimetre", ("n",) if item.perimeter else ("k", "n")
    for clock in item.clocks:
        counts = _counts(item, clock, today)
        yield CLOCKS[clock.clock], counts
        if clock.clock == "reply" and item.nature == "complaint":
            yield "reclamation", counts


ENDED: Final = {"kept": ("k", "n"), "late": ("n", "late"), "born": ("n", "late")}


def _counts(item: DrawnItem, clock: DrawnClock, today: date) -> Sequence[str]:
    """docs/domain.md §8 (a), and ADR 0027: closing is no answer."""
    if not item.perimeter or item.state == "merged":
        return ()
    match clock.outcome:
        case None if item.state == "observed":
            return ("observed",)
        case None:
            return ("n", "overdue") if clock.limit < today else ("open",)
        case "closed":
            return ("n", "late") if clock.stopped_on > clock.limit else ("n", "unanswered")
        case ended:
            return ENDED.get(ended, ())


PROOFS: Final = ("delivered", "seen", "scanned", "keyed", "declared", None)
PROVING: Final = frozenset({"delivered", "seen", "scanned"})


@dataclass(frozen=True)
class DrawnCourse:
    """How a drawn item went through the house; its reply waited so many days for pieces."""

    lag: int
    reassigned: bool
    proof: str | None
    waited: int


def course(item: DrawnItem) -> DrawnCourse:
    """The course of an item, drawn by its number."""
    dice = Random(item.number)  # noqa: S311  (no secret)
    return DrawnCourse(
        dice.choice((0, 0, 0, 1, 4, 9)), dice.random() < 0.2, dice.choice(PROOFS),
        dice.choice((0, 0, 3)),
    )  # fmt: skip


BATCH: Final = 500
"""Items of one statement, as the register changes them."""


async def put_courses(pool: Pool, items: Sequence[DrawnItem]) -> None:
    """Writes their courses, as the job keeps what their facts would say: a batch at a time.

    A counting trigger joins what a statement changed with itself, row by row while the tables have
    no statistics: 20,000 at once took minutes, where autovacuum had not come by.
    """
    for first in range(0, len(items), BATCH):
        told = [(item, course(item)) for item in items[first : first + BATCH]]
        await pool.execute(
            """
            WITH told AS (
                SELECT * FROM unnest($1::uuid[], $2::int[], $3::boolean[], $4::text[], $5::int[])
                    AS told (item_id, lag, reassigned, proof, waited)
            ), dated AS (
                UPDATE desk.items i
                SET registered_at = i.registered_at + told.lag * interval '1 day'
                FROM told WHERE told.item_id = i.item_id RETURNING i.item_id
            ), waited AS (
                UPDATE desk.clocks c SET net = c.raw - least(told.waited, c.raw)
                FROM told WHERE told.item_id = c.item_id AND c.raw IS NOT NULL
            )
            INSERT INTO desk.item_histories (item_id, seq, reassigned, proof)
            SELECT item_id, 1, reassigned, proof FROM told
            """,
            [item.item_id for item, _ in told],
            [one.lag for _, one in told],
            [one.reassigned for _, one in told],
            [one.proof for _, one in told],
            [one.waited for _, one in told],
        )


def counted_courses(items: Sequence[DrawnItem]) -> dict[Key, tuple[int, int]]:
    """k and n of the codes of courses with every total, by a loop over the items."""
    found: dict[Key, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for item in items:
        if not item.perimeter or item.state == "merged":
            continue
        month, one = item.received_on.replace(day=1), course(item)
        (reply,) = [clock for clock in item.clocks if clock.clock == "reply"]
        said = {"enregistre-le-jour": one.lag == 0, "reattribue": one.reassigned}
        if reply.outcome in {"kept", "late"}:
            said["delai-deduit"] = one.waited > 0
        if one.proof is not None:
            said |= {"preuve": one.proof in PROVING, "grille": False}
        for code, holds in said.items():
            for key in product((code,), (item.service, None), (item.channel, None), (month, None)):
                k, n = found[key]
                found[key] = k + holds, n + 1
    return dict(found)

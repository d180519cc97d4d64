"""Places as their facts make them, their papers in the library of letters, and tallies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, get_args

from services.desk.letters import store as letters
from services.desk.letters.domain.library import LetterState, LetterVersion
from services.desk.letters.domain.sheets import SheetKind
from services.desk.quality.domain.places import PlacesState, fold, sheet_until
from services.desk.quality.store import texts
from services.desk.quality.store.texts import TextsByDigest
from services.desk.store import quality
from shared.facts.quality.places import PlaceFact
from shared.platform.database import Connection
from shared.site.tables.bundle import Site

KINDS: Final = get_args(PlaceFact)
MORNING: Final = "morning"
AFTERNOON: Final = "afternoon"


async def places(connection: Connection, site: Site) -> PlacesState:
    """Reads the state of all reception places today."""
    found = await quality.of_kinds(connection, KINDS)
    facts = [fact for fact in found if isinstance(fact, KINDS)]
    lost = await quality.count_of_kinds(connection, KINDS) - len(facts)
    return replace(fold(facts, site.zone), unreadable=lost)


async def words(connection: Connection, found: PlacesState) -> TextsByDigest:
    """Reads the texts about reception places; an erased text is left out."""
    wanted = {
        (fact.subject_id, digest)
        for fact in found.facts
        if (digest := getattr(fact, "sha256", None)) is not None
    }
    return await texts.texts(connection, wanted)


@dataclass(frozen=True, slots=True)
class SheetInUse:
    """An approved paper of a reception place, and the last local day on which it is valid."""

    version: LetterVersion
    kind: SheetKind
    approved: date
    """Local day."""
    until: date

    def hangs_at(self, place: str) -> bool:
        """Whether the paper (slip, panel or poster) belongs to a place."""
        sheet = self.version.content.sheet
        return sheet is not None and sheet.place in {None, place}


async def sheets(connection: Connection, site: Site, found: PlacesState) -> Sequence[SheetInUse]:
    """Returns the approved papers of reception places, by title."""
    return [
        SheetInUse(
            version,
            version.content.kind,
            approved := version.approved_at.astimezone(site.zone).date(),
            sheet_until(
                approved,
                found.checked.get(version.name),
                version.content.sheet.check_every,
            ),
        )
        for version in sorted(
            await letters.library(connection, None), key=lambda version: version.content.title
        )
        if version.state is LetterState.APPROVED
        and isinstance(version.content.kind, SheetKind)
        and version.content.sheet is not None
        and version.approved_at is not None
    ]


async def sheets_counted(connection: Connection, site: Site, today: date) -> tuple[int, int, bool]:
    """Returns the figure `fiches-verifiees` on a local day: papers reviewed in time, and all.

    Third, whether every fact about places could be read.
    """
    state = await places(connection, site)
    found = await sheets(connection, site, state)
    return sum(today <= sheet.until for sheet in found), len(found), not state.unreadable


async def tallies(connection: Connection, place: str, day: date, half: str) -> Mapping[str, int]:
    """Returns how many visits were counted at a reception place in a half-day, by kind."""
    rows = await connection.fetch(
        "SELECT kind, n FROM desk.tallies WHERE place = $1 AND day = $2 AND half = $3",
        place,
        day,
        half,
    )
    return {row["kind"]: row["n"] for row in rows}


async def count(
    connection: Connection, place: str, day: date, half: str, kind: str, by: int
) -> None:
    """Adds visits to a place's count in a half-day, or subtracts them, never below zero."""
    await connection.execute(
        """
        INSERT INTO desk.tallies AS tally (place, day, half, kind, n)
        VALUES ($1, $2, $3, $4, greatest($5, 0))
        ON CONFLICT (place, day, half, kind)
        DO UPDATE SET n = least(greatest(tally.n + $5, 0), 10000)
        """,
        place,
        day,
        half,
        kind,
        by,
    )


@dataclass(frozen=True, slots=True)
class MonthTally:
    """The visits of a kind that were counted in a month, over all places."""

    month: date
    kind: str
    n: int


async def month_tallies(connection: Connection, first: date, last: date) -> Sequence[MonthTally]:
    """Returns the reception places' visits counted between two local days, by month and kind."""
    rows = await connection.fetch(
        """
        SELECT date_trunc('month', day)::date AS month, kind, sum(n)::int AS n FROM desk.tallies
        WHERE day BETWEEN $1 AND $2 AND n > 0 GROUP BY 1, 2 ORDER BY 1, 2
        """,
        first,
        last,
    )
    return [MonthTally(row["month"], row["kind"], row["n"]) for row in rows]


@dataclass(frozen=True, slots=True)
class MonthMail:
    """The mail received in a month: all of it, and what is about reception, by theme."""

    month: date
    received: int
    themes: Mapping[str, int]


async def mail(
    connection: Connection, first: date, last: date, themes: Sequence[str]
) -> Sequence[MonthMail]:
    """Counts the mail received between two local days by month, without merged items."""
    rows = await connection.fetch(
        """
        SELECT date_trunc('month', received_on)::date AS month, theme, count(*)::int AS n
        FROM desk.items WHERE received_on BETWEEN $1 AND $2 AND state <> 'merged'
        GROUP BY 1, 2 ORDER BY 1
        """,
        first,
        last,
    )
    months = dict[date, dict[str | None, int]]()
    for row in rows:
        months.setdefault(row["month"], {})[row["theme"]] = row["n"]
    return [
        MonthMail(
            month,
            sum(counts.values()),
            {theme: counts[theme] for theme in themes if theme in counts},
        )
        for month, counts in months.items()
    ]

"""Every hit of a search, page after page: once, in order, whichever way it is found."""

from datetime import date
from pathlib import Path

import pytest

from services.desk.search.store import by_words
from services.desk.search.store import search as finds
from services.desk.store.search_types import Filter, SearchQuery, SearchReader
from services.desk.store.visibility import ALL
from shared.content.blobs import LocalBlobs
from shared.platform.database import Connection, Pool, transaction
from tests.desk_builders import MONDAY, certain
from tests.integration.desk.findings import a_mail, read, registered, wrote

pytestmark = pytest.mark.usefixtures("live_site", "environment")


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


async def every_page(connection: Connection, asked: SearchQuery, limit: int) -> list[str]:
    """The chronos of all pages, of so many lines, in their order."""
    page = await finds.find(connection, asked, limit=limit)
    chronos = [hit.line.chrono for hit in page.hits]
    while page.after is not None:
        page = await finds.find(
            connection, asked, after=page.after, forgiving=page.forgiven, limit=limit
        )
        chronos += [hit.line.chrono for hit in page.hits]
    return chronos  # type: ignore[return-value]  # typed by hand


async def test_pages_follow_each_other_without_hole_or_double(
    pool: Pool, blobs: LocalBlobs, tmp_path: Path
) -> None:
    # Registered in one transaction: only their chronos tell them apart.
    mails = [await a_mail(blobs, f"n{n}", wrote("Ana", "Carte", f"numéro {n}")) for n in range(7)]
    await registered(pool, *mails)
    await read(pool, tmp_path / "blobs")
    async with transaction(pool) as connection:
        for typed in ("carte", ""):
            asked = SearchQuery(SearchReader(ALL), typed, Filter(), MONDAY.date(), "36")
            assert await every_page(connection, asked, 3) == [
                f"36-2026-A-00000{n}" for n in range(7, 0, -1)
            ]


@pytest.fixture
async def a_season(pool: Pool, blobs: LocalBlobs, tmp_path: Path) -> None:
    """Letters 1 to 24, four days apart but 9 to 14, a petition of one day, and 20 and 21.

    Every third is for dre; 1 and 13 are Martin's; 2 and the petition say so; 10 is réservé. Odd
    ones were received on their day, 11 May + 4 days each, even ones on 11 May: most are keyed late.
    """
    mails = [
        await a_mail(
            blobs, f"n{n}",
            wrote("Martin" if n in {1, 13} else "Ana", "Carte",
                  "pétition" if n == 2 or 9 <= n <= 14 else "demande"),
            routing=certain("association", "dre") if n % 3 == 0 else certain(),
        )
        for n in range(1, 25)
    ]  # fmt: skip
    await registered(pool, *mails)
    days = [4 * (9 if 9 <= n <= 14 else 20 if n == 21 else n) for n in range(1, 25)]
    await pool.execute(
        """
        UPDATE desk.items SET registered_at = $1::timestamptz + day * interval '1 day',
               received_on = received_on + CASE n % 2 WHEN 1 THEN day ELSE 0 END,
               confidentiality = CASE WHEN n = 10 THEN 'reserve' ELSE confidentiality END
        FROM unnest($2::int[]) WITH ORDINALITY AS season (day, n)
        WHERE chrono = '36-2026-A-' || lpad(n::text, 6, '0')
        """,
        MONDAY,
        days,
    )
    await read(pool, tmp_path / "blobs")


def received(day: int, month: int, since: date | None = None) -> Filter:
    """What was received until a day of 2026."""
    return Filter(received_from=since, received_until=date(2026, month, day))


DRE = Filter(service="dre")
SECRETARY = SearchReader(ALL, secrets=True)
AGENT = SearchReader(ALL._replace(everything=False, services=["dre"]))
SEASON = (  # type: ignore[var-annotated]  # empty of any type
    ("carte", Filter(), SearchReader(ALL), [*range(24, 10, -1), *range(9, 0, -1)]),
    ("carte", DRE, SearchReader(ALL), [24, 21, 18, 15, 12, 9, 6, 3]),
    ("carte", Filter(), AGENT, [24, 21, 18, 15, 12, 9, 6, 3]),
    ("cartes -pétition", DRE, SearchReader(ALL), [24, 21, 18, 15, 6, 3]),
    ("petition", Filter(), SearchReader(ALL), [14, 13, 12, 11, 9, 2]),
    ("petition", Filter(), SECRETARY, [14, 13, 12, 11, 10, 9, 2]),
    ("petition", DRE, SearchReader(ALL), [12, 9]),
    ("martin", Filter(), SearchReader(ALL), [13, 1]),
    ("martni", Filter(), SearchReader(ALL), [13, 1]),
    ("martin", DRE, SearchReader(ALL), []),
    ("", DRE, SearchReader(ALL), [24, 21, 18, 15, 12, 9, 6, 3]),
    ("", received(11, 5), SearchReader(ALL), [*range(24, 0, -2)]),
    ("carte", received(11, 5), SearchReader(ALL), [24, 22, 20, 18, 16, 14, 12, 8, 6, 4, 2]),
    ("carte", received(8, 6, since=date(2026, 5, 12)), SearchReader(ALL), [7, 5, 3, 1]),
    ("petition", received(16, 6, since=date(2026, 5, 12)), SearchReader(ALL), [13, 11, 9]),
)


@pytest.mark.usefixtures("a_season")
@pytest.mark.parametrize(("many", "patience"), [(500, 1_000), (3, 1_000), (2, 4), (0, 1_000)])
async def test_every_hit_is_shown_once_in_order_whichever_way_it_is_found(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, many: int, patience: int
) -> None:
    # Read by weeks, weeks that are full walked, hits that a filter holds back walked, all walked.
    monkeypatch.setattr(by_words, "MANY", many)
    monkeypatch.setattr(by_words, "PATIENCE", patience)
    async with transaction(pool) as connection:
        for typed, which, reader, meant in SEASON:
            asked = SearchQuery(reader, typed, which, MONDAY.date(), "36")
            for limit in (1, 5):
                chronos = await every_page(connection, asked, limit)
                assert chronos == [f"36-2026-A-{n:06d}" for n in meant], (typed, which, limit)

"""What must be explained first about a period, before an audit."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from random import Random

import pytest

from services.desk.domain.decisions import (
    AskPieces,
    Close,
    ConfirmRegime,
    CorrectReceipt,
    Declare,
    Reclassify,
    TakePieces,
)
from services.desk.domain.decisions.closure import Undo
from services.desk.store import facts as stated
from services.desk.store.withdrawals import TAKEN_BACK, taken_back
from shared.facts.clocks import ClockStarted
from shared.facts.envelope import ItemId
from shared.facts.standing import withdrawn
from shared.facts.vocabulary import ClockName, RegimeStart
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.integration.desk.audited import a_head, decide, said, the_officer, three_of_may
from tests.integration.desk.clocked import clock
from tests.pasts import GOLDENS, past

pytestmark = pytest.mark.usefixtures("live_site", "environment")

COUNTS = (
    "1 out_of_perimeter, 0 reclassified, 1 receipt_corrected, 1 back_dated, 1 closed,"
    " 0 before_receipt, 1 declared, 0 keyed, 1 holding_missed, 0 asked_again,"
    " 0 by_shell"
)


@pytest.fixture
async def three(pool: Pool, postgres_url: str) -> Sequence[ItemId]:
    return await three_of_may(pool, postgres_url)


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    async with the_officer(pool, postgres_url, tmp_path) as browser:
        yield browser


async def test_what_must_be_explained_has_its_author_and_reason_and_what_was_undone_is_gone(
    three: Sequence[ItemId], officer: Browser, pool: Pool
) -> None:
    await decide(pool, three[0], Reclassify(perimeter=False, reason="invoice"))
    await decide(pool, three[1], CorrectReceipt(date(2026, 5, 7), "timbre-a-date"))
    await decide(pool, three[1], Declare(date(2026, 6, 8)))
    await decide(pool, three[2], Close("sans-suite"))
    await clock(
        pool, ClockStarted, three[2], 3, clock=ClockName.HOLDING, commitment="attente",
        day_zero=date(2026, 5, 12), limit=date(2026, 6, 5), rules=1,
    )  # fmt: skip
    june = ("--from", "2026-06-01", "--until", "2026-06-30", "--as", "q.officer")
    assert (await said("review", *june)).splitlines() == [
        "out_of_perimeter   36-2026-A-000001  2026-06-09  b.head  invoice  person  late",
        "back_dated         36-2026-A-000002  2026-06-09  b.head  -",
        "closed             36-2026-A-000003  2026-06-09  b.head  sans-suite",
        "declared           36-2026-A-000002  2026-06-09  b.head  -",
        "holding_missed     36-2026-A-000003  2026-06-05  -  -",
        "receipt_corrected  36-2026-A-000002  2026-06-09  b.head  timbre-a-date",
        COUNTS,
        "out of the perimeter: 1 invoice",
    ]
    page = await officer.page("/audit?du=2026-06-01&au=2026-06-30")
    assert "Hors périmètre : 1" in page
    assert "Date annoncée non tenue : 1" in page
    async with transaction(pool) as connection:
        await (await a_head(connection)).undo(three[2], Undo("erreur"))
    assert "Classés sans réponse" not in await officer.page("/audit?du=2026-06-01&au=2026-06-30")
    sheet = await officer.get("/audit/a-expliquer.xlsx?du=2026-06-01&au=2026-06-30")
    assert sheet.headers["content-type"].startswith("application/vnd.openxmlformats")


async def test_asking_again_of_a_file_that_was_complete_must_be_explained(
    three: Sequence[ItemId], officer: Browser, pool: Pool
) -> None:
    ask = AskPieces(date(2026, 6, 30), ("passeport",), sent=True)
    permit = ConfirmRegime("titre-de-sejour", RegimeStart.COMPLETE_FILE)
    await decide(pool, three[0], permit, ask, TakePieces(), ask)
    await decide(pool, three[1], permit, ask, ask, TakePieces())
    office = ConfirmRegime("titre-de-sejour", RegimeStart.FIRST_OFFICE)
    await decide(pool, three[2], office, ask, TakePieces(), ask, permit)
    async with transaction(pool) as connection:
        await (await a_head(connection)).undo(three[2], Undo("erreur"))
    june = ("--from", "2026-06-01", "--until", "2026-06-30", "--as", "q.officer")
    lines = (await said("review", *june)).splitlines()
    assert [line for line in lines if line.startswith("asked_again ")] == [
        "asked_again        36-2026-A-000001  2026-06-09  b.head  -"
    ]
    page = await officer.page("/audit?du=2026-06-01&au=2026-06-30")
    assert "Pièces redemandées, dossier complet : 1" in page


async def test_a_period_that_ends_before_it_begins_is_told_so(officer: Browser) -> None:
    answer = await officer.get("/audit?du=2026-06-30&au=2026-06-01")
    assert "La période finit avant de commencer" in answer.text


async def test_the_database_and_the_readers_of_facts_agree_on_what_was_taken_back(
    pool: Pool,
) -> None:
    """Withdrawals of what is there, of what happened, of withdrawals, of what is not known yet."""
    chance = Random(16)  # noqa: S311  (the same pasts each time)
    facts = [
        past(
            f"{n}",
            [
                (chance.randrange(14), True) if chance.random() < 0.4 else
                (chance.randrange(len(GOLDENS)), False)
                for _ in range(12)
            ],
        )
        for n in range(150)
    ]  # fmt: skip
    async with transaction(pool) as connection:
        await stated.keep(connection, [fact for each in facts for fact in each])
        rows = await connection.fetch(
            f"""
            SELECT f.event_id, f.type FROM desk.facts f WHERE {TAKEN_BACK}
            UNION ALL
            SELECT o.event_id, '' FROM desk.facts o WHERE NOT {taken_back("o")}
            """  # noqa: S608  (our words)
        )
    gone = frozenset().union(*(withdrawn(each) for each in facts))
    assert {row["event_id"] for row in rows if row["type"]} == gone
    assert len({row["type"] for row in rows}) > 20, "of many kinds"
    assert len(rows) == 150 * 12

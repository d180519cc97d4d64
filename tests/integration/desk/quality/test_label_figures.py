"""A label's figures are of the last closed months, with what ran and was corrected beside them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.desk.quality.domain.engagement_states import ClosedFigure
from services.desk.quality.store.label import closed_figures
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.facts.envelope import Digest, ItemId
from shared.facts.quality import MonthCorrected, PromiseAs
from shared.platform.database import Pool, transaction
from tests.integration.desk.closed import JULY, MAY, close
from tests.integration.desk.quality.drawn_items import DrawnItem, drawn, put
from tests.label_builders import a_label

pytestmark = pytest.mark.usefixtures("live_site", "environment")

JUNE, JULY_MONTH = date(2026, 6, 1), date(2026, 7, 1)
AUGUST = datetime(2026, 8, 3, 8, 0, tzinfo=UTC)
EMAILS = "reponse-hors-reclamation email form"
COMPLAINTS = "reclamation"


async def figures(pool: Pool) -> dict[str, ClosedFigure]:
    label = a_label().current
    assert label is not None
    async with transaction(pool) as connection:
        return dict(await closed_figures(connection, label))


async def counted(pool: Pool, results: str, *, complaints: bool) -> int:
    """Replies of closed months with one of these results, of complaints or to other e-mails."""
    count = await pool.fetchval(
        """
        SELECT count(*) FROM desk.closed_promises
        WHERE clock = 'reply' AND result = ANY ($1) AND complaint = $2
          AND ($2 OR channel IN ('email', 'form'))
        """,
        results.split(),
        complaints,
    )
    assert isinstance(count, int)
    return count


def _later(item: DrawnItem) -> DrawnItem:
    """Received a month later, if in the middle of June or after: July has its items too."""
    received = item.received_on
    return replace(item, received_on=received + timedelta(31 * (received >= date(2026, 6, 15))))


async def test_a_month_left_open_between_closed_ones_is_named(pool: Pool) -> None:
    await put(pool, [_later(item) for item in drawn(6, 400)])
    assert (await figures(pool))[EMAILS] == ClosedFigure((), 0, 0)
    for month in (MAY, JULY_MONTH):
        await close(pool, month, AUGUST, early=True)
    found = (await figures(pool))[EMAILS]
    assert (found.months, found.missing) == ((MAY, JULY_MONTH), (JUNE,))
    await close(pool, JUNE, AUGUST, early=True)
    found = (await figures(pool))[EMAILS]
    assert (found.months, found.missing) == ((MAY, JUNE, JULY_MONTH), ())


@pytest.mark.parametrize(("name", "complaints"), [(EMAILS, False), (COMPLAINTS, True)])
async def test_what_ran_at_the_closing_is_counted_and_complaints_apart(
    pool: Pool, name: str, *, complaints: bool
) -> None:
    await put(pool, drawn(6, 400))
    await close(pool, early=True)
    found = (await figures(pool))[name]
    expected = [
        await counted(pool, results, complaints=complaints)
        for results in ("kept", "kept late overdue closed", "open observed")
    ]
    assert [found.k, found.n, found.waiting] == expected
    assert found.waiting


async def test_a_correction_stands_beside_the_figures_that_it_is_of(pool: Pool) -> None:
    await put(pool, drawn(6, 400))
    month = await close(pool, early=True)
    item = await pool.fetchval(
        """
        SELECT item_id FROM desk.closed_promises
        WHERE clock = 'reply' AND result = 'kept' AND complaint AND channel = 'letter' LIMIT 1
        """
    )
    assert isinstance(item, UUID)
    kept = PromiseAs(result="kept", days=3, service="bmi", channel="letter")
    late = PromiseAs(result="late", days=30, service="bmi", channel="letter")

    async def correct(before: PromiseAs, after: PromiseAs) -> None:
        async with transaction(pool) as connection:
            await quality.state(
                connection, Author("indre", "person:q.officer", JULY),
                quality.month_id("indre", "2026-05-01"), MonthCorrected, month=MAY,
                closed=Digest(month.hash), item_id=ItemId(item), clock="reply", before=before,
                after=after, cause=None, cause_type=None, author=None, at=None, reason=None,
            )  # fmt: skip

    letters = "reponse letter registered_letter hand_delivered"
    beside = {name: (found.corrected, found.lost) for name, found in (await figures(pool)).items()}
    assert set(beside.values()) == {(0, 0)}
    await correct(kept, late)
    found = await figures(pool)
    assert {name: (figure.corrected, figure.lost) for name, figure in found.items()} == {
        EMAILS: (0, 0), letters: (1, 1), COMPLAINTS: (1, 1),
    }  # fmt: skip
    await correct(late, kept)
    found = await figures(pool)
    assert {(figure.corrected, figure.lost) for figure in found.values()} == {(0, 0)}

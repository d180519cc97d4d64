"""The public form says when places are open: as the papers do, and never open when closed."""

from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from services.desk.quality.place_service import PlaceDesk
from services.desk.store.quality import Author
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.place_hours import HoursException
from shared.site.staff.people_store import people_at
from shared.site.texts.place_hours import place_hours
from tests.desk_builders import a_site
from tests.portal_browser import Visitor, public_pages
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")

FORM = "/formulaire"
NOW = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)


async def closes(postgres_url: str, day: date) -> None:
    """The head of the service of the lodge states a closing, as the register's pages do."""
    async with one_transaction(postgres_url) as owner:
        applied = await store.current(owner)
        people = await people_at(owner, NOW)
        desk = PlaceDesk(owner, Author("indre", "person:c.head", NOW), applied, people)
        await desk.except_hours("loge", day, day, [], "Travaux")


async def test_the_form_says_the_hours_in_the_words_of_the_papers(
    pool: Pool, story_clock: Clock, postgres_url: str, tmp_path: Path
) -> None:
    today = story_clock.now().date()
    tuesday = today + timedelta(days=15 - today.weekday())
    visitor = Visitor(public_pages(pool, story_clock, tmp_path))
    async with transaction(pool) as connection:
        applied = await store.current(connection)
    lodge = a_site().places.place["loge"]
    closing = HoursException(1, "loge", tuesday, tuesday, ())
    [line] = set(place_hours(lodge, applied.site, [closing], today, applied.days).different) - set(
        place_hours(lodge, applied.site, [], today, applied.days).different
    )
    page = unescape(await visitor.page(FORM))
    said = place_hours(lodge, applied.site, [], today, applied.days)
    assert all(hours in page for _, hours in said.week)
    assert all(told in page for told in said.different)
    assert "Sur rendez-vous seulement" in page  # of the other place
    assert line not in page
    await closes(postgres_url, tuesday)
    page = unescape(await visitor.page(FORM))
    assert page.count(line) == 1
    assert line.endswith(" : fermé")
    assert "Travaux" not in page


async def test_a_row_that_cant_be_read_hides_all_hours_rather_than_a_closing(
    pool: Pool, story_clock: Clock, postgres_url: str, tmp_path: Path
) -> None:
    await closes(postgres_url, story_clock.now().date())
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            """
            CREATE OR REPLACE VIEW portal.place_exceptions AS
            SELECT 1 AS number, 'loge' AS place, '2020-01-01'::date AS first_day,
                   NULL::date AS last_day, '[]'::jsonb AS slots,
                   '{"number": 1, "place": "loge", "first": "2020-01-01", "last": null,
                     "slots": []}'::jsonb AS told
            """
        )
    page = await Visitor(public_pages(pool, story_clock, tmp_path)).page(FORM)
    assert "Venir nous voir" not in page
    assert "Votre message" in page

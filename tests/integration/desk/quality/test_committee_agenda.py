"""What the register has to say on each point of a committee's agenda."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.desk.quality.store.label import label_facts
from shared.platform.database import Pool, transaction
from tests.integration.desk.closed import close
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.integration.desk.quality.received import COUNTER, HOME
from tests.integration.desk.quality.test_committee_pages import MEETING, called, held

pytestmark = pytest.mark.usefixtures("live_site")


async def test_the_agenda_says_incidents_states_and_the_next_dates(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await called(pool, postgres_url, tmp_path)
    date_of = {"jour": "2026-01-15"}
    await officer.to(await officer.send("/qualite/label", "/qualite/label/date", date_of))
    assert "incidents notés" not in await officer.page(MEETING)
    down = {"nature": "down"}
    await officer.to(await officer.send(f"{HOME}?lieu=guichet", f"{COUNTER}/incident", down))
    page = (await officer.page(MEETING)).replace("\N{NO-BREAK SPACE}", " ")
    assert "incidents notés : 1, dont non terminés : 1." in page
    assert "Engagements du label, " in page
    assert "Vérifications du trimestre : pour le 15/07/2026." in page


async def test_complaints_have_the_objective_of_the_label_and_replies_that_of_the_site(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    """The label promises an answer to every complaint, the site nine replies of ten in time."""
    await put(pool, drawn(5, 400))
    await pool.execute(
        """
        WITH later AS (UPDATE desk.items SET received_on = '2026-07-07' WHERE chrono LIKE '%1'
                       RETURNING item_id)
        UPDATE desk.clocks SET day_zero = '2026-07-07', limit_day = '2026-07-28'
        FROM later WHERE clocks.item_id = later.item_id
        """
    )
    for month in (5, 6, 7):
        await close(pool, date(2026, month, 1), datetime(2026, 8, 20, tzinfo=UTC), early=True)
    officer = await held(pool, postgres_url, tmp_path)
    page = (await officer.page(MEETING)).replace("\N{NO-BREAK SPACE}", " ")
    said = {
        line.partition(",")[0]: line.rpartition("objectif ")[2]
        for line in re.findall(r"Réponse[^<]*objectif [^<]*\.", page)
    }
    assert set(said.values()) == {"90 %.", "100 %."}, said


async def test_minutes_say_nothing_of_what_was_planned_after_the_meeting(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    """Facts of the label that were stated by then, and those of later."""
    officer = await called(pool, postgres_url, tmp_path)
    date_of = {"jour": "2026-01-15"}
    await officer.to(await officer.send("/qualite/label", "/qualite/label/date", date_of))
    async with transaction(pool) as connection:
        stated = (await label_facts(connection)).label
        then = await label_facts(connection, datetime(2026, 1, 1, tzinfo=UTC))
    assert stated is not None
    assert then.label is None

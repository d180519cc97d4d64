"""What the register has to say on each point of a committee's agenda."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.desk.quality.store.label import label_facts
from shared.platform.database import Pool, transaction
from tests.integration.desk.quality.received import COUNTER, HOME
from tests.integration.desk.quality.test_committee_pages import MEETING, called

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

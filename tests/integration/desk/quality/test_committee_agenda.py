"""What the register has to say on each point of a committee's agenda."""

from pathlib import Path

import pytest

from shared.platform.database import Pool
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

"""A letter leaves registered at the counter of departures; its avis comes back to its page."""

from pathlib import Path

import pytest

from shared.platform.database import Pool
from tests.desk_builders import a_scan, certain
from tests.integration.desk.findings import registered
from tests.integration.desk.offices import a_clerk

pytestmark = pytest.mark.usefixtures("live_site")

LEAVE = "/bureau/departs/partir"
HERE = "/courrier/36-2026-A-000001"


async def test_a_registered_letter_has_its_number_and_its_avis_on_its_page(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await registered(pool, *[a_scan(name, routing=certain()) for name in "ab"])
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    wrong = {"number": "1", "registered": "2C 123 456 7890 4"}
    refused = await clerk.send("/bureau/departs", LEAVE, wrong)
    assert (refused.status_code, "un chiffre en est faux" in refused.text) == (422, True)
    assert await pool.fetchval("SELECT count(*) FROM desk.departures") == 0
    await clerk.to(
        await clerk.send("/bureau/departs", LEAVE, wrong | {"registered": "2c12345678905"})
    )
    page = await clerk.page(HERE)
    assert "recommandé n°\xa02C\xa0123\xa0456\xa07890\xa05\xa0: avis de réception attendu" in page
    form = f"{HERE}/avis-de-reception"
    fields = {"ending": "unclaimed", "day": "2026-05-11"}
    page = await clerk.to(await clerk.send(form, form, fields))
    assert "pli avisé le 11/05/2026 et non réclamé" in page
    assert "Dire ce qui est fait" in page, "it came back as well"
    assert (await clerk.get(form)).status_code == 303, "nothing waits for its avis"
    types = [row["type"] for row in await pool.fetch("SELECT type FROM desk.facts ORDER BY seq")]
    assert types[-3:] == ["RegisteredLetterSent", "DeliveryNoticed", "LetterReturned"]
    given = f"{HERE.replace('000001', '000002')}/recommande"
    assert (await clerk.get(given)).status_code == 303, "nothing left of it"

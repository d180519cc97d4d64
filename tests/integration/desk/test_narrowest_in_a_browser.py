"""Pages of an item fit 320 pixels (RGAA 10.11), also where a word or a state has many letters."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_builders import an_arrival, certain, digest
from tests.integration.desk.findings import hear
from tests.integration.desk.windows import windows

pytestmark = pytest.mark.usefixtures("live_site")

NARROWEST = (320, 640)
WHO = Correspondent(name="Ines Lointaine", address="ines.lointaine.au.loin.0042@courriel.example")
GIVEN_TO_SIGN = """
    INSERT INTO desk.parapheur_letters (letter, item_id, kind, template, document, signatory,
        given_by, given_at, state)
    SELECT gen_random_uuid(), item_id, 'reply', 'suivi@1', '2026/x/y', 'a.gent', 'a.gent', now(),
        'sent' FROM desk.items"""
GIVEN_TO_MAIL = """
    INSERT INTO desk.secure_mails (letter, item_id, kind, template, document, pli, given_by,
        given_at, state, why)
    SELECT gen_random_uuid(), item_id, 'reply', 'suivi@1', '2026/x/y', '2026/x/z', 'a.gent', now(),
        'failed', 'half-sent' FROM desk.items"""


async def test_pages_of_an_item_fit_the_narrowest_window(
    pool: Pool, story_clock: Clock, tmp_path: Path, chrome: Browser
) -> None:
    arrival = an_arrival("m", routing=certain(), correspondent=digest("m"))
    pli = Pli(kind="mail", sender=WHO, answer_to=WHO, subject="Mon titre", text="Bonjour")
    key = await plis.write(LocalBlobs(tmp_path), 2026, arrival.arrival_id, pli)
    await hear(pool, arrival.model_copy(update={"pli": key}))
    async with (
        windows(pool, story_clock, tmp_path, chrome, "neutral") as desk,
        desk.of("a.gent", NARROWEST) as page,
    ):
        await page.goto("/courrier/36-2026-A-000001")
        assert await page.inner_text(".about .whom") == WHO.name
        assert await page.evaluate("document.documentElement.scrollWidth") == NARROWEST[0]
        for given in (GIVEN_TO_SIGN, GIVEN_TO_MAIL):
            await pool.execute(given)
        for name, state in (("parapheur", "pas encore signée"), ("mail-securise", "à vérifier")):
            await page.goto(f"/courrier/36-2026-A-000001/{name}")
            assert state in await page.inner_text(".chip")
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide == NARROWEST[0], name

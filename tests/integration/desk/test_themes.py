"""What complaints are about: said by their sender on the form, asked of the clerk, never lost."""

from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup

from shared.content.blobs import LocalBlobs
from shared.facts.items import ITEMS
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import ItemReclassified
from shared.facts.vocabulary import Nature
from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.desk_builders import proposed
from tests.integration.desk.findings import a_mail, registered, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono
from tests.integration.desk.proven import named

pytestmark = pytest.mark.usefixtures("live_site", "environment")


@pytest.fixture
async def clerk(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


async def a_complaint(pool: Pool, folder: Path, **routing: object) -> None:
    mail = wrote("Ana Petit", "Prise de rendez-vous", "Impossible.", address="ana@orange.fr")
    routed = proposed(nature=Nature.COMPLAINT, **routing)  # type: ignore[arg-type]  # unpacked, each of its own type
    await registered(pool, await a_mail(LocalBlobs(folder), "a", mail, routing=routed))


async def classified(pool: Pool) -> list[tuple[str, str | None]]:
    """Who classified, and the theme, in order."""
    rows = await pool.fetch(
        "SELECT payload FROM desk.facts WHERE type IN ('ItemRegistered', 'ItemReclassified')"
        " ORDER BY seq"
    )
    found = [ITEMS.validate_json(row["payload"]) for row in rows]
    return [
        (fact.by.partition(":")[0], fact.classification.theme)
        for fact in found
        if isinstance(fact, ItemRegistered | ItemReclassified)
    ]


async def confirmed(clerk: Browser, **fields: str) -> httpx.Response:
    url = f"{QUEUE}/{chrono(1)}"
    page = BeautifulSoup(await clerk.page(url), "html.parser")
    form = page.select_one("form[action$='/confirmer']")
    assert form is not None
    held = {
        str(tag["name"]): str(tag.get("value", ""))
        for tag in form.select("input[type=radio][checked], select")
    }
    held |= {
        str(tag["name"]): str(option["value"])
        for tag in form.select("select")
        for option in tag.select("option[selected]")
    }
    return await clerk.send(url, f"{url}/confirmer", held | fields)


async def test_the_sender_s_theme_is_kept_and_one_key_confirms_it(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await a_complaint(pool, tmp_path, theme="appointments")
    assert [theme for _, theme in await classified(pool)] == ["appointments"]
    page = await clerk.page(f"{QUEUE}/{chrono(1)}")
    assert "(dit par l’expéditeur)" in page
    assert (await confirmed(clerk)).status_code == 303
    assert {theme for _, theme in await classified(pool)} == {"appointments"}
    assert "rendez-vous" in await clerk.page(f"/courrier/{chrono(1)}")
    assert await pool.fetchval("SELECT theme FROM desk.items") == "appointments"
    assert await named(pool, "chains") == []


async def test_the_clerk_says_the_theme_of_a_mail_and_corrects_it(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await a_complaint(pool, tmp_path)
    assert (await confirmed(clerk, theme="telephone")).status_code == 303
    assert (await classified(pool))[-1] == ("person", "telephone")
    item = f"/courrier/{chrono(1)}"
    await clerk.send(f"{item}/reclasser", f"{item}/reclasser", {"theme": "reception"})
    assert (await classified(pool))[-1] == ("person", "reception")
    # A demande has no theme: what was said of it is not carried on.
    await clerk.send(f"{item}/reclasser", f"{item}/reclasser", {"nature": "request"})
    assert (await classified(pool))[-1] == ("person", None)
    assert await pool.fetchval("SELECT theme FROM desk.items") is None


async def test_a_theme_that_the_site_does_not_have_is_refused(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await a_complaint(pool, tmp_path)
    refused = await confirmed(clerk, theme="meteo")
    assert refused.status_code == 422
    assert "ne proposait pas ce choix" in refused.text
    assert [theme for _, theme in await classified(pool)] == [None]


async def test_the_counter_says_the_theme_of_a_complaint_on_paper(
    pool: Pool, clerk: Browser
) -> None:
    keyed = {"category": "association", "channel": "letter", "nature": "complaint"}
    for fields in (keyed | {"theme": "reception"}, keyed | {"nature": "request", "theme": "delay"}):
        answer = await clerk.send("/bureau/guichet", "/bureau/guichet/enregistrer", fields)
        assert answer.status_code == 303, answer.text
    rows = await pool.fetch("SELECT nature, theme FROM desk.items ORDER BY chrono")
    assert [tuple(row) for row in rows] == [("complaint", "reception"), ("request", None)]

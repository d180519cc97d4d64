"""The pages of webhooks: made, shown once, replaced, ended; what failed is seen and sent again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result

from services.__main__ import main
from services.desk.api.domain.keys import KeyScope
from services.desk.pages.serve import PageServer
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import Browser, drawn
from tests.integration.desk.programs import FIRST, RESERVED, a_register, given

pytestmark = pytest.mark.usefixtures("live_site", "environment")

TO_CONFIRM = "/cles-api/a-confirmer"
URL = "https://application.example/vaguemestre"
GIVEN_UP = """
    INSERT INTO desk.webhook_lanes (webhook, item_id, next_seq, attempts, due_at, failed_at, why)
    SELECT webhook, item_id, 1, 18, NULL, '2026-05-12T08:00:00Z', $2
    FROM desk.webhooks, desk.items WHERE chrono = $1
"""
MUCH = """
    INSERT INTO desk.webhook_lanes (webhook, item_id, next_seq, attempts, due_at, failed_at, why)
    SELECT $1, gen_random_uuid(), 1, 18, NULL, $3::text::timestamptz, 'http-503'
    FROM generate_series(1, $2::int)
"""


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return await a_register(pool, story_clock, tmp_path)


@pytest.fixture
async def administrator(desk: PageServer) -> AsyncIterator[Browser]:
    browser = await Browser(desk).sign_in(None, administrator=True)
    yield browser
    await browser.client.aclose()


def secret_in(page: str) -> str:
    return "whsec_" + page.split("<code>whsec_")[1].split("</code>", maxsplit=1)[0]


def seen_on(page: str, action: str) -> dict[str, str]:
    """What the form of a page that is open says of the webhooks that it shows."""
    form = BeautifulSoup(page, "html.parser").find("form", action=action)
    assert form is not None
    return {str(tag["name"]): str(tag["value"]) for tag in form.select("[name=seen]")}


async def made(administrator: Browser, key: str) -> str:
    """The secret of a webhook that was made on the page."""
    wish = {"key": key, "url": URL, "types": ""}
    answer = await administrator.send("/abonnements", "/abonnements", wish)
    assert answer.status_code == 200, answer.text
    return secret_in(answer.text)


async def test_an_administrator_makes_a_webhook_sees_its_secret_once_replaces_it_and_ends_it(
    administrator: Browser, desk: PageServer, pool: Pool
) -> None:
    assert "Créez d’abord une" in await administrator.page("/abonnements")
    program = await given(desk, KeyScope.ITEMS)
    form = {**drawn(await administrator.page("/abonnements"), "/abonnements")}
    for wrong, sentence in (
        ({"url": "http://application.example/"}, "que par https"),
        ({"url": "https://127.0.0.1/"}, "réseau privé"),
        ({"url": "https://"}, "Donnez une adresse"),
        ({"url": URL, "types": "Rien"}, "Nommez des types"),
    ):
        refused = await administrator.send("/abonnements", "/abonnements", {**form, **wrong})
        assert refused.status_code == 422
        assert sentence in refused.text
    decision = str(uuid4())
    wish = {"key": program.key, "url": URL, "types": "ItemRegistered, ItemClosed"}
    answer = await administrator.send("/abonnements", "/abonnements", wish, decision=decision)
    secret = secret_in(answer.text)
    again = await administrator.send("/abonnements", "/abonnements", wish, decision=decision)
    assert again.status_code == 422
    after = await administrator.page("/abonnements")
    assert URL in after
    assert "ItemClosed, ItemRegistered" in after
    assert secret not in after
    kept = str([tuple(row) for row in await pool.fetch("SELECT * FROM desk.webhooks")])
    assert secret.removeprefix("whsec_") not in kept
    webhook = await pool.fetchval("SELECT webhook FROM desk.webhooks")
    other = await administrator.send("/abonnements", f"/abonnements/{webhook}/secret")
    assert other.status_code == 200
    assert secret_in(other.text) != secret
    assert "deux secrets signent" in await administrator.page("/abonnements")
    ended = await administrator.send("/abonnements", f"/abonnements/{webhook}/terminer")
    assert "terminé le" in await administrator.to(ended)
    twice = await administrator.send("/abonnements", f"/abonnements/{webhook}/terminer")
    assert twice.status_code == 422
    lines = await pool.fetch("SELECT what, about FROM desk.journal WHERE what LIKE 'webhook-%'")
    assert [tuple(row) for row in lines] == [
        ("webhook-given", program.key),
        ("webhook-secret", program.key),
        ("webhook-ended", program.key),
    ]


async def test_what_was_given_up_is_shown_without_a_reserved_number_sent_again_or_passed_over(
    administrator: Browser, desk: PageServer, pool: Pool
) -> None:
    program = await given(desk, KeyScope.ITEMS)
    await made(administrator, program.key)
    assert "Aucun envoi n’est en échec" in await administrator.page("/abonnements/echecs")
    await pool.execute(GIVEN_UP, FIRST, "http-503")
    await pool.execute(GIVEN_UP, RESERVED, "too-slow")
    assert "2 en échec" in await administrator.page("/abonnements")
    page = await administrator.page("/abonnements/echecs")
    for said in (FIRST, "réponse 503", "pas de réponse en quinze secondes", "courrier réservé"):
        assert said in page
    assert RESERVED not in page
    assert "Ma demande" not in page
    webhook = await pool.fetchval("SELECT webhook FROM desk.webhooks")
    item = await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", FIRST)
    for wrong in ({"item": "x"}, {"item": str(uuid4())}):
        refused = await administrator.send(
            "/abonnements/echecs", f"/abonnements/{webhook}/renvoyer", wrong
        )
        assert refused.status_code == 422
    passed = await administrator.send(
        "/abonnements/echecs", f"/abonnements/{webhook}/passer", {"item": str(item)}
    )
    assert FIRST not in await administrator.to(passed)
    behind = "SELECT count(*) FROM desk.facts WHERE item_id = $1 AND seq > 1"
    lanes = "SELECT count(*) FROM desk.webhook_lanes WHERE item_id = $1 AND next_seq = 2"
    assert await pool.fetchval(lanes, item) == min(1, await pool.fetchval(behind, item))
    again = await administrator.send("/abonnements/echecs", f"/abonnements/{webhook}/renvoyer")
    assert "Aucun envoi n’est en échec" in await administrator.to(again)
    assert await pool.fetchval("SELECT bool_and(failed_at IS NULL) FROM desk.webhook_lanes")
    kinds = await pool.fetch("SELECT what FROM desk.journal WHERE what LIKE 'webhook-%'")
    assert [row["what"] for row in kinds] == ["webhook-given", "webhook-passed", "webhook-retried"]


async def test_a_receiver_that_lost_much_hides_no_other_and_numbers_are_true(
    administrator: Browser, desk: PageServer, pool: Pool
) -> None:
    for _ in range(2):
        await made(administrator, (await given(desk, KeyScope.ITEMS)).key)
    much, little = [row[0] for row in await pool.fetch("SELECT webhook FROM desk.webhooks")]
    await pool.execute(MUCH, much, 230, "2026-05-12T08:00:00Z")
    await pool.execute(MUCH, little, 1, "2026-05-12T09:00:00Z")
    assert "231 en échec" in await administrator.page("/abonnements")
    page = await administrator.page("/abonnements/echecs")
    assert "les 50 plus anciens sur 230" in page
    for webhook, shown in ((much, 50), (little, 1)):
        pass_over = BeautifulSoup(page, "html.parser").select(
            f'form[action="/abonnements/{webhook}/passer"]'
        )
        assert len(pass_over) == shown
    listed = await asyncio.to_thread(
        CliRunner().invoke, main, ["desk", "webhooks", "list"], catch_exceptions=False
    )
    lines = listed.output.splitlines()
    assert len([line for line in lines if line.startswith(f"given up  {much}  ")]) == 50 + 1
    assert f"given up  {much}  230 items in all, the oldest 50 above" in lines
    assert len([line for line in lines if line.startswith(f"given up  {little}  ")]) == 1
    again = await administrator.send("/abonnements/echecs", f"/abonnements/{little}/renvoyer")
    assert "sur 230" in await administrator.to(again)
    assert "230 en échec" in await administrator.page("/abonnements")


async def test_whoever_confirms_a_key_that_reads_reserved_items_sees_where_it_tells(
    administrator: Browser, desk: PageServer
) -> None:
    program = await given(desk, KeyScope.ITEMS, KeyScope.RESERVED, confirmed=False)
    await made(administrator, program.key)
    secretary = await Browser(desk).sign_in("s.general")
    page = await secretary.page(TO_CONFIRM)
    assert URL in page
    wish = {"key": program.key, "url": f"{URL}/autre", "types": ""}
    assert (await administrator.send("/abonnements", "/abonnements", wish)).status_code == 200
    confirm = f"/cles-api/{program.key}/confirmer"
    stale = await secretary.send(TO_CONFIRM, confirm, seen_on(page, confirm))
    assert stale.status_code == 422, "one of its addresses was not shown"
    assert "ont changé depuis que la page est ouverte" in stale.text
    page = await secretary.page(TO_CONFIRM)
    assert f"{URL}/autre" in page
    confirmed = await secretary.send(TO_CONFIRM, confirm, seen_on(page, confirm))
    assert confirmed.status_code == 303
    await secretary.client.aclose()
    wish = {"key": program.key, "url": URL, "types": ""}
    late = await administrator.send("/abonnements", "/abonnements", wish)
    assert late.status_code == 422
    assert "n’a pas vu cet abonnement" in late.text


def test_a_command_makes_lists_and_ends_a_webhook_as_the_page_does(postgres_url: str) -> None:
    del postgres_url

    def typed(*words: str) -> Result:
        return CliRunner().invoke(main, ["desk", *words], catch_exceptions=False)

    assert typed("webhooks", "list").output == "No webhook.\n"
    key = typed("api-keys", "give", "--label", "X", "--scope", "items", "--service", "bmi")
    digits = key.output.split("_")[1]
    private = typed("webhooks", "give", "--key", digits, "--url", "https://10.0.0.1/")
    assert private.exit_code == 1
    given_ = typed("webhooks", "give", "--key", digits, "--url", URL, "--type", "ItemClosed")
    assert given_.stdout.startswith("whsec_")
    webhook = given_.stderr.split("webhook ")[1].strip().rstrip(".")
    assert (
        f"{webhook}  key {digits}, ItemClosed, last never: {URL}"
        in typed("webhooks", "list").output
    )
    rotated = typed("webhooks", "rotate", webhook)
    assert rotated.output.startswith("whsec_")
    assert rotated.output != given_.stdout
    assert typed("webhooks", "retry", webhook).exit_code == 1
    assert typed("webhooks", "end", webhook).output == f"{webhook} has ended.\n"
    assert typed("webhooks", "end", webhook).exit_code == 1
    assert typed("webhooks", "list").output == "No webhook.\n"

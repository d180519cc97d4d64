"""Full pages on an office's screen and on a phone, in both themes: nothing is cut or squeezed."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser

from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.platform.database import Pool, transaction
from shared.site.staff import delegations_store
from tests.desk_builders import MONDAY, a_scan, a_site, certain, proposed
from tests.integration.desk.findings import a_mail, read, registered, scanned, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono
from tests.integration.desk.test_senders import LETTER
from tests.integration.desk.windows import OFFICE, PHONE, THEMES, Windows, windows
from tests.layout_faults import ZOOMED, faults, look

pytestmark = pytest.mark.usefixtures("live_site")

LEAVE, BACK = "/bureau/departs/partir", "/bureau/retours/revenu"
PAGES = (
    ("c.lerk", f"{QUEUE}/{chrono(1)}"),
    ("c.lerk", f"{QUEUE}/{chrono(2)}"),
    ("c.lerk", "/bureau/retours"),
    ("c.lerk", "/retenus"),
    ("c.lerk", f"/courrier/{chrono(2)}/expediteur"),
    ("b.head", f"/courrier/{chrono(3)}"),
    ("s.general", "/delegations"),
    ("s.general", "/personne/b.head"),
)


@pytest.fixture(params=THEMES)
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Windows]:
    """A mail and a letter to sort, letters that came back, a mail that bounced, delegations."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    blobs = LocalBlobs(tmp_path)
    mail = wrote("Aïcha Benkirane", "Mon titre", "Bonjour.", address="aicha@orange.fr")
    letter = a_scan("s", routing=proposed(), at=MONDAY)
    key = await plis.write(blobs, 2026, letter.arrival_id, scanned(LETTER))
    paper = [a_scan(name, routing=certain()) for name in "xy"]
    await registered(pool, await a_mail(blobs, "a", mail, routing=proposed()))
    await registered(pool, letter.model_copy(update={"pli": key}))
    await registered(pool, *paper)
    await registered(pool, await a_mail(blobs, "b", mail, routing=certain()))
    await read(pool, tmp_path)
    for n in ("3", "4"):
        await clerk.send("/bureau/departs", LEAVE, {"number": n})
        fields = {"number": n, "reason": "unknown_at_address"}
        await clerk.send("/bureau/retours", BACK, fields)
    for n, what, why in ((5, "bounced", "5.1.1"), (5, "held", "expediteur-inconnu")):  # type: ignore[assignment]  # one name for both
        await pool.execute(
            "INSERT INTO desk.notices SELECT $1, item_id, 'receipt', 'mail', $2, $3, $4"
            " FROM desk.items WHERE chrono = $5",
            uuid4(), what, why, MONDAY, chrono(n),  # type: ignore[arg-type]  # typed by hand
        )  # fmt: skip
    days = (date(2026, 5, 1), date(2026, 12, 31))
    async with transaction(pool) as connection:
        for who, services in (("b.head", ("bmi", "dre", "juridique")), ("r.head", ())):
            one = delegations_store.read(
                who, "arrêté n° 36-2026-05-04-00001 du 4 mai 2026, article 3",
                days, services, ("reply", "holding_reply"), a_site(),
            )  # fmt: skip
            number = await delegations_store.give(connection, one, "person:q.officer", MONDAY)
        await delegations_store.end(connection, number, "person:q.officer", MONDAY)
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, request.param) as one:  # type: ignore[assignment]  # one name for both
        yield one  # type: ignore[misc]  # one name for both


async def test_what_is_full_is_whole_on_a_screen_and_on_a_phone(
    desk: Windows, request: pytest.FixtureRequest
) -> None:
    wrong = []
    theme = request.node.callspec.id  # the pictures' names
    for who in dict.fromkeys(who for who, _ in PAGES):
        async with desk.of(who) as page:
            for url in (url for one, url in PAGES if one == who):
                answer = await page.goto(url)
                assert answer is not None
                assert answer.status == 200, url
                for size in (OFFICE, PHONE, ZOOMED):
                    wrong += [f"{url} {size[0]}: {fault}" for fault in await faults(page, size)]
                    await look(page, f"{theme}-{size[0]}{url.replace('/', '-')}")
    assert not wrong, "\n".join(wrong)

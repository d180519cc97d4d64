"""The mail office's day on a real register: sorting, departures, what waits, the counter."""

from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from shared import spool
from shared.blobs import LocalBlobs
from shared.clock import StoryClock, open_clock
from shared.database import Pool
from shared.facts.arrivals import Quarantine
from shared.spool import RereadRequest
from tests.desk_browser import Browser, pages
from tests.desk_builders import MONDAY, a_scan, certain, proposed
from tests.integration.desk.findings import a_mail, registered, wrote
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

QUEUE = "/bureau/a-qualifier"


def chrono(n: int) -> str:
    return f"36-2026-A-{n:06d}"


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", MONDAY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    assert isinstance(clock, StoryClock)
    return await Browser(pages(pool, clock, tmp_path)).sign_in("c.lerk")


async def state(pool: Pool, n: int) -> tuple[str, str, str]:
    row = await pool.fetchrow(
        "SELECT state, service, category FROM desk.items WHERE chrono = $1", chrono(n)
    )
    assert row is not None
    return tuple(row)


async def mails(pool: Pool, folder: Path, *routing: object) -> None:
    """One mail a minute, each with its proposal and a correspondent of its own."""
    blobs = LocalBlobs(folder)
    await registered(
        pool,
        *[
            await a_mail(
                blobs,
                f"m{n}",
                wrote("Ana", f"Mon récépissé {n}", "Il est périmé."),
                at=MONDAY + timedelta(minutes=n),
                routing=one,
            )
            for n, one in enumerate(routing)
        ],
    )


async def test_one_key_confirms_the_proposal_and_leads_to_the_next(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed())
    page = await browser.to(await browser.get(QUEUE))
    shown = BeautifulSoup(page, "html.parser")
    assert shown.h1 is not None
    assert shown.h1.text == chrono(1)
    assert "Règle « words » : Bureau bmi, titre de sejour." in page
    assert "Mon récépissé 0" in page
    assert [one.text.split()[0] for one in shown.select("button[autofocus]")] == ["Confirmer,"]
    answer = await browser.send(f"{QUEUE}/{chrono(1)}", f"{QUEUE}/{chrono(1)}/confirmer")
    assert answer.headers["location"] == f"{QUEUE}/{chrono(2)}"
    assert await state(pool, 1) == ("open", "bmi", "titre-de-sejour")
    assert f"{chrono(1)} : Bureau bmi, titre de sejour." in await browser.to(answer)


async def test_a_correction_moves_the_item_and_one_key_takes_it_back_whole(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed())
    first = f"{QUEUE}/{chrono(1)}"
    corrected = {"category": "association", "service": "bmi", "nature": "request", "vers": "dre"}
    answer = await browser.send(first, f"{first}/confirmer", corrected)
    assert await state(pool, 1) == ("open", "dre", "association")
    following = await browser.to(answer)
    assert f"{QUEUE}/{chrono(1)}/annuler" in following
    answer = await browser.send(answer.headers["location"], f"{first}/annuler")
    assert answer.headers["location"] == first
    assert await state(pool, 1) == ("to_qualify", "bmi", "titre-de-sejour")
    # The same form a second time, and one of somebody who sorted nothing.
    again = await browser.send(first, f"{first}/annuler")
    assert (again.status_code, "C’est déjà annulé." in again.text) == (422, True)


async def test_at_the_end_the_figures_and_a_rule_that_would_have_spared_the_corrections(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, certain(), proposed(), proposed(), proposed())
    for n in (2, 3):
        await browser.send(
            f"{QUEUE}/{chrono(n)}", f"{QUEUE}/{chrono(n)}/confirmer", {"category": "association"}
        )
    await browser.send(f"{QUEUE}/{chrono(4)}", f"{QUEUE}/{chrono(4)}/confirmer")
    page = " ".join((await browser.page(QUEUE)).split())
    assert "1 sur 4 triés sans vous" in page
    assert "3 triés à la main, dont 2 corrigés" in page
    assert "words: [récépissé]" in page
    assert "then: {category: association, service: dre}" in page


async def test_what_needs_no_answer_is_closed_and_what_goes_on_is_joined(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed(), proposed())
    first, second = f"{QUEUE}/{chrono(1)}", f"{QUEUE}/{chrono(2)}"
    answer = await browser.send(first, f"{first}/ecarter", {"why": "reason:sans-suite"})
    assert answer.headers["location"] == second
    assert (await state(pool, 1))[0] == "closed"
    refused = await browser.send(second, f"{second}/joindre", {"into": "99"})
    assert refused.status_code == 422
    assert "Aucun courrier ne porte le numéro 36-2026-A-000099." in refused.text
    assert (await browser.send(second, f"{second}/joindre", {"into": "3"})).status_code == 303
    assert (await state(pool, 2))[0] == "merged"
    last = f"{QUEUE}/{chrono(3)}"
    assert (await browser.send(last, f"{second}/annuler")).status_code == 303
    assert (await state(pool, 2))[0] == "to_qualify"


async def test_the_day_of_a_stampless_letter_and_its_regime_are_confirmed_on_the_way(
    pool: Pool, browser: Browser
) -> None:
    await registered(pool, a_scan("s", provisional=True))
    first = f"{QUEUE}/{chrono(1)}"
    chosen = {"day": "2026-05-07", "day_stands": "oui", "regime": "titre-de-sejour"}
    assert (await browser.send(first, f"{first}/confirmer", chosen)).status_code == 303
    row = await pool.fetchrow("SELECT received_on, provisional FROM desk.items")
    assert row is not None
    assert (row["received_on"].isoformat(), row["provisional"]) == ("2026-05-07", False)
    told = await pool.fetch("SELECT type FROM desk.facts WHERE type = 'RegimeConfirmed'")
    assert len(told) == 1
    assert await pool.fetchval("SELECT count(*) FROM desk.waits") == 0


async def test_letters_leave_one_field_after_the_other(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, certain(), certain(), certain())
    page, leave = "/bureau/departs", "/bureau/departs/partir"
    answer = await browser.send(page, leave, {"number": "1"})
    shown = await browser.to(answer)
    assert "36-2026-A-000001 : réponse partie sous 36-2026-D-000001." in shown
    assert "1 parti aujourd’hui" in shown
    code = "VGM1:DEP:36-2026-A-000002:HOLDING_REPLY"
    chosen = {"number": code, "kind": "reply", "until": "2026-07-01"}
    refused = await browser.send(page, leave, {"number": code, "kind": "reply"})
    assert refused.status_code == 422
    assert "Donnez la date annoncée" in refused.text
    assert f'value="{code}"' in refused.text
    assert (await browser.send(page, leave, chosen)).status_code == 303
    twice = await browser.send(page, leave, {"number": "1"})
    assert "a reçu sa réponse" in twice.text
    assert [(await state(pool, n))[0] for n in (1, 2)] == ["answered", "open"]
    seq = await pool.fetchval("SELECT seq FROM desk.facts WHERE type = 'ReplySent'")
    await browser.send(page, f"{page}/{chrono(1)}/annuler", {"seq": str(seq)})
    assert (await state(pool, 1))[0] == "open"
    assert "annulé" in await browser.page(page)


async def test_quarantine_is_looked_at_read_again_taken_or_set_aside(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    blobs = LocalBlobs(tmp_path)
    held = [
        await a_mail(
            blobs, name, wrote("Ana", "Bonjour", "Où en est mon dossier ?"),
            verdict=Quarantine(reason="mail-without-header"),
        )
        for name in ("q", "r")
    ]  # fmt: skip
    await registered(pool, *held)
    page = "/bureau/attente/quarantaine"
    assert "sans en-tête lisible" in await browser.page(page)
    one, other = (f"/bureau/attente/message/{arrival.arrival_id}" for arrival in held)
    assert "Où en est mon dossier ?" in await browser.page(one)
    assert (await browser.send(one, f"{one}/relire")).status_code == 303
    (folder,) = spool.waiting(browser.pages.settings.spool)
    what, _ = spool.read(folder)
    assert isinstance(what, RereadRequest)
    assert what.arrival_id == held[0].arrival_id
    answer = await browser.send(one, f"{one}/prendre")
    assert answer.headers["location"] == f"{QUEUE}/{chrono(1)}"
    assert (await browser.get(one)).status_code == 404
    await browser.send(other, f"{other}/ecarter", {"reason": "spam"})
    assert "signalé comme indésirable" in await browser.page("/bureau/attente/ecartes")

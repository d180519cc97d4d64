"""The queue of the mail office: one key an item, and one to take it back."""

from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import (
    Attachment,
    Correspondent,
    PageStamp,
    Pli,
    ScanText,
    Signature,
)
from shared.facts.arrivals import ArrivalReread, Arrived, ScanMarks
from shared.facts.envelope import Chrono, EventId
from shared.facts.observations import ReadAttachments
from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.desk_builders import a_scan, certain, proposed
from tests.integration.desk.findings import a_mail, hear, read, registered, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, mails, state

pytestmark = pytest.mark.usefixtures("live_site")


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


async def test_one_key_confirms_the_proposal_and_leads_to_the_next(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed())
    page = await browser.to(await browser.get(QUEUE))
    shown = BeautifulSoup(page, "html.parser")
    assert shown.h1 is not None
    assert shown.h1.text == chrono(1)
    assert "Règle « words » : Bureau bmi, titre de sejour." in page
    assert "Mon récépissé 0" in page
    assert shown.select("[autofocus]") == [], "the page opens at the letter"
    answer = await browser.send(f"{QUEUE}/{chrono(1)}", f"{QUEUE}/{chrono(1)}/confirmer")
    assert answer.headers["location"] == f"{QUEUE}/{chrono(2)}?dernier={chrono(1)}"
    assert await state(pool, 1) == ("open", "bmi", "titre-de-sejour")
    assert f"{chrono(1)} : Bureau bmi, titre de sejour." in await browser.to(answer)


async def test_a_paper_that_names_a_letter_is_proposed_to_it_until_a_person_joins_it(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, certain())
    marks = ScanMarks(refers_to=Chrono(chrono(1)), refers_by_code=True)
    await registered(pool, a_scan("back", scan=marks, routing=certain()))
    why = await pool.fetchval("SELECT linked_why FROM desk.items WHERE linked_to IS NOT NULL")
    assert why == "likeness", "a word that the version before reads"
    page = " ".join((await browser.page(f"{QUEUE}/{chrono(2)}")).split())
    assert "ce papier porte un code que nous avons imprimé pour lui" in page
    shown = BeautifulSoup(page, "html.parser").select_one("#joindre input[name=into]")
    assert shown is not None
    assert shown["value"] == chrono(1)
    assert (await state(pool, 2))[0] == "to_qualify", "nothing is joined before a person's word"
    joined = await browser.send(
        f"{QUEUE}/{chrono(2)}", f"{QUEUE}/{chrono(2)}/joindre", {"into": chrono(1)}
    )
    assert joined.status_code == 303, joined.text
    assert (await state(pool, 2))[0] == "merged"


async def test_a_correction_moves_the_item_and_one_key_takes_it_back_whole(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed())
    first = f"{QUEUE}/{chrono(1)}"
    corrected = {"category": "association", "service": "dre", "nature": "request"}
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


async def test_what_is_reclassified_later_corrects_the_rule_as_well(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, certain(), certain(), certain())
    head, offer = await Browser(browser.pages).sign_in("b.head"), "Rectifier la règle ?"
    for n in (1, 2):
        item = f"/courrier/{chrono(n)}"
        said = {"category": "association", "nature": "request"}
        page = await head.to(await head.send(f"{item}/reclasser", f"{item}/reclasser", said))
        assert (offer in page) == (n == 2), "once is no habit"
    assert "words: [récépissé]" in page
    assert "then: {category: association, service: bmi}" in page
    rules = " ".join((await browser.page("/bureau/regles")).split())
    assert "2 fois Bureau bmi, association, au lieu de titre de sejour" in rules
    assert "cette règle, certaine, est à rectifier" in rules
    assert "/bureau/regles" in await browser.page("/bureau")
    third = f"/courrier/{chrono(3)}"
    back = await head.to(await head.send(third, f"{third}/pas-pour-nous"))
    assert "La règle « guichet », qui vous l’avait donné, est peut-être à rectifier." in back


async def test_a_few_words_typed_while_sorting_are_what_lists_and_search_show(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed())
    await read(pool, tmp_path)
    first = f"{QUEUE}/{chrono(1)}"
    said = {"subject": " Carte  perdue à Issoudun "}
    await browser.send(first, f"{first}/confirmer", said)
    await browser.send(f"{QUEUE}/{chrono(2)}", f"{QUEUE}/{chrono(2)}/confirmer")
    await read(pool, tmp_path)
    assert "<strong>Carte perdue à Issoudun</strong>" in await found(browser, "carte perdue")
    assert chrono(1) in await found(browser, "récépissé")
    assert "Carte perdue à Issoudun" in await browser.page("/courriers?qui=tous")
    assert "Carte perdue à Issoudun" in await browser.page(f"/courrier/{chrono(1)}")
    told = await pool.fetch("SELECT item_id, type, payload FROM desk.facts")
    assert not any("Issoudun" in row["payload"] for row in told)
    assert [row["type"] for row in told].count("SubjectNoted") == 1, "the other was left empty"
    await browser.send(f"{QUEUE}?dernier={chrono(1)}", f"{first}/annuler")
    await read(pool, tmp_path)
    assert "Issoudun" not in await browser.page("/courriers?qui=tous")


async def found(browser: Browser, words: str) -> str:
    """What the search shows, its marks left out."""
    page = await browser.page(f"/recherche?q={words}")
    return page.replace("<mark>", "").replace("</mark>", "")


async def test_what_needs_no_answer_is_closed_and_what_goes_on_is_joined(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed(), proposed())
    first, second = f"{QUEUE}/{chrono(1)}", f"{QUEUE}/{chrono(2)}"
    answer = await browser.send(first, f"{first}/ecarter", {"why": "reason:sans-suite"})
    assert answer.headers["location"].startswith(second)
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


async def test_the_day_of_a_stamp_is_proposed_beside_its_picture_and_taken_by_one_key(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        await registered(pool, await a_stamped_scan(LocalBlobs(tmp_path), name))
    first, second = f"{QUEUE}/{chrono(1)}", f"/bureau/dates/{chrono(2)}"
    page = BeautifulSoup(await browser.page(first), "html.parser")
    box = page.select_one("input[name=tampon]")
    assert box is not None
    assert (box["value"], box["data-key"], box.has_attr("checked")) == ("2026-05-07", "$", False)
    picture = page.select_one("svg[viewBox] image")
    assert picture is not None
    assert str(picture["href"]).startswith(f"/courrier/{chrono(1)}/")
    other = {"tampon": "2026-05-07", "day": "2026-05-06"}
    both = await browser.send(first, f"{first}/confirmer", other)
    assert both.status_code == 422, "two days were said: none is chosen for the clerk"
    confirmed = await browser.send(first, f"{first}/confirmer", {"tampon": "2026-05-07"})
    assert confirmed.status_code == 303
    assert await received(pool, 1) == ("2026-05-07", False)
    # Sorted without a word of its day: the page of doubtful days shows the stamp as well.
    await browser.send(f"{QUEUE}/{chrono(2)}", f"{QUEUE}/{chrono(2)}/confirmer")
    assert await received(pool, 2) == ("2026-05-11", True), "no machine decides"
    days = BeautifulSoup(await browser.page("/bureau/dates"), "html.parser")
    button = days.select_one("button[name=tampon]")
    assert button is not None
    assert "7 mai 2026" in button.text
    taken = await browser.send("/bureau/dates", second, {"tampon": str(button["value"])})
    assert taken.status_code == 303
    assert await received(pool, 2) == ("2026-05-07", False)


async def a_stamped_scan(blobs: LocalBlobs, name: str) -> Arrived:
    """A letter without a day, whose stamp was read."""
    arrival = a_scan(name, provisional=True, routing=proposed())
    stamp = PageStamp(
        day=date(2026, 5, 7), page=1, left=0.5, top=0.1, right=0.7, bottom=0.2, ratio=1.4
    )
    read = ScanText(pages=("Bonjour",), confidence=95, stamp=stamp)
    nobody = Correspondent()
    pli = Pli(kind="scan", sender=nobody, answer_to=nobody, text="Bonjour", scan=read)
    keys = {
        "pli": await plis.write(blobs, 2026, arrival.arrival_id, pli),
        "original": await blobs.put(2026, arrival.arrival_id, b"%PDF-"),
    }
    return arrival.model_copy(update=keys)


async def received(pool: Pool, number: int) -> tuple[str, bool]:
    row = await pool.fetchrow(
        "SELECT received_on, provisional FROM desk.items WHERE chrono = $1", chrono(number)
    )
    assert row is not None
    return row["received_on"].isoformat(), row["provisional"]


async def test_what_was_read_in_an_attachment_stands_on_the_page_that_sorts_the_letter(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    blobs = LocalBlobs(tmp_path)
    file = Attachment(name="lettre.pdf", media_type="application/pdf", size=9, sha256="a", part=1)
    said = wrote("Ana", "Courrier", "Ma lettre est jointe.", attachments=(file,))
    arrival = await a_mail(blobs, "m", said, routing=proposed())
    await registered(pool, arrival)
    letter = file.model_copy(update={"text": "Je demande un récépissé."})
    with_text = said.model_copy(
        update={"attachments": (letter,), "signatures": (Signature(name="Ana Ruiz"),)}
    )
    key = await plis.write(blobs, 2026, arrival.arrival_id, with_text)
    revised = arrival.model_dump(exclude={"type", "reading"}) | {
        "event_id": EventId(uuid4()), "revision": 2, "pli": key,
        "attachments": ReadAttachments(read=1),
    }  # fmt: skip
    await hear(pool, ArrivalReread.model_validate(revised))
    page = await browser.page(f"{QUEUE}/{chrono(1)}")
    assert "Ma lettre est jointe." in page
    assert "Je demande un récépissé." in page
    assert "Signature électronique (S/MIME) au nom de Ana Ruiz" in page

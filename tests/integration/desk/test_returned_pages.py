"""What of our letters waits for a word: those that the post brings back, those that are held."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup

from shared.facts.envelope import Chrono
from shared.facts.vocabulary import NoticeKind
from shared.paper.codes import DepartureCode
from shared.platform.database import Pool
from tests.code_keys import KEYS
from tests.desk_browser import Browser, loose
from tests.desk_builders import MONDAY, a_scan, certain
from tests.integration.desk.findings import registered
from tests.integration.desk.offices import a_clerk, chrono, state

pytestmark = pytest.mark.usefixtures("live_site")

PAGE, KEY = "/bureau/retours", "/bureau/retours/revenu"
LEAVE = "/bureau/departs/partir"


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    """A clerk before three letters, of which the first two are answered on paper."""
    letters = [a_scan(name, routing=certain()) for name in "abc"]
    await registered(pool, *letters)
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    for n in ("1", "2"):
        await clerk.send("/bureau/departs", LEAVE, {"number": n})
    await pool.execute(
        "INSERT INTO desk.labels SELECT '000012', item_id FROM desk.items WHERE chrono = $1",
        chrono(2),
    )
    return clerk


def waiting(page: str) -> list[str]:
    """The chronos of the letters that wait for a word."""
    rows = BeautifulSoup(page, "html.parser").select("#lettres-revenues tbody th")
    return [row.get_text() for row in rows]


async def test_letters_come_back_one_field_after_the_other_by_departure_code_or_label(
    pool: Pool, browser: Browser
) -> None:
    fields = {"number": "D-1", "reason": "unclaimed", "day": ""}
    page = await browser.to(await browser.send(PAGE, KEY, fields))
    assert "36-2026-A-000001 : retour noté (réponse), recommandé non réclamé." in page
    assert '<option value="unclaimed" selected>' in page
    assert "36-2026-D-000001" in page
    twice = await browser.send(PAGE, KEY, fields)
    assert "Le retour de cette lettre de 36-2026-A-000001 est déjà noté" in twice.text
    code = KEYS.write(DepartureCode(Chrono(chrono(3)), NoticeKind.REPLY))
    nothing = await browser.send(PAGE, KEY, fields | {"number": code})
    assert "Aucune lettre de ce genre n’est partie pour 36-2026-A-000003" in nothing.text
    page = await browser.to(await browser.send(PAGE, KEY, fields | {"number": "label:12"}))
    assert waiting(page) == [chrono(1), chrono(2)]
    assert [(await state(pool, n))[0] for n in (1, 2, 3)] == ["returned", "returned", "open"]
    assert ">2</strong> envois revenus" in await browser.page("/bureau")
    seq = await pool.fetchval("SELECT max(seq) FROM desk.facts WHERE type = 'LetterReturned'")
    undone = await browser.send(PAGE, f"{PAGE}/{chrono(2)}/annuler", {"seq": str(seq)})
    assert waiting(await browser.to(undone)) == [chrono(1)]
    assert (await state(pool, 2))[0] == "answered"


async def test_a_copy_that_came_back_is_listed_until_somebody_says_what_was_done_of_it(
    pool: Pool, browser: Browser
) -> None:
    copies = {"failed": uuid4(), "bounced": uuid4(), "sent": uuid4()}
    for minutes, (word, notice) in enumerate(copies.items()):
        await pool.execute(
            "INSERT INTO desk.notices SELECT $1, item_id, 'copy', 'mail', $2, '5.7.1', $3, NULL"
            " FROM desk.items WHERE chrono = $4",
            notice, word, MONDAY + timedelta(minutes=minutes), chrono(3),
        )  # fmt: skip
    item = f"/courrier/{chrono(3)}"
    assert "2</strong> envois revenus" in await browser.page("/bureau")
    page = BeautifulSoup(await browser.page(PAGE), "html.parser")
    links = [row["href"] for row in page.select("#retours td a")]
    assert links == [f"{item}#copies", f"{item}#copies"], "beside one that left after them"
    sentence = "Une copie n’a pas été remise : sa messagerie l’a refusée le 11/05/2026 à 10 h 00."
    assert sentence in (await browser.page(item)).replace("\u00a0", " ")
    url = f"{item}/copie/{copies['failed']}"
    said = await browser.to(await browser.send(item, url, {"faire": "papier"}))
    assert "copie non remise, remise sur papier" in said.replace("\u00a0", " ")
    assert "Copie non remise : remise sur papier" in said.replace("\u00a0", " ")
    assert sentence not in said.replace("\u00a0", " ")
    assert "1</strong> envoi revenu" in await browser.page("/bureau")
    for notice, form, status in (
        (copies["failed"], {"faire": "note"}, "déjà dit ce qui est fait"),
        (copies["sent"], {"faire": "note"}, "Cette copie n’est pas revenue"),
        (copies["bounced"], {"faire": "autre"}, "Dites ce qui a été fait"),
    ):
        refused = await browser.send(item, f"{item}/copie/{notice}", form)
        assert (refused.status_code, status in refused.text) == (422, True)
    seq = await pool.fetchval("SELECT max(seq) FROM desk.facts WHERE type = 'ReturnSettled'")
    await browser.send(item, f"{item}/annuler", {"seq": str(seq)})
    assert "2</strong> envois revenus" in await browser.page("/bureau")
    for notice, does in ((copies["failed"], "courriel"), (copies["bounced"], "note")):
        await browser.send(item, f"{item}/copie/{notice}", {"faire": does})
    assert "rien de plus à faire" in await browser.page(item)
    assert chrono(3) not in await browser.page(PAGE)


async def test_what_is_done_of_it_takes_it_off_the_list_and_is_read_in_its_past(
    pool: Pool, browser: Browser
) -> None:
    for n in ("1", "2"):
        await browser.send(PAGE, KEY, {"number": n, "reason": "unknown_at_address"})
    untold = await browser.send(PAGE, f"{PAGE}/{chrono(1)}/suite", {"ending": "ailleurs"})
    assert untold.status_code == 422
    ended = {"ending": "nothing_more:sans-suite"}
    page = await browser.to(await browser.send(PAGE, f"{PAGE}/{chrono(1)}/suite", ended))
    assert waiting(page) == [chrono(2)]
    past = await browser.page(f"/courrier/{chrono(1)}")
    assert "Pli revenu : réponse, départ 36-2026-D-000001, n’habite pas" in past
    assert "Suite du pli revenu : rien de plus à faire (sans suite à donner)" in past
    item = f"/courrier/{chrono(2)}"
    shown_ = await browser.page(item)
    assert "Le délai, tenu par l’envoi, ne repart pas" in shown_
    corrected = {"ending": "address_corrected", "seq": _seq(shown_)}
    page = await browser.to(await browser.send(item, f"{item}/suite-du-pli", corrected))
    assert "adresse corrigée" in page
    assert waiting(await browser.page(PAGE)) == []
    assert (await state(pool, 2))[0] == "returned"
    agent = await Browser(browser.pages).sign_in("b.head")
    heap = await agent.page("/courriers?tas=revenus")
    assert chrono(2) in heap
    assert "Plis revenus" in heap
    await browser.send("/bureau/departs", LEAVE, {"number": "2"})
    assert (await state(pool, 2))[0] == "answered"
    assert "ne repart pas" not in await browser.page(item)


def _seq(page: str) -> str:
    """The number of the fact that says that it came back: what undoing it would send."""
    lines = BeautifulSoup(page, "html.parser").select(".timeline li")
    line = next(line for line in lines if "Pli revenu" in line.get_text())
    return str(line.select_one("input[name=seq]")["value"])  # type: ignore[index]  # it was just written


async def test_an_agent_says_it_on_the_page_of_the_item(pool: Pool, browser: Browser) -> None:
    head, item = await Browser(browser.pages).sign_in("b.head"), f"/courrier/{chrono(1)}"
    form = BeautifulSoup(await head.page(f"{item}/pli-revenu"), "html.parser")
    (letter,) = form.select("select[name=letter] option")
    assert letter.get_text() == "réponse du 11/05/2026, départ 36-2026-D-000001"
    fields = {"letter": str(letter["value"]), "reason": "refused", "day": "2026-05-10"}
    early = await head.send(f"{item}/pli-revenu", f"{item}/pli-revenu", fields)
    assert "elle n’a pas pu revenir avant" in early.text
    told = fields | {"day": "2026-05-11"}
    page = await head.to(await head.send(f"{item}/pli-revenu", f"{item}/pli-revenu", told))
    assert "Réponse, revenue le 11/05/2026 : refusé par la personne." in page
    returned_at = await pool.fetchval("SELECT returned_at FROM desk.items WHERE chrono = $1",
                                      chrono(1))  # fmt: skip
    assert returned_at.date() == date(2026, 5, 11)


@pytest.mark.parametrize(
    ("said", "fact"), [("partir", "NoticeReleased"), ("abandonner", "NoticeDropped")]
)
async def test_what_is_held_leaves_or_not_by_one_button_on_its_page(
    pool: Pool, browser: Browser, said: str, fact: str
) -> None:
    item, third, notice = await _third(pool), f"/courrier/{chrono(3)}", uuid4()
    await pool.execute(
        "INSERT INTO desk.notices VALUES ($1, $2, 'receipt', 'mail', 'held', 'no_rule', $3, NULL)",
        notice, item, MONDAY,
    )  # fmt: skip
    page = await browser.page(third)
    assert "Accusé d’enregistrement par courriel, depuis le 11/05/2026 à 10 h 00" in loose(page)
    assert "aucune règle ne dit s’il peut partir" in page
    url = f"{third}/retenu/{notice}"
    after = await browser.to(await browser.send(third, url, {"faire": said}))
    assert "Laisser partir" not in after
    assert "Envoi retenu, " in after
    last = "SELECT type FROM desk.facts WHERE item_id = $1 ORDER BY seq DESC LIMIT 1"
    assert await pool.fetchval(last, item) == fact
    again = await browser.send(third, url, {"faire": "partir"})
    assert again.status_code == 422
    assert "n’est plus retenu" in again.text


async def _third(pool: Pool) -> UUID:
    found = await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", chrono(3))
    return UUID(str(found))

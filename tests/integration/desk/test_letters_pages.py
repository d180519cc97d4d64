"""Standard letters on the pages: written, approved, composed, sent, without JavaScript."""

from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.letters.domain import letter_file
from services.desk.letters.library import LetterLibrary
from shared.calendar.working_days import working_calendar
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.facts.items import ITEMS, Items
from shared.facts.origin import SESSION
from shared.paper import letter
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.applied_rules import AppliedRules
from shared.site.load import load_proposal
from shared.site.staff import people_store
from shared.site.tables.identity import IParapheur, Parapheur, SecureMailPlace, SigningPlace
from tests.desk_browser import HOME as ORIGIN
from tests.desk_browser import Browser, pages
from tests.desk_builders import GO_LIVE, MONDAY, an_arrival, certain
from tests.roles import one_transaction, under_role

INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"
CHRONO = "36-2026-A-000001"
HOME = "/courriers-types/titre-de-sejour-suivi"
ANSWER = f"/courrier/{CHRONO}/repondre/titre-de-sejour-suivi"

KEYS = {Parapheur: "parapheur", IParapheur: "iparapheur", SecureMailPlace: "secure_mail"}
"""What names a place in site.yaml."""


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_prefecture(pool, postgres_url, tmp_path)


async def a_prefecture(
    pool: Pool,
    postgres_url: str,
    tmp_path: Path,
    *places: SigningPlace | SecureMailPlace,
    name: str = "Jeanne <b>Martin",
) -> Browser:
    """The préfecture of the demo, one email to the BMI, its letter submitted; nobody signed in."""
    proposal = load_proposal(INDRE)
    named = {KEYS[type(place)]: place for place in places}
    identity = proposal.site.identity.model_copy(update=named)
    site = proposal.site.model_copy(update={"identity": identity})
    calendar = site.calendar
    days = working_calendar(calendar.territory, calendar.closures, 2025, 2028)
    async with one_transaction(postgres_url) as owner:
        await store.keep(owner, site, days, "tests", "tests", GO_LIVE)
        await store.go_live(owner, GO_LIVE, "tests", "tests", GO_LIVE)
        await people_store.import_people(owner, proposal.people, "tests", GO_LIVE)
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", MONDAY)
    writer = Correspondent(name=name, address="jeanne@exemple.fr")
    pli = Pli(kind="mail", sender=writer, answer_to=writer, subject="Titre", text="<script>x")
    arrival = an_arrival(routing=certain())
    key = await plis.write(LocalBlobs(tmp_path), 2026, arrival.arrival_id, pli)
    async with transaction(pool) as connection:
        letter = arrival.model_copy(update={"pli": key})
        await hears_arrivals(AppliedRules())(connection, [letter], MONDAY)
        people = await people_store.people_at(connection, MONDAY)
        karima = people.person("k.haddad")
        assert karima is not None
        by = LetterLibrary(
            connection, karima, MONDAY, await store.current(connection), people, SESSION
        )
        file = letter_file.read((INDRE / "letters" / "titre-de-sejour-suivi.md").read_text())
        await by.write(file.letter, file.service, file.content)
        await by.submit(file.letter)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    return Browser(pages(pool, clock, tmp_path))


async def facts(pool: Pool) -> list[Items]:
    rows = await pool.fetch("SELECT payload FROM desk.facts ORDER BY seq")
    return [ITEMS.validate_json(row["payload"]) for row in rows]


def field(page: str, name: str) -> str:
    """What a field of a page holds."""
    found = BeautifulSoup(page, "html.parser").select_one(f"[name='{name}']")
    assert found is not None, name
    return str(found.get("value") or found.get_text().removeprefix("\n"))


def typed(page: str, **more: str) -> dict[str, str]:
    """The fields of the letter as they stand on a page, some of them typed anew."""
    kept = {name: field(page, name) for name in ("rempli", "subject", "body")}
    return {**kept, "civilité": "Madame", **more}


async def approved(browser: Browser) -> Browser:
    await browser.sign_in("c.aubry")
    assert "est approuvée" in await browser.to(await browser.send(HOME, f"{HOME}/approuver"))
    return await browser.sign_in("k.haddad")


async def test_an_agent_writes_the_head_approves_and_it_is_in_the_library(
    browser: Browser,
) -> None:
    await browser.sign_in("k.haddad")
    assert "une autre personne l’approuve" in await browser.page(HOME)
    refused = await browser.send(HOME, f"{HOME}/approuver")
    assert refused.status_code == 422
    assert "L’approbation revient à une autre personne, par exemple Catherine Aubry." in (
        refused.text
    )
    await approved(browser)
    wrong = await browser.send(
        f"{HOME}/ecrire",
        f"{HOME}/ecrire",
        {"title": "Suivi", "kind": "reply", "subject": "Titre", "body": "{civilité},\n{nmo}"},
    )
    assert wrong.status_code == 422
    assert "Ligne 2 : le champ {nmo} n’existe pas. Vouliez-vous écrire {nom} ?" in wrong.text
    assert "{civilité},\n{nmo}" in wrong.text
    new = {
        "service": "bmi",
        "title": "Réponse d’été",
        "kind": "reply",
        "subject": "Titre",
        "body": "{civilité},\r\n\r\nSalutations.",
        "submit": "oui",
    }
    begun = await browser.send("/courriers-types/nouveau", "/courriers-types/nouveau", new)
    assert begun.headers["location"] == "/courriers-types/reponse-d-ete"
    library = await browser.page("/courriers-types")
    assert "version 1 approuvée" in library
    assert "1 à approuver" in library


async def test_a_letter_is_filled_read_and_sent_as_it_was_read(
    browser: Browser, pool: Pool, tmp_path: Path
) -> None:
    await approved(browser)
    assert ANSWER in await browser.page(f"/courrier/{CHRONO}/repondre")
    page = await browser.page(ANSWER)
    assert "Il reste à remplir : {précisions}" in page
    assert "<script>x" not in page
    said = typed(page, précisions="Votre titre est prêt.")
    early = await browser.send(ANSWER, ANSWER, {**said, "faire": "envoyer"})
    assert early.status_code == 422
    assert "relisez-le, puis recommencez" in early.text
    assert "Votre titre est prêt." in field(early.text, "body")
    filled = await browser.send(ANSWER, ANSWER, {**said, "faire": "verifier"})
    assert "Liste de contrôle" in filled.text
    body = field(filled.text, "body").replace("est prêt", "vous attend")
    mine = typed(filled.text, body=body.replace("\n", "\r\n"), précisions="Votre titre est prêt.")
    checked = await browser.send(ANSWER, ANSWER, {**mine, "faire": "verifier"})
    assert "texte adapté" in checked.text
    sent = await browser.send(ANSWER, ANSWER, {**mine, "faire": "envoyer"})
    assert "La lettre part par courriel." in await browser.to(sent)
    again = await browser.client.post(ANSWER, data=sent_again(sent), headers={"origin": ORIGIN})
    assert again.headers["location"] == sent.headers["location"]
    (order,) = [fact for fact in await facts(pool) if fact.type == "NoticeOrdered"]
    assert order.template == "titre-de-sejour-suivi@1"
    assert order.pli is not None
    leaves = (await plis.read(LocalBlobs(tmp_path), order.pli)).text
    assert "Votre titre vous attend." in leaves
    assert "Je vous prie d’agréer, Madame, l’expression" in leaves
    assert "\r" not in leaves
    use = await pool.fetchrow("SELECT way, adapted, person FROM desk.letter_uses")
    assert use is not None
    assert tuple(use) == ("mail", True, "k.haddad")
    past = await browser.page(f"/courrier/{CHRONO}")
    assert "Envoi demandé : réponse, courrier type titre-de-sejour-suivi (version 1)" in past
    assert '<td class="n">1</td>' in await browser.page("/courriers-types")
    assert "texte adapté" in await browser.page(HOME)


def sent_again(sent: httpx.Response) -> dict[str, str]:
    return dict(httpx.QueryParams(sent.request.content.decode()))


async def test_a_letter_on_paper_is_a_file_and_states_nothing(browser: Browser, pool: Pool) -> None:
    await approved(browser)
    before = len(await facts(pool))
    page = await browser.page(ANSWER)
    body = field(page, "body").replace("{précisions}\n\n", "")
    for how, magic in (("pdf", b"%PDF"), ("odt", b"PK")):
        got = await browser.send(ANSWER, ANSWER, {**typed(page, body=body), "faire": how})
        assert got.content.startswith(magic)
        assert f'{CHRONO}-titre-de-sejour-suivi.{how}"' in got.headers["content-disposition"]
    assert len(await facts(pool)) == before
    assert await pool.fetchval("SELECT count(*) FROM desk.letter_uses") == 2
    bare = {**typed(page), "civilité": "Madame, Monsieur", "faire": "pdf"}
    unfilled = await browser.send(ANSWER, ANSWER, bare)
    assert unfilled.status_code == 422
    assert "La lettre n’est pas complète" in unfilled.text


async def test_what_is_not_printed_is_named_and_what_was_typed_stays(
    browser: Browser, pool: Pool
) -> None:
    await approved(browser)
    page = await browser.page(ANSWER)
    body = field(page, "body").replace("{précisions}", "C’est prêt 😀 王小明")
    assert "à écrire à la main" not in page
    shown = await browser.send(ANSWER, ANSWER, {**typed(page, body=body), "faire": "apercu"})
    assert shown.content.startswith(b"%PDF"), "to be read it is set, with « □ »"
    for how in ("pdf", "imprimer"):
        sent = await browser.send(ANSWER, ANSWER, {**typed(page, body=body), "faire": how})
        assert sent.status_code == 422
        assert "Le texte contient «\N{NO-BREAK SPACE}😀\N{NO-BREAK SPACE}»" in sent.text
        assert "«\N{NO-BREAK SPACE}王小明\N{NO-BREAK SPACE}», qui ne s’imprime pas" in sent.text
        assert "C’est prêt 😀 王小明" in field(sent.text, "body")
    assert await pool.fetchval("SELECT count(*) FROM desk.letter_uses") == 0
    got = await browser.send(ANSWER, ANSWER, {**typed(page, body=body), "faire": "odt"})
    assert got.content.startswith(b"PK")


async def test_whoever_is_called_in_chinese_is_written_to_and_a_pen_adds_the_name(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    browser = await approved(await a_prefecture(pool, postgres_url, tmp_path, name="王小明"))
    page = await browser.page(ANSWER)
    body = field(page, "body").replace("{précisions}\n\n", "")
    assert "à écrire à la main\N{NO-BREAK SPACE}: 王小明" in page
    got = await browser.send(ANSWER, ANSWER, {**typed(page, body=body), "faire": "pdf"})
    assert got.content.startswith(b"%PDF"), got.text
    sent = await browser.send(ANSWER, ANSWER, {**typed(page, body=body), "faire": "imprimer"})
    assert "confiée au bureau du courrier" in await browser.to(sent)


async def test_a_letter_that_cannot_be_set_is_a_sentence_and_what_was_typed_stays(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await approved(browser)
    page = await browser.page(ANSWER)
    body = field(page, "body").replace("{précisions}\n\n", "Je relis.\n\n")
    monkeypatch.setattr(letter, "LAYOUT", letter.LAYOUT.with_name("sheet.typ"))
    for how in ("pdf", "imprimer", "apercu"):
        sent = await browser.send(ANSWER, ANSWER, {**typed(page, body=body), "faire": how})
        assert sent.status_code == 422
        assert "Ce document ne peut pas être mis en page" in sent.text
        assert "Je relis." in field(sent.text, "body")
    told = [record for record in caplog.records if record.getMessage() == "paper_not_set"]
    assert len(told) == 3
    assert not any(record.exc_info for record in told), "a trace quotes what the letter says"


async def test_whoever_may_not_decide_about_an_item_composes_nothing_for_it(
    browser: Browser,
) -> None:
    await approved(browser)
    await browser.sign_in("b.leroux")
    assert (await browser.get(ANSWER)).status_code == 404
    await browser.sign_in("h.marchand")
    assert (await browser.get(ANSWER)).status_code == 403


async def test_pieces_are_ticked_and_their_date_is_the_one_that_the_register_keeps(
    browser: Browser, pool: Pool
) -> None:
    await approved(browser)
    pieces = (INDRE / "letters" / "demande-de-pieces.md").read_text()
    for who, name in (("h.marchand", "write"), ("f.lemoine", "approve")):
        async with transaction(pool) as connection:
            people = await people_store.people_at(connection, MONDAY)
            person = people.person(who)
            assert person is not None
            by = LetterLibrary(
                connection, person, MONDAY, await store.current(connection), people, SESSION
            )
            file = letter_file.read(pieces)
            if name == "write":
                await by.write(file.letter, file.service, file.content)
                await by.submit(file.letter)
            else:
                await by.approve(file.letter)
    url = f"/courrier/{CHRONO}/repondre/demande-de-pieces"
    asks = {"pièces": ["passeport", "signature"], "autres": "le bail", "date_limite": "14/06/2026"}
    page = await browser.page(url)
    filled = await browser.send(url, url, {**typed(page), **asks, "faire": "verifier"})
    body = field(filled.text, "body")
    assert "- votre demande signée\n- le bail" in body
    assert field(filled.text, "autres") == "le bail"
    assert "avant la fin de la journée du 14 juin 2026" in body
    sunday = await browser.send(url, url, {**typed(filled.text), **asks, "faire": "envoyer"})
    assert sunday.status_code == 422
    assert "n’est pas travaillé (dimanche) : prenez le 15/06/2026" in sunday.text
    asks["date_limite"] = "2026-06-15"
    filled = await browser.send(url, url, {**typed(page), **asks, "faire": "verifier"})
    await browser.to(
        await browser.send(url, url, {**typed(filled.text), **asks, "faire": "envoyer"})
    )
    (order,) = [fact for fact in await facts(pool) if fact.type == "NoticeOrdered"]
    assert (order.kind, order.pieces) == ("pieces", ("passeport", "signature"))
    assert str(order.until) == "2026-06-15"

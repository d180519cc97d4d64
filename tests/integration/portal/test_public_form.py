"""The public form: on the disk before the answer, once, followed to its chrono; hostile input."""

import asyncio
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from PIL import Image

from services.desk.store import deposits
from services.portal.domain.limits import Limits
from services.portal.pages import form
from shared.content import spool
from shared.content.encryption import MAGIC, ReadingKey
from shared.content.keyring import Keyring
from shared.content.spool import FormDeposit
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import Theme
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.web import forms
from tests.desk_browser import TODAY
from tests.desk_builders import a_site
from tests.integration.portal.public_deposits import deposited, heard
from tests.papers import TITRE_DE_SEJOUR, a_letter, as_pdf
from tests.portal_browser import HOME, Visitor, portal_settings, public_pages
from tests.zips import zipped

pytestmark = pytest.mark.usefixtures("live_site")

SAID = {
    "nature": "reclamation",
    "theme": "appointments",
    "message": "Aucun rendez-vous depuis trois mois.",
    "nom": "Renée Dupont",
    "courriel": "renee@exemple.fr",
}
ALERT = "<script>alert(1)</script>"


@pytest.fixture
async def browser(pool: Pool, story_clock: Clock, tmp_path: Path) -> Visitor:
    return Visitor(public_pages(pool, story_clock, tmp_path))


async def sent(
    browser: Visitor,
    said: Mapping[str, str] = SAID,
    files: Sequence[tuple[str, bytes, str]] = (),
    *,
    depot: str = "3f1e1a52-7a51-4f0e-9e51-0c5b6f0a3a11",
    origin: str = HOME,
) -> httpx.Response:
    return await browser.client.post(
        "/formulaire",
        data={"depot": depot, "page": "/formulaire", **said},
        files=[("fichiers", file) for file in files] or None,
        headers={"origin": origin},
    )


async def test_with_a_public_half_nothing_lies_in_clear_that_ingest_can_not_read(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    """The portal has nothing that opens it: neither it nor who takes it over reads what waits."""
    key = ReadingKey.new("2026")
    pages = public_pages(pool, story_clock, tmp_path, encryption_key=key.writing.text)
    letter = as_pdf([a_letter(TITRE_DE_SEJOUR)])
    answer = await sent(Visitor(pages), SAID, [("passeport.pdf", letter, "application/pdf")])
    assert answer.status_code == 303
    files = [path for path in (tmp_path / "spool").rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"deposit.json", "file-0"}
    for path in files:
        octets = path.read_bytes()
        assert octets.startswith(MAGIC)
        for word in (b"rendez-vous", b"Dupont", b"renee@", b"passeport", b"%PDF"):
            assert word not in octets
    (folder,) = spool.waiting_folders(tmp_path / "spool")
    what, contents = spool.read(folder, Keyring({"2026": key}))
    assert isinstance(what, FormDeposit)
    assert (what.name, list(contents.values())) == ("Renée Dupont", [letter])


async def test_a_complaint_is_on_the_disk_before_the_answer_and_followed_to_its_chrono(
    browser: Visitor, register: Pool, tmp_path: Path
) -> None:
    page = await browser.page("/formulaire")
    assert "17 112 114 3114" in page
    letter = as_pdf([a_letter(TITRE_DE_SEJOUR)])
    answer = await sent(browser, SAID, [("photo du guichet.pdf", letter, "image/gif")])
    assert answer.status_code == 303
    (deposit,) = deposited(tmp_path)
    assert (deposit.complaint, deposit.theme) == (True, Theme.APPOINTMENTS)
    assert (deposit.name, deposit.email) == ("Renée Dupont", "renee@exemple.fr")
    assert [(file.name, file.media_type) for file in deposit.files] == [
        ("photo du guichet.pdf", "application/pdf")
    ], "the type is read from the octets"
    address = answer.headers["location"]
    assert address.endswith(str(deposit.id))

    # The page waits for the register, which hears of the deposit a moment later.
    assert "hx-get" in (await browser.get(address, **{"hx-request": "true"})).text

    async def heard_later() -> None:
        await asyncio.sleep(0.6)
        await heard(register, deposit, TODAY)

    follow, _ = await asyncio.gather(browser.page(address), heard_later())
    assert "36-2026-A-000001" in follow
    async with transaction(register) as connection:
        found = await deposits.find_deposit(connection, deposit.id.hex[:12])
    assert found == deposits.Deposit(deposit.id, TODAY), "by the number that the page shows"
    assert "hx-get" not in follow
    for personal in ("Renée", "renee@exemple.fr", "rendez-vous"):
        assert personal not in follow
    unknown = await browser.get(f"/formulaire/depot/{UUID(int=7)}")
    assert unknown.status_code == 404


async def test_the_page_says_who_has_it_what_is_missing_and_that_it_was_answered(
    browser: Visitor, register: Pool, tmp_path: Path
) -> None:
    address = (await sent(browser)).headers["location"]
    (deposit,) = deposited(tmp_path)
    await heard(register, deposit, TODAY)
    waits = await browser.page(address)
    assert "36-2026-A-000001" in waits
    assert "suivi par" not in waits, "nobody has qualified it"
    assert "Une personne lit chaque message" in waits
    name = a_site().service[ServiceId("bmi")].name
    for state, said in (
        ("open", (True, False, False)),
        ("awaiting_pieces", (True, True, False)),
        ("answered", (True, False, True)),
        ("transferred", (False, False, False)),
    ):
        left = TODAY if state == "answered" else None
        await register.execute("UPDATE desk.items SET state = $1, answered_at = $2", state, left)
        page = unescape(await browser.page(address))
        words = (f"suivi par\N{NO-BREAK SPACE}: {name}", "Des pièces vous ont été", "répondu")
        assert tuple(word in page for word in words) == said, state


async def test_the_same_form_sent_twice_is_one_deposit_and_another_text_is_another(
    browser: Visitor, tmp_path: Path
) -> None:
    first, second = await asyncio.gather(sent(browser), sent(browser))
    assert first.headers["location"] == second.headers["location"]
    assert len(deposited(tmp_path)) == 1
    third = await sent(browser, {**SAID, "message": "J’oubliais : le 12 mai."})
    assert third.headers["location"] != first.headers["location"]
    assert len(deposited(tmp_path)) == 2


async def test_what_is_missing_is_said_beside_the_field_and_nothing_typed_is_lost(
    browser: Visitor, tmp_path: Path
) -> None:
    for change, sentence in (
        ({"message": " "}, "Écrivez votre message."),
        ({"nature": ""}, "Dites si c’est une réclamation"),
        ({"courriel": "renee"}, "Cette adresse est incomplète"),
        ({"site": "http://spam.example"}, "Laissez ce champ vide"),
        ({"service": "nowhere"}, "Choisissez un service"),
    ):
        answer = await sent(browser, {**SAID, "objet": ALERT, **change})
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "Renée Dupont" in answer.text
        assert ALERT not in answer.text
        assert "&lt;script&gt;" in answer.text
    assert deposited(tmp_path) == []


ODT = zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"})


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "PNG")
    return out.getvalue()


async def test_files_are_judged_by_their_octets(browser: Visitor, tmp_path: Path) -> None:
    for name, content in (
        ("facture.pdf", b"MZ\x90\x00 un programme"),
        ("page.html", b"<html><script>alert(1)</script>"),
        ("vide.pdf", b""),
        ("cassé.pdf", b"%PDF-1.7 puis plus rien"),
        ("cassée.png", b"\x89PNG\r\n\x1a\n et du bruit"),
        ("trop.pdf", b"%PDF-" + b"x" * (15 * 1024 * 1024)),
        ("géante.png", png(9000, 9000)),
        ("bombe.odt", zipped({"mimetype": b"x", "content.xml": b"0" * 70_000_000})),
        ("macro.docx", zipped({"[Content_Types].xml": b"", "word/vbaProject.bin": b"x"})),
        ("archive.zip", zipped({"lettre.txt": b"Bonjour"})),
    ):
        answer = await sent(browser, SAID, [(name, content, "application/pdf")])
        assert answer.status_code == 422, name
        assert "<script>" not in answer.text
    many = [(f"{n}.odt", ODT, "") for n in range(6)]
    assert (await sent(browser, SAID, many)).status_code == 422
    assert deposited(tmp_path) == []

    hostile = [
        ("../../etc/passwd.odt", ODT, "text/html"),
        (f"C:\\Users\\{ALERT}\\lettre\u202etdo.odt", ODT, ""),
    ]
    assert (await sent(browser, SAID, hostile)).status_code == 303
    (deposit,) = deposited(tmp_path)
    assert [file.name for file in deposit.files] == ["passwd.odt", "lettretdo.odt"]
    assert not (tmp_path / "etc").exists()


async def test_a_foreign_page_cannot_send_it_and_an_enormous_body_is_refused(
    browser: Visitor, tmp_path: Path
) -> None:
    assert (await sent(browser, origin="http://ailleurs.example")).status_code == 403
    huge = [("a.pdf", b"%PDF-" + b"x" * 33_000_000, "application/pdf")]
    assert (await sent(browser, SAID, huge)).status_code == 413
    assert deposited(tmp_path) == []


async def test_too_many_are_told_the_other_ways_and_nothing_is_kept(
    browser: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "FROM_ALL", 1)
    assert (await sent(browser)).status_code == 303
    refused = await sent(browser, {**SAID, "message": "Encore."})
    assert refused.status_code == 429
    assert "02\u00a000\u00a000\u00a000\u00a000" in refused.text
    assert len(deposited(tmp_path)) == 1


async def test_a_crowd_of_one_address_closes_the_form_to_itself_alone(
    browser: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "FROM_ALL", 2)
    monkeypatch.setattr(form, "_LIMITS", Limits())
    crowd, honest = (Visitor(browser.pages, address) for address in ("203.0.113.7", "198.51.100.9"))
    answers = [await sent(crowd, {**SAID, "message": f"Message {n}."}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert (await sent(honest, {**SAID, "message": "Bonjour."})).status_code == 303
    assert (await sent(honest, {**SAID, "message": "Encore."})).status_code == 429
    assert len(deposited(tmp_path)) == 3


async def test_what_is_tried_too_often_is_not_even_read(
    browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "_LIMITS", Limits())
    stranger = Visitor(browser.pages, "203.0.113.7")
    empty = {**SAID, "message": " "}
    answers = [(await sent(stranger, empty)).status_code for _ in range(30)]
    assert set(answers) == {422}
    monkeypatch.setattr(forms, "read", None)
    refused = await sent(stranger, empty)
    assert (refused.status_code, "Votre message n’est pas envoyé" in refused.text) == (429, True)


async def test_below_the_floor_of_free_space_nothing_is_read_and_nothing_is_lost(
    browser: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = replace(browser.pages, settings=portal_settings(tmp_path, free_floor=10**9))
    monkeypatch.setattr(forms, "read", None)
    answer = await sent(Visitor(full))
    assert answer.status_code == 503
    assert "Votre message n’est pas envoyé" in answer.text
    assert deposited(tmp_path) == []


async def test_a_full_disk_keeps_nothing_and_says_so(
    browser: Visitor, pool: Pool, tmp_path: Path
) -> None:
    (tmp_path / "spool").write_text("no folder")
    answer = await sent(browser)
    assert answer.status_code == 503
    assert "Votre message n’est pas envoyé" in answer.text
    assert await pool.fetchval("SELECT count(*) FROM portal.deposits") == 0


async def test_the_notice_says_who_why_and_how_long(browser: Visitor) -> None:
    page = await browser.page("/formulaire/donnees")
    for words in (
        "Responsable de ce traitement\N{NO-BREAK SPACE}: ",
        "36 mois",
        "CNIL",
        "prefecture@prefecture",
    ):
        assert words in page
    paper = await browser.get("/formulaire/papier.pdf")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")

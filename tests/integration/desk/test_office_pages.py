"""The mail office's day: departures, what waits, the counter, printing, what came back."""

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from shared.content import spool
from shared.content.blobs import LocalBlobs
from shared.content.spool import RereadRequest, UploadDeposit
from shared.facts.arrivals import Quarantine, SetAside
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import NoticeKind
from shared.paper.codes import DepartureCode, LabelCode
from shared.platform.database import Pool
from tests.code_keys import KEYS
from tests.desk_browser import Browser
from tests.desk_builders import MONDAY, a_scan, certain, proposed
from tests.integration.desk.findings import a_mail, registered, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, mails, state
from tests.papers import TITRE_DE_SEJOUR, a_letter, as_pdf

pytestmark = pytest.mark.usefixtures("live_site")


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


async def test_letters_leave_one_field_after_the_other(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, certain(), certain(), certain())
    page, leave = "/bureau/departs", "/bureau/departs/partir"
    answer = await browser.send(page, leave, {"number": "1"})
    shown = await browser.to(answer)
    assert "36-2026-A-000001 : réponse partie sous 36-2026-D-000001." in shown
    assert "1 parti aujourd’hui" in shown
    code = KEYS.write(DepartureCode(Chrono(chrono(2)), NoticeKind.HOLDING_REPLY))
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
    octets = b"%PDF-1.7 cut"
    kept = await blobs.put(2026, held[0].arrival_id, octets)
    held[0] = held[0].model_copy(update={"original": kept})
    await registered(pool, *held)
    page = "/bureau/attente/quarantaine"
    assert "sans en-tête lisible" in await browser.page(page)
    one, other = (f"/bureau/attente/message/{arrival.arrival_id}" for arrival in held)
    assert "Où en est mon dossier ?" in await browser.page(one)
    original = await browser.get(f"{one}/original")
    assert original.content == octets
    named = f'attachment; filename="{str(held[0].arrival_id)[:13]}.pdf"'
    assert original.headers["content-disposition"].startswith(named)
    assert (await browser.send(one, f"{one}/relire")).status_code == 303
    (folder,) = spool.waiting_folders(browser.pages.settings.spool)
    what, _ = spool.read(folder)
    assert isinstance(what, RereadRequest)
    assert what.arrival_id == held[0].arrival_id
    answer = await browser.send(one, f"{one}/prendre")
    assert answer.headers["location"] == f"{QUEUE}/{chrono(1)}"
    assert (await browser.get(one)).status_code == 404
    await browser.send(other, f"{other}/ecarter", {"reason": "spam"})
    assert "signalé comme indésirable" in await browser.page("/bureau/attente/ecartes")


async def test_answers_to_an_exercise_are_counted_beside_what_was_set_aside(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    reasons = ("exercise", "exercise", "newsletter")
    mails = [
        await a_mail(
            LocalBlobs(tmp_path), f"aside {n}", wrote("Ana", f"{n}", "Bien reçu."),
            verdict=SetAside(reason=reason),
        )
        for n, reason in enumerate(reasons)
    ]  # fmt: skip
    await registered(pool, *mails[2:])
    assert "à un exercice" not in await browser.page("/bureau")
    await registered(pool, *mails[:2])
    shown = BeautifulSoup(await browser.page("/bureau"), "html.parser")
    tiles = [
        " ".join(tag.text.split()) for tag in shown.select("a[href='/bureau/attente/ecartes']")
    ]
    assert [re.sub(r"\D", "", tile) for tile in tiles] == ["1", "2"]
    assert "réponses à un exercice aujourd’hui" in tiles[1]


async def test_a_list_that_shrinks_while_it_is_read_passes_over_nothing(
    pool: Pool, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.desk.pages.office.waiting_lists.A_PAGE", 1)
    names = ("q", "r", "s")
    mails = [
        await a_mail(
            LocalBlobs(tmp_path), name, wrote("Ana", name, name),
            verdict=Quarantine(reason="mail-without-header"),
        )
        for name in names
    ]  # fmt: skip
    await registered(pool, *mails)
    page, seen = "/bureau/attente/quarantaine", list[str]()
    shown = await browser.page(page)
    for place in range(len(names)):
        seen += re.findall(r"/bureau/attente/message/([0-9a-f-]{36})", shown)
        if place == 0:  # it leaves the list, and with it the first page
            first = f"/bureau/attente/message/{seen[0]}"
            await browser.send(first, f"{first}/ecarter", {"reason": "spam"})
        following = re.findall(r'rel="next" href="([^"]*)"', shown)
        shown = await browser.page(following[0]) if following else ""
    assert shown == ""
    assert sorted(seen) == sorted(str(mail.arrival_id) for mail in mails)
    nowhere = await browser.page(f"{page}?apres=2026-05-01T00:00:00%2B00:00~demain")
    assert "Retour au début" not in nowhere, "an address that is no place is the head of the list"


async def test_a_paper_keyed_at_the_counter_has_its_chrono_its_sticker_and_its_sender(
    pool: Pool, browser: Browser
) -> None:
    page, keep = "/bureau/guichet", "/bureau/guichet/enregistrer"
    label = KEYS.write(LabelCode("indre", 123))
    typed = {
        "channel": "registered_letter", "day": "2026-05-07", "category": "association",
        "name": "Ana <b>Silva</b>", "postal": "1, rue Haute\n36000 Exempleville",
        "subject": "Statuts", "registered": "1A 123 456 7890 5", "label": label,
    }  # fmt: skip
    unknown = await browser.page(f"/recherche?q={label}")
    assert "L’étiquette 000123 n’est encore sur aucun courrier" in unknown
    assert 'value="000123"' in await browser.page(f"{page}?etiquette=000123")
    answer = await browser.send(page, keep, typed)
    assert "Enregistré sous 36-2026-A-000001, étiquette 000123." in await browser.to(answer)
    assert await state(pool, 1) == ("open", "dre", "association")
    item = await browser.page(f"/courrier/{chrono(1)}")
    assert "1A 123 456 7890 5" in item
    assert "Ana &lt;b&gt;Silva&lt;/b&gt;" in item
    facts = "".join(row["payload"] for row in await pool.fetch("SELECT payload FROM desk.facts"))
    assert "Silva" not in facts
    refused = await browser.send(page, keep, typed)
    assert refused.status_code == 422
    assert "L’étiquette 000123 est déjà sur un autre courrier." in refused.text
    for scanned in (
        "label:123",
        label,
        KEYS.write(DepartureCode(Chrono(chrono(1)), NoticeKind.REPLY)),
    ):
        found = await browser.get(f"/recherche?q={scanned}")
        assert found.headers["location"] == f"/courrier/{chrono(1)}"
    left = await browser.send("/bureau/departs", "/bureau/departs/partir", {"number": "label:123"})
    assert "36-2026-A-000001 : réponse partie" in await browser.to(left)


async def test_scans_handed_in_lie_in_the_spool_before_the_answer(browser: Browser) -> None:
    page, hand_in = "/bureau/guichet", "/bureau/guichet/deposer"
    wrong = {"fichiers": ("courrier.pdf", b"MZ\x90", "application/pdf")}
    refused = await browser.send(page, hand_in, {"channel": "letter"}, wrong)
    assert refused.status_code == 422
    assert "ni un PDF, ni une image" in refused.text
    pdf = as_pdf([a_letter(TITRE_DE_SEJOUR)])
    scan = {"fichiers": ("../pile.pdf", pdf, "application/pdf")}
    chosen = {"channel": "letter", "day": "2026-05-07", "service": "bmi"}
    assert (await browser.send(page, hand_in, chosen, scan)).status_code == 303
    (folder,) = spool.waiting_folders(browser.pages.settings.spool)
    what, contents = spool.read(folder)
    assert isinstance(what, UploadDeposit)
    assert [file.name for file in what.files] == ["pile.pdf"]
    assert list(contents.values()) == [pdf]
    assert (what.by, what.service) == ("c.lerk", "bmi")
    assert what.received_on == datetime(2026, 5, 7, 10, tzinfo=UTC)
    assert ">1</strong> dépôt en cours de lecture" in await browser.page("/bureau")


async def test_a_made_letter_is_printed_and_leaves_with_its_departure(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, certain())
    pdf = as_pdf([a_letter(TITRE_DE_SEJOUR)])
    key = await LocalBlobs(tmp_path).put(2026, uuid4(), pdf)
    item = await pool.fetchval("SELECT item_id FROM desk.items")
    await pool.execute(
        "INSERT INTO desk.notices VALUES ($1, $2, 'svr', 'paper', 'planned', NULL, $3, $4)",
        (notice := uuid4()), item, MONDAY, key,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO desk.waits VALUES ($1, 'to_print', 'courrier', $2)", item, MONDAY
    )
    page = "/bureau/impressions"
    assert chrono(1) in await browser.page(page)
    one = await browser.get(f"{page}/lettre/{notice}.pdf")
    assert (one.status_code, one.content) == (200, pdf)
    assert (await browser.get(f"{page}/lettres.pdf")).content.startswith(b"%PDF-")
    refused = await browser.send(page, f"{page}/parties")
    assert refused.status_code == 422
    assert (await browser.send(page, f"{page}/parties", {"notice": str(notice)})).status_code == 303
    told = await pool.fetchrow("SELECT type FROM desk.facts ORDER BY recorded_at, seq DESC LIMIT 1")
    assert told is not None
    assert told["type"] == "AcknowledgementSent"


async def test_sheets_and_slips_are_pdfs_and_a_sticker_number_is_printed_once(
    pool: Pool, browser: Browser
) -> None:
    await registered(pool, a_scan("s", routing=certain()))
    page = "/bureau/impressions"
    for url in ("separateurs.pdf", "jour.pdf?jour=2026-05-11", "bordereau.pdf?service=bmi"):
        answer = await browser.get(f"{page}/{url}")
        assert answer.content.startswith(b"%PDF-"), url
    assert (await browser.get(f"{page}/bordereau.pdf?service=nowhere")).status_code == 404
    places = []
    for _ in range(2):
        answer = await browser.send(page, f"{page}/etiquettes", {"count": "48", "skip": "0"})
        places.append(answer.headers["location"].partition("=")[2])
    assert places == ["1-48-0", "49-48-0"]
    assert (await browser.get(f"{page}/etiquettes/49-48-0.pdf")).content.startswith(b"%PDF-")
    assert (await browser.get(f"{page}/etiquettes/97-48-0.pdf")).status_code == 404


async def test_the_office_sees_its_day_and_what_came_back(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, certain(), proposed())
    await registered(pool, a_scan("s", provisional=True, routing=certain()))
    item = await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", chrono(1))
    await pool.execute(
        "INSERT INTO desk.notices VALUES ($1, $2, 'receipt', 'mail', 'bounced', '5.1.1', $3, NULL)",
        uuid4(), item, MONDAY,
    )  # fmt: skip
    assert (await browser.get("/")).headers["location"] == "/bureau"
    page = await browser.page("/bureau")
    assert ">Bureau du courrier</a>" in page
    assert ">Aujourd’hui</a>" not in page
    for words in ("1</strong> à qualifier", "1</strong> envoi revenu", "1</strong> date"):
        assert words in page
    assert chrono(1) in await browser.page("/bureau/retours")
    days = "/bureau/dates"
    answer = await browser.send(days, f"{days}/{chrono(3)}", {"day": "2026-05-07"})
    assert f"{chrono(3)} : reçu le 07/05/2026." in await browser.to(answer)
    assert "Toutes les dates sont confirmées" in await browser.page(days)
    silent = "/bureau/regimes"
    assert chrono(2) not in await browser.page(silent)  # it is to be qualified first
    await browser.send(silent, f"{silent}/{chrono(1)}", {"regime": "aucun"})
    several = await browser.page(silent)
    assert "rejet à 4 mois" in several
    assert "rejet à 30 jours : titulaire d’une carte d’un autre État" in several
    answer = await browser.send(silent, f"{silent}/{chrono(3)}", {"regime": "autre-etat"})
    assert "Aucun régime n’attend" in await browser.to(answer)
    facts = "SELECT payload::jsonb ->> 'regime' FROM desk.facts WHERE type = 'RegimeConfirmed'"
    assert [row[0] for row in await pool.fetch(f"{facts} ORDER BY 1")] == ["autre-etat", None]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("VGM1:LBL:INDRE:000123/ABCDEFGHIJKLM", "n’a pas été imprimé par notre préfecture"),
        ("VGM1:DEP:36-2026-A-000001:REPLY", "trop ancien pour être cru"),
    ],
)
async def test_a_code_that_proves_nothing_is_refused_at_the_desk(
    pool: Pool, browser: Browser, tmp_path: Path, code: str, said: str
) -> None:
    await mails(pool, tmp_path, certain())
    leave = await browser.send("/bureau/departs", "/bureau/departs/partir", {"number": code})
    back = {"number": code, "reason": "unclaimed", "day": ""}
    returned = await browser.send("/bureau/retours", "/bureau/retours/revenu", back)
    found = await browser.get(f"/recherche?q={code}")
    for answer in (leave, returned, found):
        assert answer.status_code == 422
        assert said in answer.text
    assert (await state(pool, 1))[0] == "open"

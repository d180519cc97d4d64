"""Who writes: proposed and accepted in the queue by one key, corrected later, withdrawn."""

import io
from pathlib import Path

import pypdfium2
import pytest
from bs4 import BeautifulSoup

from services.desk.pages.evidence.item_evidence import WHOLE
from services.desk.retention.store.deletions import erase
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import BlobKey
from shared.facts.items import ITEMS
from shared.facts.items.routing import ItemReclassified
from shared.facts.vocabulary import SenderKind
from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.desk_builders import MONDAY, a_scan, proposed
from tests.integration.desk.findings import a_mail, read, registered, scanned, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, mails
from tests.integration.desk.test_evidence_and_its_end import desk_says, done

pytestmark = pytest.mark.usefixtures("live_site", "environment")

LETTER = """Mme Jeanne Martin
12, rue des Lavandières
36000 Châteauroux

Monsieur le Préfet de l’Indre

Objet : mon titre de séjour

Je vous écris."""
IN_LIST = "Mme Jeanne Martin · 12, rue des Lavandières 36000 Châteauroux"


@pytest.fixture
async def clerk(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


async def a_letter(pool: Pool, folder: Path, name: str = "lettre", page: str = LETTER) -> None:
    scan = a_scan(name, routing=proposed())
    key = await plis.write(LocalBlobs(folder), 2026, scan.arrival_id, scanned(page))
    await registered(pool, scan.model_copy(update={"pli": key}))


def form_of(page: str) -> dict[str, str]:
    """What the confirming form holds before anybody touches it."""
    form = BeautifulSoup(page, "html.parser").select_one("form[action$='/confirmer']")
    assert form is not None
    held = {tag["name"]: tag.get("value", "") for tag in form.select("input:not([type=radio])")}
    held |= {tag["name"]: tag["value"] for tag in form.select("input[type=radio][checked]")}
    held |= {tag["name"]: tag.get_text().strip("\n") for tag in form.select("textarea")}
    return {str(name): str(value) for name, value in held.items() if str(name).startswith("sender")
            or name == "expediteur"}  # fmt: skip


async def confirmed(clerk: Browser, n: int, **fields: str) -> str:
    """The clerk's one key: the form as it stands, with what was typed over it."""
    url = f"{QUEUE}/{chrono(n)}"
    held = form_of(await clerk.page(url))
    return await clerk.to(await clerk.send(url, f"{url}/confirmer", held | fields))


async def kind_of(pool: Pool, n: int) -> SenderKind | None:
    """What the last classification of an item says, `None` when nobody reclassified it."""
    payload = await pool.fetchval(
        """
        SELECT f.payload FROM desk.facts f JOIN desk.items i USING (item_id)
        WHERE i.chrono = $1 AND f.type = 'ItemReclassified' ORDER BY f.seq DESC LIMIT 1
        """,
        chrono(n),
    )
    if payload is None:
        return None
    fact = ITEMS.validate_json(payload)
    assert isinstance(fact, ItemReclassified)
    return fact.classification.sender_kind


async def noted(pool: Pool) -> list[str]:
    rows = await pool.fetch(
        "SELECT payload::jsonb ->> 'pli' AS pli FROM desk.facts WHERE type = 'SenderNoted'"
        " ORDER BY recorded_at, seq"
    )
    return [row["pli"] for row in rows]


async def test_one_key_accepts_who_writes_a_mail_and_states_nothing_that_is_known(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    blobs = LocalBlobs(tmp_path)
    person = wrote("Aïcha Benkirane", "Mon titre", "Bonjour.", address="aicha@orange.fr")
    firm = wrote("Garage Petit", "Carte grise", "Bonjour.", address="contact@garage.example")
    await registered(
        pool,
        await a_mail(blobs, "a", person, routing=proposed()),
        await a_mail(blobs, "b", firm, routing=proposed()),
    )
    held = form_of(await clerk.page(f"{QUEUE}/{chrono(1)}"))
    assert held == {
        "sender_kind": "citizen",
        "expediteur": "oui",
        "sender_name": "Aïcha Benkirane",
        "sender_address": "aicha@orange.fr",
        "sender_postal": "",
    }
    await confirmed(clerk, 1)
    assert await kind_of(pool, 1) is SenderKind.CITIZEN
    assert form_of(await clerk.page(f"{QUEUE}/{chrono(2)}"))["sender_kind"] == "unknown"
    await confirmed(clerk, 2, sender_kind="company")
    assert await kind_of(pool, 2) is SenderKind.COMPANY
    assert await noted(pool) == [], "name and address are those of the mail"


async def test_a_letter_s_head_is_proposed_accepted_and_shown_everywhere(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await a_letter(pool, tmp_path)
    page = await clerk.page(f"{QUEUE}/{chrono(1)}")
    shown = "(lu par la machine)</small> : Mme Jeanne Martin, 12, rue des Lavandières, 36000"
    assert shown in page
    assert form_of(page) == {
        "sender_kind": "citizen",
        "expediteur": "oui",
        "sender_name": "Mme Jeanne Martin",
        "sender_address": "",
        "sender_postal": "12, rue des Lavandières\n36000 Châteauroux",
    }
    await confirmed(clerk, 1)
    (key,) = await noted(pool)
    kept = await plis.read(LocalBlobs(tmp_path), BlobKey(key))
    assert kept.addressee.name == "Mme Jeanne Martin"
    assert kept.addressee.postal == "12, rue des Lavandières\n36000 Châteauroux"
    told = await pool.fetch("SELECT payload FROM desk.facts UNION SELECT payload FROM desk.outbox")
    assert not any("Martin" in row["payload"] for row in told), "personal data by claim check"
    await read(pool, tmp_path)
    assert IN_LIST in await clerk.page("/courriers?qui=tous")
    found = await clerk.page("/recherche?q=lavandieres")
    assert chrono(1) in found
    assert IN_LIST in " ".join(BeautifulSoup(found, "html.parser").get_text(" ").split())
    item = await clerk.page(f"/courrier/{chrono(1)}")
    assert "Mme Jeanne Martin, 12, rue des Lavandières, 36000 Châteauroux (particulier)" in item
    assert "Expéditeur noté" in item
    pdf = await clerk.get("/bureau/impressions/bordereau.pdf?service=bmi&jour=2026-05-11")
    text = pypdfium2.PdfDocument(io.BytesIO(pdf.content))[0].get_textpage().get_text_range()
    printed = " ".join(text.split())
    for words in (chrono(1), "Mme Jeanne Martin", "12, rue des Lavandières", "36000 Châteauroux"):
        assert words in printed


async def test_one_key_takes_back_who_writes_with_the_rest(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await a_letter(pool, tmp_path)
    await confirmed(clerk, 1, sender_name="Mme Jeanne Martine")
    await read(pool, tmp_path)
    assert "Jeanne Martine" in await clerk.page("/courriers?qui=tous")
    url = f"{QUEUE}/{chrono(1)}"
    await clerk.to(await clerk.send(f"{QUEUE}?dernier={chrono(1)}", f"{url}/annuler"))
    await read(pool, tmp_path)
    assert "Jeanne Martine" not in await clerk.page("/courriers?qui=tous")
    assert form_of(await clerk.page(url))["sender_name"] == "Mme Jeanne Martin"


async def test_on_the_item_s_page_who_writes_is_corrected_and_mail_goes_there(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await a_letter(pool, tmp_path)
    await confirmed(clerk, 1)
    item, page = f"/courrier/{chrono(1)}", f"/courrier/{chrono(1)}/expediteur"
    form = BeautifulSoup(await clerk.page(page), "html.parser")
    name = form.select_one("#sender_name")
    assert name is not None
    assert name["value"] == "Mme Jeanne Martin"
    said = {
        "expediteur": "oui",
        "sender_kind": "association",
        "sender_name": "Les Amis du Bois",
        "sender_address": "pas une adresse",
        "sender_postal": "8, rue Haute",
    }
    wrong = await clerk.send(page, page, said)
    assert (wrong.status_code, "inutilisable" in wrong.text) == (422, True)
    assert len(await noted(pool)) == 1
    right = said | {"sender_address": "amis@bois.example"}
    shown = await clerk.to(await clerk.send(page, page, right))
    assert "Les Amis du Bois, amis@bois.example, 8, rue Haute (association)" in shown
    assert await kind_of(pool, 1) is SenderKind.ASSOCIATION
    again = await clerk.send(page, page, right)
    assert "Rien n’a changé" in again.text
    asks = f"{item}/pieces"
    fields = {"piece": "passeport", "until": "2026-06-08", "way": "mail"}
    assert (await clerk.send(asks, asks, fields)).status_code == 303


async def test_what_is_reserve_is_neither_shown_nor_changed_in_the_queue(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    secret = a_scan("s", routing=proposed(confidentiality="reserve"))
    key = await plis.write(LocalBlobs(tmp_path), 2026, secret.arrival_id, scanned(LETTER))
    await registered(pool, secret.model_copy(update={"pli": key}))
    page = await clerk.page(f"{QUEUE}/{chrono(1)}")
    assert "Martin" not in page
    assert form_of(page) == {"sender_kind": "unknown"}
    await confirmed(clerk, 1, sender_kind="citizen")
    assert await kind_of(pool, 1) is SenderKind.CITIZEN
    assert await noted(pool) == []
    await read(pool, tmp_path)
    pdf = await clerk.get("/bureau/impressions/bordereau.pdf?service=bmi&jour=2026-05-11")
    text = pypdfium2.PdfDocument(io.BytesIO(pdf.content))[0].get_textpage().get_text_range()
    assert "Martin" not in text
    assert (await clerk.get(f"/courrier/{chrono(1)}/expediteur")).status_code in {303, 403}


async def test_the_command_line_says_who_writes_and_keeps_what_it_does_not_name(
    pool: Pool, clerk: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_BLOBS", str(tmp_path))
    await mails(pool, tmp_path, proposed())
    who = ["sender", "1", "--name", "Ana Silva", "--email", "ana@orange.fr"]
    await done(*who, "--sender-kind", "citizen", who="a.gent")
    await done("sender", "1", "--postal", "3, rue Basse", "--postal", "36110 Levroux", who="a.gent")
    item = await clerk.page(f"/courrier/{chrono(1)}")
    assert "Ana Silva, ana@orange.fr, 3, rue Basse, 36110 Levroux (particulier)" in item
    assert len(await noted(pool)) == 2
    await done("sender", "1", "--name", "Ana Silva", who="a.gent")
    assert len(await noted(pool)) == 2, "nothing changes"
    said = await refused_as_usage("sender", "1", "--email", "nulle part")
    assert "'nulle part' is no e-mail address" in said


async def refused_as_usage(*words: str) -> str:
    said = await desk_says(*words, "--as", "a.gent")
    assert said.exit_code == 2
    return said.output


@pytest.mark.parametrize("whole", [False, True])
async def test_what_is_withdrawn_takes_with_it_who_wrote_it(
    *, pool: Pool, clerk: Browser, tmp_path: Path, whole: bool
) -> None:
    await a_letter(pool, tmp_path)
    await confirmed(clerk, 1)
    await read(pool, tmp_path)
    assert IN_LIST in await clerk.page("/courriers?qui=tous")
    (key,) = await noted(pool)
    folder = tmp_path.joinpath(*key.split("/")[:2])
    assert folder.exists()
    item = f"/courrier/{chrono(1)}"
    officer = await Browser(clerk.pages).sign_in("q.officer")
    head = await Browser(clerk.pages).sign_in("b.head")
    proof = f"{item}/preuve"
    arrival = await pool.fetchval("SELECT arrival_id FROM desk.arrivals")
    what = {"document": WHOLE if whole else str(arrival), "motif": "donnees-sensibles"}
    await officer.to(await officer.send(proof, f"{proof}/retrait", what))
    await head.to(await head.send(proof, f"{proof}/retrait", {"action": "confirmer"}))
    await erase(pool, LocalBlobs(tmp_path), MONDAY)
    assert not folder.exists()
    await read(pool, tmp_path)
    assert await pool.fetchval("SELECT string_agg(sender, '') FROM desk.search") in {None, ""}
    assert await pool.fetchval("SELECT count(*) FROM desk.search WHERE lacking IS NOT NULL") == 0
    assert "Martin" not in await head.page(item)


async def test_a_forged_form_does_not_say_where_the_answers_to_what_is_reserve_go(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await a_letter(pool, tmp_path)
    here, url = f"/courrier/{chrono(1)}", f"{QUEUE}/{chrono(1)}"
    general = await Browser(clerk.pages).sign_in("s.general")
    made = await general.send(here, f"{here}/reclasser", {"confidentiality": "reserve"})
    assert made.status_code == 303, made.text
    forged = {"expediteur": "oui", "sender_name": "Moi", "sender_address": "moi@ailleurs.example"}
    answer = await clerk.send(url, f"{url}/confirmer", forged)
    assert (answer.status_code, "à qui le lit en entier" in answer.text) == (422, True)
    assert await noted(pool) == []


async def test_who_writes_is_corrected_by_the_word_that_makes_it_reserve(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    """The clerk read it until then."""
    await a_letter(pool, tmp_path)
    await confirmed(clerk, 1, sender_name="Mme J. Martin", confidentiality="reserve")
    assert len(await noted(pool)) == 1
    row = await pool.fetchrow("SELECT confidentiality, state FROM desk.items")
    assert row is not None
    assert (row["confidentiality"], row["state"] != "to_qualify") == ("reserve", True)

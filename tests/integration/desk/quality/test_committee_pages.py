"""The users' committee on its pages: called, held, remarks kept as typed, minutes approved."""

import io
import re
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser as Chrome

from services.desk.quality.store import committee as store
from shared.content.blobs import LocalBlobs
from shared.facts.vocabulary import Nature
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.desk_builders import proposed
from tests.e2e.browser import WIDE, Person
from tests.integration.desk.closed import JULY
from tests.integration.desk.findings import a_mail, registered, wrote
from tests.integration.desk.offices import chrono
from tests.integration.desk.proven import named as found_by
from tests.integration.desk.quality.measured import NEW, at, opens
from tests.integration.desk.windows import THEMES, windows
from tests.layout_faults import ZOOMED, faults, look
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")

HOME = "/qualite/comite"
MEETING = f"{HOME}/reunions/1"
ROOM = f"{MEETING}/seance"
REMARKS = f"{HOME}/remarques"
AFTER = datetime(2026, 9, 10, 15, 0, tzinfo=UTC)
_SHOWN = re.compile(r'name="vu" value="([0-9a-f]{64})"')
LARGE, NARROW = (1440, 900), (360, 740)


async def called(pool: Pool, postgres_url: str, folder: Path) -> Browser:
    """Two members, and a meeting for the tenth of September; the story stands in July."""
    officer = await Browser(await at(pool, postgres_url, folder, JULY)).sign_in("q.officer")
    for name, organisation in (("Odette Vannier", "Familles de l’Exemple"), ("Gaspard Roux", "")):
        fields = {"nom": name, "organisme": organisation, "college": "associations"}
        await officer.to(await officer.send(HOME, f"{HOME}/membres", fields))
    early = {"membre": "2", "nature": "observation", "remarque": "La borne est en panne."}
    await officer.to(await officer.send(HOME, REMARKS, early))
    meeting = {"jour": "2026-09-10", "heure": "14:30", "lieu": "Salle Balsan"}
    page = await officer.to(await officer.send(HOME, f"{HOME}/reunions", meeting))
    assert "14\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30, Salle Balsan" in page
    return officer


async def held(pool: Pool, postgres_url: str, folder: Path) -> Browser:
    """The meeting took place: a remark of each kind, one of them answered."""
    await called(pool, postgres_url, folder)
    officer = await Browser(await at(pool, postgres_url, folder, AFTER)).sign_in("q.officer")
    there = {"presents": ["1", "2"], "excuses": []}
    await officer.to(await officer.send(MEETING, f"{MEETING}/tenue", there))
    for kind, text in (
        ("question", "Peut-on venir\nsans rendez-vous ?"),
        ("satisfaction", "Bien."),
    ):
        said = {"membre": "1", "nature": kind, "remarque": text, "point": "reception"}
        page = await officer.to(
            await officer.send(f"{ROOM}?point=reception", f"{MEETING}/remarques", said)
        )
        assert "point 2 sur 8" in page
    answered = {"fonction": "Responsable de l’accueil", "reponse": "Oui, le matin."}
    await officer.to(await officer.send(ROOM, f"{REMARKS}/2/reponse", answered))
    return officer


async def approves(officer: Browser) -> httpx.Response:
    """The minutes are approved as the page shows them."""
    seen = _SHOWN.search(await officer.page(MEETING))
    assert seen is not None
    return await officer.send(MEETING, f"{MEETING}/approuver", {"vu": seen.group(1)})


async def document(officer: Browser) -> str:
    answer = await officer.get(f"{MEETING}/compte-rendu.odt")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return archive.read("content.xml").decode()


async def test_a_letter_is_noted_as_a_remark_by_one_key(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Chrome
) -> None:
    mail = wrote("Ana Petit", "Accueil", "La borne est en panne.", address="ana@orange.fr")
    routing = proposed(nature=Nature.COMPLAINT)
    await registered(pool, await a_mail(LocalBlobs(tmp_path), "a", mail, routing=routing))
    pages = await at(pool, postgres_url, tmp_path, JULY)
    member = {"nom": "Odette Vannier", "organisme": "", "college": "associations"}
    officer = await Browser(pages).sign_in("q.officer")
    await officer.to(await officer.send(HOME, f"{HOME}/membres", member))
    async with (
        windows(pool, pages.clock, tmp_path, chrome, THEMES[0]) as desk,
        desk.of("q.officer") as page,
    ):
        person = Person(page, desk.home)
        await person.go(f"/courrier/{chrono(1)}")
        await person.press_on("r")
        assert page.url.endswith(f"{HOME}?courrier={chrono(1)}")
        assert await page.input_value("#courrier") == chrono(1)
        await page.select_option("[name=membre]", "1")
        await page.fill("#remarque", "La borne est souvent en panne.")
        await page.locator(f"form[action='{REMARKS}'] button").first.press("Enter")
        await page.get_by_text("Remarque n° 1 notée.").wait_for()
    async with transaction(pool) as connection:
        remark = (await store.committee(connection)).remarks[1]
    known = await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", chrono(1))
    assert remark.item_id == known


async def test_a_meeting_from_its_call_to_published_minutes(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await held(pool, postgres_url, tmp_path)
    page = await officer.page(MEETING)
    assert "La borne est en panne." in page  # it came before, and belongs to this meeting
    early = await approves(officer)
    assert early.status_code == 422
    assert "remarques 1" in early.text
    answer = {"fonction": "Référente qualité", "reponse": "Elle est remplacée."}
    await officer.to(await officer.send(HOME, f"{REMARKS}/1/reponse", answer))
    draft = await document(officer)
    seen = _SHOWN.search(await officer.page(MEETING))
    assert seen is not None
    answer = {"fonction": "Référente qualité", "reponse": "Elle est remplacée demain."}
    await officer.to(await officer.send(HOME, f"{REMARKS}/1/reponse", answer))
    stale = await officer.send(MEETING, f"{MEETING}/approuver", {"vu": seen.group(1)})
    assert (stale.status_code, "a changé depuis" in stale.text) == (422, True)
    assert "Odette Vannier (Familles de l’Exemple)" in draft
    await officer.to(await approves(officer))
    late = {"fonction": "Référente qualité", "reponse": "Autre chose."}
    refused = await officer.send(HOME, f"{REMARKS}/1/reponse", late)
    assert "ne change plus" in refused.text
    page = await officer.to(await officer.send(MEETING, f"{MEETING}/diffuser"))
    assert "compte-rendu diffusé" in page
    again = await officer.send(MEETING, f"{MEETING}/diffuser")
    assert (again.status_code, "déjà noté diffusé" in again.text) == (422, True)
    approved = await document(officer)
    for remark in ("La borne est en panne.", "sans rendez-vous ?", "Bien.", "Oui, le matin."):
        assert remark in approved
    payloads = await pool.fetch("SELECT payload FROM desk.quality_facts")
    assert not any("Vannier" in row["payload"] for row in payloads)
    assert await found_by(pool, "quality") == []
    # What the page of an approved meeting says was presented is what its minutes say, whatever the
    # register says since of the same hour (here, of measures opened before it).
    assert "Mesures correctives," not in await officer.page(MEETING)
    await opens(officer, due=date(2026, 10, 1))
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(
            """
            UPDATE desk.quality_facts SET payload = regexp_replace(
                payload, '"happened_at":"2026-09', '"happened_at":"2026-08')
            WHERE type = 'MeasureOpened'
            """
        )
    for page_of in (MEETING, f"{ROOM}?point=measures"):
        assert "Mesures correctives," not in await officer.page(page_of)
    said = "Le label vaut 36 mois : audit de suivi à 18 mois, audit de renouvellement à 34 mois."
    assert said in (await officer.page(MEETING)).replace("\N{NO-BREAK SPACE}", " ")


async def test_minutes_say_what_was_known_when_the_meeting_was_held(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    """A measure that is opened after the meeting, and before its minutes are approved."""
    officer = await held(pool, postgres_url, tmp_path)
    await opens(officer, due=date(2026, 10, 1))
    assert "Mesures correctives" not in await officer.page(f"{ROOM}?point=measures")
    assert "Mesures correctives," not in await document(officer)


async def test_a_meeting_that_was_held_holds_its_date_in_the_calendar_of_the_label(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await called(pool, postgres_url, tmp_path)
    date_of = {"jour": "2026-01-15"}
    await officer.to(await officer.send("/qualite/label", "/qualite/label/date", date_of))
    officer = await Browser(await at(pool, postgres_url, tmp_path, AFTER)).sign_in("q.officer")
    for present in (["1"], ["1", "2"]):  # the second time it is corrected
        there = {"presents": present, "excuses": []}
        await officer.to(await officer.send(MEETING, f"{MEETING}/tenue", there))
    rows = await pool.fetch(
        "SELECT payload::jsonb ->> 'step' AS step, payload::jsonb ->> 'on' AS day"
        " FROM desk.quality_facts WHERE type = 'StepHeld'"
    )
    assert [(row["step"], row["day"]) for row in rows] == [("comite", "2026-09-10")]


async def test_each_remark_leads_to_a_measure_or_a_reason(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await held(pool, postgres_url, tmp_path)
    asked = "?source=remark&numero=1"
    assert asked.replace("&", "&amp;") in await officer.page(HOME)
    assert "La borne est en panne." in await officer.page(f"{NEW}{asked}")
    await opens(officer, query=asked, due=date(2026, 10, 1))
    await officer.to(await officer.send(HOME, f"{REMARKS}/2/suite", {"motif": "Déjà possible."}))
    page = await officer.page(MEETING)
    assert "mesure n° 1" in page
    assert "Déjà possible." in page
    async with transaction(pool) as connection:
        found = await store.committee(connection)
    assert all(remark.followed for remark in found.remarks.values())


async def test_a_name_is_gone_three_years_after_the_mandate_and_from_minutes_too(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await held(pool, postgres_url, tmp_path)
    answer = {"fonction": "Référente qualité", "reponse": "Elle est\x0bremplacée."}
    await officer.to(await officer.send(HOME, f"{REMARKS}/1/reponse", answer))
    assert "Gaspard Roux : La borne" in await officer.page(MEETING)
    await officer.to(await approves(officer))
    kept = [row["body"] for row in await pool.fetch("SELECT body FROM desk.quality_texts")]
    [approved] = [text for text in kept if "COMPTE-RENDU" in text]
    assert not [name for name in ("Vannier", "Familles", "Roux") if name in approved]
    await officer.to(await officer.send(HOME, f"{HOME}/membres/1/fin"))
    for day, gone in ((date(2029, 9, 9), 0), (date(2029, 9, 10), 1), (date(2029, 9, 11), 0)):
        async with transaction(pool) as connection:
            assert await store.erase_names(connection, day, AFTER) == gone
    text = await document(officer)
    assert "Vannier" not in text
    assert "(nom effacé)" in text
    assert "Gaspard Roux" in text
    assert await found_by(pool, "quality") == []


async def test_the_invitation_is_an_event_in_universal_time(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await called(pool, postgres_url, tmp_path)
    answer = await officer.get(f"{MEETING}/invitation.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    lines = answer.text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert "DTSTART:20260910T123000Z" in lines
    assert "DTEND:20260910T143000Z" in lines
    assert "LOCATION:Salle Balsan" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    moved = {"jour": "2026-09-17", "heure": "9:00", "lieu": "Salle, rez-de-chaussée"}
    await officer.to(await officer.send(MEETING, f"{MEETING}/deplacer", moved))
    text = (await officer.get(f"{MEETING}/invitation.ics")).text
    assert "DTSTART:20260917T070000Z" in text
    assert "SEQUENCE:1" in text
    assert "LOCATION:Salle\\, rez-de-chaussée" in text
    cancel = {"acte": "annuler"}
    page = await officer.to(await officer.send(MEETING, f"{MEETING}/deplacer", cancel))
    assert "Réunion annulée" in page
    assert "Convoquer une réunion" in page
    text = (await officer.get(f"{MEETING}/invitation.ics")).text
    assert "SEQUENCE:2\r\nSTATUS:CANCELLED" in text
    assert "Arrêter l’ordre du jour" not in await officer.page(MEETING)
    there = {"presents": ["1"], "excuses": []}
    refused = await officer.send(MEETING, f"{MEETING}/tenue", there)
    assert (refused.status_code, "est annulée" in refused.text) == (422, True)
    again = {"jour": "2026-09-24", "heure": "9:00", "lieu": "Salle Balsan"}
    page = await officer.to(await officer.send(HOME, f"{HOME}/reunions", again))
    assert "La borne est en panne." in page, "what waited waits for this one"


@pytest.mark.parametrize("theme", THEMES)
async def test_the_committee_is_whole_and_accessible_in_every_window(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Chrome, theme: str
) -> None:
    officer = await held(pool, postgres_url, tmp_path)
    wrong = []
    async with (
        windows(pool, officer.pages.clock, tmp_path, chrome, theme) as desk,
        desk.of("q.officer") as page,
    ):
        person = Person(page, desk.home)
        for url in (HOME, MEETING, f"{ROOM}?point=reception", f"{ROOM}?point=measures"):
            assert await person.go(url) == 200, url
            name = url.replace("/", "-").replace("?", "-")
            for size in (LARGE, NARROW, ZOOMED):
                wrong += [f"{url} {size[0]}: {fault}" for fault in await faults(page, size)]
                await look(page, f"{theme}-{size[0]}{name}")
            await page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
            wrong += [f"{url}: {fault}" for fault in await person.violations()]
        await person.go(f"{ROOM}?point=reception")
        await person.press_on("s")
        assert page.url.endswith("point=letters")
        await page.keyboard.press("r")
        assert await page.evaluate("document.activeElement.id") == "membre"
    assert not wrong, "\n".join(wrong)

"""The satisfaction survey on its pages: opened, typed, sealed, closed, its results published."""

import csv
import io
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import numpy as np
import pytest
import zxingcpp
from playwright.async_api import Browser as Chrome
from pydantic import SecretStr
from pypdfium2 import PdfDocument

from services.desk.pages.quality import survey_entry
from services.desk.quality import survey_job
from services.desk.quality.store import survey as store
from services.desk.quality.store import survey_results
from shared.content import survey_spool
from shared.content.survey_spool import SurveySheet
from shared.facts.vocabulary import SurveyChannel
from shared.platform.clock import open_clock
from shared.platform.database import Pool, open_pool, transaction
from shared.site import store as rules
from tests.desk_browser import Browser, pages
from tests.desk_builders import DAYS, a_site
from tests.e2e.browser import WIDE, Person
from tests.integration.desk.proven import named as found_by
from tests.integration.desk.quality.measured import NEW, headings
from tests.integration.desk.quality.surveyed import (
    ANSWERS,
    HOME,
    ONE,
    OPENED,
    SEALED,
    came,
    campaign,
    closed,
    invites,
    looks,
    officer_at,
    opened,
    typed,
)
from tests.integration.desk.windows import THEMES, windows
from tests.layout_faults import ZOOMED, faults, look
from tests.roles import one_transaction, under_role
from tests.survey_builders import QUESTIONS, a_survey

pytestmark = pytest.mark.usefixtures("live_site")

ENTRY = f"{ONE}/saisie"
RESULTS = f"{ONE}/resultats"
LARGE, MIDDLE, NARROW = (1440, 900), (1366, 768), (390, 844)
TODAY = OPENED.date()
ONCE, TWICE = UUID(int=7), UUID(int=40)
"""The second is the id of a sheet that is typed twice."""


def plain(page: str) -> str:
    """A page with blanks for its spaces that don't break."""
    return page.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def printed(answer: httpx.Response) -> str:
    """The words of a PDF of one page."""
    with PdfDocument(io.BytesIO(answer.content)) as document:
        [page] = document
        return " ".join(page.get_textpage().get_text_bounded().split())


async def test_a_campaign_from_its_opening_to_its_published_results(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    assert "Votre avis sur la préfecture" in await opened(officer)
    again = await officer.send(HOME, HOME, {"questionnaire": "usagers-2"})
    assert again.status_code == 422
    assert "La campagne n° 1 de ce questionnaire est ouverte" in again.text
    handed = {"nombre": "400", "lieu": "pan", "jour": "2026-07-01"}
    page = await officer.to(await officer.send(ONE, f"{ONE}/feuilles", handed))
    assert '<td>Point d’appui numérique</td><td class="n">400</td>' in page
    await came(pool)
    assert (await officer.get(RESULTS)).status_code == 404  # nothing is told of an open campaign
    await closed(officer)
    assert (await officer.get(RESULTS)).status_code == 404
    early = await officer.send(ONE, f"{ONE}/clore", {"absents": "Personne."})
    assert early.status_code == 422
    await looks(pool, SEALED)
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            "INSERT INTO portal.survey_visits SELECT code, 30 FROM desk.survey_doors"
        )
    page = await officer.page(RESULTS)
    assert "<dt>Feuilles distribuées</dt><dd>400</dd>" in page
    assert "<dt>Page du public ouverte</dt><dd>90 fois</dd>" in page
    assert "<dt>Réponses</dt><dd>200</dd>" in page
    assert "Part des feuilles" not in page  # forty of them got none: poster and telephone
    assert page.index("Qui a répondu") < page.index("Par question")
    joined = '<th scope="row" class="nobr">papier, affiche et téléphone</th>'
    assert f'{joined}<td class="n">140</td><td class="n">86</td>' in page
    assert "de 56 à 69\N{NO-BREAK SPACE}%" in page
    await officer.to(await officer.send(ONE, f"{ONE}/publier"))
    twice = await officer.send(HOME, f"{ONE}/publier")
    assert "sont publiés" in twice.text
    assert "autres que publiés" not in await officer.page(RESULTS)
    proven = await officer.page("/qualite/label/engagements/enquete")
    assert "Enquête n° 1 : 200 réponses, résultats publiés." in plain(proven)
    called = {"jour": "2026-09-10", "heure": "14:30", "lieu": "Salle Balsan"}
    meeting = await officer.to(
        await officer.send("/qualite/comite", "/qualite/comite/reunions", called)
    )
    assert "200 réponses, 400 feuilles distribuées" in plain(meeting)
    assert "Point fort : Avez-vous été bien accueilli ? 190 sur 200" in plain(meeting)
    opens = f"{NEW}?source=question&code=usagers.attente&numero=1"
    board = plain(await officer.page("/qualite/mesures"))
    assert "Question de l’enquête : Le temps d’attente vous a-t-il convenu ?, n° 1" in board
    named = "Enquête n° 1, « Le temps d’attente vous a-t-il convenu ? »"
    assert named in plain(await officer.page(opens))
    assert await found_by(pool, "quality", "writings", "surveys") == []
    payloads = [
        row["payload"] for row in await pool.fetch("SELECT payload FROM desk.quality_facts")
    ]
    assert not any("samedi" in payload or "attente" in payload for payload in payloads)


async def test_the_files_say_what_the_page_says(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    await came(pool)
    await closed(officer)
    await looks(pool, SEALED)
    text = (await officer.get(f"{RESULTS}.csv")).content.decode("utf-8-sig")
    told = list(csv.reader(io.StringIO(text), delimiter=";"))
    waiting = [line[1:4] for line in told if line[0].startswith("Le temps d’attente")]
    assert waiting == [
        ["guichet", "60", "40"],
        ["papier, affiche et téléphone", "140", "86"],
        ["ensemble", "200", "126"],
    ]
    for kind in ("xlsx", "ods"):
        answer = await officer.get(f"{RESULTS}.{kind}")
        assert zipfile.is_zipfile(io.BytesIO(answer.content))
    assert (await officer.get(f"{RESULTS}.pdf")).status_code == 404
    report = await officer.get(f"{ONE}/rapport.odt")
    assert headings(report.content) == [
        "Qui a répondu", "Résultats par question", "Points forts", "Points de vigilance", "Méthode",
    ]  # fmt: skip
    assert "Avez-vous été bien accueilli" in printed(await officer.get(f"{ONE}/feuille.pdf"))


async def test_the_sheet_is_printed_in_the_languages_that_somebody_reviewed(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    assert f"{ONE}/feuille.pdf?langue=en" in await officer.page(ONE)
    english = printed(await officer.get(f"{ONE}/feuille.pdf?langue=en"))
    lines = ("Was the waiting time", "Le temps d’attente", "Were you well received", "Was the web")
    places = [english.index(line) for line in lines]
    assert places == sorted(places), "the lines of the form, each with its French below"
    for said in ("rather good", "Write no name.", "A remark?", "Odile Blanchet, 20/04/2026"):
        assert said in english, english
    assert (await officer.get(f"{ONE}/feuille.pdf?langue=de")).status_code == 404


async def test_two_years_stand_side_by_side_where_the_words_are_the_same(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    await came(pool)
    await closed(officer)
    await looks(pool, SEALED)
    officer = await officer_at(pool, postgres_url, tmp_path, OPENED + timedelta(days=365))
    await opened(officer, "usagers-2")
    await came(pool, [(channel, (4, 4, 4), n) for channel, _, n in ANSWERS], 2)
    await came(pool, [("paper", (1, 1, 1), 40)], 2)
    await closed(officer, 2)
    await looks(pool, SEALED + timedelta(days=365))
    page = await officer.page(f"{HOME}/2/resultats")
    # 126 of 200 before, 200 of 240 now; the third question has other words.
    assert "+20 points (entre +12 et +28)" in page
    assert page.count("amélioration établie") == 1
    assert page.count("dégradation établie") == 1
    report = await officer.get(f"{HOME}/2/rapport.odt")
    assert "Deux campagnes côte à côte" in headings(report.content)
    with zipfile.ZipFile(io.BytesIO(report.content)) as archive:
        text = archive.read("content.xml").decode()
    assert "126 sur 200, 63\N{NO-BREAK SPACE}%" in text
    assert "non comparable" in text


async def test_a_sheet_is_a_row_of_digits(
    pool: Pool, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    monkeypatch.setattr(survey_entry, "uuid4", lambda: ONCE)
    page = await typed(officer, "4 0 .", remarque="Trop d’attente.")
    assert "Feuille gardée. À la suivante." in page
    assert "1 feuille<" in page
    assert '<option value="pan" selected>' in page
    rows = await pool.fetch("SELECT * FROM desk.survey_sheets")
    assert [dict(row) for row in rows] == [
        {
            "sheet_id": ONCE, "campaign": 1, "channel": "counter", "place": "pan",
            "week": "2026-W27", "answers": [4, 0, None], "batch": None,
        }
    ]  # fmt: skip
    for wrong, sentence in (
        ("44", "2 réponses pour 3 questions"),
        ("445", "« 5 » n’est pas une réponse"),
        ("...", "Rien n’est répondu sur cette feuille"),
    ):
        fields = {"reponses": wrong, "canal": "counter", "encore": "", "corriger": ""}
        answer = await officer.send(ENTRY, ENTRY, fields)
        assert answer.status_code == 422
        assert sentence in answer.text
    fields = {"reponses": "444", "canal": "poster", "encore": "", "corriger": ""}
    assert (await officer.send(ENTRY, ENTRY, fields)).status_code == 422  # nobody types these


async def test_one_sheet_in_twenty_is_typed_twice_and_read_again_where_both_differ(
    pool: Pool, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    monkeypatch.setattr(survey_entry, "uuid4", lambda: TWICE)
    assert "La même feuille, une seconde fois" in await typed(officer, "431")
    again = f"{ENTRY}?canal=counter&lieu=pan&encore={TWICE}"
    page = await typed(officer, "441", again, encore=str(TWICE))
    assert "diffèrent à la question 2" in page
    wrong = f"{ENTRY}?corriger={TWICE}&ecarts=2"
    assert "Feuille corrigée" in await typed(officer, "441", wrong, corriger=str(TWICE))
    kept = await pool.fetchval("SELECT answers FROM desk.survey_sheets")
    assert kept == [4, 4, 1]
    await came(pool, [("poster", (1, 1, 1), 1)])
    theirs = await pool.fetchval("SELECT sheet_id FROM desk.survey_sheets WHERE channel = 'poster'")
    monkeypatch.setattr(survey_entry, "uuid4", lambda: UUID(int=60))
    await typed(officer, "444")  # typed twice as well, and not yet
    monkeypatch.setattr(survey_entry, "uuid4", lambda: ONCE)
    await typed(officer, "444")
    for sheet in (theirs, UUID(int=60), ONCE):
        fields = {"reponses": "444", "canal": "counter", "encore": "", "corriger": str(sheet)}
        refused = await officer.send(f"{ENTRY}?corriger={sheet}&ecarts=2", ENTRY, fields)
        assert refused.status_code == 422, sheet
        assert "elle ne change pas" in refused.text
    unchanged = await pool.fetchval(
        "SELECT answers FROM desk.survey_sheets WHERE sheet_id = $1", theirs
    )
    assert unchanged == [1, 1, 1]
    assert (
        "1 réponse différente sur 3 (33\N{NO-BREAK SPACE}%), sur 1 feuille"
        in await officer.page(ONE)
    )


async def test_a_batch_is_sealed_of_five_that_stood_before_and_never_changes(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    await came(pool, [("paper", (4, 4, 4), 4)])
    seen = await looks(pool, OPENED)
    assert await looks(pool, OPENED, seen) == seen  # four are too few
    await came(pool, [("paper", (1, 1, 1), 1)])
    seen = await looks(pool, OPENED, seen)
    assert (await campaign(pool)).sealed == 0  # the fifth has not stood yet
    await came(pool, [("paper", (2, 2, 2), 1)])
    seen = await looks(pool, OPENED, seen)
    assert [len(waiting) for waiting in seen.values()] == [1]
    found = await campaign(pool)
    assert [(batch.batch, batch.n, batch.last) for batch in found.batches] == [(1, 5, False)]
    for statement in (
        "UPDATE desk.survey_sheets SET answers = '{4,4,4}' WHERE batch = 1",
        "UPDATE desk.survey_sheets SET batch = NULL WHERE batch = 1",
        "DELETE FROM desk.survey_sheets",
        "TRUNCATE desk.survey_sheets CASCADE",
    ):
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            async with one_transaction(postgres_url) as owner:
                await owner.execute(statement)


async def test_a_sheet_that_was_changed_all_the_same_is_seen_and_nothing_is_published(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    await came(pool)
    await closed(officer)
    await looks(pool, SEALED)
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE desk.survey_sheets DISABLE TRIGGER keep_sheets")
        await owner.execute(
            "UPDATE desk.survey_sheets SET answers = '{4,4,4}' WHERE answers = '{2,1,NULL}'"
        )
        await owner.execute("ALTER TABLE desk.survey_sheets ENABLE TRIGGER keep_sheets")
    assert "lots altérés" in await officer.page(RESULTS)
    refused = await officer.send(ONE, f"{ONE}/publier")
    assert refused.status_code == 422
    assert "lots 1" in refused.text
    assert [line.partition(": ")[2] for line in await found_by(pool, "surveys")] == [
        "the sheets of this batch are not those that were sealed"
    ]
    await came(pool, [("paper", (1, 1, 1), 1)])
    async with one_transaction(postgres_url) as owner:
        await owner.execute("UPDATE desk.survey_sheets SET batch = 2 WHERE batch IS NULL")
        await owner.execute("ALTER TABLE desk.quality_texts DISABLE TRIGGER ALL")
        await owner.execute(
            "UPDATE desk.quality_texts SET body = replace(body, 'attente', 'accueil')"
        )
    assert [line.partition(": ")[2] for line in await found_by(pool, "surveys")] == [
        "the sheets of this batch are not those that were sealed",
        "batch 2 is sealed in the table, and no fact says so",
        "its form or its tables are not those that were kept",
    ]


async def test_sheets_of_the_public_page_are_taken_from_the_spool_once(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    spool = tmp_path / "spool"
    sheet = SurveySheet(
        sheet_id=ONCE, campaign=1, channel=SurveyChannel.POSTER, place="pan", week="2026-W27",
        answers=(4, None, 0), free_text="Merci.",
    )  # fmt: skip
    survey_spool.put(spool, sheet)
    survey_spool.put(spool, sheet.model_copy(update={"sheet_id": TWICE, "campaign": 9}))
    (spool / survey_spool.FOLDER / "strange.json").write_text("{}")
    for number, change in ((11, {"channel": SurveyChannel.PAPER}), (12, {"week": "9999-W53"})):
        other = sheet.model_copy(update={"sheet_id": UUID(int=number), **change})
        survey_spool.put(spool, other)
    os.mkfifo(spool / survey_spool.FOLDER / "pipe.json")
    assert await survey_job.take(pool, spool, TODAY) == 4
    assert await survey_job.take(pool, spool, TODAY) == 0
    survey_spool.put(spool, sheet)  # sent once more
    assert await survey_job.take(pool, spool, TODAY) == 1
    assert await pool.fetchval("SELECT count(*) FROM desk.survey_sheets") == 1
    assert await pool.fetchval("SELECT count(*) FROM desk.survey_verbatims") == 1
    aside = spool / survey_spool.FOLDER / f"{TWICE}.late"
    assert aside.stat().st_mtime == 0
    assert "Merci" not in aside.read_text()
    async with transaction(pool) as connection:  # sealed before whoever took it removed the file
        await store.seal(connection, (await store.by_batch(connection, 1))[None], 1)
    await closed(officer)
    await looks(pool, SEALED)
    survey_spool.put(spool, sheet)
    await survey_job.take(pool, spool, TODAY)
    names = {path.name for path in (spool / survey_spool.FOLDER).iterdir()}
    late = {f"{TWICE}.late", f"{UUID(int=11)}.late", f"{UUID(int=12)}.late"}
    assert names == {"strange.bad", "pipe.bad", *late}
    # Those of this campaign (the other was of none) stand on its page by their number.
    assert "2 feuilles de la page publique" in await officer.page(ONE)


async def test_a_spool_that_is_away_seals_no_last_batch_before_a_day(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    spool = tmp_path / "spool"
    assert await survey_job.mark_campaigns(pool, spool, OPENED + timedelta(minutes=5)) == {1}
    await closed(officer)
    away = tmp_path / "an empty mount point"
    assert await survey_job.mark_campaigns(pool, away, OPENED + timedelta(hours=2)) == frozenset()
    for moment, marks, complete in (
        (SEALED, frozenset[int](), False),
        (OPENED + timedelta(hours=23), frozenset[int](), False),
        (SEALED, await survey_job.mark_campaigns(pool, spool, SEALED), True),
    ):
        async with transaction(pool) as connection:
            applied = await rules.current(connection)
            await survey_job.seal(connection, applied, moment, {}, marks)
            assert await survey_job.unmarked_campaigns(connection, marks) == (
                [] if complete else [1]
            )
        assert (await campaign(pool)).complete is complete


async def test_a_free_text_is_read_by_nobody_before_it_is_masked(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    texts = f"{ONE}/remarques"
    for text in ("Madame Petitjean attend depuis mai.", "Rien.", "Adèle Gent a été aimable."):
        await typed(officer, "444", remarque=text)
    secretary = await officer_at(pool, postgres_url, tmp_path)
    await secretary.sign_in("s.general")
    page = await secretary.page(texts)
    assert "Petitjean" not in page
    assert "3 à masquer" in page
    found = {
        row["body"]: row["verbatim_id"]
        for row in await pool.fetch("SELECT verbatim_id, body FROM desk.survey_verbatims")
    }
    first = found["Madame Petitjean attend depuis mai."]
    masked = {"texte": "Une personne attend depuis mai."}
    page = await officer.to(await officer.send(texts, f"{texts}/{first}", masked))
    assert "Une personne attend depuis mai." in await secretary.page(texts)
    again = await officer.send(texts, f"{texts}/{first}", masked)
    assert "n’attend plus" in again.text
    await officer.to(await officer.send(texts, f"{texts}/{found['Rien.']}", {"retenir": "oui"}))
    left = await pool.fetch("SELECT body FROM desk.survey_verbatims ORDER BY body")
    assert [row["body"] for row in left] == [
        "Adèle Gent a été aimable.", "Une personne attend depuis mai.", None,
    ]  # fmt: skip
    agent = next(id_ for body, id_ in found.items() if body.startswith("Adèle"))
    refused = await officer.send(texts, f"{texts}/{agent}", {"texte": "a.gent a été aimable."})
    assert refused.status_code == 422
    assert "masquez" in refused.text


@pytest.mark.parametrize(("week", "gone"), [("2026-W27", 0), ("2026-W28", 1)])
async def test_free_texts_are_erased_after_twelve_months(pool: Pool, week: str, gone: int) -> None:
    async with transaction(pool) as connection:
        await store.keep_verbatim(connection, 1, "2026-W27", "Merci.")
        assert await store.erase_verbatims(connection, week) == gone
    left = await pool.fetchval("SELECT count(body) FROM desk.survey_verbatims")
    assert left == 1 - gone


async def test_a_form_that_a_campaign_used_keeps_its_words(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    await closed(officer)
    site, reworded = a_site(), QUESTIONS[0].model_copy(update={"text": "Attend-on trop ?"})
    form = site.survey.forms[0].model_copy(update={"questions": (reworded, *QUESTIONS[1:])})
    survey = site.survey.model_copy(update={"forms": (form,)})
    async with one_transaction(postgres_url) as owner:
        changed = site.model_copy(update={"survey": survey})
        await rules.keep(owner, changed, DAYS, "q.officer", "tests", OPENED)
    officer = await officer_at(pool, postgres_url, tmp_path, datetime(2027, 1, 5, 9, tzinfo=UTC))
    refused = await officer.send(HOME, HOME, {"questionnaire": "usagers-1"})
    assert refused.status_code == 422
    assert "un autre numéro de version" in refused.text
    kept = await campaign(pool)
    async with transaction(pool) as connection:
        assert (await store.form_of(connection, kept)).questions[0] == QUESTIONS[0]


@pytest.mark.parametrize("theme", THEMES)
async def test_the_survey_is_whole_and_accessible_in_every_window(
    pool: Pool,
    postgres_url: str,
    tmp_path: Path,
    chrome: Chrome,
    theme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = iter(UUID(int=number) for number in (7, 8))  # none of them is typed twice
    monkeypatch.setattr(survey_entry, "uuid4", lambda: next(ids))
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    await came(pool)
    await invites(pool)
    await typed(officer, "4 4 4", remarque="Merci.")
    wrong = []
    async with (
        windows(pool, officer.pages.clock, tmp_path, chrome, theme) as desk,
        desk.of("q.officer") as page,
    ):
        person = Person(page, desk.home)
        below = (f"{ONE}/remarques", f"{ONE}/courriels")
        for url in (HOME, ONE, ENTRY, f"{ENTRY}?corriger={TWICE}&ecarts=2", *below):
            wrong += await _seen(person, url, theme)
        await person.go(ENTRY)
        await person.write("321")
        await person.press("Enter")
        await page.get_by_text("À la suivante").wait_for()
        await closed(officer)
        await looks(pool, SEALED)
        for url in (ONE, RESULTS):
            wrong += await _seen(person, url, theme)
    assert wrong == []


async def _seen(person: Person, url: str, theme: str) -> list[str]:
    assert await person.go(url) == 200, url
    name, wrong = url.replace("/", "-").partition("?")[0], []
    for size in (LARGE, MIDDLE, NARROW, ZOOMED):
        wrong += [f"{url} {size[0]}: {fault}" for fault in await faults(person.page, size)]
        await look(person.page, f"{theme}-{size[0]}{name}")
    await person.page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    return wrong + [f"{url}: {fault}" for fault in await person.violations()]


async def test_posters_lead_to_the_public_page_and_show_what_was_published(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    assert "adresse des pages du public non réglée" in await officer.page(ONE)
    assert (await officer.get(f"{ONE}/affiche.pdf?lieu=pan")).status_code == 404
    reached = pages(
        pool, officer.pages.clock, tmp_path, portal_url="https://ecrire.prefecture.example"
    )
    there = await Browser(reached).sign_in("q.officer")
    doors = await pool.fetch("SELECT place, code, open FROM desk.survey_doors ORDER BY place")
    assert [(row["place"], row["open"]) for row in doors] == [
        ("", True), ("accueil", True), ("pan", True),
    ]  # fmt: skip
    assert len({row["code"] for row in doors}) == 3
    for paper, millimetres in (("a4", 297), ("a3", 420)):
        answer = await there.get(f"{ONE}/affiche.pdf?lieu=pan&format={paper}")
        document = PdfDocument(answer.content)
        assert len(document) == 1
        assert document[0].get_height() == pytest.approx(millimetres * 72 / 25.4, abs=1)
        picture = np.asarray(document[0].render(scale=2).to_pil())
        [read] = zxingcpp.read_barcodes(picture)
        assert read.text == f"https://ecrire.prefecture.example/enquete/{doors[2]['code']}"
    assert (await there.get(f"{ONE}/affiche.pdf?lieu=elsewhere")).status_code == 404
    assert (await there.get(f"{ONE}/affiche.pdf?lieu=pan&format=a2")).status_code == 404
    await came(pool)
    await closed(officer)
    assert await pool.fetchval("SELECT bool_or(open) FROM desk.survey_doors") is False
    await looks(pool, SEALED)
    assert (await there.get(f"{ONE}/affiche-resultats.pdf")).status_code == 404
    await officer.to(await officer.send(ONE, f"{ONE}/publier"))
    answer = await there.get(f"{ONE}/affiche-resultats.pdf?format=a3")
    text = PdfDocument(answer.content)[0].get_textpage().get_text_range()
    assert "200 réponses" in text
    assert "126 satisfaits sur 200" in text


async def test_a_form_that_can_not_be_read_stops_neither_lists_nor_sheets(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    await came(pool)
    await closed(officer)
    await looks(pool, SEALED)
    await officer.to(await officer.send(ONE, f"{ONE}/publier"))
    await opened(officer, "usagers-2")
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE desk.quality_texts DISABLE TRIGGER ALL")
        await owner.execute("UPDATE desk.quality_texts SET body = '{}' WHERE body LIKE '{%'")
    assert "(questionnaire illisible)" in await officer.page(HOME)
    assert (await officer.get("/qualite/mesures")).status_code == 200
    assert (await officer.get("/qualite/comite")).status_code == 200
    sheet = SurveySheet(
        sheet_id=ONCE, campaign=2, channel=SurveyChannel.POSTER, place="pan", week="2026-W27",
        answers=(4, None, 0),
    )  # fmt: skip
    survey_spool.put(tmp_path / "spool", sheet)
    assert await survey_job.take(pool, tmp_path / "spool", TODAY) == 1
    async with transaction(pool) as connection:
        assert await store.count(connection, 2) == 1


async def test_every_page_stands_under_the_role_by_which_pages_are_served(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await officer_at(pool, postgres_url, tmp_path)
    web = await open_pool(SecretStr(under_role(postgres_url, "web")), "tests")
    try:
        clock = await open_clock(web, SecretStr(under_role(postgres_url, "web")))
        officer = await Browser(pages(web, clock, tmp_path)).sign_in("q.officer")
        await opened(officer)
        handed = {"nombre": "400", "lieu": "pan", "jour": "2026-07-01"}
        await officer.to(await officer.send(ONE, f"{ONE}/feuilles", handed))
        await typed(officer, "444", remarque="Merci.")
        await came(pool)
        await closed(officer)
        await looks(pool, SEALED)
        await officer.to(await officer.send(ONE, f"{ONE}/publier"))
        [found] = await pool.fetch("SELECT verbatim_id FROM desk.survey_verbatims")
        one = f"{ONE}/remarques/{found['verbatim_id']}"
        await officer.to(await officer.send(f"{ONE}/remarques", one, {"texte": "Merci."}))
        for url in (HOME, ONE, RESULTS, f"{RESULTS}.csv", f"{ONE}/rapport.odt", "/qualite/mesures"):
            assert (await officer.get(url)).status_code == 200, url
    finally:
        await web.close()


async def test_nothing_is_published_of_nine_answers_nor_of_a_batch_without_its_fact(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    await came(pool, [("paper", (4, 4, 4), 9)])
    await closed(officer)
    await looks(pool, SEALED)
    refused = await officer.send(ONE, f"{ONE}/publier")
    assert refused.status_code == 422
    assert "Moins de 10 réponses" in refused.text
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            """
            INSERT INTO desk.survey_sheets
                (sheet_id, campaign, channel, place, week, answers, batch)
            SELECT gen_random_uuid(), 1, 'paper', '', '2026-W27', '{4,4,4}', 99
            FROM generate_series(1, 40)
            """
        )
    page = await officer.page(RESULTS)
    assert "Les feuilles des lots 99" in page
    assert "<dt>Réponses</dt><dd>9</dd>" in page


async def test_the_last_survey_of_each_form_is_told_whatever_its_number(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    town = a_survey().forms[0].model_copy(update={"id": "mairies", "title": "Vu des mairies"})
    site = a_site()
    survey = site.survey.model_copy(update={"forms": (*site.survey.forms, town)})
    async with one_transaction(postgres_url) as owner:
        changed = site.model_copy(update={"survey": survey})
        await rules.keep(owner, changed, DAYS, "q.officer", "tests", OPENED)
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    await opened(officer, "mairies-1")
    for number in (2, 1):  # the second is published first
        await came(pool, campaign=number)
        await closed(officer, number)
        await looks(pool, SEALED)
        one = f"{HOME}/{number}"
        await officer.to(await officer.send(one, f"{one}/publier"))
    async with transaction(pool) as connection:
        found = await survey_results.last_published(connection)
    assert sorted(campaign.form for campaign, _ in found) == ["mairies", "usagers"]

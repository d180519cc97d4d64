"""The label's pages: states that follow from proofs, the calendar, the framework, who may write."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from services.desk.evidence import quality_check
from services.desk.evidence.verification import writings
from services.desk.evidence.verification.ground import WHOLE_STORE, VerificationContext
from services.ops.replanner import make_replanning
from shared.content.blobs import LocalBlobs
from shared.facts.quality import QUALITY, Quality
from shared.facts.quality.label import LabelDateMoved, LabelDateSet, ProofFiled
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site import store
from tests.desk_browser import Browser, pages
from tests.integration.desk.closed import JULY
from tests.integration.desk.proven import named
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

LABEL = "/qualite/label"
DATES = f"{LABEL}/calendrier"
FRAMEWORK = f"{LABEL}/referentiel"
PHONE = f"{LABEL}/engagements/telephone"
LETTERS = f"{LABEL}/engagements/lettres-lisibles"
TEXTS = f"{LABEL}/engagements/alerte-textes"


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    """The référent qualité, on the second of July 2026."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    browser = await Browser(pages(pool, clock, tmp_path)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


async def told(pool: Pool) -> Sequence[Quality]:
    rows = await pool.fetch("SELECT payload FROM desk.quality_facts ORDER BY seq")
    return [QUALITY.validate_json(row["payload"]) for row in rows]


async def states(officer: Browser) -> dict[str, str]:
    """By the address of each engagement, its state."""
    page = BeautifulSoup(await officer.page(LABEL), "html.parser")
    return {
        str(link["href"]).rpartition("/")[2]: row.select("td .chip")[0].text
        for row in page.select("tbody tr")
        for link in row.select("th a[href*='/engagements/']")
    }


async def file(officer: Browser, url: str, **fields: str) -> int:
    with_document = fields.pop("document", "")
    files = {"fichier": ("x.pdf", with_document.encode(), "application/pdf")}
    answer = await officer.send(
        url, f"{url}/preuve", fields, files=files if with_document else None
    )
    return answer.status_code


async def test_a_proof_that_is_filed_makes_its_engagement_kept_and_no_other(
    officer: Browser, pool: Pool
) -> None:
    before = await states(officer)
    assert set(before.values()) == {"non concluant"}
    assert len(before) == 19
    seen = {"preuve": "observation appels", "jour": "2026-06-01", "tenu": "yes"}
    assert await file(officer, PHONE, **seen, remarque="Dix appels sur dix ont abouti.") == 303
    assert await states(officer) == before | {"telephone": "tenu"}
    [fact] = await told(pool)
    assert isinstance(fact, ProofFiled)
    assert (fact.engagement, fact.kind, fact.code, fact.holds) == (
        "telephone", "observation", "appels", "yes",
    )  # fmt: skip
    assert fact.sha256 is not None


async def test_a_day_alone_proves_nothing(officer: Browser, pool: Pool) -> None:
    day = {"preuve": "observation appels", "jour": "2026-06-01"}
    words = {"remarque": "Dix appels sur dix ont abouti."}
    for refused, said in (
        (day | words, "Dites ce que la preuve montre."),
        (day | {"tenu": "yes"}, "un jour ne prouve rien"),
        (day | words | {"tenu": "yes", "jusqu": "2099-01-01"}, "Seul un document"),
    ):
        answer = await officer.send(PHONE, f"{PHONE}/preuve", refused)
        assert answer.status_code == 422
        assert said in answer.text
    empty = {"fichier": ("x.pdf", b"", "application/pdf")}
    what = {"preuve": "document textes", "jour": "2026-06-01", "tenu": "yes"}
    answer = await officer.send(TEXTS, f"{TEXTS}/preuve", what, files=empty)
    assert answer.status_code == 422
    assert "Ce fichier est vide." in answer.text
    drawn = {"preuve": "draw forme", "jour": "2026-06-01", "tenu": "yes"} | words
    answer = await officer.send(LETTERS, f"{LETTERS}/preuve", drawn)
    assert answer.status_code == 422
    assert "Aucun tirage n’a été fait" in answer.text
    assert await told(pool) == []


async def test_a_line_that_cant_be_read_leaves_nothing_kept(officer: Browser, pool: Pool) -> None:
    seen = {"preuve": "observation appels", "jour": "2026-06-01", "tenu": "yes"}
    assert await file(officer, PHONE, **seen, remarque="Dix appels sur dix ont abouti.") == 303
    scope = {"applicable": "non", "pourquoi": "Aucun compte n’est tenu."}
    url = f"{LABEL}/engagements/reseaux-sociaux"
    assert (await officer.send(url, f"{url}/objet", scope)).status_code == 303
    await pool.execute(
        """
        INSERT INTO desk.quality_facts
        SELECT (jsonb_populate_record(f, to_jsonb(f) || jsonb_build_object(
            'seq', f.seq + 1, 'event_id', gen_random_uuid(), 'payload', '{}'))).*
        FROM desk.quality_facts f ORDER BY seq DESC LIMIT 1
        """
    )
    assert set((await states(officer)).values()) == {"non concluant"}
    assert "Une ligne du label est illisible" in await officer.page(PHONE)
    for url in ("calendrier.ics", "dossier.zip", "audit-interne.odt"):
        assert (await officer.get(f"{LABEL}/{url}")).status_code == 503
    again = await officer.send(PHONE, f"{PHONE}/preuve", seen | {"remarque": "Dix appels."})
    assert again.status_code == 422
    assert "illisible" in again.text


async def test_a_gap_needs_words_which_stand_beside_the_chain_and_not_in_it(
    officer: Browser, pool: Pool
) -> None:
    gap = {"preuve": "observation appels", "jour": "2026-06-01", "tenu": "no"}
    assert await file(officer, PHONE, **gap) == 422
    assert await file(officer, PHONE, **gap, remarque="Deux appels sur dix sans réponse.") == 303
    assert (await states(officer))["telephone"] == "écart"
    page = await officer.page(PHONE)
    assert "Deux appels sur dix sans réponse." in page
    assert "La preuve du 01/06/2026 montre un écart." in page
    payload = await pool.fetchval("SELECT payload FROM desk.quality_facts")
    assert "appels sur dix" not in payload
    await pool.execute("UPDATE desk.quality_texts SET body = NULL, erased_at = now()")
    assert "texte effacé" in await officer.page(PHONE)
    async with transaction(pool) as connection:
        assert await quality_check.differences(connection, "indre") == []


async def _rewritten(postgres_url: str, statement: str) -> None:
    """An administrator who turns the trigger off, and on again."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE desk.quality_texts DISABLE TRIGGER USER")
        await owner.execute(statement)
        await owner.execute("ALTER TABLE desk.quality_texts ENABLE TRIGGER USER")


async def test_tamper_a_text_of_the_label_is_named_by_the_night_and_by_its_page(
    officer: Browser, pool: Pool, postgres_url: str
) -> None:
    gap = {"preuve": "observation appels", "jour": "2026-06-01", "tenu": "no"}
    await file(officer, PHONE, **gap, remarque="Deux appels sur dix sans réponse.")
    assert await named(pool, "writings") == []
    await _rewritten(postgres_url, "UPDATE desk.quality_texts SET body = 'Rien.'")
    assert await named(pool, "writings") == ["quality 1: its text is not the one that was written"]
    page = await officer.page(PHONE)
    assert "texte altéré" in page
    assert "texte effacé" not in page
    await _rewritten(postgres_url, "DELETE FROM desk.quality_texts")
    assert await named(pool, "writings") == ["quality 1: its text is in no table"]
    assert "texte manquant" in await officer.page(PHONE)


async def test_tamper_a_filed_document_is_named_by_the_night(
    officer: Browser, pool: Pool, tmp_path: Path
) -> None:
    what = {"preuve": "document textes", "jour": "2026-06-01", "jusqu": "2026-12-31", "tenu": "yes"}
    await file(officer, TEXTS, **what, document="%PDF-1.7 textes")
    async with transaction(pool) as connection:
        applied, replan = await store.current(connection), await make_replanning()(connection)

    async def found() -> list[str]:
        """What a look at every document finds."""
        ground = VerificationContext(pool, applied, replan, LocalBlobs(tmp_path), WHOLE_STORE, JULY)
        return [str(difference) async for difference in writings.check(ground)]

    assert await found() == []
    [fact] = await told(pool)
    assert isinstance(fact, ProofFiled)
    assert fact.file is not None
    path, name = tmp_path / fact.file, fact.file.rpartition("/")[2]
    path.write_bytes(b"%PDF-1.7 autres")
    assert await found() == [f"quality 1: document {name}: from conforme to altéré"]
    path.unlink()
    assert await found() == [f"quality 1: document {name}: from conforme to manquant sans décision"]


async def test_a_document_is_a_file_that_counts_until_its_day(officer: Browser, pool: Pool) -> None:
    what = {"preuve": "document textes", "jour": "2026-06-01", "jusqu": "2026-07-01", "tenu": "yes"}
    assert await file(officer, TEXTS, **what) == 422  # without its file
    assert await file(officer, TEXTS, **what, document="%PDF-1.7 textes") == 303
    assert (await states(officer))["alerte-textes"] == "preuve périmée"
    assert "Périmée depuis le 01/07/2026 (1 jour)." in await officer.page(TEXTS)
    seq = (await told(pool))[-1].seq
    answer = await officer.get(f"{LABEL}/preuves/{seq}")
    assert answer.content == b"%PDF-1.7 textes"
    assert "alerte-textes-textes-2026-06-01.pdf" in answer.headers["content-disposition"]


async def test_what_does_not_apply_here_says_why(officer: Browser) -> None:
    url = f"{LABEL}/engagements/reseaux-sociaux"
    why = {"applicable": "non", "pourquoi": "Aucun compte n’est tenu."}
    assert (await officer.send(url, f"{url}/objet", why)).status_code == 303
    assert (await states(officer))["reseaux-sociaux"] == "sans objet"
    assert "Sans objet : Aucun compte n’est tenu." in await officer.page(url)
    again = {"applicable": "oui", "pourquoi": "Un compte est ouvert."}
    assert (await officer.send(url, f"{url}/objet", again)).status_code == 303
    assert (await states(officer))["reseaux-sociaux"] == "non concluant"


async def test_the_calendar_follows_its_date_which_moves_with_a_reason(
    officer: Browser, pool: Pool
) -> None:
    assert "tout le calendrier en dépend" in await officer.page(DATES)
    action = f"{LABEL}/date"
    assert (await officer.send(DATES, action, {"jour": "2026-07-03"})).status_code == 422
    assert (await officer.send(DATES, action, {"jour": "2025-06-15"})).status_code == 303
    assert "Audit interne" in (page := await officer.page(DATES))
    assert "15/09/2026" in page
    assert (await officer.send(DATES, action, {"jour": "2025-06-16"})).status_code == 422
    moved = {"jour": "2025-06-16", "pourquoi": "Date de la notification."}
    assert (await officer.send(DATES, action, moved)).status_code == 303
    assert "16/09/2026" in await officer.page(DATES)
    first, second = await told(pool)
    assert isinstance(first, LabelDateSet)
    assert isinstance(second, LabelDateMoved)
    assert (second.before, second.label) == (first.label, second.label)


async def test_a_step_is_planned_then_held_once_and_leaves_the_diary(officer: Browser) -> None:
    await officer.send(DATES, f"{LABEL}/date", {"jour": "2025-06-15"})
    step = {"etape": "audit-interne 1", "jour": "2026-09-10", "acte": "prevu"}
    assert (await officer.send(DATES, f"{DATES}/etape", step)).status_code == 303
    assert "prévue le 10/09/2026" in await officer.page(DATES)
    diary = (await officer.get(f"{DATES}.ics")).text
    assert "DTSTART;VALUE=DATE:20260910" in diary
    assert diary == (await officer.get(f"{DATES}.ics")).text
    assert "SEQUENCE:1\r\nDTSTART;VALUE=DATE:20260910" in diary
    again = step | {"jour": "2026-09-11"}
    assert (await officer.send(DATES, f"{DATES}/etape", again)).status_code == 303
    assert "SEQUENCE:2\r\nDTSTART;VALUE=DATE:20260911" in (await officer.get(f"{DATES}.ics")).text
    held = step | {"jour": "2026-07-01", "acte": "tenu"}
    assert (await officer.send(DATES, f"{DATES}/etape", held)).status_code == 303
    assert "tenue le 01/07/2026" in await officer.page(DATES)
    assert "20260910" not in (await officer.get(f"{DATES}.ics")).text


async def test_a_row_is_unverified_until_somebody_says_which_page_they_read(
    officer: Browser,
) -> None:
    mark = "délai non vérifié sur le référentiel"
    url = f"{LABEL}/engagements/courriers"
    assert mark in await officer.page(url)
    read = {
        "engagement": "courriers", "numero": "64", "jour": "2026-07-01", "lecteur": "q.officer",
    }  # fmt: skip
    action = f"{FRAMEWORK}/lu"
    assert (await officer.send(FRAMEWORK, action, read)).status_code == 422  # it has 63 pages
    assert (await officer.send(FRAMEWORK, action, read | {"numero": "17"})).status_code == 303
    assert mark not in await officer.page(url)
    assert mark in await officer.page(f"{LABEL}/engagements/courriels")
    page = " ".join((await officer.page(FRAMEWORK)).split())
    assert "page 17, par" in page
    assert "Nouveautés par rapport à Qualipref 2.0" in page

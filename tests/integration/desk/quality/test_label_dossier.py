"""Findings and the candidature file: answered, lifted, printed, and the same octets twice."""

import csv
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from odfdo import Document
from pydantic import SecretStr

from services.desk.quality.store.label import label_facts
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser, pages
from tests.integration.desk.closed import JULY, MAY, close
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.integration.desk.quality.measured import opens
from tests.integration.desk.quality.test_committee_pages import REMARKS, approves, held
from tests.integration.desk.quality.test_label_pages import LABEL, TEXTS, file, states, told
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

FINDINGS = f"{LABEL}/constats"
FIRST = f"{FINDINGS}/1"
PHONE_TEXT = "Un accueil téléphonique qui oriente"
FOUND = {
    "engagement": "telephone",
    "classe": "minor",
    "audit": "audit-interne",
    "jour": "2026-06-20",
    "constat": "Deux appels sur dix restent sans réponse <midi>.",
}
ANSWER = {
    "cause": "Une seule ligne entre midi et deux.",
    "correction": "Le renvoi est posé.",
    "action": "Une seconde ligne.",
    "echeance": "2026-09-30",
}

MARK = "délai non vérifié sur le référentiel"
RESTING = (
    "/chiffres",
    "/chiffres/mois/2026-05",
    "/chiffres/annee/2026",
    "/mois/2026-05",
    "/chiffres/mois/2026-05/chiffres.csv",
    "/chiffres/annee/2026/chiffres.csv",
)
"""What tells how many replies left in time."""


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    """The référent qualité, on the second of July 2026."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    browser = await Browser(pages(pool, clock, tmp_path)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


async def test_a_finding_is_a_gap_until_it_is_answered_and_lifted(
    officer: Browser, pool: Pool
) -> None:
    await file(
        officer, f"{LABEL}/engagements/telephone", preuve="observation appels", jour="2026-06-01",
        tenu="yes", remarque="Dix appels sur dix ont abouti.",
    )  # fmt: skip
    assert (await states(officer))["telephone"] == "tenu"
    stated = await officer.send(FINDINGS, FINDINGS, FOUND)
    assert stated.headers["location"].endswith(FIRST)
    assert (await states(officer))["telephone"] == "écart"
    lift = {"jour": "2026-07-02", "levee": "Vu sur place."}
    assert f"{FIRST}/lever" not in await officer.page(FIRST)  # nobody has answered it
    assert (await officer.send(FIRST, f"{FIRST}/repondre", ANSWER)).status_code == 303
    assert (await states(officer))["telephone"] == "écart"
    early = lift | {"jour": "2026-07-01"}  # before the answer
    paper = {"fichier": ("levee.pdf", b"%PDF-1.7 levee", "application/pdf")}
    assert (await officer.send(FIRST, f"{FIRST}/lever", early, files=paper)).status_code == 422
    assert (await officer.send(FIRST, f"{FIRST}/lever", lift)).status_code == 422  # no paper
    assert (await officer.send(FIRST, f"{FIRST}/lever", lift, files=paper)).status_code == 303
    assert (await officer.get(f"{FIRST}/levee")).content == b"%PDF-1.7 levee"
    assert (await states(officer))["telephone"] == "tenu"
    page = await officer.page(FIRST)
    for said in ("Une seule ligne entre midi et deux.", "Vu sur place.", "&lt;midi&gt;"):
        assert said in page
    sheet = await officer.get(f"{FIRST}/fiche.pdf")
    assert sheet.content.startswith(b"%PDF-")
    assert sheet.content == (await officer.get(f"{FIRST}/fiche.pdf")).content
    lifted = (await told(pool))[-1]
    back = {"fait": str(lifted.seq), "motif": "Levée saisie sur le mauvais constat."}
    assert (await officer.send(FIRST, f"{LABEL}/retirer", back)).status_code == 303
    assert (await states(officer))["telephone"] == "écart"
    payloads = await pool.fetch("SELECT payload FROM desk.quality_facts")
    assert not any("midi" in row["payload"] for row in payloads)


async def test_the_same_file_twice_is_the_same_octets_and_says_that_it_is_a_draft(
    officer: Browser, pool: Pool
) -> None:
    await put(pool, drawn(5, 200))
    await close(pool, early=True)
    await file(
        officer, TEXTS, preuve="document textes", jour="2026-06-01", tenu="yes",
        document="%PDF-1.7 textes",
    )  # fmt: skip
    await officer.send(FINDINGS, FINDINGS, FOUND)
    await officer.send(FIRST, f"{FIRST}/repondre", ANSWER)
    url = f"{LABEL}/engagements/reseaux-sociaux"
    why = {"applicable": "non", "pourquoi": "Aucun compte n’est tenu."}
    assert (await officer.send(url, f"{url}/objet", why)).status_code == 303
    first, second = [await officer.get(f"{LABEL}/dossier.zip") for _ in range(2)]
    assert first.content == second.content
    assert "projet-candidature-2026-07-02.zip" in first.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(first.content)) as packed:
        assert packed.testzip() is None
        files = {name: packed.read(name) for name in packed.namelist()}
    document = "pieces/001-alerte-textes-textes-2026-06-01.pdf"
    assert list(files) == [
        "index.odt", "engagements.csv", "mois.csv", "constats.csv", "mesures.csv", "comite.csv",
        "organigramme.csv", "perimetre.csv", document, "SHA256SUMS",
    ]  # fmt: skip
    assert files[document] == b"%PDF-1.7 textes"
    for line in files["SHA256SUMS"].decode().splitlines():
        sha256, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == sha256
    rows = csv_rows(files["engagements.csv"])
    assert [row["Ce qui manque"] for row in rows if row["État"] == "sans objet"] == [
        "Sans objet : Aucun compte n’est tenu."
    ]
    [found] = csv_rows(files["constats.csv"])
    assert (found["Engagement"], found["Correction"]) == (PHONE_TEXT, "Le renvoi est posé.")
    text = Document(io.BytesIO(files["index.odt"])).get_formatted_text()
    assert "PROJET – délai non vérifié sur le référentiel" in text
    assert "Deux appels sur dix restent sans réponse <midi>." in text
    rows = csv_rows(files["mois.csv"])
    k, n = await figure(pool)
    assert [(row["Mois"], row["Tenus"], row["Jugés"]) for row in rows] == [
        ("mai 2026", str(k), str(n))
    ]


def csv_rows(content: bytes) -> Sequence[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


async def figure(pool: Pool, *channels: str, months: Sequence[date] = (MAY,)) -> tuple[int, int]:
    """Replies of closed months, added up from their lists: of these channels, or of all.

    Of e-mails, without complaints, as their engagement is counted.
    """
    row = await pool.fetchrow(
        """
        SELECT count(*) FILTER (WHERE result = 'kept') AS k, count(*) AS n
        FROM desk.closed_promises
        WHERE clock = 'reply' AND result IN ('kept', 'late', 'overdue', 'closed')
          AND ($1::text[] = '{}' OR channel = ANY ($1)) AND month = ANY ($2::date[])
          AND NOT (complaint AND $3)
        """,
        list(channels),
        list(months),
        "email" in channels,
    )
    assert row is not None
    return row["k"], row["n"]


async def test_an_engagements_figure_is_the_sum_of_its_closed_months(
    officer: Browser, pool: Pool
) -> None:
    await put(pool, drawn(6, 400))
    june = date(2026, 6, 1)
    for month in (MAY, june):
        await close(pool, month, early=True)
    for name, channels in (
        ("courriers", ("letter", "registered_letter", "hand_delivered")),
        ("courriels", ("email", "form")),
    ):
        k, n = await figure(pool, *channels, months=(MAY, june))
        assert n
        page = await officer.page(f"{LABEL}/engagements/{name}")
        assert f"{k} sur {n}, soit" in page
        assert "(mai 2026 à juin 2026), objectif 90" in page
        assert "2 mois clos sur 3 : closez les mois finis (avril 2026)." in page


async def test_once_every_row_is_read_the_file_is_a_draft_no_more(
    officer: Browser, pool: Pool
) -> None:
    async with transaction(pool) as connection:
        assert not (await label_facts(connection)).reads
    for name in await states(officer):
        await read(officer, name)
    answer = await officer.get(f"{LABEL}/dossier.zip")
    assert 'filename="candidature-2026-07-02.zip"' in answer.headers["content-disposition"]
    assert "délai non vérifié" not in await officer.page("/chiffres")


async def test_all_that_rests_on_an_unread_delay_says_so_until_each_is_read(
    officer: Browser, pool: Pool
) -> None:
    """Replies to letters and to e-mails are judged by two delays, on one page each."""
    await put(pool, drawn(5, 200))
    await close(pool, early=True)
    for row in ("courriers", "courriels"):
        for page in RESTING:
            assert MARK in await said_of(officer, page), (page, row)
        await read(officer, row)
    for page in RESTING:
        assert MARK not in await said_of(officer, page), page


async def said_of(officer: Browser, page: str) -> str:
    """What stands on a page, in a file or on a sheet."""
    answer = await officer.get(page)
    assert answer.status_code == 200, page
    return answer.content.decode("utf-8-sig")


async def read(officer: Browser, row: str) -> None:
    """Somebody has compared the row with the framework's own text."""
    framework = f"{LABEL}/referentiel"
    fields = {"engagement": row, "numero": "17", "jour": "2026-07-01", "lecteur": "q.officer"}
    assert (await officer.send(framework, f"{framework}/lu", fields)).status_code == 303


async def test_the_file_has_measures_surveys_and_minutes(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    """A meeting of September whose minutes are approved, and a measure opened after it."""
    officer = await held(pool, postgres_url, tmp_path)
    answer = {"fonction": "Référente qualité", "reponse": "Elle est remplacée."}
    await officer.to(await officer.send("/qualite/comite", f"{REMARKS}/1/reponse", answer))
    await officer.to(await approves(officer))
    await opens(officer, due=date(2026, 10, 1))
    first, second = [await officer.get(f"{LABEL}/dossier.zip") for _ in range(2)]
    assert first.content == second.content
    with zipfile.ZipFile(io.BytesIO(first.content)) as packed:
        text = Document(io.BytesIO(packed.read("index.odt"))).get_formatted_text()
        [measure] = csv_rows(packed.read("mesures.csv"))
        [minutes] = csv_rows(packed.read("comite.csv"))
    for heading in (
        "6. Mesures correctives et leurs effets",
        "7. Enquête de satisfaction",
        "8. Comité des usagers",
    ):
        assert heading in text
    assert "Aucun résultat publié." in text
    assert (measure["N°"], measure["Échéance"]) == ("1", "01/10/2026")
    assert list(minutes.values())[:4] == ["1", "10/09/2026", "2", "approuvé"]
    assert minutes["Empreinte"] in text.replace("\n", "")
    assert "Vannier" not in text, "no member is named"


async def test_the_report_of_an_internal_audit_begins_with_what_is_known(officer: Browser) -> None:
    await officer.send(FINDINGS, FINDINGS, FOUND)
    answer = await officer.get(f"{LABEL}/audit-interne.odt")
    text = Document(io.BytesIO(answer.content)).get_formatted_text()
    for part in ("Présentation", "Plan d’audit", "Récapitulatif", "Lexique", "Pièces à fournir"):
        assert part in text
    assert "non-conformité mineure" in text


async def test_a_document_that_is_gone_or_damaged_is_a_line_of_the_file_and_no_refusal(
    officer: Browser, pool: Pool, tmp_path: Path
) -> None:
    await file(
        officer, TEXTS, preuve="document textes", jour="2026-06-01", tenu="yes",
        document="%PDF-1.7 textes",
    )  # fmt: skip
    async with transaction(pool) as connection:
        [proof] = (await label_facts(connection)).proofs
    assert proof.file is not None
    for damage in (lambda path: path.write_bytes(b"%PDF-1.7 autres"), Path.unlink):
        damage(tmp_path / proof.file)
        answer = await officer.get(f"{LABEL}/dossier.zip")
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            names, sums = packed.namelist(), packed.read("SHA256SUMS").decode()
            text = Document(io.BytesIO(packed.read("index.odt"))).get_formatted_text()
        lost = "pieces/001-alerte-textes-textes-2026-06-01"
        assert not any(name.startswith(lost) for name in names)
        assert f"# manquante : {lost}\n" in sums
        assert "manquante" in text

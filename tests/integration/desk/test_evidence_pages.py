"""Proof, withdrawal and destruction by the pages: two persons, one visa, nothing for the others."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.desk.decider import Decider
from services.desk.domain.decisions import Close
from services.desk.evidence.seals import seal
from services.desk.evidence.store import verifications
from services.desk.handlers.arrivals import hears_arrivals
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import PersonId
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_browser import Browser, loose, pages
from tests.desk_builders import an_applied_site, an_arrival, certain, rules
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
FIRST = "/courrier/36-2026-A-000001"
PROOF = f"{FIRST}/preuve"


async def on(postgres_url: str, moment: datetime) -> None:
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            "INSERT INTO site.story (moment) VALUES ($1)"
            " ON CONFLICT (single) DO UPDATE SET moment = excluded.moment",
            moment,
        )


@pytest.fixture
async def desk(pool: Pool, postgres_url: str, tmp_path: Path) -> dict[str, Browser]:
    """One item of bmi whose document lies in the blobs, and three persons who look at it."""
    await on(postgres_url, TODAY)
    blobs = LocalBlobs(tmp_path)
    bare = an_arrival(routing=certain())
    original = await blobs.put(2026, bare.arrival_id, b"original")
    arrival = bare.model_copy(update={"original": original, "pli": None})
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [arrival], TODAY)
        await seal(connection, an_applied_site(), TODAY)
    url = SecretStr(under_role(postgres_url, "desk"))
    return {
        who: await Browser(pages(pool, await open_clock(pool, url), tmp_path)).sign_in(who)
        for who in ("q.officer", "b.head", "a.gent", "s.general")
    }


async def test_the_proof_of_an_item_is_shown_and_taken_away_by_who_may(
    desk: dict[str, Browser], pool: Pool
) -> None:
    page = await desk["q.officer"].page(PROOF)
    assert "La chaîne tient" in page
    assert "1 racine l’a scellé" in page
    archive = await desk["q.officer"].get(f"{PROOF}.zip")
    assert "verifier.py" in zipfile.ZipFile(io.BytesIO(archive.content)).namelist()
    assert (await desk["a.gent"].get(PROOF)).status_code == 403
    assert "conforme" in page
    root = await pool.fetchval("SELECT root FROM desk.roots")
    said = await desk["q.officer"].page(f"/preuve?jour=2026-05-11&racine={root}")
    assert "C’est la racine du registre scellée le 12/05/2026 à 10 h 00" in loose(said)
    short = f"{root[:4]}+{root[4:8]}+{root[8:12]}+{root[12:16]}".upper()
    assert "tout ce qu’elle scelle tient" in await desk["q.officer"].page(f"/preuve?racine={short}")
    said = await desk["q.officer"].page(f"/preuve?racine={'0' * 16}")
    assert "Aucune racine du registre ne commence ainsi" in said
    assert "Aucune adresse hors de la préfecture ne les reçoit" in said
    said = await desk["q.officer"].page(f"/preuve?jour=2026-05-11&racine={'0' * 64}")
    assert "Quelque chose diffère" in said
    lags = "Not left by the road outside: 2 of the roots"
    async with transaction(pool) as connection:
        found = ((TODAY.date(), TODAY), (7, 9, 0), {}, [], [lags])  # type: ignore[var-annotated]  # empty of any type
        await verifications.keep(connection, *found)
    said = await desk["q.officer"].page("/preuve")
    assert f'<li lang="en">{lags}</li>' in said
    assert "7 courriers relus d’après leurs faits" in said
    assert "9 délais recomptés" in said


async def test_one_asks_another_confirms_and_the_content_is_gone_from_the_pages(
    desk: dict[str, Browser], pool: Pool
) -> None:
    arrival = await pool.fetchval("SELECT arrival_id FROM desk.arrivals")
    asked = await desk["q.officer"].send(
        PROOF, f"{PROOF}/retrait", {"document": str(arrival), "motif": "donnees-sensibles"}
    )
    assert "Une autre personne doit le confirmer" in await desk["q.officer"].to(asked)
    again = await desk["q.officer"].send(PROOF, f"{PROOF}/retrait", {"action": "confirmer"})
    assert again.status_code == 422
    assert "Il faut deux personnes" in again.text
    done = await desk["b.head"].send(PROOF, f"{PROOF}/retrait", {"action": "confirmer"})
    assert "contenu retiré ou détruit le" in await desk["b.head"].to(done)
    assert "Ce document a été retiré" in await desk["b.head"].page(FIRST)
    assert await pool.fetchval("SELECT count(*) FROM desk.erasures WHERE done_at IS NULL") == 1


async def test_a_bordereau_goes_from_due_to_visa_to_destroyed(
    desk: dict[str, Browser], pool: Pool, postgres_url: str
) -> None:
    officer, secretary = desk["q.officer"], desk["s.general"]
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        head = directory.people[PersonId("b.head")]
        by = Decider(connection, head, uuid4(), TODAY, an_applied_site(), directory)
        await by.about(
            await connection.fetchval("SELECT item_id FROM desk.items"), Close("sans-suite")
        )
    await on(postgres_url, datetime(2029, 5, 14, 8, 0, tzinfo=UTC))
    await officer.client.aclose()
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    officer = await Browser(replace(officer.pages, clock=clock)).sign_in("q.officer")
    secretary = await Browser(replace(secretary.pages, clock=clock)).sign_in("s.general")

    page = await officer.to(await officer.send("/elimination", "/elimination/proposer"))
    assert "attend son visa" in page.lower()
    first = "/elimination/36-2029-E-0001"
    page = await secretary.to(await secretary.send(first, f"{first}/abandonner"))
    assert "abandonné par Camille S.general" in page
    await officer.to(await officer.send("/elimination", "/elimination/proposer"))
    slip = "/elimination/36-2029-E-0002"
    early = await secretary.send(slip, f"{slip}/executer")
    assert "Rien n’est détruit avant le visa" in early.text
    table = await officer.get(f"{slip}/bordereau.csv")
    assert "36-2026-A-000001;titre de sejour;2026-05-12;36;2029-05-12" in table.text
    assert (await officer.get(f"{slip}/bordereau.pdf")).content.startswith(b"%PDF-")
    visa = {"visa": "AD36-17", "archiviste": "Mme Roux", "jour": "2029-05-14"}
    noted = await officer.to(await officer.send(slip, f"{slip}/visa", visa))
    assert "Une autre personne que" in noted
    assert "Visa AD36-17 noté par Camille Q.officer, à exécuter" in noted
    mine = await officer.send(slip, f"{slip}/executer")
    assert "Il faut deux personnes" in mine.text
    page = await secretary.to(await secretary.send(slip, f"{slip}/executer"))
    assert "détruit" in page
    assert "Contenu détruit, visa AD36-17" in await secretary.page(FIRST)
    assert "La chaîne tient" in await secretary.page(PROOF), "destroying breaks no chain"


async def test_hostile_addresses_and_reasons_meet_a_plain_refusal(desk: dict[str, Browser]) -> None:
    officer = desk["q.officer"]
    for address in (
        "/elimination/%00",
        "/elimination/..%2F..%2Fetc",
        "/elimination/' OR 1=1 --/bordereau.csv",
        "/courrier/%00/preuve",
        "/courrier/36-2026-A-000001%00/preuve.zip",
    ):
        assert (await officer.get(address)).status_code == 404, address
    for reason in ("inconnu", "<script>alert(1)</script>"):
        answer = await officer.send(PROOF, f"{PROOF}/conservation", {"motif": reason})
        assert answer.status_code == 422, reason
        assert "<script>alert" not in answer.text
    assert (await officer.get("/preuve?jour=demain")).status_code == 422

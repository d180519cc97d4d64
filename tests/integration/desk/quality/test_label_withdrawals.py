"""What was stated of the label by mistake is taken back, and what an open finding forbids."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from shared.facts.quality.label import FindingLifted, FindingStated, QualityFactWithdrawn, StepHeld
from shared.platform.clock import open_clock
from shared.platform.database import Pool
from tests.desk_browser import Browser, pages
from tests.integration.desk.closed import JULY
from tests.integration.desk.quality.test_label_dossier import (
    ANSWER,
    FINDINGS,
    FIRST,
    FOUND,
)
from tests.integration.desk.quality.test_label_pages import (
    DATES,
    FRAMEWORK,
    LABEL,
    PHONE,
    file,
    states,
    told,
)
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

ACTION = f"{LABEL}/retirer"
AUDIT = {"etape": "audit-interne 1", "jour": "2026-07-01", "acte": "tenu"}


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    """The référent qualité, on the second of July 2026."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    browser = await Browser(pages(pool, clock, tmp_path)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


async def take_back(officer: Browser, page: str, pool: Pool) -> str:
    """Takes back the last fact by the form that a page shows beside it; where it leads."""
    seq = (await told(pool))[-1].seq
    assert f'name="fait" value="{seq}"' in await officer.page(page)
    answer = await officer.send(page, ACTION, {"fait": str(seq), "motif": "Mauvaise ligne."})
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_a_proof_that_is_taken_back_shows_nothing_any_more(
    officer: Browser,
    pool: Pool,
) -> None:
    await file(
        officer, PHONE, preuve="observation appels", jour="2026-06-01", tenu="yes",
        remarque="Dix appels.",
    )  # fmt: skip
    assert (await states(officer))["telephone"] == "tenu"
    assert (await take_back(officer, PHONE, pool)).endswith(PHONE)
    assert (await states(officer))["telephone"] == "non concluant"
    first, last = await told(pool)
    assert isinstance(last, QualityFactWithdrawn)
    assert (last.mistake, last.kind, last.subject_id) == (first.seq, "ProofFiled", first.subject_id)
    again = await officer.send(PHONE, ACTION, {"fait": str(first.seq), "motif": "Encore."})
    assert again.status_code == 422
    assert (await officer.send(PHONE, ACTION, {"fait": "99", "motif": "Rien."})).status_code == 422


async def test_a_step_held_by_mistake_is_held_again_on_its_day(
    officer: Browser,
    pool: Pool,
) -> None:
    await officer.send(DATES, f"{LABEL}/date", {"jour": "2025-06-15"})
    step = AUDIT | {"etape": "comite 1", "jour": "2026-01-06"}
    await officer.send(DATES, f"{DATES}/etape", step)
    assert "06/01/2027" in await officer.page(DATES)  # twelve months after it
    assert (await officer.send(DATES, f"{DATES}/etape", step)).status_code == 422
    await take_back(officer, DATES, pool)
    assert (
        await officer.send(DATES, f"{DATES}/etape", step | {"jour": "2026-06-01"})
    ).status_code == 303
    page = await officer.page(DATES)
    assert "01/06/2027" in page
    assert "06/01/2027" not in page
    held = [fact.on.isoformat() for fact in await told(pool) if isinstance(fact, StepHeld)]
    assert held == ["2026-01-06", "2026-06-01"]  # the chain keeps both


async def test_a_non_conformite_is_taken_back_by_another_and_its_number_given_no_more(
    officer: Browser,
    pool: Pool,
) -> None:
    await officer.send(FINDINGS, FINDINGS, FOUND)
    [stated] = await told(pool)
    back = {"fait": str(stated.seq), "motif": "Mauvaise ligne."}
    alone = await officer.send(FIRST, ACTION, back)
    assert alone.status_code == 422
    assert "demandez au secrétaire général" in alone.text
    director = await Browser(officer.pages).sign_in("d.rector")
    assert (await director.send(FIRST, ACTION, back)).status_code == 403
    await take_back(await Browser(officer.pages).sign_in("s.general"), FIRST, pool)
    assert (await officer.get(FIRST)).status_code == 404
    await officer.send(FINDINGS, FINDINGS, FOUND)
    numbers = [fact.number for fact in await told(pool) if isinstance(fact, FindingStated)]
    assert numbers == [1, 2]


async def test_a_strength_is_taken_back_by_whoever_noted_it(officer: Browser, pool: Pool) -> None:
    await officer.send(FINDINGS, FINDINGS, FOUND | {"classe": "strength"})
    await take_back(officer, FIRST, pool)
    assert (await officer.get(FIRST)).status_code == 404


async def test_without_the_auditors_paper_another_person_lifts(
    officer: Browser, pool: Pool
) -> None:
    await officer.send(FINDINGS, FINDINGS, FOUND)
    await officer.send(FIRST, f"{FIRST}/repondre", ANSWER)
    lift = {"jour": "2026-07-02", "levee": "Vu sur place."}
    assert (await officer.send(FIRST, f"{FIRST}/lever", lift)).status_code == 422
    grouped = await Browser(officer.pages).sign_in("b.head")  # whom their groups alone name
    await pool.execute(
        "UPDATE desk.sessions SET granted = '{general_secretary}' WHERE person = 'b.head'"
    )
    assert (await grouped.send(FIRST, f"{FIRST}/lever", lift)).status_code == 422
    secretary = await Browser(officer.pages).sign_in("s.general")
    decision = str(uuid4())
    for _ in range(2):  # a double click leads where the first did
        lifts = await secretary.send(FIRST, f"{FIRST}/lever", lift, decision=decision)
        assert (lifts.status_code, lifts.headers["location"]) == (303, FIRST)
    assert "sans document de l’auditeur" in await officer.page(FIRST)
    lifted = (await told(pool))[-1]
    assert isinstance(lifted, FindingLifted)
    assert (lifted.by, lifted.file) == ("person:s.general", None)


async def test_a_finding_names_which_of_the_audits_stated_it(officer: Browser, pool: Pool) -> None:
    await officer.send(DATES, f"{LABEL}/date", {"jour": "2023-03-15"})
    assert (await officer.send(FINDINGS, FINDINGS, FOUND)).status_code == 422  # which one?
    second = FOUND | {"audit": "audit-interne 2"}
    assert (await officer.send(FINDINGS, FINDINGS, second)).status_code == 303
    stated = (await told(pool))[-1]
    assert isinstance(stated, FindingStated)
    assert (stated.step, stated.occurrence) == ("audit-interne", 2)
    assert "(15/10/2025)" in await officer.page(FIRST)  # 31 months after the label


async def test_a_page_that_nobody_read_is_unread_again(
    officer: Browser,
    pool: Pool,
) -> None:
    mark = "délai non vérifié sur le référentiel"
    url = f"{LABEL}/engagements/courriers"
    read = {
        "engagement": "courriers", "numero": "17", "jour": "2026-07-01", "lecteur": "q.officer",
    }  # fmt: skip
    await officer.send(FRAMEWORK, f"{FRAMEWORK}/lu", read)
    assert mark not in await officer.page(url)
    await take_back(officer, FRAMEWORK, pool)
    assert mark in await officer.page(url)
    assert mark in await officer.page("/chiffres")


async def test_an_open_finding_keeps_its_engagement_and_its_audit_open(officer: Browser) -> None:
    await officer.send(DATES, f"{LABEL}/date", {"jour": "2025-06-15"})
    await officer.send(FINDINGS, FINDINGS, FOUND | {"audit": "audit-interne 1"})
    why = {"applicable": "non", "pourquoi": "Aucune ligne."}
    assert (await officer.send(PHONE, f"{PHONE}/objet", why)).status_code == 422
    assert (await states(officer))["telephone"] == "écart"
    assert (await officer.send(DATES, f"{DATES}/etape", AUDIT)).status_code == 422
    late = ANSWER | {"echeance": "2026-07-01"}
    await officer.send(FIRST, f"{FIRST}/repondre", late)
    assert 'class="chip late">répondu' in await officer.page(FIRST)
    assert (await officer.send(DATES, f"{DATES}/etape", AUDIT)).status_code == 303

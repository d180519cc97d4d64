"""No text of the quality system that is printed names an agent: each way of writing one refuses."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.integration.desk.quality.measured import at
from tests.integration.desk.quality.test_label_dossier import ANSWER, FINDINGS, FIRST, FOUND
from tests.integration.desk.quality.test_label_pages import LABEL

pytestmark = pytest.mark.usefixtures("live_site", "environment")

NAMED = "Erreur de Mme B.gent."
PHONE = f"{LABEL}/engagements/telephone"
COMMITTEE = "/qualite/comite"
REMARK = f"{COMMITTEE}/remarques"
PLACE = "/qualite/accueil/pan"
PROOF = {"preuve": "observation appels", "jour": "2026-06-01", "tenu": "no"}
LIFT = {"jour": "2026-07-02"}
PAPER = {"fichier": ("levee.pdf", b"%PDF-1.7 levee", "application/pdf")}


async def refused(answer: httpx.Response) -> None:
    """It is refused in the usual words, and what was typed stays."""
    assert answer.status_code == 422
    assert "Une cause est une organisation, un outil ou une règle, jamais une personne" in (
        answer.text
    )
    assert NAMED in answer.text


def papers(folder: Path) -> list[Path]:
    """The files that hold the auditor's paper."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if path.read_bytes() == PAPER["fichier"][1]]


async def count(pool: Pool) -> int:
    found: int = await pool.fetchval("SELECT count(*) FROM desk.quality_facts")
    return found


@pytest.mark.parametrize(
    ("page", "action", "typed"),
    [
        (FINDINGS, FINDINGS, FOUND | {"constat": NAMED}),
        (PHONE, f"{PHONE}/preuve", PROOF | {"remarque": NAMED}),
        (PHONE, f"{PHONE}/objet", {"applicable": "non", "pourquoi": NAMED}),
    ],
)
async def test_nothing_of_the_label_names_an_agent(
    pool: Pool, postgres_url: str, tmp_path: Path, page: str, action: str, typed: Mapping[str, str]
) -> None:
    officer = await Browser(await at(pool, postgres_url, tmp_path)).sign_in("q.officer")
    await refused(await officer.send(page, action, typed))
    assert await count(pool) == 0


async def test_no_answer_to_a_finding_names_an_agent(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await Browser(await at(pool, postgres_url, tmp_path)).sign_in("q.officer")
    await officer.to(await officer.send(FINDINGS, FINDINGS, FOUND))
    for field in ("cause", "correction", "action"):
        named = ANSWER | {field: NAMED}
        await refused(await officer.send(FIRST, f"{FIRST}/repondre", named))
    assert await count(pool) == 1
    await officer.to(await officer.send(FIRST, f"{FIRST}/repondre", ANSWER))
    lifted = LIFT | {"levee": NAMED}
    await refused(await officer.send(FIRST, f"{FIRST}/lever", lifted, files=PAPER))
    assert await count(pool) == 2
    assert papers(tmp_path) == []  # no paper is stored for what is refused


async def test_no_answer_to_a_members_remark_names_an_agent(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await Browser(await at(pool, postgres_url, tmp_path)).sign_in("q.officer")
    member = {"nom": "Odette Vannier", "organisme": "", "college": "associations"}
    await officer.to(await officer.send(COMMITTEE, f"{COMMITTEE}/membres", member))
    said = {"membre": "1", "nature": "observation", "remarque": "Mme B.gent m’a mal reçue."}
    await officer.to(await officer.send(COMMITTEE, REMARK, said))  # a member's words are kept
    before = await count(pool)
    answer = {"fonction": "Responsable de l’accueil", "reponse": NAMED}
    await refused(await officer.send(COMMITTEE, f"{REMARK}/1/reponse", answer))
    await refused(await officer.send(COMMITTEE, f"{REMARK}/1/suite", {"motif": NAMED}))
    assert await count(pool) == before

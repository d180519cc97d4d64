"""A committee that met is proven by its minutes, which somebody approved, and by nothing else."""

from pathlib import Path

import pytest

from shared.platform.database import Pool
from tests.integration.desk.quality.test_committee_pages import HOME, REMARKS, approves, held
from tests.integration.desk.quality.test_label_pages import LABEL, states

pytestmark = pytest.mark.usefixtures("live_site")


async def test_approved_minutes_are_the_proof_that_a_committee_met_and_nobody_files_it(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await held(pool, postgres_url, tmp_path)
    kept = f"{LABEL}/engagements/comite"
    assert (await states(officer))["comite"] == "non concluant"
    assert "committee compte-rendu" not in await officer.page(kept), "nothing offers to file it"
    typed = {"preuve": "committee compte-rendu", "jour": "2026-06-01", "tenu": "yes"}
    refused = await officer.send(kept, f"{kept}/preuve", typed | {"remarque": "Vu."})
    assert (refused.status_code, "son compte-rendu approuvé" in refused.text) == (422, True)
    answer = {"fonction": "Référente qualité", "reponse": "Elle est remplacée."}
    await officer.to(await officer.send(HOME, f"{REMARKS}/1/reponse", answer))
    await officer.to(await approves(officer))
    assert (await states(officer))["comite"] == "tenu"
    assert "Compte-rendu approuvé de la réunion n°\N{NO-BREAK SPACE}1." in await officer.page(kept)

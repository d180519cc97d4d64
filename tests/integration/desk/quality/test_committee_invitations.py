"""The committee's members are invited on its pages: by mail, or by a letter to print."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.integration.desk.closed import JULY
from tests.integration.desk.quality.measured import at

pytestmark = pytest.mark.usefixtures("live_site")

HOME = "/qualite/comite"
MEMBERS = f"{HOME}/membres"
MEETING = f"{HOME}/reunions/1"
AFTER = datetime(2026, 9, 11, 8, 0, tzinfo=UTC)
MAIL, POSTAL = "odette@familles.example", "3, rue Haute\n36000 Châteauroux"


async def called(pool: Pool, postgres_url: str, folder: Path) -> Browser:
    """Three members (a mail, a postal address, neither), and a meeting in September."""
    officer = await Browser(await at(pool, postgres_url, folder, JULY)).sign_in("q.officer")
    for name, mail, postal in (
        ("Odette Vannier", MAIL, ""),
        ("Gaspard Roux", "", POSTAL),
        ("Lucie Ferrand", "", ""),
    ):
        fields = {"nom": name, "college": "users", "courriel": mail, "adresse": postal}
        await officer.to(await officer.send(HOME, MEMBERS, fields))
    meeting = {"jour": "2026-09-10", "heure": "14:30", "lieu": "Salle Balsan"}
    await officer.to(await officer.send(HOME, f"{HOME}/reunions", meeting))
    return officer


async def told(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT payload FROM desk.quality_facts ORDER BY seq")
    return [row["payload"] for row in rows]


async def test_members_are_invited_by_the_way_that_reaches_each(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await called(pool, postgres_url, tmp_path)
    page = await officer.page(MEETING)
    for line in (
        "Odette Vannier, par courriel",
        "Gaspard Roux, par lettre",
        "Lucie Ferrand, sans adresse",
        "Inviter 2 membres",
        "Nous vous invitons à la prochaine réunion",
    ):
        assert line in page
    stale = await officer.send(MEETING, f"{MEETING}/inviter", {"membres": "1"})
    assert (stale.status_code, "relisez la liste" in stale.text) == (422, True)
    page = await officer.to(await officer.send(MEETING, f"{MEETING}/inviter", {"membres": "1 2 3"}))
    assert "1 par courriel, 1 par lettre à imprimer, 1 sans adresse" in page
    assert "Inviter" not in page
    again = await officer.send(MEETING, f"{MEETING}/inviter", {"membres": "3"})
    assert (again.status_code, "Personne à inviter" in again.text) == (422, True)
    letter = await officer.get(f"{MEETING}/lettres/2.pdf")
    with PdfDocument(letter.content) as document:
        printed = " ".join(document[0].get_textpage().get_text_bounded().split())
    for words in ("Gaspard Roux", "3, rue Haute", "10 septembre 2026", "Salle Balsan"):
        assert words in printed
    assert "pièce jointe" not in printed
    assert (await officer.get(f"{MEETING}/lettres/1.pdf")).status_code == 404
    page = await officer.to(await officer.send(MEETING, f"{MEETING}/postees"))
    assert "1 lettre postée" in page
    twice = await officer.send(MEETING, f"{MEETING}/postees")
    assert (twice.status_code, "Aucune lettre" in twice.text) == (422, True)
    late = {"courriel": "lucie@exemple.fr", "adresse": ""}
    await officer.to(await officer.send(HOME, f"{MEMBERS}/3/coordonnees", late))
    assert "Inviter 1 membre" in await officer.page(MEETING)
    page = await officer.to(await officer.send(MEETING, f"{MEETING}/deplacer", {"acte": "annuler"}))
    assert "Membres prévenus" in page
    assert "1 par courriel, 1 par lettre à imprimer" in page
    facts = "\n".join(await told(pool))
    assert facts.count('"MembersInvited"') == 2
    for words in (MAIL, "rue Haute", "lucie@exemple.fr", "Vannier"):
        assert words not in facts


async def test_who_looks_sees_no_address_and_none_outlives_its_mandate(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await called(pool, postgres_url, tmp_path)
    assert MAIL in await officer.page(HOME)
    server = await at(pool, postgres_url, tmp_path, JULY)
    watcher = await Browser(server).sign_in("s.general")
    for page in (HOME, MEETING):
        seen = await watcher.page(page)
        assert MAIL not in seen
        assert "Inviter" not in seen
    assert (await watcher.get(f"{MEETING}/lettres/2.pdf")).status_code in {403, 404}
    bad = {"courriel": "odette", "adresse": ""}
    refused = await officer.send(HOME, f"{MEMBERS}/1/coordonnees", bad)
    assert (refused.status_code, "pas une adresse de courriel" in refused.text) == (422, True)
    page = await officer.to(await officer.send(HOME, f"{MEMBERS}/1/fin"))
    assert MAIL not in page
    assert await pool.fetchval("SELECT count(*) FROM desk.member_contacts") == 1
    gone = await officer.send(HOME, f"{MEMBERS}/1/coordonnees", {"courriel": MAIL, "adresse": ""})
    assert gone.status_code == 422


async def test_nobody_is_invited_to_a_meeting_of_yesterday(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await called(pool, postgres_url, tmp_path)
    officer = await Browser(await at(pool, postgres_url, tmp_path, AFTER)).sign_in("q.officer")
    assert "Inviter" not in await officer.page(MEETING)
    late = await officer.send(MEETING, f"{MEETING}/inviter", {"membres": "1 2 3"})
    assert late.status_code == 422

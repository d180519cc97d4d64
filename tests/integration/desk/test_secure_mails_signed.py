"""A letter that is signed leaves as mail sécurisé: by the house's own circuit."""

from shared.facts.items.replies import ReplySent
from tests.integration.desk.test_letters_pages import CHRONO, facts, field
from tests.integration.desk.test_secure_mails import TO, Desk, desk

__all__ = ["desk"]

PLAN = b"%PDF-1.7 plan"
COPY = "mairie@exemple.fr"
CIRCUIT = "SELECT letter, state FROM desk.circuit_letters"


async def pressed(desk: Desk, url: str, does: str, **more: str) -> str:
    """Whoever is signed in presses a button of a prepared letter; the page that follows."""
    page = await desk.browser.page(url)
    fields = {name: field(page, name) for name in ("etape", "subject", "body")}
    answer = await desk.browser.send(url, url, {**fields, **more, "faire": does})
    return answer.text if answer.status_code == 422 else await desk.browser.to(answer)


async def test_who_signs_here_sends_it_as_mail_securise_with_its_files_and_copies(
    desk: Desk,
) -> None:
    given = await desk.fill("lire", "s.pinson", fichiers=("plan.pdf", PLAN, "application/pdf"))
    assert given.status_code == 303
    row = await desk.pool.fetchrow(CIRCUIT)
    assert row is not None
    url = f"/courrier/{CHRONO}/lettre/{row['letter']}"
    await desk.browser.sign_in("s.pinson")
    assert "Signer et envoyer" not in await desk.browser.page(url)
    assert "délégation" in await pressed(desk, url, "securise"), "she reads, and has none"
    await pressed(desk, url, "signer", whom="c.aubry")
    await desk.browser.sign_in("c.aubry")
    assert "Signer et envoyer par mail sécurisé" in await desk.browser.page(url)
    said = await pressed(desk, url, "securise", copies=COPY)
    assert "La lettre est signée. La lettre est donnée à Pastell" in said
    assert (await desk.types())[-1] == "SignatureReturned"
    assert "ReplySent" not in await desk.types(), "Pastell has not sent it"
    row = await desk.pool.fetchrow(CIRCUIT)
    assert row is not None
    assert row["state"] == "signed"
    await desk.round()
    reply = (await facts(desk.pool))[-2]
    assert isinstance(reply, ReplySent)
    (file,) = desk.fake.documents.values()
    assert (file.data["to"], file.data["cc"]) == (TO, COPY)
    assert "Catherine Aubry" in file.data["message"]
    (_, letter), annex = (octets for _, octets in sorted(file.annexes.items()))
    assert letter.startswith(b"%PDF-")
    assert annex == ("annexe-1-plan.pdf", PLAN)

"""All that is held of one person, for whoever answers their request: theirs, and no one else's."""

import io
import threading
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.privacy import store
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.content.tokens import pseudonym
from shared.facts.arrivals import Arrived, SetAside
from shared.facts.envelope import Digest
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser, desk_settings, pages
from tests.desk_builders import SPACE, an_arrival, certain, digest, rules
from tests.integration.desk.test_evidence_and_its_end import done
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

HOME = "/donnees-personnelles"
ANA, BOB, CARL = "ana@example.org", "bob@example.org", "carl@example.org"
WHY = ("--why", "essai")


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


def blurred(address: str, folder: Path) -> Digest:
    return pseudonym(desk_settings(folder).site_keys, "address", address)


async def arrives(
    pool: Pool, blobs: LocalBlobs, name: str, address: str, folder: Path, **kw: object
) -> Arrived:
    arrival_id = uuid5(SPACE, name)
    who = Correspondent(name=address.partition("@")[0].title(), address=address)
    original = await blobs.put(2026, arrival_id, f"original {name}".encode())
    text = Pli(kind="mail", sender=who, answer_to=who, subject="Objet", text=f"texte {name}")
    pli = await plis.write(blobs, 2026, arrival_id, text)
    fields = {"correspondent": blurred(address, folder), "routing": certain()} | kw
    arrival = an_arrival(name, original=original, pli=pli, subject=digest(name), **fields)
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [arrival], arrival.recorded_at)
    return arrival


async def asked(browser: Browser, **fields: str) -> str:
    answer = await browser.send(HOME, f"{HOME}/chercher", fields)
    assert answer.status_code == 303, answer.text
    assert "@" not in answer.headers["location"], "no address stands in the page's own"
    return str(answer.headers["location"])


async def test_all_of_one_person_and_nothing_of_another_is_taken_journalled(
    pool: Pool, story_clock: Clock, blobs: LocalBlobs, tmp_path: Path
) -> None:
    await arrives(pool, blobs, "a", ANA, tmp_path)
    await arrives(pool, blobs, "b", BOB, tmp_path)
    await arrives(pool, blobs, "secret", ANA, tmp_path)
    await arrives(pool, blobs, "news", ANA, tmp_path, verdict=SetAside(reason="newsletter"))
    one, two, three = (f"36-2026-A-00000{number}" for number in (1, 2, 3))
    reserved = ("--confidentiality", "reserve", *WHY)
    await done("reclassify", three, *reserved, who="b.head")
    served = pages(pool, story_clock, tmp_path / "blobs")
    officer = await Browser(served).sign_in("q.officer")
    await officer.page(f"/courrier/{one}")

    url = await asked(officer, adresse=ANA.upper())
    shown = await officer.page(url)
    assert one in shown
    assert two not in shown
    assert three not in shown, "a réservé item is not even said to exist"
    assert "S’il existe des courriers réservés" in shown
    assert "Et 1 message dont aucun courrier" in shown
    answer = await officer.get(url.replace("/personne?", "/personne.zip?"))
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        whole = {name: package.read(name) for name in package.namelist()}
    assert whole[f"courriers/{one}/2.eml"] == b"original a"
    assert whole["sans-suite/1.eml"] == b"original news"
    assert "Ana, ana@example.org" in whole["coordonnees.txt"].decode()
    assert f"{one};12/05/2026 10:00;lecture;un agent" in whole["consultations.csv"].decode()
    everything = b"\n".join(whole.values()).decode()
    for other in ("original b", "bob@", "original secret", three, two, "q.officer"):
        assert other not in everything, other
    given = "SELECT count(*) FROM desk.journal WHERE what = 'download' AND about = $1"
    assert await pool.fetchval(given, one) == 1
    await officer.client.aclose()

    secretary = await Browser(served).sign_in("s.general")
    answer = await secretary.get(url.replace("/personne?", "/personne.zip?"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        assert package.read(f"courriers/{three}/2.eml") == b"original secret"
        assert "réservés" not in package.read("LISEZMOI.txt").decode()
    await secretary.client.aclose()


async def test_of_anothers_letter_only_what_the_person_wrote_is_given_and_notes_lie_apart(
    pool: Pool, postgres_url: str, story_clock: Clock, blobs: LocalBlobs, tmp_path: Path
) -> None:
    first = await arrives(pool, blobs, "a", ANA, tmp_path)
    thread = [{"kind": "references", "messages": [first.message]}]
    second = await arrives(pool, blobs, "b", ANA, tmp_path, threads=thread)
    await arrives(pool, blobs, "c", CARL, tmp_path)
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            "UPDATE desk.arrivals SET correspondent = $2 WHERE arrival_id = $1",
            second.arrival_id,
            blurred(BOB, tmp_path),
        )
    number, merged = "36-2026-A-000001", "36-2026-A-000002"
    await done("merge", merged, "--into", number, *WHY, who="b.head")
    words = "SELECT word FROM desk.arrivals WHERE item_id IS NOT NULL ORDER BY 1"
    assert [row["word"] for row in await pool.fetch(words)] == ["item", "item", "message"]
    head = await Browser(pages(pool, story_clock, tmp_path / "blobs")).sign_in("b.head")
    note = {"text": "Son voisin a appelé.", "texte": "Son voisin a appelé."}
    answer = await head.send(f"/courrier/{number}", f"/courrier/{number}/note", note)
    assert answer.status_code == 303, answer.text
    ask = {"service": "dre", "until": "2026-05-13", "question": "Sa voisine a-t-elle un bail ?"}
    answer = await head.send(f"/courrier/{number}/avis", f"/courrier/{number}/avis", ask)
    assert answer.status_code == 303, answer.text
    browser = await Browser(pages(pool, story_clock, tmp_path / "blobs")).sign_in("s.general")

    async def taken(address: str) -> dict[str, bytes]:
        url = await asked(browser, adresse=address)
        answer = await browser.get(url.replace("/personne?", "/personne.zip?"))
        with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
            return {name: package.read(name) for name in package.namelist()}

    of_bob = await taken(BOB)
    assert of_bob[f"courriers/{number}/1.eml"] == b"original b"
    everything = b"\n".join(of_bob.values()).decode()
    assert "original a" not in everything
    assert "voisin" not in everything
    assert "ana" not in everything
    of_ana = await taken(ANA)
    apart = [octets for name, octets in of_ana.items() if name.startswith("a-relire/")]
    assert b"original c" in apart, "another's letter, which was merged into theirs"
    assert b"original b" in apart, "another's message in theirs"
    assert any("voisin a" in octets.decode() for octets in apart)
    assert any("un bail" in octets.decode() for octets in apart), "what one service asks another"
    given = [of_ana[name] for name in of_ana if name.startswith("courriers/")]
    assert not [octets for octets in given if b"un bail" in octets]
    assert b"original a" in given
    assert not {b"original b", b"original c"} & set(given)
    for browser_ in (head, browser):
        await browser_.client.aclose()


async def test_a_reserved_letter_that_was_merged_is_given_to_whom_may_read_it_alone(
    pool: Pool, story_clock: Clock, blobs: LocalBlobs, tmp_path: Path
) -> None:
    await arrives(pool, blobs, "a", ANA, tmp_path)
    await arrives(pool, blobs, "secret", ANA, tmp_path)
    one, two = "36-2026-A-000001", "36-2026-A-000002"
    await done("reclassify", two, "--confidentiality", "reserve", *WHY, who="b.head")
    await done("merge", two, "--into", one, *WHY, who="b.head")
    for who, sees in (("q.officer", False), ("s.general", True)):
        browser = await Browser(pages(pool, story_clock, tmp_path / "blobs")).sign_in(who)
        url = await asked(browser, numeros=one)
        answer = await browser.get(url.replace("/personne?", "/personne.zip?"))
        assert answer.status_code == 200, answer.text
        with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
            everything = b"\n".join(package.read(name) for name in package.namelist())
        assert b"original a" in everything
        for secret in (b"original secret", two.encode()):
            assert (secret in everything) is sees, (who, secret)
        await browser.client.aclose()


async def test_a_package_is_made_beside_the_pages_and_says_what_is_not_in_it(
    pool: Pool,
    story_clock: Clock,
    blobs: LocalBlobs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "MOST_LOOSE", 1)
    for name in ("x", "y"):
        await arrives(pool, blobs, name, ANA, tmp_path, verdict=SetAside(reason="newsletter"))
    in_the_loop, writes = set[bool](), zipfile.ZipFile.writestr

    def noted(package: zipfile.ZipFile, *words: Any, **more: Any) -> None:
        in_the_loop.add(threading.current_thread() is threading.main_thread())
        writes(package, *words, **more)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", noted)
    officer = await Browser(pages(pool, story_clock, tmp_path / "blobs")).sign_in("q.officer")
    url = await asked(officer, adresse=ANA)
    assert "1 message ou plus dont aucun courrier" in await officer.page(url)
    answer = await officer.get(url.replace("/personne?", "/personne.zip?"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        assert [name for name in package.namelist() if "sans-suite" in name] == ["sans-suite/1.eml"]
        assert "au-delà du premier" in package.read("LISEZMOI.txt").decode()
    assert in_the_loop == {False}
    await officer.client.aclose()


async def test_who_is_named_by_nothing_or_wrongly_is_not_looked_for(
    pool: Pool, story_clock: Clock, blobs: LocalBlobs, tmp_path: Path
) -> None:
    await arrives(pool, blobs, "a", ANA, tmp_path, correspondent=None)
    browser = await Browser(pages(pool, story_clock, tmp_path / "blobs")).sign_in("q.officer")
    for fields, said in (
        ({}, "Donnez une adresse"),
        ({"adresse": "ana"}, "pas une adresse"),
        ({"numeros": "36-2026-A-000009"}, "Aucun courrier ne porte le numéro"),
        ({"numeros": "rien"}, "Aucun courrier ne porte le numéro"),
    ):
        answer = await browser.send(HOME, f"{HOME}/chercher", fields)
        assert (answer.status_code, said in answer.text) == (422, True), said
    assert "Rien n’est détenu" in await browser.page(await asked(browser, adresse=BOB))
    paper = await browser.page(await asked(browser, numeros="36-2026-A-000001"))
    assert "36-2026-A-000001" in paper
    assert (await browser.get(f"{HOME}/personne.zip?personne=x")).status_code == 404
    pdf = await browser.get(f"{HOME}/registre.pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert "36 mois" in await browser.page(HOME)
    await browser.client.aclose()

"""Internal notes, calls and visits: read by colleagues who read the letter, and by nobody else."""

import io
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from bs4 import BeautifulSoup

from services.desk.api.domain.keys import KeyScope
from services.desk.pages.evidence.item_evidence import WHOLE
from services.desk.retention.store.deletions import erase
from shared.content.blobs import LocalBlobs
from shared.facts.items import ITEMS
from shared.facts.items.routing import NoteWritten
from shared.facts.vocabulary import NoteKind
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import TODAY, Browser, pages
from tests.integration.desk.clocked import items
from tests.integration.desk.findings import read
from tests.integration.desk.programs import given

pytestmark = pytest.mark.usefixtures("live_site")

HERE: Final = "/courrier/36-2026-A-000001"
NOTE, CONTACT = f"{HERE}/note", f"{HERE}/appel-visite"
WHO: Final = ("c.lerk", "a.gent", "b.gent", "b.head", "r.gent", "q.officer", "s.general")
READ: Final = f"{HERE}/notes-lues"
People = Mapping[str, Browser]


@pytest.fixture
async def people(pool: Pool, story_clock: Clock, tmp_path: Path) -> AsyncIterator[People]:
    """One item of bmi, and the windows of those who read it, or do not."""
    await items(pool, "a")
    site = pages(pool, story_clock, tmp_path)
    found = {who: await Browser(site).sign_in(who) for who in WHO}
    yield found
    for browser in found.values():
        await browser.client.aclose()


async def notes(pool: Pool) -> Sequence[NoteWritten]:
    rows = await pool.fetch(
        "SELECT payload FROM desk.facts WHERE type = 'NoteWritten' ORDER BY seq"
    )
    facts = [ITEMS.validate_json(row["payload"]) for row in rows]
    return [fact for fact in facts if isinstance(fact, NoteWritten)]


def past(page: str) -> list[tuple[str, str, str]]:
    """What happened, who did it, and the note's text, newest first; only of notes."""
    lines = BeautifulSoup(page, "html.parser").select(".timeline li")
    found = [
        tuple(
            " ".join(tag.get_text().split()) if (tag := line.select_one(part)) else ""
            for part in (".what", ".who", ".note-text")
        )
        for line in lines
    ]
    kinds = ("Note", "Appel", "Visite")
    return [(line[0], line[1], line[2]) for line in found if line[0].startswith(kinds)]


def shown_notes(page: str) -> Sequence[str]:
    """What each « J'ai lu » of a page says was shown, in the order of the page."""
    forms = BeautifulSoup(page, "html.parser").select(f"form[action='{READ}'] [name=notes]")
    return [str(tag["value"]) for tag in forms]


def files(folder: Path) -> Sequence[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def sentence(page: str) -> str:
    said = BeautifulSoup(page, "html.parser").select_one(".refusal p")
    return "" if said is None else " ".join(said.get_text().split())


async def test_a_note_is_read_where_it_was_written_and_whom_it_names_finds_it_at_home(
    people: People, pool: Pool
) -> None:
    text = "Elle a déjà écrit en mars.\n@b.head : faut-il répondre aux deux ?"
    after = await people["a.gent"].to(await people["a.gent"].send(NOTE, NOTE, {"text": text}))
    written = (
        "Note interne, pour Camille B.head",
        "Camille A.gent",
        "Elle a déjà écrit en mars. @b.head : faut-il répondre aux deux ?",
    )
    assert past(after) == [written]
    (fact,) = await notes(pool)
    assert (fact.kind, fact.on, fact.named, fact.by) == (
        NoteKind.NOTE,
        None,
        ("b.head",),
        "person:a.gent",
    )
    assert text[:10] not in fact.model_dump_json()

    head = people["b.head"]
    assert "/notes" in await head.page("/courriers")
    assert "/notes" not in await people["b.gent"].page("/courriers")
    listed = await head.page("/notes")
    assert "36-2026-A-000001" in listed
    assert "Elle a déjà écrit" not in listed, "its text is on the item's page, which is recorded"
    item = await head.page(HERE)
    assert past(item) == [written]
    assert "Une note vous nomme" in item
    (shown,) = shown_notes(item)
    await head.to(await head.send(HERE, READ, {"notes": shown}))
    assert "Une note vous nomme" not in await head.page(HERE)
    assert "Aucune note ne vous attend" in await head.page("/notes")
    assert "/notes" not in await head.page("/courriers")


async def test_only_the_notes_that_the_page_showed_are_put_away(people: People) -> None:
    agent, head = people["a.gent"], people["b.head"]
    await agent.to(await agent.send(NOTE, NOTE, {"text": "Un. @b.head"}))
    await agent.to(await agent.send(NOTE, NOTE, {"text": "Deux. @b.head"}))
    (opened,) = shown_notes(await head.page(HERE))
    assert len(opened.split()) == 2
    await agent.to(await agent.send(NOTE, NOTE, {"text": "Trois, écrite depuis. @b.head"}))
    after = await head.to(await head.send(HERE, READ, {"notes": opened}))
    assert "notes lues" in after
    assert "Une note vous nomme" in after, "the third was not on the page"
    (third,) = shown_notes(await head.page("/notes"))
    assert third not in opened.split()
    # Each row of the list puts away its own note alone.
    await agent.to(await agent.send(NOTE, NOTE, {"text": "Quatre. @b.head"}))
    listed = shown_notes(await head.page("/notes"))
    (fourth,) = set(listed) - {third}
    await head.to(await head.send("/notes", READ, {"liste": "oui", "notes": fourth}))
    assert shown_notes(await head.page("/notes")) == [third]
    await head.to(await head.send(HERE, READ, {"notes": f"{third} nonsense"}))
    assert shown_notes(await head.page("/notes")) == []


async def test_whoever_may_not_read_the_letter_can_not_be_named_and_nothing_is_kept(
    people: People, pool: Pool, tmp_path: Path
) -> None:
    agent = people["a.gent"]
    for text, why in (
        ("@r.gent, ton avis ?", "Camille R.gent ne peut pas lire le courrier 36-2026-A-000001"),
        ("@personne, ton avis ?", "« @personne » n’est le nom de personne à la préfecture"),
        ("", "Écrivez la note."),
        ("x" * 4001, "Une note a 4000 signes au plus"),
        (" ".join(f"@{n}" for n in range(21)), "Une note nomme 20 personnes au plus."),
    ):
        refused = await agent.send(NOTE, NOTE, {"text": text})
        assert refused.status_code == 422
        assert why in sentence(refused.text)
        field = BeautifulSoup(refused.text, "html.parser").select_one("textarea[name=text]")
        assert field is not None
        assert field.get_text().strip("\n") == text, "what was typed is still there"
    assert await notes(pool) == []
    assert files(tmp_path) == [], "nor a text without a note"
    # In copy, the other service reads it: now its agent may be named.
    await agent.to(await agent.send(HERE, f"{HERE}/copies", {"copy": "dre"}))
    await agent.to(await agent.send(NOTE, NOTE, {"text": "@r.gent, ton avis ?"}))
    other = people["r.gent"]
    assert "Une note vous nomme" in await other.page(HERE)
    # And answers, though it only reads.
    answer = await other.to(await other.send(NOTE, NOTE, {"text": "Favorable. @a.gent"}))
    assert [line[2] for line in past(answer)] == ["Favorable. @a.gent", "@r.gent, ton avis ?"]


async def test_the_text_for_a_letter_that_was_merged_meanwhile_is_kept_nowhere(
    people: People, pool: Pool, tmp_path: Path
) -> None:
    agent, other = people["a.gent"], "36-2026-A-000002"
    await items(pool, "b")
    await agent.to(await agent.send(HERE, f"{HERE}/fusionner", {"into": other}))
    for path, fields in ((NOTE, {}), (CONTACT, {"kind": "call"})):
        opened_before = f"/courrier/{other}{path.removeprefix(HERE)}"
        text = {"text": "Ses enfants sont malades.", **fields}
        refused = await agent.send(opened_before, path, text)
        assert refused.status_code == 422
        assert await notes(pool) == []
        assert files(tmp_path) == []


async def test_of_a_reserve_letter_only_who_reads_it_whole_reads_writes_or_is_named(
    people: People, pool: Pool
) -> None:
    head, clerk = people["b.head"], people["c.lerk"]
    await head.to(await head.send(NOTE, NOTE, {"text": "Vu avec le maire. @c.lerk @a.gent"}))
    assert "/notes" in await clerk.page("/bureau")
    await head.to(await head.send(HERE, f"{HERE}/reclasser", {"confidentiality": "reserve"}))

    outline = await clerk.page(HERE)
    assert [line[2] for line in past(outline)] == [""], "the line, and not the text"
    assert "Une note vous nomme" not in outline
    assert (await clerk.get(NOTE)).status_code == 403
    assert (await clerk.get(CONTACT)).status_code == 403
    assert (await people["a.gent"].get(NOTE)).status_code == 404
    assert "36-2026-A-000001" not in await people["a.gent"].page("/notes")
    # What they are told of and may only know of, they can put away.
    (shown,) = shown_notes(await clerk.page("/notes"))
    await clerk.to(await clerk.send("/notes", READ, {"liste": "oui", "notes": shown}))
    assert "/notes" not in await clerk.page("/bureau")

    for name in ("a.gent", "c.lerk"):
        refused = await head.send(NOTE, NOTE, {"text": f"@{name} ?"})
        assert "ne peut pas lire le courrier" in sentence(refused.text)
    offered = BeautifulSoup(await head.page(NOTE), "html.parser").select("#nommables li")
    ids = {str(line["data-id"]) for line in offered}
    assert {"s.general", "d.rector"} <= ids
    assert not ids & {"a.gent", "b.gent", "c.lerk", "q.officer", "r.gent"}
    await head.to(await head.send(NOTE, NOTE, {"text": "@s.general, pour votre avis"}))
    assert "Une note vous nomme" in await people["s.general"].page(HERE)
    assert len(await notes(pool)) == 2


async def test_a_call_and_a_visit_have_their_day_and_need_no_words(
    people: People, pool: Pool
) -> None:
    clerk = people["c.lerk"]
    form = BeautifulSoup(await clerk.page(CONTACT), "html.parser")
    day = form.select_one("#day")
    assert day is not None
    assert day["value"] == "2026-05-12", "today, as most are"
    await clerk.to(await clerk.send(CONTACT, CONTACT, {"kind": "call", "day": "2026-05-12"}))
    fields = {"kind": "visit", "day": "11/05/2026", "text": "Venue avec son passeport."}
    shown = await clerk.to(await clerk.send(CONTACT, CONTACT, fields))
    assert past(shown) == [
        ("Appel téléphonique du 12/05/2026", "Camille C.lerk", ""),
        ("Visite du 11/05/2026", "Camille C.lerk", "Venue avec son passeport."),
    ]
    call, visit = await notes(pool)
    assert (call.kind, call.on, call.pli) == (NoteKind.CALL, date(2026, 5, 12), None)
    assert (visit.kind, visit.on) == (NoteKind.VISIT, date(2026, 5, 11))
    assert visit.happened_at.date() == date(2026, 5, 11)
    tomorrow = await clerk.send(CONTACT, CONTACT, {"kind": "call", "day": "2026-05-13"})
    assert sentence(tomorrow.text) == "Ce jour est encore à venir."
    odd = await clerk.send(CONTACT, CONTACT, {"kind": "note", "day": "2026-05-12"})
    assert odd.status_code == 422


async def test_a_reader_takes_back_their_own_note_alone_and_its_text_is_shown_no_more(
    people: People, pool: Pool
) -> None:
    agent, officer = people["a.gent"], people["q.officer"]
    await agent.to(await agent.send(NOTE, NOTE, {"text": "Un avis. @b.head"}))
    await officer.to(await officer.send(NOTE, NOTE, {"text": "À l’audit. @b.head"}))
    first, second = (str(fact.seq) for fact in await notes(pool))
    buttons = BeautifulSoup(await officer.page(HERE), "html.parser").select(".undo [name=seq]")
    assert [str(tag["value"]) for tag in buttons] == [second]
    undo = f"{HERE}/annuler"
    assert (await officer.send(NOTE, undo, {"seq": first})).status_code == 403
    shown = await officer.to(await officer.send(HERE, undo, {"seq": second}))
    assert "À l’audit" not in shown
    assert "Une note vous nomme" in await people["b.head"].page(HERE)
    await agent.to(await agent.send(HERE, undo, {"seq": first}))
    assert "Aucune note ne vous attend" in await people["b.head"].page("/notes")
    assert "/notes" not in await people["b.head"].page("/courriers")
    assert "Un avis" not in await agent.page(HERE)
    assert "Une note vous nomme" not in await people["b.head"].page(HERE)


async def test_who_reads_an_outline_or_is_a_program_takes_back_no_note_of_others(
    people: People, pool: Pool
) -> None:
    head, clerk = people["b.head"], people["c.lerk"]
    await head.to(await head.send(NOTE, NOTE, {"text": "Vu avec le maire."}))
    await clerk.to(await clerk.send(NOTE, NOTE, {"text": "Le pli est au coffre."}))
    first, second = (str(fact.seq) for fact in await notes(pool))
    whole = await given(head.pages, *KeyScope, services=None)
    refused = await whole.decide("36-2026-A-000001", "undo", seq=int(first))
    assert (refused.status_code, refused.json()["code"]) == (403, "by-session-only")
    await head.to(await head.send(HERE, f"{HERE}/reclasser", {"confidentiality": "reserve"}))
    undo = f"{HERE}/annuler"
    outline = BeautifulSoup(await clerk.page(HERE), "html.parser")
    offered = {str(tag["value"]) for tag in outline.select(".undo [name=seq]")}
    assert second in offered
    assert first not in offered
    no = await clerk.send(HERE, undo, {"seq": first})
    assert "cette décision revient à qui le lit en entier" in sentence(no.text)
    assert "Vu avec le maire" in await head.page(HERE)
    # Whoever reads it whole takes back anybody's, and anybody their own.
    await clerk.to(await clerk.send(HERE, undo, {"seq": second}))
    await people["s.general"].to(await people["s.general"].send(HERE, undo, {"seq": first}))
    assert "Vu avec le maire" not in await head.page(HERE)


async def test_nothing_leaves_of_a_note_and_no_program_reads_or_finds_it(
    people: People, pool: Pool, tmp_path: Path
) -> None:
    agent = people["a.gent"]
    await agent.to(await agent.send(NOTE, NOTE, {"text": "Soupçon de galéjade. @b.head"}))
    await read(pool, tmp_path)
    assert "galéjade" not in await agent.page("/recherche?q=sardine")
    assert await pool.fetchval("SELECT count(*) FROM desk.search WHERE body LIKE '%jade%'") == 0
    assert await pool.fetchval("SELECT count(*) FROM desk.notices") == 0
    assert await pool.fetchval("SELECT count(*) FROM desk.outbox WHERE payload LIKE '%jade%'") == 0
    program = await given(agent.pages, *KeyScope, services=None)
    searched = await program.get("/search?q=gal%C3%A9jade")
    assert searched.status_code == 200
    assert "36-2026-A-000001" not in searched.text
    for path in ("", "/messages", "/clocks"):
        answer = await program.get(f"/items/36-2026-A-000001{path}")
        assert answer.status_code == 200
        assert "galéjade" not in answer.text
        assert "b.head" not in answer.text


async def test_who_reads_a_letter_finds_its_notes_by_their_words_until_it_is_reserve(
    people: People, pool: Pool, tmp_path: Path
) -> None:
    async def found(who: str, words: str = "galejades") -> list[str]:
        page = BeautifulSoup(await people[who].page(f"/recherche?q={words}"), "html.parser")
        return [
            " ".join(tag.get_text().split())
            for tag in page.select("section[aria-labelledby=notes] .extract")
        ]

    await items(pool, "b")
    agent = people["a.gent"]
    for text in ("Soupçon de galéjade & cie.", "Rien de neuf."):
        await agent.to(await agent.send(NOTE, NOTE, {"text": text}))
    await read(pool, tmp_path)
    said = ["Soupçon de galéjade & cie. Rien de neuf"]
    assert [await found(who) for who in ("a.gent", "b.head", "s.general")] == [said, said, said]
    assert await found("r.gent") == [], "another service's letter"
    assert await found("a.gent", "galejades&service=bmi") == [], "a filter asks for letters alone"
    page = await agent.page("/recherche?q=galejades")
    assert f'href="{HERE}#suivi"' in page
    assert "Aucun courrier trouvé hors des notes" in page, "the letter itself does not say it"
    assert "Essayez moins de mots" not in page
    assert "Essayez moins de mots" in await agent.page("/recherche?q=introuvable")
    second = (await notes(pool))[1].seq
    await agent.to(await agent.send(HERE, f"{HERE}/annuler", {"seq": str(second)}))
    await read(pool, tmp_path)
    assert await found("a.gent", "neuf") == []
    assert len(await found("a.gent")) == 1
    reserved = {"confidentiality": "reserve"}
    await people["b.head"].send(HERE, f"{HERE}/reclasser", reserved)
    assert [await found(who) for who in ("b.head", "s.general")] == [[], []]
    await read(pool, tmp_path)
    kept = "SELECT count(*) FROM desk.search WHERE notes <> '' OR note_words IS NOT NULL"
    assert await pool.fetchval(kept) == 0


async def test_the_text_of_a_note_goes_with_the_content_of_its_letter(
    people: People, pool: Pool, tmp_path: Path
) -> None:
    agent, officer, head = people["a.gent"], people["q.officer"], people["b.head"]
    await agent.to(await agent.send(NOTE, NOTE, {"text": "Ses enfants sont malades. @b.head"}))
    (fact,) = await notes(pool)
    assert fact.pli is not None
    folder = tmp_path.joinpath(*fact.pli.split("/")[:2])
    assert folder.exists()
    proof = f"{HERE}/preuve"
    given_out = await officer.get(f"{HERE}/preuve.zip")
    with zipfile.ZipFile(io.BytesIO(given_out.content)) as archive:
        said = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "Texte d’une note interne" in said["documents.csv"]
    assert not [name for name, text in said.items() if "malades" in text]
    what = {"document": WHOLE, "motif": "donnees-sensibles"}
    await officer.to(await officer.send(proof, f"{proof}/retrait", what))
    await head.to(await head.send(proof, f"{proof}/retrait", {"action": "confirmer"}))
    await erase(pool, LocalBlobs(tmp_path), TODAY)
    assert not folder.exists()
    assert await pool.fetchval("SELECT count(*) FROM desk.note_mentions") == 0
    shown = await agent.page(HERE)
    assert [line[:2] for line in past(shown)] == [
        ("Note interne, pour Camille B.head", "Camille A.gent")
    ]
    assert "malades" not in shown

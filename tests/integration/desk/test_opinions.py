"""The opinion of another service: asked with a date, read there, given as a note, or late."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest
from bs4 import BeautifulSoup

from services.desk.api.domain.keys import KeyScope
from shared.facts.items import ITEMS
from shared.facts.items.routing import NoteWritten, OpinionAsked
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import Browser, pages
from tests.integration.desk.clocked import items
from tests.integration.desk.programs import given
from tests.integration.desk.test_indicators import StandingClock

pytestmark = pytest.mark.usefixtures("live_site")

CHRONO: Final = "36-2026-A-000001"
HERE: Final = f"/courrier/{CHRONO}"
ASK: Final = f"{HERE}/avis"
WHO: Final = ("a.gent", "b.gent", "b.head", "r.gent")
QUESTION: Final = "Ce terrain est-il inondable ?"
WEDNESDAY: Final = "2026-05-13"
"""The day after the story's; the Thursday is not worked (Ascension)."""
People = Mapping[str, Browser]


@pytest.fixture
async def people(pool: Pool, story_clock: Clock, tmp_path: Path) -> AsyncIterator[People]:
    """One item of bmi, its people, and one of another service, who does not know of it."""
    await items(pool, "a")
    site = pages(pool, story_clock, tmp_path)
    found = {who: await Browser(site).sign_in(who) for who in WHO}
    yield found
    for browser in found.values():
        await browser.client.aclose()


async def ask(agent: Browser, service: str = "dre", until: str = WEDNESDAY) -> str:
    fields = {"service": service, "until": until, "question": QUESTION}
    return await agent.to(await agent.send(ASK, ASK, fields))


async def stated(pool: Pool, kind: str) -> list[object]:
    rows = await pool.fetch("SELECT payload FROM desk.facts WHERE type = $1 ORDER BY seq", kind)
    return [ITEMS.validate_json(row["payload"]) for row in rows]


def said(page: str) -> str:
    tag = BeautifulSoup(page, "html.parser").select_one(".refusal p")
    return "" if tag is None else " ".join(tag.get_text().split())


def listed(page: str) -> str:
    """What the item's page says of the opinions that were asked."""
    tag = BeautifulSoup(page, "html.parser").select_one("section[aria-labelledby=avis] ul")
    return "" if tag is None else " ".join(tag.get_text().split())


async def test_the_asked_service_reads_the_letter_answers_by_a_note_and_the_asker_finds_it(
    people: People, pool: Pool
) -> None:
    agent, other = people["a.gent"], people["r.gent"]
    assert (await other.get(HERE)).status_code == 404
    page = await ask(agent)
    (asked,) = await stated(pool, "OpinionAsked")
    assert isinstance(asked, OpinionAsked)
    assert (asked.service, asked.until.isoformat(), asked.by) == ("dre", WEDNESDAY, "person:a.gent")
    assert "inondable" not in asked.model_dump_json()
    assert "attendu" in listed(page)
    assert await pool.fetchval("SELECT state FROM desk.items") == "open", "and with its service"
    assert await pool.fetchval("SELECT service FROM desk.items") == "bmi"

    assert "/avis" in await other.page("/courriers")
    assert "/avis" not in await people["b.gent"].page("/courriers")
    owed = await other.page("/avis")
    assert CHRONO in owed
    assert "inondable" not in owed, "the question is on the item's page, whose reading is recorded"
    form = f"{ASK}/{asked.event_id}"
    assert QUESTION in await other.page(HERE)
    assert QUESTION in await other.page(form)
    empty = await other.send(form, form, {"text": " "})
    assert said(empty.text) == "Écrivez votre avis."
    after = await other.to(await other.send(form, form, {"text": "Non, zone blanche."}))
    assert "rendu le mardi 12 mai 2026 par Camille R.gent" in listed(after)
    (note,) = await stated(pool, "NoteWritten")
    assert isinstance(note, NoteWritten)
    assert (note.answers, note.named) == (asked.event_id, ("a.gent",))
    assert "Une note vous nomme" in await agent.page(HERE)
    assert "Non, zone blanche." in await agent.page(HERE)
    assert "Aucun avis n’est demandé" in await other.page("/avis")
    assert (await other.get(form)).status_code == 404
    # Taken back, the opinion is open again; the question taken back, the letter is theirs alone.
    await other.to(await other.send(HERE, f"{HERE}/annuler", {"seq": str(note.seq)}))
    assert CHRONO in await other.page("/avis")
    await agent.to(await agent.send(HERE, f"{HERE}/annuler", {"seq": str(asked.seq)}))
    assert (await other.get(HERE)).status_code == 404
    assert CHRONO not in await other.page("/avis")


async def test_only_the_asked_service_answers_and_only_what_makes_sense_is_asked(
    people: People, pool: Pool
) -> None:
    agent, head = people["a.gent"], people["b.head"]
    offered = BeautifulSoup(await agent.page(ASK), "html.parser").select("#service option")
    assert "bmi" not in {str(tag["value"]) for tag in offered}, "not its own"
    for fields, why in (
        ({"service": "dre", "until": "2026-05-14", "question": QUESTION}, "n’est pas travaillé"),
        ({"service": "dre", "until": "2026-05-12", "question": QUESTION}, "n’est pas à venir"),
        ({"service": "dre", "until": WEDNESDAY, "question": ""}, "Écrivez ce que vous demandez."),
        ({"service": "", "until": WEDNESDAY, "question": QUESTION}, "Choisissez le service"),
    ):
        refused = await agent.send(ASK, ASK, fields)
        assert why in said(refused.text), fields
    assert await stated(pool, "OpinionAsked") == []
    await ask(agent)
    (asked,) = await stated(pool, "OpinionAsked")
    assert isinstance(asked, OpinionAsked)
    form = f"{ASK}/{asked.event_id}"
    assert (await people["b.gent"].get(form)).status_code == 403
    assert (await people["b.gent"].send(HERE, form, {"text": "Oui."})).status_code == 403
    # Whoever reads all of a réservé letter asks nobody who would not read it.
    await head.to(await head.send(HERE, f"{HERE}/reclasser", {"confidentiality": "reserve"}))
    assert "/avis" not in await people["r.gent"].page("/courriers")
    assert (await people["r.gent"].get(form)).status_code == 404
    assert "Demander un avis" not in await head.page(HERE)


async def test_a_letter_that_is_merged_says_who_still_owes_its_opinion_and_takes_it_along(
    people: People, pool: Pool
) -> None:
    await items(pool, "b")
    agent, other, merging = people["a.gent"], people["r.gent"], f"{HERE}/fusionner"
    second = CHRONO.replace("000001", "000002")
    await ask(agent)
    form = " ".join(BeautifulSoup(await agent.page(merging), "html.parser").get_text().split())
    assert "Avis encore attendu" in form
    after = await agent.to(await agent.send(merging, merging, {"into": second}))
    flash = " ".join(BeautifulSoup(after, "html.parser").get_text().split())
    assert f"est maintenant attendu sur {second}" in flash, flash[:900]
    assert "attendu" in listed(await agent.page(f"/courrier/{second}"))
    assert "n’est plus attendu" in listed(await agent.page(HERE))
    owed = await other.page("/avis")
    assert (second in owed, CHRONO in owed) == (True, False)
    assert QUESTION in await other.page(f"/courrier/{second}")
    # Parted again, the first one waits for it and the other no more.
    merged = await pool.fetchval("SELECT seq FROM desk.facts WHERE type = 'ItemMergedInto'")
    await agent.to(await agent.send(HERE, f"{HERE}/annuler", {"seq": str(merged)}))
    owed = await other.page("/avis")
    assert (second in owed, CHRONO in owed) == (False, True)


async def test_an_opinion_whose_day_is_past_is_late_wherever_it_stands(
    people: People, pool: Pool, tmp_path: Path
) -> None:
    await ask(people["a.gent"])
    assert "en retard" not in listed(await people["a.gent"].page(HERE))
    friday = StandingClock(datetime.fromisoformat("2026-05-15T10:00:00+02:00"))
    site = pages(pool, friday, tmp_path)
    agent, other = [await Browser(site).sign_in(who) for who in ("a.gent", "r.gent")]
    assert "en retard" in listed(await agent.page(HERE))
    assert "en retard" in await other.page("/avis")
    assert "en retard" in await agent.page("/avis"), "its own service waits for it"
    assert "dont 1 en retard" in " ".join(
        BeautifulSoup(await other.page("/courriers"), "html.parser").get_text().split()
    )


async def test_a_program_asks_as_the_page_does_and_answers_nothing(
    people: People, pool: Pool
) -> None:
    program = await given(people["a.gent"].pages, *KeyScope, services=None)
    body = {"service": "dre", "until": WEDNESDAY, "question": QUESTION}
    answer = await program.decide(CHRONO, "ask-opinion", **body)
    assert answer.status_code == 200, answer.text
    shown = (await program.get(f"/items/{CHRONO}")).json()
    (asked,) = await stated(pool, "OpinionAsked")
    assert isinstance(asked, OpinionAsked)
    assert shown["opinions"] == [{"fact": asked.seq, "service": "dre", "until": WEDNESDAY}]
    assert "inondable" not in (await program.get(f"/items/{CHRONO}")).text
    again = await program.decide(CHRONO, "ask-opinion", **body)
    assert again.json()["why"] == "opinion-asked-already"
    own = await program.decide(CHRONO, "ask-opinion", **(body | {"service": "bmi"}))
    assert own.json()["why"] == "opinion-of-own"
    refused = await program.decide(CHRONO, "give-opinion", text="Oui.")
    assert refused.json()["code"] == "by-session-only"
    form = f"{ASK}/{asked.event_id}"
    other = people["r.gent"]
    assert "une application (clé" in listed(await other.page(HERE))
    await other.to(await other.send(form, form, {"text": "Non."}))
    assert (await program.get(f"/items/{CHRONO}")).json()["opinions"] == []

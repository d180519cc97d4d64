"""Whom an internal note names reads it in their digest: the item's number, never a word of it."""

from datetime import date, datetime, timedelta

from shared.facts.envelope import BlobKey, PersonId, ServiceId
from shared.facts.items.routing import ItemAssigned, ItemReclassified, NoteWritten
from shared.facts.vocabulary import Channel, Confidentiality, NoteKind
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import MORNING, OPENING, body, digests, whole
from tests.roles import one_transaction
from tests.unit.notify.builders import fact, registered, withdrawn

LETTER = registered(channel=Channel.LETTER, qualified=True)
"""On paper: nothing leaves by itself."""
SECTION = "Notes qui vous nomment"


def noted(seq: int, *named: str, at: datetime = MORNING) -> NoteWritten:
    note: NoteWritten = fact(
        NoteWritten,
        seq,
        at=at,
        kind=NoteKind.NOTE,
        named=tuple(map(PersonId, named)),
        pli=BlobKey(f"2026/00000000-0000-4000-8000-{seq:012}/{'ab' * 32}"),
    )
    return note


async def test_whom_a_note_names_reads_the_number_once_and_nothing_of_its_text(
    house: House,
) -> None:
    note = noted(2, "k.haddad")
    await house.hear(LETTER, note)
    await house.hear(note)  # told again
    (taken,) = await digests(house, 1)
    assert taken.recipient == "karima.haddad@indre.example"
    text = body(taken)
    assert text.count(SECTION) == 1
    assert "36-2026-A-000123, titre de séjour : note interne du 12 mai 2026" in text
    assert "/courrier/36-2026-A-000123" in text
    tomorrow = OPENING + timedelta(days=1)
    await house.hear(noted(3, "c.aubry", at=MORNING + timedelta(hours=8)))
    found = await digests(house, 2, at=tomorrow)
    assert {mail.recipient for mail in found[1:]} == {"catherine.aubry@indre.example"}


async def test_a_note_of_the_day_waits_for_the_next_morning(house: House) -> None:
    afternoon = OPENING + timedelta(hours=7, minutes=30)
    await house.hear(LETTER, noted(2, "k.haddad", at=afternoon))
    house.clock.at = afternoon
    await house.hear(*whole())
    await house.waker().round()
    assert await house.states() == [], "no mail at once, and the day's digest is not used up"
    house.clock.at = OPENING + timedelta(hours=13)
    await house.waker().round()
    assert await house.states() == []
    (taken,) = await digests(house, 1, at=OPENING + timedelta(days=1))
    assert taken.recipient == "karima.haddad@indre.example"
    assert "note interne du 12 mai 2026" in body(taken)


async def test_a_note_that_was_taken_back_is_not_said(house: House) -> None:
    gone, stands = noted(2, "k.haddad"), noted(3, "c.aubry")
    await house.hear(LETTER, gone, stands, withdrawn(gone, 4))
    (taken,) = await digests(house, 1)
    assert taken.recipient == "catherine.aubry@indre.example"


async def test_a_note_waits_for_whom_it_names_and_goes_to_no_deputy(
    house: House, postgres_url: str
) -> None:
    async with one_transaction(postgres_url) as owner:
        away = Absence(person="k.haddad", first=date(2026, 5, 12), last=date(2026, 5, 12))
        await people_store.add_absence(owner, away, "tests", MORNING)
    await house.hear(LETTER, noted(2, "k.haddad"), noted(3, "c.aubry"))
    (taken,) = await digests(house, 1)
    assert taken.recipient == "catherine.aubry@indre.example"
    assert body(taken).count("note interne du") == 1
    found = await digests(house, 2, at=OPENING + timedelta(days=1))
    assert found[1].recipient == "karima.haddad@indre.example"
    assert SECTION in body(found[1])


async def test_of_a_letter_that_became_reserve_only_who_reads_it_is_told(house: House) -> None:
    reads = ("k.haddad", "p.meunier", "c.aubry", "i.fontaine", "f.lemoine")
    named = (*reads, "s.pinson", "m.perrot", "h.marchand")
    secret = LETTER.classification.model_copy(update={"confidentiality": Confidentiality.RESERVE})
    to = fact(
        ItemAssigned,
        3,
        service=ServiceId("bmi"),
        agent=PersonId("k.haddad"),
        informed=(PersonId("p.meunier"),),
    )
    await house.hear(LETTER, noted(2, *named), to, fact(ItemReclassified, 4, classification=secret))
    found = await digests(house, 5)
    assert {mail.recipient.split("@")[0] for mail in found} == {
        "karima.haddad",
        "philippe.meunier",
        "catherine.aubry",
        "isabelle.fontaine",
        "francoise.lemoine",
    }
    assert all("note interne du" in body(mail) for mail in found)
    states = await house.states()
    assert states.count(("digest", "sent", None)) == 5
    assert len(states) == 8, "what nobody else is told leaves nothing"

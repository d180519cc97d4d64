"""An opinion is told the morning after it was asked, on the eve of its date, and once late."""

from datetime import date, datetime

from shared.facts.envelope import BlobKey, EventId, ServiceId
from shared.facts.items.routing import ItemReclassified, NoteWritten, OpinionAsked
from shared.facts.vocabulary import Channel, Confidentiality, NoteKind
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import MORNING, OPENING, body, digests, whole
from tests.roles import one_transaction
from tests.unit.notify.builders import fact, registered, withdrawn

LETTER = registered(channel=Channel.LETTER, qualified=True)
"""On paper, of bmi, whose head is c.aubry: nothing leaves by itself."""
SECTION = "Avis entre services"
FRIDAY = date(2026, 5, 22)
OF_THE_DAY = "SELECT count(*) FROM notify.ledger WHERE occasion LIKE 'digest:%2026-05-26'"


def asked(seq: int, *, until: date = FRIDAY, at: datetime = MORNING) -> OpinionAsked:
    opinion: OpinionAsked = fact(
        OpinionAsked, seq, at=at, service=ServiceId("bre"), until=until,
        pli=BlobKey(f"2026/00000000-0000-4000-8000-{seq:012}/{'ab' * 32}"),
    )  # fmt: skip
    return opinion


def given(seq: int, to: OpinionAsked) -> NoteWritten:
    note: NoteWritten = fact(
        NoteWritten, seq, at=MORNING, kind=NoteKind.NOTE, answers=EventId(to.event_id),
        pli=BlobKey(f"2026/00000000-0000-4000-8000-{seq:012}/{'ab' * 32}"),
    )  # fmt: skip
    return note


async def told_on(house: House, day: int, hour: int = 9) -> dict[str, str]:
    """Whom new digests of a moment tell of opinions, and what: their readers and stages."""
    known = set(await stages(house))
    house.clock.at = OPENING.replace(day=day, hour=hour)
    await house.hear(*whole(MORNING.replace(day=day)))
    await house.waker().round()
    return dict(set(await stages(house)) - known)


async def stages(house: House) -> list[tuple[str, str]]:
    rows = await house.pool.fetch(
        """
        SELECT ledger.reader, told.stage FROM notify.opinions_told AS told
        JOIN notify.ledger ON ledger.notice_id = told.digest
        """
    )
    return [(row["reader"], row["stage"]) for row in rows]


async def test_the_asked_head_is_told_thrice_and_the_holder_once_it_is_late(house: House) -> None:
    opinion = asked(2)
    await house.hear(LETTER, opinion)
    await house.hear(opinion)  # told again
    (first,) = await digests(house, 1)
    assert first.recipient == "laurent.rousselet@indre.example"
    assert body(first).count(SECTION) == 1
    assert "36-2026-A-000123, titre de séjour : avis demandé à BRE par BMI pour le" in body(first)
    assert "22 mai 2026" in body(first)
    assert "/courrier/36-2026-A-000123" in body(first)
    assert [await told_on(house, day) for day in (13, 18, 19, 20)] == [{}] * 4, "a deputy has it"
    assert await told_on(house, 21) == {"l.rousselet": "soon"}, "the last jour ouvré before"
    assert await told_on(house, 22) == {}
    assert await told_on(house, 25) == {}, "Whit Monday is not worked"
    assert await told_on(house, 26) == {"l.rousselet": "late", "c.aubry": "late"}
    async with house.sending():
        mails = await house.sink.until(1 + await house.pool.fetchval(OF_THE_DAY))
    assert await told_on(house, 27) == {}
    late = [body(mail) for mail in mails if "en retard de" in body(mail) and SECTION in body(mail)]
    assert len(late) == 2


async def test_nothing_is_told_of_what_was_given_taken_back_or_is_reserved(house: House) -> None:
    opinion = asked(2)
    await house.hear(LETTER, opinion, given(3, opinion))
    assert await told_on(house, 12) == {}
    other = asked(4, until=date(2026, 5, 20))
    await house.hear(other, withdrawn(other, 5))
    assert await told_on(house, 13) == {}
    secret = LETTER.classification.model_copy(update={"confidentiality": Confidentiality.RESERVE})
    third = asked(6, until=date(2026, 5, 26))
    await house.hear(third, fact(ItemReclassified, 7, classification=secret))
    assert await told_on(house, 15) == {}


async def test_a_note_that_was_taken_back_leaves_the_opinion_owed(house: House) -> None:
    opinion = asked(2)
    note = given(3, opinion)
    await house.hear(LETTER, opinion, note, withdrawn(note, 4))
    assert await told_on(house, 12) == {"l.rousselet": "asked"}


async def test_a_deputy_reads_in_the_heads_stead_and_what_was_asked_by_day_waits(
    house: House, postgres_url: str
) -> None:
    async with one_transaction(postgres_url) as owner:
        away = Absence(person="l.rousselet", first=date(2026, 5, 13), last=date(2026, 5, 13))
        await people_store.add_absence(owner, away, "tests", MORNING)
    await house.hear(LETTER, asked(2, at=OPENING.replace(hour=15)))
    assert await told_on(house, 12, hour=15) == {}
    assert await told_on(house, 13) == {"b.leroux": "asked"}

"""A third party is written to, told of once its date passed, and heard by its answer."""

from datetime import date, datetime, timedelta
from uuid import UUID

from services.desk.letters.domain.fields import THIRD_MAIL, THIRD_POSTAL
from shared.facts import ids
from shared.facts.arrival_base import MessageThread
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.pieces import AwaitingThird, ThirdAnswered
from shared.facts.items.replies import SecureMailRead, SecureMailSent
from shared.facts.vocabulary import Channel, NoticeKind, SenderKind
from tests.desk_builders import a_scan, a_scanned_departure, an_arrival, certain, digest
from tests.integration.notify.conftest import House
from tests.integration.notify.prefecture import Prefecture
from tests.integration.notify.test_digests import MORNING, OPENING, body, whole
from tests.integration.notify.test_standard_letters import ADDRESS, asked, prefecture
from tests.unit.notify.builders import MONDAY, fact, registered

__all__ = ["asked", "prefecture"]

LETTER = "lettre-a-un-tiers"
THEIRS = "guichet@ofii.example"
SAID = {
    "administration": "ofii",
    "date_réponse": "2026-05-26",
    "précisions": "Avez-vous son dossier ?",
    THIRD_MAIL: THEIRS,
    THIRD_POSTAL: "48 rue de la Roquette\n75011 Paris",
}
TO_SEND = "SELECT count(*) FROM notify.ledger WHERE kind = 'third' AND state <> 'sent'"
OF_THE_DAY = "SELECT count(*) FROM notify.ledger WHERE occasion LIKE 'digest:%2026-05-26'"
ON_PAPER = registered(channel=Channel.LETTER, qualified=True)
"""Of bmi, whose head is c.aubry."""


async def test_the_letter_goes_to_the_third_party_alone_and_their_answer_ends_the_wait(
    asked: Prefecture,
) -> None:
    house = asked.house
    await asked.approved(LETTER, "h.marchand", "f.lemoine")
    await asked.composed(LETTER, SAID)
    await asked.told()
    assert await house.pool.fetchval(TO_SEND) == 1
    before = len(house.sink.to(ADDRESS))
    async with house.sending():
        await house.sink.until(before + 1)
    await asked.told()
    (left,) = house.sink.to(THEIRS)
    assert len(house.sink.to(ADDRESS)) == before, "the sender hears nothing of it"
    assert "Avez-vous son dossier" in left.text
    assert left.message["In-Reply-To"] is None
    assert left.message["References"] is None
    facts = await asked.facts()
    (waits,) = [fact for fact in facts if isinstance(fact, AwaitingThird)]
    assert (waits.who, waits.expected) == ("ofii", date(2026, 5, 26))
    assert waits.message is not None
    assert THEIRS not in "".join(fact.model_dump_json() for fact in facts)
    assert await asked.desk.fetchval("SELECT state FROM desk.items") == "awaiting_third"
    theirs = an_arrival(
        "theirs",
        routing=certain(sender_kind=SenderKind.UNKNOWN),
        at=MONDAY + timedelta(days=2),
        channel=Channel.EMAIL,
        correspondent=digest("ofii"),
        threads=(MessageThread(messages=(waits.message,)),),
    )
    await asked.arrive(theirs)
    again, heard = (await asked.facts())[-2:]
    assert again.type == "SenderWroteAgain"
    assert isinstance(heard, ThirdAnswered)
    assert heard.arrival_id == theirs.arrival_id
    assert await asked.desk.fetchval("SELECT count(*) FROM desk.items") == 1
    assert await asked.desk.fetchval("SELECT state FROM desk.items") == "open"
    assert await asked.stopped() == []


async def test_a_letter_on_paper_is_waited_for_from_its_departure(prefecture: Prefecture) -> None:
    await prefecture.approved(LETTER, "h.marchand", "f.lemoine")
    paper = a_scan(routing=certain())
    prefecture.item = ids.item_id("indre", paper.arrival_id)
    await prefecture.arrive(paper.model_copy(update={"pli": None}))
    await prefecture.composed(LETTER, SAID, "pdf")
    assert await prefecture.desk.fetchval("SELECT state FROM desk.items") == "open"
    prefecture.house.clock.move(MONDAY + timedelta(days=1))
    left = a_scanned_departure("36-2026-A-000001", NoticeKind.THIRD)
    await prefecture.arrive(left)
    waits = (await prefecture.facts())[-1]
    assert isinstance(waits, AwaitingThird)
    assert (waits.who, waits.expected, waits.message) == ("ofii", date(2026, 5, 26), None)
    assert not [f for f in await prefecture.facts() if isinstance(f, NoticeOrdered)]


def waiting(seq: int, *, until: date, at: datetime = MORNING) -> AwaitingThird:
    ask: AwaitingThird = fact(AwaitingThird, seq, at=at, who="ofii", expected=until)
    return ask


async def told_on(house: House, day: int) -> list[str]:
    """Whom new digests of a May morning tell that a third party is late."""
    house.clock.at = OPENING.replace(day=day, hour=9)
    await house.hear(*whole(MORNING.replace(day=day)))
    known = await readers(house)
    await house.waker().round()
    return sorted(set(await readers(house)) - set(known))


async def readers(house: House) -> list[str]:
    rows = await house.pool.fetch(
        """
        SELECT ledger.reader || ' ' || told.event_id AS telling FROM notify.third_asks_told AS told
        JOIN notify.ledger ON ledger.notice_id = told.digest
        """
    )
    return [row["telling"] for row in rows]


async def test_the_holder_is_told_once_on_the_first_jour_ouvre_after_each_date(
    house: House,
) -> None:
    first = waiting(2, until=date(2026, 5, 22))  # Friday; Monday is Whit Monday
    await house.hear(ON_PAPER, first)
    await house.hear(first)  # told again
    assert [await told_on(house, day) for day in (21, 22, 25)] == [[], [], []]
    assert await told_on(house, 26) == [f"c.aubry {first.event_id}"]
    async with house.sending():
        mails = await house.sink.until(await house.pool.fetchval(OF_THE_DAY))
    (mail,) = [said for sent in mails if "Tiers à relancer" in (said := body(sent))]
    assert "devait répondre pour le" in mail
    assert "22 mai 2026" in mail
    assert await told_on(house, 27) == []
    chase = waiting(3, until=date(2026, 5, 28), at=MORNING.replace(day=27))
    await house.hear(chase)
    assert await told_on(house, 28) == []
    assert await told_on(house, 29) == [f"c.aubry {chase.event_id}"]


async def test_nothing_is_told_once_they_answered(house: House) -> None:
    ask = waiting(2, until=date(2026, 5, 12))
    await house.hear(ON_PAPER, ask, fact(ThirdAnswered, 3, at=MORNING.replace(day=12)))
    assert await told_on(house, 13) == []


async def test_a_mail_that_nobody_read_is_told_once_and_no_more_once_it_is_read(
    house: House,
) -> None:
    sent: SecureMailSent = fact(
        SecureMailSent, 2, at=MORNING.replace(day=12), letter=ids.event_id(UUID(int=1), "left", 1),
        kind=NoticeKind.REPLY, remote="Zd00001", recipients=1, unread_from=date(2026, 5, 20),
    )  # fmt: skip
    await house.hear(ON_PAPER, sent)
    assert await told_on(house, 19) == []
    assert await told_on(house, 20) == [f"c.aubry {sent.event_id}"]
    async with house.sending():
        mails = await house.sink.until(
            await house.pool.fetchval(OF_THE_DAY.replace("-26'", "-20'"))
        )
    (mail,) = [said for each in mails if "Mails sécurisés non lus" in (said := body(each))]
    assert "la personne n’a pas encore ouvert le mail sécurisé parti le" in mail
    assert "Tiers à relancer" not in mail
    again = sent.model_copy(
        update={"seq": 3, "event_id": ids.event_id(UUID(int=2), "sent", 1), "letter": sent.event_id}
    )
    await house.hear(
        again, fact(SecureMailRead, 4, letter=again.letter, kind=NoticeKind.REPLY, recipient=0)
    )
    assert await told_on(house, 21) == []

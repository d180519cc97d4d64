"""The mail sécurisé: what every sender keeps to."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from services.desk.parapheur.secure_mail import MailReading, MailSent, MailToSend, SecureMail
from services.desk.parapheur.signature_book import Annex, BookAway, BookRefuses, RemoteId
from tests.contract.parapheur.mail_memory import MemoryMail, moment
from tests.fake_mailsec import SENT_AT, FakeMailsec
from tests.fake_pastell import Fault

REFERENCE = "5f1c2d3e00004000800000000000000b"
TO, COPY = "jeanne.petit@example.org", "mairie@example.org"
FILES = (
    Annex("lettre.pdf", "application/pdf", b"%PDF-1.7 la lettre %%EOF"),
    Annex("annexe-1-plan.pdf", "application/pdf", b"%PDF-1.7 plan"),
)
MAIL = MailToSend(REFERENCE, "Votre demande", "Madame,\nvoici la réponse.", (TO, COPY), FILES)
LEFT = MailReading(moment(SENT_AT))


@dataclass
class Place:
    """A sender of mails, and what happens there."""

    mail: SecureMail
    there: MemoryMail | FakeMailsec
    leave: Callable[[], None]


@pytest.fixture(params=["memory", "pastell"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    if request.param == "memory":
        memory = MemoryMail()
        yield Place(memory, memory, lambda: setattr(memory, "away", True))
        return
    fake = FakeMailsec()
    async with fake.mail_client() as client:
        yield Place(client, fake, lambda: setattr(fake, "fault", lambda _: Fault.AWAY))


async def test_a_mail_leaves_and_each_reading_comes_back_with_its_moment(place: Place) -> None:
    remote = await place.mail.send(MAIL)
    assert await place.mail.look(remote, (TO, COPY)) == MailSent([LEFT, LEFT])
    place.there.read(REFERENCE, COPY, "2026-05-13 08:00:00")
    seen = MailReading(moment(SENT_AT), moment("2026-05-13 08:00:00"))
    assert await place.mail.look(remote, (TO, COPY)) == MailSent([LEFT, seen])
    place.there.read(REFERENCE, TO, "2026-05-14 09:30:00")
    answer = await place.mail.look(remote, (TO, COPY))
    assert isinstance(answer, MailSent)
    assert answer.readings[0] == MailReading(moment(SENT_AT), moment("2026-05-14 09:30:00"))
    assert answer.at == moment(SENT_AT)
    assert await place.mail.look(remote, (TO, COPY)) == answer, "asked twice, the same"


async def test_a_mail_that_is_sent_twice_leaves_once(place: Place) -> None:
    first = await place.mail.send(MAIL)
    assert await place.mail.send(MAIL) == first
    place.there.read(REFERENCE, TO, "2026-05-14 09:30:00")
    assert await place.mail.send(MAIL, first) == first
    assert place.there.sent(REFERENCE) == 2, "one link each"


async def test_a_mail_that_was_there_and_is_gone_is_not_made_anew(place: Place) -> None:
    with pytest.raises(BookRefuses, match=r"^http-404$"):
        await place.mail.send(MAIL, RemoteId("Zd99999"))
    assert place.there.sent(REFERENCE) == 0
    with pytest.raises(BookRefuses, match=r"^http-404$"):
        await place.mail.look(RemoteId("Zd99999"), (TO,))


async def test_links_sent_again_there_and_links_given_back_are_told(place: Place) -> None:
    remote = await place.mail.send(MAIL)
    place.there.remind(REFERENCE)
    again = MailReading(moment(SENT_AT), reminders=1)
    assert await place.mail.look(remote, (TO, COPY)) == MailSent([again, again])
    place.there.give_back(REFERENCE, COPY)
    back = MailReading(moment(SENT_AT), reminders=1, returned=True)
    assert await place.mail.look(remote, (TO, COPY)) == MailSent([again, back])


async def test_what_left_is_not_withdrawn_and_what_never_came_is_gone(place: Place) -> None:
    assert await place.mail.withdraw(REFERENCE)
    assert not await place.mail.withdraw(REFERENCE, RemoteId("Zd99999")), "sent, then deleted"
    remote = await place.mail.send(MAIL)
    assert not await place.mail.withdraw(REFERENCE, remote)
    assert isinstance(await place.mail.look(remote, (TO,)), MailSent)


async def test_a_sender_that_is_away_says_so_of_everything(place: Place) -> None:
    remote = await place.mail.send(MAIL)
    place.leave()
    for ask in (
        lambda: place.mail.send(MAIL),
        lambda: place.mail.look(remote, (TO,)),
        lambda: place.mail.withdraw(REFERENCE),
    ):
        with pytest.raises(BookAway, match="unreachable"):
            await ask()

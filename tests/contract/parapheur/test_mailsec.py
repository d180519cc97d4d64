"""Pastell's mail sécurisé through each fault of its server, and each state of a mail there."""

from dataclasses import replace

import httpx
import pytest

from services.desk.parapheur.secure_mail import MailSent, MailUnsent
from services.desk.parapheur.signature_book import BookAway, BookRefuses, BookUnsure, RemoteId
from tests.contract.parapheur.test_secure_mail import COPY, FILES, MAIL, REFERENCE, TO
from tests.fake_mailsec import FakeMailsec
from tests.fake_pastell import Fault


@pytest.fixture
def fake() -> FakeMailsec:
    return FakeMailsec()


@pytest.mark.parametrize("fault", [Fault.AFTER, Fault.SILENT, Fault.BEFORE, Fault.AWAY])
async def test_whatever_question_goes_wrong_each_recipient_has_one_link(
    fake: FakeMailsec, fault: Fault
) -> None:
    """Each of the questions in turn gets no answer, accepted or not; then it is sent again."""
    async with fake.mail_client() as client:
        await client.send(MAIL)
        questions = len(fake.asked)
        for wrong in range(questions):
            fake.documents, fake.asked = {}, []

            def at(_: httpx.Request, wrong: int = wrong) -> Fault | None:
                return fault if len(fake.asked) == wrong + 1 else None

            fake.fault = at
            with pytest.raises(BookAway):
                await client.send(MAIL)
            fake.fault = lambda _: None
            remote = await client.send(MAIL)
            assert fake.sent(REFERENCE) == 2, fake.asked
            assert fake.annexes(REFERENCE) == [(file.name, file.octets) for file in FILES]
            assert isinstance(await client.look(remote, (TO, COPY)), MailSent)


@pytest.mark.parametrize("left", [0, 1])
async def test_what_pastell_began_to_send_is_not_sent_again(fake: FakeMailsec, left: int) -> None:
    """Its mail server broke off: the first recipient may have the link."""
    fake.breaks_after = left
    async with fake.mail_client() as client:
        with pytest.raises(BookUnsure, match=r"^http-400$"):
            await client.send(MAIL)
        fake.breaks_after = None
        (remote,) = (RemoteId(id_) for id_ in fake.documents)
        for ask in (
            lambda: client.send(MAIL),
            lambda: client.send(MAIL, remote),
            lambda: client.look(remote, (TO, COPY)),
        ):
            with pytest.raises(BookUnsure, match=r"^half-sent$"):
                await ask()
        assert not await client.withdraw(REFERENCE, remote)
        assert fake.sent(REFERENCE) == left
        fake.act(REFERENCE, "envoi")
        assert isinstance(await client.look(remote, (TO, COPY)), MailSent), "a person sent it there"


async def test_a_type_with_steps_of_its_own_waits_until_its_jobs_have_sent_it(
    fake: FakeMailsec,
) -> None:
    async with fake.mail_client("ls-mailsec") as client:
        remote = await client.send(MAIL)
        assert await client.look(remote, (TO, COPY)) == MailUnsent()
        assert await client.send(MAIL, remote) == remote
        assert not await client.withdraw(REFERENCE, remote), "its jobs may send it"
        fake.finish(REFERENCE)
        assert isinstance(await client.look(remote, (TO, COPY)), MailSent)
    assert fake.sent(REFERENCE) == 2


@pytest.mark.parametrize("action", ["fatal-error", "send-mailsec-error", "modification"])
async def test_what_never_left_is_named_and_may_be_taken_back(
    fake: FakeMailsec, action: str
) -> None:
    async with fake.mail_client() as client:
        fake.fault = lambda request: Fault.BEFORE if "action" in request.url.path else None
        with pytest.raises(BookAway):
            await client.send(MAIL)
        fake.fault = lambda _: None
        fake.act(REFERENCE, action)
        (remote,) = (RemoteId(id_) for id_ in fake.documents)
        with pytest.raises(BookRefuses, match=f"^{action}$"):
            await client.look(remote, (TO, COPY))
        assert await client.withdraw(REFERENCE, remote)
    assert fake.documents == {}


@pytest.mark.parametrize(
    "address", ['groupe: "tous"', "a@example.org, b@example.org", "a@b.example <c@d.example>", ""]
)
async def test_an_address_that_names_several_is_asked_of_nobody(
    fake: FakeMailsec, address: str
) -> None:
    async with fake.mail_client() as client:
        with pytest.raises(BookRefuses, match=r"^address$"):
            await client.send(replace(MAIL, recipients=(address,)))
    assert fake.asked == []


async def test_a_mail_that_went_to_others_is_not_taken_for_ours(fake: FakeMailsec) -> None:
    async with fake.mail_client() as client:
        remote = await client.send(MAIL)
        with pytest.raises(BookRefuses, match=r"^other-recipients$"):
            await client.look(remote, ("autre@example.org",))
        answer = await client.look(remote, ("autre@example.org", TO.upper()))
    assert isinstance(answer, MailSent)
    assert [reading is None for reading in answer.readings] == [True, False]


async def test_what_is_read_at_no_moment_is_not_taken_for_unread(fake: FakeMailsec) -> None:
    async with fake.mail_client() as client:
        remote = await client.send(MAIL)
        fake.read(REFERENCE, TO, "0000-00-00 00:00:00")
        with pytest.raises(BookAway, match=r"^protocol$"):
            await client.look(remote, (TO, COPY))


async def test_a_moment_that_is_none_of_pastells_is_no_answer(fake: FakeMailsec) -> None:
    async with fake.mail_client() as client:
        remote = await client.send(MAIL)
        (file,) = fake.documents.values()
        file.data["rows"][0]["date_envoie"] = "hier"
        with pytest.raises(BookAway, match=r"^protocol$"):
            await client.look(remote, (TO, COPY))

"""A mail sécurisé that is taken back: gone, or sent after all; until Pastell says which, asked."""

import pytest

from services.desk.parapheur.mailsec import PastellMail
from services.desk.parapheur.secure_mail import MailToSend
from services.desk.parapheur.signature_book import NoteRemote, RemoteId
from tests.fake_pastell import Fault
from tests.integration.desk.test_secure_mails import MAILS, Desk, desk

__all__ = ["desk"]


async def test_what_was_taken_back_too_late_is_recorded_as_sent(desk: Desk) -> None:
    await desk.give()
    desk.fake.fault = lambda request: Fault.AFTER if request.url.path.endswith("/envoi") else None
    await desk.round()
    desk.fake.fault = lambda _: None
    await desk.act("reprendre")
    await desk.round()
    assert await desk.state() == ("sent", None)
    assert (await desk.types()).count("ReplySent") == 1


async def test_what_pastell_does_not_say_of_a_mail_taken_back_is_asked_until_it_says(
    desk: Desk,
) -> None:
    """The answer to « envoi » is lost, then the one to the look that follows the withdrawal."""
    await desk.give()
    desk.fake.fault = lambda request: Fault.AFTER if request.url.path.endswith("/envoi") else None
    await desk.round()
    await desk.act("reprendre")
    asked = len(desk.fake.asked)
    desk.fake.fault = lambda _: Fault.AWAY if len(desk.fake.asked) > asked + 2 else None
    await desk.round()
    assert await desk.state() == ("taken_back", "unreachable")
    page = await desk.browser.page(MAILS)
    assert "reprise demandée à Pastell" in page
    assert "répondre autrement" not in page
    assert (await desk.fill("envoyer")).status_code == 422, "they would have it twice"
    desk.fake.fault = lambda _: None
    await desk.round()
    assert await desk.state() == ("sent", None)


async def test_what_pastell_ends_after_it_was_taken_back_is_recorded_as_sent(desk: Desk) -> None:
    reference = await desk.give()
    desk.fake.breaks_after = 0
    await desk.round()
    await desk.act("reprendre")
    await desk.round()
    assert await desk.state() == ("taken_back", "half-sent")
    desk.fake.act(reference, "envoi")
    await desk.round()
    assert await desk.state() == ("sent", None)
    assert (await desk.types()).count("ReplySent") == 1


async def test_an_attempt_in_hand_sends_nothing_of_what_is_taken_back_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the item is free at once: nothing leaves before Pastell's id of it is stored."""
    reference, really = await desk.give(), PastellMail.send

    async def send(
        client: PastellMail, mail: MailToSend, before: RemoteId | None, noted: NoteRemote
    ) -> RemoteId:
        await desk.act("reprendre")
        return await really(client, mail, before, noted)

    monkeypatch.setattr(PastellMail, "send", send)
    await desk.round()
    assert await desk.state() == ("taken_back", None), "withdrawn behind that attempt, at once"
    assert desk.fake.sent(reference) == 0
    assert desk.fake.documents == {}


async def test_one_that_pastell_never_had_leaves_the_item_free_at_once(desk: Desk) -> None:
    await desk.give()
    await desk.act("reprendre")
    assert "pas envoyé" in await desk.browser.page(MAILS)
    sent = await desk.browser.to(await desk.fill("envoyer"))
    assert "La lettre part par courriel" in sent
    await desk.round()
    assert await desk.state() == ("taken_back", None)

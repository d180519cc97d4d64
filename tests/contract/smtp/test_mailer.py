"""What every mailer promises, on the in-memory form and on a real SMTP server."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from deploy.embedded.mail import MailServer
from services.notify.domain.ledger import (
    Accepted,
    NoAnswer,
    NotTried,
    RefusedForGood,
    RefusedForNow,
    SmtpAnswer,
)
from services.notify.mailer import Envelope, Mailer, SmtpMailer
from services.notify.smtp_connection import SmtpServer, Tls
from shared.errors import TemporaryFailure
from tests.contract.smtp.memory import MemoryMailer
from tests.contract.smtp.sink import Sink

OCTETS = b"From: a@indre.example\r\nSubject: essai\r\n\r\n.une ligne\r\n"
RETURN = "retour+b.0123.abcdefghij@indre.example"


def envelope(local: str) -> Envelope:
    return Envelope(RETURN, f"{local}@exemple.fr", OCTETS)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink() as server:
        yield server


def real(sink: Sink) -> SmtpMailer:
    return SmtpMailer(SmtpServer(sink.host, sink.port, Tls.NONE, timeout=timedelta(seconds=60)))


@pytest.fixture(params=["memory", "smtp"])
async def mailer(request: pytest.FixtureRequest) -> AsyncIterator[Mailer]:
    if request.param == "memory":
        yield MemoryMailer()
        return
    async with Sink() as server:
        mailer = real(server)
        yield mailer
        await mailer.close()


@pytest.mark.parametrize(
    ("local", "answer"),
    [
        ("jeanne", Accepted()),
        ("later", RefusedForNow("4.7.1")),
        ("gone", RefusedForGood("5.1.1")),
        ("full", RefusedForNow("4.2.2")),
        ("spam", RefusedForGood("5.7.1")),
        ("cut", NotTried()),
        ("silent", NoAnswer()),
    ],
)
async def test_an_answer_says_what_is_known_of_the_mail(
    mailer: Mailer, local: str, answer: SmtpAnswer
) -> None:
    await mailer.connect()
    assert await mailer.send(envelope(local)) == answer


@pytest.mark.parametrize("bad", ["later", "gone", "full", "spam", "cut", "silent"])
async def test_after_any_answer_the_next_mail_leaves(mailer: Mailer, bad: str) -> None:
    await mailer.connect()
    await mailer.send(envelope(bad))
    await mailer.connect()
    assert await mailer.send(envelope("jeanne")) == Accepted()


async def test_the_server_gets_the_octets_and_the_return_path(sink: Sink) -> None:
    mailer = real(sink)
    await mailer.connect()
    await mailer.send(envelope("jeanne"))
    (taken,) = sink.taken
    assert (taken.return_path, taken.octets) == (RETURN, OCTETS)
    await mailer.close()


async def test_one_connection_serves_many_mails(sink: Sink) -> None:
    mailer = real(sink)
    for _ in range(3):
        await mailer.connect()
        await mailer.send(envelope("jeanne"))
    assert len(sink.taken) == 3
    assert len(sink._sessions) == 1  # noqa: SLF001  (the sink is ours)
    await mailer.close()


async def test_a_server_that_is_away_costs_no_attempt_and_is_found_again(sink: Sink) -> None:
    mailer = real(sink)
    await mailer.connect()
    await sink.stop()
    with pytest.raises(TemporaryFailure, match="mails wait"):
        await mailer.connect()
    await sink.start()
    await mailer.connect()
    assert await mailer.send(envelope("jeanne")) == Accepted()
    await mailer.close()


async def test_a_line_that_ends_between_two_mails_is_no_attempt(sink: Sink) -> None:
    mailer = real(sink)
    await mailer.connect()
    await sink.stop()
    assert await mailer.send(envelope("jeanne")) == NotTried()


async def test_an_international_address_needs_a_server_that_takes_it(sink: Sink) -> None:
    mailer = real(sink)
    await mailer.connect()
    assert await mailer.send(Envelope(RETURN, "hélène@exemple.fr", OCTETS)) == Accepted()
    await mailer.close()


async def test_an_address_can_not_smuggle_a_command(sink: Sink) -> None:
    mailer = real(sink)
    await mailer.connect()
    hostile = Envelope(RETURN, "a@exemple.fr>\r\nRCPT TO:<b@exemple.fr", OCTETS)
    await mailer.send(hostile)
    assert sink.to("b@exemple.fr") == []
    await mailer.close()


async def test_an_address_that_can_not_be_written_is_refused_and_not_tried_for_ever(
    sink: Sink,
) -> None:
    mailer = real(sink)
    await mailer.connect()
    answer = await mailer.send(Envelope(RETURN, "\udc80@exemple.fr", OCTETS))
    assert answer == RefusedForGood("5.6.7")
    await mailer.close()


async def test_the_mail_server_of_the_embedded_stack_takes_what_we_send(
    mail_server: MailServer,
) -> None:
    server = SmtpServer(mail_server.host, mail_server.smtp_port, Tls.NONE)
    mailer = SmtpMailer(server)
    for _ in range(2):
        await mailer.connect()
        assert await mailer.send(envelope("jeanne")) == Accepted()
    await mailer.close()

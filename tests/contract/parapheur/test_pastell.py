"""Pastell through each fault of its server, and each state of a letter there."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.desk.parapheur.answers import MOST_PDF, MOST_TOLD
from services.desk.parapheur.pastell import Pastell
from services.desk.parapheur.signature_book import (
    BookAway,
    BookRefuses,
    BookUnsure,
    RefusedThere,
    RemoteId,
    SignedThere,
    StillThere,
)
from tests.certificates import self_signed
from tests.contract.parapheur.test_signature_book import ENCLOSING, GIVEN, LETTER, REFERENCE
from tests.fake_pastell import LOGIN, ON_ITS_WAY, PASSWORD, PLACE, FakePastell, Fault, signed


@pytest.fixture
def fake() -> FakePastell:
    return FakePastell()


@pytest.mark.parametrize("fault", [Fault.AFTER, Fault.SILENT, Fault.BEFORE, Fault.AWAY])
async def test_whatever_question_goes_wrong_the_letter_is_in_its_circuit_once(
    fake: FakePastell, fault: Fault
) -> None:
    """Each of the questions in turn gets no answer, accepted or not; then it is sent again."""
    async with fake.client() as client:
        await client.send(ENCLOSING)
        questions = len(fake.asked)
        for wrong in range(questions):
            fake.documents, fake.asked = {}, []

            def at(_: httpx.Request, wrong: int = wrong) -> Fault | None:
                return fault if len(fake.asked) == wrong + 1 else None

            fake.fault = at
            with pytest.raises(BookAway):
                await client.send(ENCLOSING)
            fake.fault = lambda _: None
            await client.send(ENCLOSING)
            assert fake.sent(REFERENCE) == 1, fake.asked
            oriented = [file for file in fake.documents.values() if len(file.actions) > 1]
            assert [file.files["document"] for file in oriented] == [LETTER.document]
            assert fake.annexes(REFERENCE) == GIVEN


@pytest.mark.parametrize(
    ("status", "error", "why"),
    [
        (400, BookUnsure, "no-annexes"),
        (404, BookRefuses, "no-annexes"),
        (413, BookRefuses, "http-413"),
    ],
)
async def test_a_circuit_that_takes_no_files_says_so_and_the_letter_waits_for_a_person(
    status: int, error: type[BookRefuses], why: str
) -> None:
    fake = FakePastell()
    fake.of_annexes = status
    async with fake.client() as client:
        with pytest.raises(error, match=f"^{why}$"):
            await client.send(ENCLOSING)
        assert fake.sent(REFERENCE) == 0


async def test_what_pastell_says_of_anything_may_be_taken_later(fake: FakePastell) -> None:
    """The parapheur is asked for its circuits when one is chosen; away, that is a 400."""
    fake.fault = lambda request: Fault.OBJECTS if "externalData" in request.url.path else None
    async with fake.client() as client:
        with pytest.raises(BookUnsure, match="http-400"):
            await client.send(LETTER)
        fake.fault = lambda _: None
        await client.send(LETTER)
    assert fake.sent(REFERENCE) == len(fake.documents) == 1


async def test_it_is_asked_under_its_account_and_a_wrong_one_waits(fake: FakePastell) -> None:
    async with fake.client(password="un-autre") as client:
        with pytest.raises(BookAway, match="http-401"):
            await client.send(LETTER)
    assert fake.documents == {}


async def test_the_circuit_and_a_title_without_a_name_are_what_it_is_told(
    fake: FakePastell,
) -> None:
    async with fake.client() as client:
        await client.send(LETTER)
    (file,) = fake.documents.values()
    assert file.type == "ls-document-pdf"
    assert file.data["iparapheur_sous_type"] == "Courrier préfecture"
    assert file.title == f"Courrier 36-2026-A-000001 [{REFERENCE}]"


@pytest.mark.parametrize(
    ("actions", "why"),
    [
        (("send-signature-error",), "send-signature-error"),
        (("transformation-error",), "transformation-error"),
        (("fatal-error",), "fatal-error"),
        (("modification",), "modification"),
        (("Une <action> jamais vue",), "unknown"),
    ],
)
async def test_what_broke_there_is_said_by_its_name(
    fake: FakePastell, actions: tuple[str, ...], why: str
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.act(REFERENCE, *actions)
        with pytest.raises(BookRefuses, match=f"^{why}$"):
            await client.look(remote)


async def test_a_letter_that_pastell_passes_on_step_by_step_is_waited_for(
    fake: FakePastell,
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        seen = []
        for action in (*ON_ITS_WAY[1:], "verif-iparapheur"):
            (file,) = fake.documents.values()
            seen.append(file.last)
            assert await client.look(remote) == StillThere(), file.last
            fake.act(REFERENCE, action)
        assert tuple(seen) == ON_ITS_WAY


@pytest.mark.parametrize(
    "action",
    [
        "orientation",
        *ON_ITS_WAY,
        "verif-iparapheur",
        "erreur-verif-iparapheur",
        "recu-iparapheur",
        "termine",
        "fatal-error",
        "jamais-vue",
    ],
)
async def test_what_may_be_signed_is_never_deleted_though_pastell_would(
    fake: FakePastell, action: str
) -> None:
    async with fake.client() as client:
        await client.send(LETTER)
        fake.act(REFERENCE, action)
        assert not await client.withdraw(REFERENCE)
    assert len(fake.documents) == 1


@pytest.mark.parametrize(
    "action",
    ["creation", "modification", "transformation-error", "send-signature-error"],
)
async def test_what_nobody_has_in_hand_is_deleted(fake: FakePastell, action: str) -> None:
    async with fake.client() as client:
        await client.send(LETTER)
        fake.act(REFERENCE, action)
        assert await client.withdraw(REFERENCE)
    assert fake.documents == {}


async def test_a_signed_letter_that_was_opened_again_is_not_deleted(fake: FakePastell) -> None:
    async with fake.client() as client:
        await client.send(LETTER)
        fake.sign(REFERENCE, "Catherine Aubry")
        fake.act(REFERENCE, "reouverture", "modification")
        assert not await client.withdraw(REFERENCE)
    assert len(fake.documents) == 1


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("12/05/2026 10:03:33 : [RejetSignataire] La date.", "La date."),
        ("La date est fausse, cf. [annexe] page 2", "La date est fausse, cf. [annexe] page 2"),
        ("12/05/2026 10:03:33 : [RejetSignataire] Une\0 date\n[x] fausse", "Une date\n[x] fausse"),
    ],
)
async def test_the_words_of_a_refusal_are_kept_as_far_as_they_are_words(
    fake: FakePastell, said: str, reason: str
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.refuse(REFERENCE, "")
        (file,) = fake.documents.values()
        file.data["parapheur_last_message"] = said
        assert await client.look(remote) == RefusedThere(reason)


@pytest.mark.parametrize("known", [True, False])
async def test_a_letter_that_was_opened_again_after_its_circuit_is_not_given_again(
    fake: FakePastell, *, known: bool
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.sign(REFERENCE, "Catherine Aubry")
        fake.act(REFERENCE, "reouverture", "modification")
        with pytest.raises(BookRefuses, match=r"^reopened$"):
            await client.send(LETTER, remote if known else None)
        with pytest.raises(BookRefuses, match=r"^reopened$"):
            await client.look(remote)
    (file,) = fake.documents.values()
    assert file.files["document"] == signed(LETTER.document)
    assert fake.sent(REFERENCE) == 1


async def test_a_file_of_the_same_id_and_another_title_is_another_letter(
    fake: FakePastell,
) -> None:
    async with fake.client() as client:
        remote = await client.send(replace(LETTER, reference="7" * 32))
        with pytest.raises(BookRefuses, match=r"^http-404$"):
            await client.send(LETTER, remote)


async def test_a_parapheur_behind_it_that_is_silent_for_days_is_still_waited_for(
    fake: FakePastell,
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.act(REFERENCE, "send-iparapheur", "erreur-verif-iparapheur")
        assert await client.look(remote) == StillThere("erreur-verif-iparapheur")


def replies(*parts: bytes, **headers: str) -> httpx.MockTransport:
    """A server that says this to anything, part by part."""

    async def body() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.MockTransport(lambda _: httpx.Response(200, headers=said, content=body()))


@pytest.mark.parametrize(
    ("server", "why"),
    [
        (replies(gzip.compress(b"{}"), content_encoding="gzip"), "protocol"),
        (replies(b"{}", content_encoding="gzip, gzip"), "protocol"),
        (replies(b" " * MOST_TOLD, b"{}"), "protocol"),
        (replies(b"{}", content_length=str(MOST_TOLD + 1)), "protocol"),
    ],
)
async def test_an_answer_that_is_larger_than_it_looks_is_not_read(
    fake: FakePastell, server: httpx.MockTransport, why: str
) -> None:
    async with fake.client() as client:
        assert client._client.headers["accept-encoding"] == "identity"  # noqa: SLF001  (as sent)
        client._client._transport = server  # noqa: SLF001  (another server)
        with pytest.raises(BookAway, match=why):
            await client.look(RemoteId("Zd00001"))


async def test_a_history_that_is_too_long_says_nothing_and_a_pdf_is_refused(
    fake: FakePastell,
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.sign(REFERENCE, "Catherine Aubry")
        (file,) = fake.documents.values()
        file.files["iparapheur_historique"] += b" " * MOST_TOLD
        assert await client.look(remote) == SignedThere(signed(LETTER.document), ())
        file.files["document"] += b" " * MOST_PDF
        with pytest.raises(BookRefuses, match="too-large"):
            await client.look(remote)


@pytest.mark.parametrize(
    "answer",
    [b"<html>", b"null", b"[1]", b'{"id_d": "../../x"}', b'{"last_action": 1}', b""],
)
async def test_an_answer_that_is_none_of_pastells_changes_nothing(answer: bytes) -> None:
    fake = FakePastell()
    async with fake.client() as client:
        client._client._transport = replies(answer)  # noqa: SLF001  (another server)
        with pytest.raises(BookAway, match="protocol"):
            await client.look(RemoteId("Zd00001"))
        with pytest.raises(BookAway, match="protocol"):
            await client.send(LETTER)


async def test_a_redirection_is_not_followed(fake: FakePastell) -> None:
    async with fake.client() as client:
        client._client._transport = httpx.MockTransport(  # noqa: SLF001  (another server)
            lambda _: httpx.Response(302, headers={"location": "http://169.254.169.254/"})
        )
        with pytest.raises(BookAway, match="protocol"):
            await client.look(RemoteId("Zd00001"))


async def test_it_is_trusted_by_the_authority_that_the_machine_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    self_signed(certificate, key, "localhost")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1", 0, ssl=tls)

    async def said(host: str) -> str:
        port = server.sockets[0].getsockname()[1]
        place = PLACE.model_copy(update={"url": f"https://{host}:{port}"})
        async with Pastell(place, LOGIN, SecretStr(PASSWORD)) as client:
            with pytest.raises((BookAway, BookRefuses)) as raised:
                await client.look(RemoteId("Zd00001"))
        return str(raised.value)

    async with server:
        assert await said("localhost") == "unreachable", "nobody answers for it"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert await said("localhost") == "http-404"
        assert await said("127.0.0.1") == "unreachable", "of another name"

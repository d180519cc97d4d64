"""i-Parapheur through each fault of its server, and each state of a folder there."""

import io
import zipfile
from dataclasses import replace

import httpx
import pytest

from services.desk.parapheur import iparapheur, premis
from services.desk.parapheur.answers import MOST_PDF, MOST_TOLD
from services.desk.parapheur.signature_book import (
    BookAway,
    BookRefuses,
    BookUnsure,
    CameBack,
    RefusedThere,
    RemoteId,
    SignedThere,
    StillThere,
    judge,
)
from tests.contract.parapheur.test_signature_book import LETTER, REFERENCE
from tests.fake_iparapheur import TOKEN, FakeIParapheur, Folder, Task
from tests.fake_pastell import Fault, signed


@pytest.fixture
def fake() -> FakeIParapheur:
    return FakeIParapheur()


class Row:
    """What the register keeps of a letter: the id that it was told, as a process that goes on."""

    def __init__(self) -> None:
        self.remote: RemoteId | None = None

    async def note(self, remote: RemoteId) -> None:
        """Keeps the first."""
        self.remote = self.remote or remote


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("fault", [Fault.AFTER, Fault.SILENT, Fault.BEFORE, Fault.AWAY])
async def test_whatever_question_goes_wrong_the_letter_is_in_its_circuit_once(
    fake: FakeIParapheur, fault: Fault, *, hidden: bool
) -> None:
    """Each of the questions in turn gets no answer, accepted or not; then it is sent again.

    So it is where lists show drafts alone: what is in its circuit has its id in the register.
    """
    fake.hidden = hidden
    async with fake.client() as client:
        await client.send(LETTER)
        questions = len(fake.asked)
        assert questions == 10
        for wrong in range(questions):
            fake.documents, fake.asked, fake.starts, row = {}, [], [], Row()
            client._token = ""  # noqa: SLF001  (signs in anew)

            def at(_: httpx.Request, wrong: int = wrong) -> Fault | None:
                return fault if len(fake.asked) == wrong + 1 else None

            fake.fault = at
            with pytest.raises(BookAway):
                await client.send(LETTER, row.remote, row.note)
            fake.fault = lambda _: None
            remote = await client.send(LETTER, row.remote, row.note)
            assert await client.send(LETTER, remote, row.note) == remote
            assert fake.sent(REFERENCE) == 1, fake.asked
            (folder,) = fake.documents.values()
            assert list(folder.files.values()) == [LETTER.document]


async def test_nothing_begins_its_circuit_before_its_id_is_noted(fake: FakeIParapheur) -> None:
    async def refuses(_: RemoteId) -> None:
        raise BookRefuses("taken-back")

    async with fake.client() as client:
        with pytest.raises(BookRefuses, match="taken-back"):
            await client.send(LETTER, None, refuses)
        assert fake.sent(REFERENCE) == 0
        assert len(fake.documents) == 1, "a draft, which nothing sends"
        assert await client.withdraw(REFERENCE)
    assert fake.documents == {}


async def test_the_circuit_and_a_name_without_a_person_are_what_it_is_told(
    fake: FakeIParapheur,
) -> None:
    async with fake.client() as client:
        await client.send(LETTER)
    (folder,) = fake.documents.values()
    assert folder.name == f"Courrier 36-2026-A-000001 [{REFERENCE}]"
    assert folder.properties == {
        "i_Parapheur_reserved_type": "PAdES",
        "i_Parapheur_reserved_subtype": "Courrier préfecture",
    }
    assert list(folder.files) == ["Courrier-36-2026-A-000001.pdf"]


async def test_an_account_that_is_refused_is_mended_by_somebody_and_waits(
    fake: FakeIParapheur,
) -> None:
    async with fake.client(password="un-autre") as client:
        with pytest.raises(BookAway, match=r"^http-401$"):
            await client.send(LETTER)
    assert fake.asked == [f"POST {TOKEN}"]


@pytest.mark.parametrize(("expires_in", "times"), [(900, 1), (0, 3)])
async def test_a_token_is_asked_for_again_when_it_ends(
    fake: FakeIParapheur, expires_in: int, times: int
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
    fake.expires_in, fake.asked = expires_in, []
    async with fake.client() as client:
        for _ in range(3):
            await client.look(remote)
    assert fake.asked.count(f"POST {TOKEN}") == times


async def test_a_desk_that_does_not_exist_there_is_said_so(fake: FakeIParapheur) -> None:
    fake.documents = {}
    async with fake.client() as client:
        client._desk = client._desk.replace("2222", "3333")  # noqa: SLF001  (another desk)
        with pytest.raises(BookRefuses, match=r"^no-desk$"):
            await client.send(LETTER)


async def test_a_letter_is_found_behind_many_others(fake: FakeIParapheur) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        (folder,) = fake.documents.values()
        for number in range(iparapheur.PAGE + 1):
            fake.documents[f"autre-{number}"] = Folder("Un autre", {}, {}, folder.tasks)
        assert await client.send(LETTER) == remote
    assert fake.sent(REFERENCE) == 1


async def test_what_was_taken_back_there_is_not_waited_for_and_may_be_given_again(
    fake: FakeIParapheur,
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.undo(REFERENCE)
        with pytest.raises(BookRefuses, match=r"^not-started$"):
            await client.look(remote)
        assert await client.send(LETTER, remote) == remote
        assert await client.look(remote) == StillThere()
        fake.undo(REFERENCE)
        assert await client.withdraw(REFERENCE, remote)
    assert fake.documents == {}


async def test_a_draft_that_says_when_it_was_made_is_started_all_the_same(
    fake: FakeIParapheur,
) -> None:
    async with fake.client() as client:
        with pytest.raises(BookRefuses, match="taken-back"):
            await client.send(LETTER, None, _refuses)
        (folder,) = fake.documents.values()
        folder.tasks[0].at = "2026-05-12T08:00:00.000+0200"
        await client.send(LETTER)
    assert fake.sent(REFERENCE) == 1


async def test_a_draft_that_says_when_it_was_made_is_withdrawn_all_the_same(
    fake: FakeIParapheur,
) -> None:
    async with fake.client() as client:
        with pytest.raises(BookRefuses, match="taken-back"):
            await client.send(LETTER, None, _refuses)
        (folder,) = fake.documents.values()
        folder.tasks[0].at = "2026-05-12T08:00:00.000+0200"
        assert await client.withdraw(REFERENCE)
    assert fake.documents == {}


async def test_what_is_listed_as_to_be_archived_before_the_second_signature_still_waits(
    fake: FakeIParapheur,
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.sign(REFERENCE, "Catherine Aubry")
        done, ends = fake.documents[remote].tasks[:-1], fake.documents[remote].tasks[-1]
        fake.documents[remote].tasks = [*done, Task("8", "SIGNATURE"), ends]
        assert await client.look(remote) == StillThere()


async def _refuses(_: RemoteId) -> None:
    raise BookRefuses("taken-back")


async def test_a_folder_of_the_same_id_and_another_name_is_another_letter(
    fake: FakeIParapheur,
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        with pytest.raises(BookRefuses, match=r"^http-404$"):
            await client.send(replace(LETTER, reference="7" * 32), remote)
        assert not await client.withdraw("7" * 32, remote)
    assert len(fake.documents) == 1


async def test_a_finished_folder_without_a_signature_is_no_signed_letter(
    fake: FakeIParapheur,
) -> None:
    """A circuit of visas alone: what comes back is what was sent."""
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.sign(REFERENCE, document=LETTER.document)
        answer = await client.look(remote)
    assert answer == SignedThere(LETTER.document, ())
    assert judge(LETTER.document, LETTER.document) is CameBack.UNSIGNED


@pytest.mark.parametrize(
    ("said", "reason"),
    [("La date &amp; le nom.", "La date & le nom."), (" ", ""), ("Une\n\tdate", "Une\n\tdate")],
)
async def test_the_words_of_a_refusal_are_kept(
    fake: FakeIParapheur, said: str, reason: str
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.refuse(REFERENCE, said)
        assert await client.look(remote) == RefusedThere(reason)


async def test_what_it_says_of_anything_may_be_taken_later(fake: FakeIParapheur) -> None:
    fake.fault = lambda request: Fault.OBJECTS if request.method == "PUT" else None
    async with fake.client() as client:
        with pytest.raises(BookUnsure, match="http-400"):
            await client.send(LETTER)
        fake.fault = lambda _: None
        await client.send(LETTER)
    assert fake.sent(REFERENCE) == len(fake.documents) == 1


def packed(*files: tuple[str, bytes]) -> bytes:
    """A ZIP."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return kept.getvalue()


MAIN = "Courrier-36-2026-A-000001.pdf"


@pytest.mark.parametrize(
    ("zipped", "error", "why"),
    [
        (b"PK nothing", BookAway, "protocol"),
        (packed(("autre.pdf", b"%PDF-")), BookAway, "protocol"),
        (packed((MAIN, b" " * (MOST_PDF + 1))), BookRefuses, "too-large"),
        (packed((MAIN, b"%PDF-" * 99))[:-40], BookAway, "protocol"),
    ],
    ids=["no-zip", "another", "a-bomb", "cut"],
)
async def test_a_zip_that_is_none_of_its_own_brings_no_letter(
    fake: FakeIParapheur, zipped: bytes, error: type[Exception], why: str
) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.sign(REFERENCE, "Catherine Aubry")
        fake.zipped = zipped
        with pytest.raises(error, match=why):
            await client.look(remote)


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"<html/>",
        b"{}",
        b"<!DOCTYPE premis [<!ENTITY x 'A'>]>" + premis.write_folder("A", "B", "C", "D"),
        premis.write_folder("A", "B", "C", "D").decode().encode("utf-16"),
        b" " * (MOST_TOLD + 1),
    ],
)
async def test_a_history_that_is_none_says_nothing(fake: FakeIParapheur, told: bytes) -> None:
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.told = told
        with pytest.raises(BookAway, match="protocol"):
            await client.look(remote)


async def test_an_answer_that_is_said_again_later_changes_nothing(fake: FakeIParapheur) -> None:
    """What a proxy kept: the history of before is said once more after the signature."""
    async with fake.client() as client:
        remote = await client.send(LETTER)
        fake.sign(REFERENCE, "Catherine Aubry")
        first = await client.look(remote)
        tasks = fake.documents[remote].tasks
        fake.documents[remote].tasks = [*tasks[:2], Task("7", "SIGNATURE")]
        assert await client.look(remote) == StillThere()
        fake.documents[remote].tasks = tasks
        assert (
            await client.look(remote)
            == first
            == SignedThere(signed(LETTER.document), ("Catherine Aubry",))
        )

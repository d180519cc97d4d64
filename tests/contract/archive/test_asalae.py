"""as@lae through each fault of its server: what was taken, what was not, and what nobody knows."""

import random
from pathlib import Path

import httpx
import pytest

from services.desk.archive import asalae
from services.desk.archive.archive_server import ArchiveAway, ArchiveRefuses, ArchiveUnsure
from services.desk.archive.asalae import CHUNK
from services.desk.archive.domain.transfer_reply import MOST_REPLY
from tests.archive_builders import TRANSFER, a_manifest, a_package, a_packed_item
from tests.fake_asalae import FakeAsalae
from tests.fake_pastell import Fault

LARGE = random.Random(7).randbytes(CHUNK * 2 + 1)  # noqa: S311  (octets of a test)
"""What no compression makes smaller: three pieces with what is around it."""


@pytest.fixture
def fake() -> FakeAsalae:
    return FakeAsalae()


def a_small(folder: Path) -> Path:
    return a_package(folder / "petit.zip", a_manifest(), d1_1=b"Bonjour")


def a_large(folder: Path) -> Path:
    told = a_manifest(a_packed_item(1, LARGE))
    return a_package(folder / "grand.zip", told, d1_1=LARGE)


async def test_the_manifest_goes_apart_and_the_documents_under_the_names_it_gives_them(
    fake: FakeAsalae, tmp_path: Path
) -> None:
    async with fake.client() as client:
        await client.deposit(TRANSFER, a_small(tmp_path))
    (taken,) = fake.taken
    assert taken.manifest == a_manifest().encode()
    assert taken.files == {"content/36-2026-A-000001/1.txt": b"Bonjour"}
    assert fake.asked == ["POST /sedaMessages"]


async def test_what_is_large_goes_piece_by_piece(fake: FakeAsalae, tmp_path: Path) -> None:
    async with fake.client() as client:
        await client.deposit(TRANSFER, a_large(tmp_path))
    (taken,) = fake.taken
    assert taken.whole
    assert taken.files == {"content/36-2026-A-000001/1.txt": LARGE}
    assert all(len(piece) <= CHUNK for piece in taken.pieces.values())
    assert fake.asked == ["POST /sedaMessages", *["POST /sedaAttachmentsChunkFiles"] * 3]


async def test_a_server_that_takes_no_pieces_refuses(fake: FakeAsalae, tmp_path: Path) -> None:
    fake.takes_pieces = False
    async with fake.client() as client:
        with pytest.raises(ArchiveRefuses, match=r"^no-pieces$"):
            await client.deposit(TRANSFER, a_large(tmp_path))


@pytest.mark.parametrize(
    ("fault", "raised", "said"),
    [
        (Fault.AWAY, ArchiveAway, ""),
        (Fault.BEFORE, ArchiveUnsure, "Erreur interne"),
        (Fault.OBJECTS, ArchiveRefuses, "Le bordereau n'est pas valide"),
        (Fault.AFTER, ArchiveUnsure, ""),
        (Fault.SILENT, ArchiveUnsure, ""),
    ],
)
async def test_each_question_of_a_package_that_goes_wrong_says_whether_it_may_be_there(
    fake: FakeAsalae, tmp_path: Path, fault: Fault, raised: type[Exception], said: str
) -> None:
    """Of the pieces nothing is sure: their message is there."""
    package = a_large(tmp_path)
    async with fake.client() as client:
        for wrong in range(4):
            fake.asked = []

            def at(_: httpx.Request, wrong: int = wrong) -> Fault | None:
                return fault if len(fake.asked) == wrong + 1 else None

            fake.fault = at
            with pytest.raises((ArchiveAway, ArchiveRefuses)) as failure:
                await client.deposit(TRANSFER, package)
            assert isinstance(failure.value, ArchiveAway | ArchiveRefuses)
            assert failure.value.said == said
            later = wrong > 0 and fault is Fault.AWAY
            assert type(failure.value) is (ArchiveUnsure if later else raised)


async def test_an_account_that_is_refused_is_mended_by_somebody_and_nothing_was_taken(
    fake: FakeAsalae, tmp_path: Path
) -> None:
    async with fake.client(password="un-autre") as client:
        with pytest.raises(ArchiveAway, match=r"^http-401$") as failure:
            await client.deposit(TRANSFER, a_small(tmp_path))
        assert type(failure.value) is ArchiveAway
        assert failure.value.said == "Authentification requise"
        with pytest.raises(ArchiveAway, match=r"^http-401$"):
            await client.reply(TRANSFER)
    assert fake.taken == []


@pytest.mark.parametrize(
    ("status", "body", "headers", "why"),
    [
        (200, b"<html>Connexion</html>", {}, "protocol"),
        (200, b'"ok"', {"content-encoding": "gzip"}, "protocol"),
        (302, b"", {"location": "https://ailleurs.example"}, "protocol"),
        (503, b"<html>Indisponible</html>", {}, "http-503"),
        (200, b" " * (asalae.MOST_TOLD + 1), {}, "too-large"),
    ],
)
async def test_what_is_no_answer_of_an_as_alae_takes_nothing_for_granted(
    fake: FakeAsalae,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: bytes,
    headers: dict[str, str],
    why: str,
) -> None:
    async def other(request: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(body)
        return httpx.Response(status, headers=headers, stream=stream, request=request)

    monkeypatch.setattr(fake, "handle_async_request", other)
    async with fake.client() as client:
        with pytest.raises(ArchiveAway, match=f"^{why}$") as failure:
            await client.deposit(TRANSFER, a_small(tmp_path))
    elsewhere = status == 302
    assert isinstance(failure.value, ArchiveUnsure) is not elsewhere
    assert failure.value.said == ""


async def test_a_reply_that_has_no_end_is_not_read(
    fake: FakeAsalae, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fake.replies, TRANSFER, b"<" * (MOST_REPLY + 1))
    async with fake.client() as client:
        with pytest.raises(ArchiveAway, match=r"^too-large$"):
            await client.reply(TRANSFER)

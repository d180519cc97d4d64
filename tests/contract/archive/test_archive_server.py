"""The archive's server: what every connector keeps to."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.desk.archive.archive_server import ArchiveAway, ArchiveServer
from services.desk.archive.domain.transfer_reply import acknowledges, read_reply
from tests.archive_builders import TRANSFER, a_manifest, a_package
from tests.contract.archive.memory import MemoryArchive
from tests.fake_asalae import FakeAsalae
from tests.fake_pastell import Fault

PARIS = ZoneInfo("Europe/Paris")


@dataclass
class Place:
    """A server, and who works there."""

    server: ArchiveServer
    people: MemoryArchive | FakeAsalae
    leave: Callable[[], None]


@pytest.fixture(params=["memory", "asalae"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    if request.param == "memory":
        memory = MemoryArchive()
        yield Place(memory, memory, lambda: setattr(memory, "away", True))
        return
    fake = FakeAsalae()
    async with fake.client() as client:
        yield Place(client, fake, lambda: setattr(fake, "fault", lambda _: Fault.AWAY))


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return a_package(tmp_path / "paquet.zip", a_manifest(), d1_1=b"Bonjour")


async def test_a_package_is_acknowledged_then_accepted(place: Place, package: Path) -> None:
    assert await place.server.acknowledgement(TRANSFER) is None, "it has nothing of it"
    await place.server.deposit(TRANSFER, package)
    told = await place.server.acknowledgement(TRANSFER)
    assert told is not None
    assert acknowledges(told, TRANSFER)
    assert not acknowledges(told, "36-2029-V-0009")
    assert await place.server.reply(TRANSFER) is None, "nobody looked at it"
    place.people.answer(TRANSFER, "000", "Versement accepté")
    octets = await place.server.reply(TRANSFER)
    assert octets is not None
    reply = read_reply(octets, PARIS)
    assert (TRANSFER in reply.names, reply.accepted) == (True, True)


async def test_a_refusal_comes_back_with_its_reason(place: Place, package: Path) -> None:
    await place.server.deposit(TRANSFER, package)
    place.people.answer(TRANSFER, "300", "Le plan de classement manque.")
    octets = await place.server.reply(TRANSFER)
    assert octets is not None
    reply = read_reply(octets, PARIS)
    assert (reply.accepted, reply.reason) == (False, "Le plan de classement manque.")


async def test_a_server_that_is_away_says_so_of_everything(place: Place, package: Path) -> None:
    place.leave()
    server = place.server
    for question in (
        server.deposit(TRANSFER, package),
        server.acknowledgement(TRANSFER),
        server.reply(TRANSFER),
    ):
        with pytest.raises(ArchiveAway, match=r"^unreachable$"):
            await question
    assert place.people.sent(TRANSFER) == 0

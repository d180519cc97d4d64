"""Only the door's own proof lets a sender remove a deposit: any page of a proxy is a 200."""

import asyncio
import threading
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from services.ingest.deposit_door import DepositDoor
from shared.content import spool, transfer_queue
from shared.content.deposit_transfer import Depositor, TransferManifest
from shared.content.encryption import ReadingKey
from shared.content.keyring import IN_CLEAR, Keyring
from shared.content.transfer_intake import IncomingTransfer
from shared.content.transfer_sender import DoorAway
from shared.errors import PermanentFailure
from shared.facts.envelope import ArrivalId, PersonId
from shared.platform import disk_space
from tests.deposit_door import NOW, WORDS, a_form, sites

KEY = ReadingKey.new("2026")


async def test_a_page_of_somebody_else_with_status_200_takes_nothing(tmp_path: Path) -> None:
    """A proxy's refusal, a sign-in, a maintenance page: none has the deposit on its disk."""

    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok")
        writer.close()

    server = await asyncio.start_server(page, "127.0.0.1", 0)
    async with server, sites(tmp_path) as two:
        spool.deposit(two.near, a_form(1), WORDS)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(DoorAway):
            await two.sender(url=f"http://127.0.0.1:{port}").round()
        assert len(spool.waiting_folders(two.near)) == 1


@pytest.mark.parametrize("status", [200, 201, 204, 302, 500, 502])
async def test_an_answer_without_proof_holds_one_deposit_and_lets_the_next_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    taken = DepositDoor._received  # noqa: SLF001  (where a proxy would answer in its place)

    async def blocked(
        door: DepositDoor, request: Request, depositor: Depositor
    ) -> tuple[TransferManifest, bool]:
        manifest, new = await taken(door, request, depositor)
        if manifest.deposit == str(UUID(int=1)):
            raise HTTPException(status, "a page of the proxy")
        return manifest, new

    monkeypatch.setattr(DepositDoor, "_received", blocked)
    async with sites(tmp_path) as two:
        for number in (1, 2):
            spool.deposit(two.near, a_form(number), WORDS)
        await two.sender().round()
        (left,) = spool.waiting_folders(two.near)
        assert left.name.endswith(str(UUID(int=1)))


def test_the_end_of_a_transfer_waits_for_the_thread_that_places_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that is cancelled deletes no file of a deposit that is being placed."""
    near, far = tmp_path / "near", tmp_path / "far"
    spool.deposit(near, a_form(1), WORDS)
    far.mkdir()
    (waiting,) = transfer_queue.waiting_transfers(near)
    manifest = transfer_queue.manifest_of(waiting)
    assert manifest is not None
    transfer = IncomingTransfer(far, IN_CLEAR, manifest, "portal")
    transfer.__enter__()
    for piece in transfer_queue.octets_of(waiting):
        transfer.write(piece)
    begun, go, sync = threading.Event(), threading.Event(), disk_space.sync

    def slow(path: Path) -> None:
        begun.set()
        assert go.wait(60)
        sync(path)

    monkeypatch.setattr(disk_space, "sync", slow)
    placing = threading.Thread(target=transfer.place)
    placing.start()
    assert begun.wait(60)
    ending = threading.Thread(target=transfer.__exit__, args=(None, None, None))
    ending.start()
    ending.join(0.2)
    assert ending.is_alive(), "it waits"
    go.set()
    placing.join()
    ending.join()
    (folder,) = spool.waiting_folders(far)
    assert spool.read(folder)[0] == a_form(1)


def test_a_request_that_is_encrypted_is_answered_by_nobody(tmp_path: Path) -> None:
    """Requests lie in clear: a portal has the public half of a key, and asks for no rereading."""
    asked = spool.RereadRequest(
        id=UUID(int=9), at=NOW, arrival_id=ArrivalId(UUID(int=1)), by=PersonId("c.aubry")
    )
    spool.deposit(tmp_path, asked)
    (folder,) = spool.waiting_folders(tmp_path)
    content = folder / spool.CONTENT
    octets = b"".join(KEY.writing.encrypt_parts(BytesIO(content.read_bytes())))
    content.write_bytes(octets)
    with pytest.raises(PermanentFailure, match="never encrypted"):
        spool.read(folder, Keyring({"2026": KEY}))

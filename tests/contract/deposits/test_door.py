"""Deposits over HTTP, on a real server: what a sender removes, ingest has, and has it once."""

import asyncio
import logging
import ssl
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from shared.content import spool, survey_spool, survey_stops
from shared.content.deposit_transfer import (
    Depositor,
)
from shared.content.encryption import ReadingKey
from shared.content.keyring import Keyring
from shared.content.spool import RereadRequest, UploadDeposit
from shared.content.survey_spool import SurveySheet
from shared.content.transfer_sender import DepositSender, DoorAway
from shared.errors import TemporaryFailure
from shared.facts.envelope import ArrivalId, PersonId
from shared.facts.vocabulary import Channel, SurveyChannel
from shared.platform import disk_space, http
from shared.platform.observability.health import Unwell, Well
from tests.certificates import self_signed
from tests.deposit_door import DESK, NOW, SECRET, WORDS, BrokenLine, a_form, content_of, sites

KEY = ReadingKey.new("2026")
TOKEN = "0" * 32 + "a" * 10
SHEET = SurveySheet(
    sheet_id=UUID(int=2), campaign=1, channel=SurveyChannel.POSTER, place="accueil",
    week="2026-W20", answers=(4, None), free_text="Longue attente",
)  # fmt: skip


def put(near: Path, *numbers: int) -> None:
    for number in numbers:
        spool.deposit(near, a_form(number), WORDS)


def a_reread(number: int = 9) -> RereadRequest:
    return RereadRequest(
        id=UUID(int=number), at=NOW, arrival_id=ArrivalId(UUID(int=1)), by=PersonId("c.aubry")
    )


async def test_what_was_deposited_here_lies_there_octet_by_octet_and_no_longer_here(
    tmp_path: Path,
) -> None:
    async with sites(tmp_path) as two:
        put(two.near, 1, 2)
        written = content_of(two.near)
        await two.sender().round()
        assert content_of(two.far) == written
        assert content_of(two.near) == {}
        (first, _) = spool.waiting_folders(two.far)
        assert spool.read(first)[0] == a_form(1)


async def test_encrypted_files_stay_as_they_are_on_the_way(tmp_path: Path) -> None:
    async with sites(tmp_path) as two:  # the door has no key at all
        spool.deposit(two.near, a_form(1), WORDS, KEY.writing)
        written = content_of(two.near)
        await two.sender().round()
        assert content_of(two.far) == written
        (folder,) = spool.waiting_folders(two.far)
        assert spool.read(folder, Keyring({"2026": KEY}))[0] == a_form(1)


async def test_sheets_and_refusals_of_the_survey_go_the_same_way_and_leave_no_trace(
    tmp_path: Path,
) -> None:
    async with sites(tmp_path) as two:
        survey_spool.put(two.near, SHEET)
        survey_stops.put(two.near, TOKEN)
        await two.sender().round()
        assert survey_spool.read(two.far, 9) == [SHEET]
        assert survey_stops.read(two.far) == [TOKEN]
        assert content_of(two.near) == {}
        assert not (two.far / ".received").exists(), "when a sheet came is nobody's to know"


@pytest.mark.parametrize("octets", [0, 40, 400, 700, 1200])
async def test_a_body_cut_anywhere_leaves_all_here_and_nothing_there_and_is_sent_again(
    tmp_path: Path, octets: int
) -> None:
    async with sites(tmp_path) as two:
        put(two.near, 1)
        written = content_of(two.near)
        line = BrokenLine(urlsplit(two.url).port or 0, octets=octets)
        async with line.running() as url:
            sender = two.sender(url=url)
            await _round(sender)
        assert line.broke
        assert content_of(two.near) == written
        await two.sender().round()
        assert content_of(two.far) == written
        assert content_of(two.near) == {}


async def test_an_answer_that_is_lost_has_it_sent_again_and_taken_once(tmp_path: Path) -> None:
    async with sites(tmp_path) as two:
        put(two.near, 1)
        line = BrokenLine(urlsplit(two.url).port or 0, answers=1)
        async with line.running() as url:
            await _round(two.sender(url=url))
        assert line.broke
        assert len(spool.waiting_folders(two.near)) == 1
        assert len(two.arrived()) == 1
        await two.sender().round()
        assert (len(spool.waiting_folders(two.near)), len(two.arrived())) == (0, 1)


async def test_what_ingest_has_taken_in_by_then_is_not_put_there_again(tmp_path: Path) -> None:
    async with sites(tmp_path) as two:
        spool.deposit(two.near, a_reread())
        written = spool.waiting_folders(two.near)[0].name
        await two.sender(DESK).round()
        spool.remove(two.far / written)
        spool.deposit(two.near, a_reread())
        await two.sender(DESK).round()
        assert (two.arrived(), spool.waiting_folders(two.near)) == ([], [])


async def test_a_door_that_is_away_costs_nothing_but_time(tmp_path: Path) -> None:
    async with sites(tmp_path) as two:
        put(two.near, 1)
        url = two.url
    sender = two.sender(url=url)
    for _ in range(2):
        with pytest.raises(DoorAway, match="stays on this disk"):
            await sender.round()
    assert len(spool.waiting_folders(two.near)) == 1


async def test_a_wrong_secret_is_said_and_one_that_is_rotated_holds_beside_the_former(
    tmp_path: Path,
) -> None:
    former: dict[Depositor, list[str]] = {"portal": ["f" * 32, SECRET]}
    async with sites(tmp_path, former) as two:
        put(two.near, 1)
        with pytest.raises(DoorAway, match="VAGUEMESTRE_DEPOSITS_SECRET"):
            await two.sender("w" * 32).round()
        assert (len(spool.waiting_folders(two.near)), two.arrived()) == (1, [])
        await two.sender("f" * 32).round()
        put(two.near, 2)
        await two.sender(SECRET).round()
        assert len(two.arrived()) == 2


async def test_each_sends_what_its_pages_take_in_and_nothing_else(tmp_path: Path) -> None:
    """A portal that was broken into asks for no rereading, and hands in no paper of ours."""
    upload = UploadDeposit(id=UUID(int=7), at=NOW, by=PersonId("c.aubry"), channel=Channel.LETTER)
    keyring = Keyring({"2026": KEY})
    async with sites(tmp_path, keyring=keyring) as two:
        spool.deposit(two.near, a_reread())
        spool.deposit(two.near, upload, (), KEY.writing)
        sender = two.sender(SECRET)
        await sender.round()
        assert two.arrived() == []
        state = await sender.check()
        assert isinstance(state, Unwell)
        assert "2 of 2 deposits that wait can't be sent" in state.why
        assert len(spool.waiting_folders(two.near)) == 2
        put(two.near, 1)
        await sender.round()
        assert len(two.arrived()) == 1, "what is refused hinders nothing behind it"
        await two.sender(DESK).round()
        assert len(two.arrived()) == 3


async def test_a_folder_that_is_ingests_own_is_never_emptied(tmp_path: Path) -> None:
    """URL and shared folder both given: the door would find there what the sender then removes."""
    async with sites(tmp_path) as two:
        two.near = two.far
        put(two.near, 1)
        with pytest.raises(DoorAway, match="the folder that ingest itself reads"):
            await two.sender().round()
        assert len(two.arrived()) == 1


async def test_the_answer_comes_after_the_disk_and_a_full_one_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sites(tmp_path) as two:
        put(two.near, 1)
        held = disk_space.sync

        def full(path: Path) -> None:
            if path.is_relative_to(two.far):
                raise OSError(28, "No space left on device")
            held(path)

        monkeypatch.setattr(disk_space, "sync", full)
        with pytest.raises(DoorAway, match="503"):
            await two.sender().round()
        assert (two.arrived(), len(spool.waiting_folders(two.near))) == ([], 1)
        assert not list(two.far.glob("*.part"))
        monkeypatch.setattr(disk_space, "sync", held)
        await two.sender().round()
        assert (len(two.arrived()), spool.waiting_folders(two.near)) == (1, [])


async def test_below_the_floor_nothing_is_read(tmp_path: Path) -> None:
    async with sites(tmp_path, floor=10**9) as two:
        put(two.near, 1)
        with pytest.raises(DoorAway, match="no room"):
            await two.sender().round()
        assert content_of(two.far) == {}


async def test_what_is_damaged_here_waits_for_a_person_and_hinders_nothing(tmp_path: Path) -> None:
    async with sites(tmp_path) as two:
        put(two.near, 1, 2, 3)
        first, second, _ = spool.waiting_folders(two.near)
        (first / "file-0").unlink()
        (second / "file-1").unlink()
        (second / "file-1").symlink_to("/etc/passwd")
        sender = two.sender()
        await sender.round()
        assert len(two.arrived()) == 1
        assert [path.name for path in spool.waiting_folders(two.near)] == [first.name, second.name]
        state = await sender.check()
        assert isinstance(state, Unwell)
        assert b"root:" not in b"".join(content_of(two.far).values())


async def test_how_many_wait_and_for_how_long_is_shown(tmp_path: Path) -> None:
    async with sites(tmp_path) as two:
        put(two.near, 1)
        sender = two.sender("w" * 32)
        await sender.measure()
        assert two.registry.get_sample_value("vaguemestre_unsent_deposits") == 1
        assert await sender.check() == Well({"waits": 1})
        sender = two.sender()
        await sender.round()
        await sender.measure()
        assert two.registry.get_sample_value("vaguemestre_unsent_deposits") == 0
        assert two.registry.get_sample_value("vaguemestre_unsent_deposits_oldest_seconds") == 0
        assert await sender.check() == Well()


async def test_nothing_of_a_deposit_is_in_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with sites(tmp_path) as two:
        put(two.near, 1)
        spool.deposit(two.near, a_reread())
        await two.sender().round()
        put(two.near, 2)
        with pytest.raises(DoorAway):
            await two.sender("w" * 32).round()
    said = "\n".join(str(record.__dict__) for record in caplog.records)
    assert "transfer_taken" in said
    for word in ("secrete", "piece", SECRET, "w" * 32, str(UUID(int=1)), "c.aubry"):
        assert word not in said


async def test_by_a_certificate_of_its_own_the_door_is_believed_by_who_knows_the_authority(
    tmp_path: Path,
) -> None:
    certificate, key = tmp_path / "door.pem", tmp_path / "door.key"
    self_signed(certificate, key, "localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    async with sites(tmp_path) as two:
        put(two.near, 1)
        listens = http.bind("127.0.0.1", 0)
        server = http.HttpServer(two.door.app, tls=context)
        serving = asyncio.create_task(server.serve([listens]))
        url = f"https://localhost:{listens.getsockname()[1]}"
        with pytest.raises(DoorAway, match="ConnectError"):
            await two.sender(url=url).round()
        await two.sender(url=url, authorities=certificate).round()
        assert len(two.arrived()) == 1
        server.should_exit = True
        await serving


async def _round(sender: DepositSender) -> None:
    """A round of a sender whose line breaks."""
    with suppress(TemporaryFailure):
        await sender.round()

"""What of the spool was in hand at two deaths is kept unopened, and hinders nothing else."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from services.ingest.in_hand import InHand
from services.ingest.spool import EMAIL
from shared.content import spool
from shared.content.spool import UploadDeposit
from shared.facts.envelope import PersonId
from shared.facts.ids import arrival_id
from shared.facts.vocabulary import Channel
from tests.ingest_builders import a_mail
from tests.integration.ingest.bench import Bench
from tests.integration.ingest.deadly import DEADLY, Deadly, in_hand
from tests.integration.ingest.door import NOW, Door, a_reread


async def door_killed(door: Door, mails: Deadly, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, of a process that takes in the spool."""

    async def nothing(_: InHand, _besides: object = ()) -> None:
        return

    mails.stopped.clear()
    with monkeypatch.context() as patch:
        patch.setattr(InHand, "put_down", nothing)
        taking = asyncio.create_task(door.intake.take_all())
        assert await asyncio.to_thread(mails.stopped.wait, 60)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)


async def test_an_upload_in_hand_at_two_deaths_is_kept_unopened_and_hinders_no_other(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mails: Deadly
) -> None:
    good, deadly = a_mail("Bonjour"), a_mail(DEADLY, message_id="<deadly@orange.example>")
    files = [spool.spool_file(f"{n}.eml", EMAIL, one) for n, one in enumerate((good, deadly))]
    handed = UploadDeposit(
        id=uuid4(), at=NOW, by=PersonId("m.durand"), channel=Channel.EMAIL, files=tuple(files),
    )  # fmt: skip
    spool.deposit(tmp_path / "spool", handed, (good, deadly))
    for _ in range(2):
        await door_killed(Door(bench.pool, tmp_path, mails=mails), mails, monkeypatch)
    assert list((await in_hand(bench)).values()) == [1], "the other was judged each time"
    opened = len(mails.opened)
    door = Door(bench.pool, tmp_path, mails=mails)
    await door.intake.take_all()
    assert spool.waiting_folders(tmp_path / "spool") == []
    told = {str(fact["arrival_id"]): fact["verdict"] for fact in await door.told()}
    named = [str(arrival_id("indre", "spool", f"{handed.id}:{n}")) for n in (0, 1)]
    assert told == {
        named[0]: {"kind": "enter"},
        named[1]: {"kind": "quarantine", "reason": "mail-bomb"},
    }
    assert mails.opened[opened:] == [good]
    assert await in_hand(bench) == {}


async def test_several_deadly_files_of_one_upload_cost_two_deaths_each(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mails: Deadly
) -> None:
    contents = [a_mail(DEADLY, message_id=f"<{n}@orange.example>") for n in range(2)]
    files = [spool.spool_file(f"{n}.eml", EMAIL, one) for n, one in enumerate(contents)]
    handed = UploadDeposit(
        id=uuid4(), at=NOW, by=PersonId("m.durand"), channel=Channel.EMAIL, files=tuple(files),
    )  # fmt: skip
    spool.deposit(tmp_path / "spool", handed, contents)
    for _ in range(4):
        await door_killed(Door(bench.pool, tmp_path, mails=mails), mails, monkeypatch)
    assert mails.opened == [*[contents[0]] * 2, *[contents[1]] * 2]
    door = Door(bench.pool, tmp_path, mails=mails)
    await door.intake.take_all()
    assert len(mails.opened) == 4, "neither is opened again"
    bombs = {"kind": "quarantine", "reason": "mail-bomb"}
    assert [fact["verdict"] for fact in await door.told()] == [bombs, bombs]
    assert spool.waiting_folders(tmp_path / "spool") == []
    assert await in_hand(bench) == {}


async def test_a_request_to_read_again_what_ended_two_processes_waits_for_a_person(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mails: Deadly
) -> None:
    door = Door(bench.pool, tmp_path, mails=mails)
    request = a_reread(await door.receive(a_mail(DEADLY)))
    spool.deposit(tmp_path / "spool", request, ())
    for _ in range(2):
        await door_killed(Door(bench.pool, tmp_path, mails=mails), mails, monkeypatch)
    opened = len(mails.opened)
    await Door(bench.pool, tmp_path, mails=mails).intake.take_all()
    assert spool.waiting_folders(tmp_path / "spool") == []
    (refused,) = (tmp_path / "spool" / ".refused").iterdir()
    assert refused.name.endswith(str(request.id))
    assert len(mails.opened) == opened
    assert await in_hand(bench) == {}


async def test_a_normal_end_while_an_upload_is_read_is_no_death(
    bench: Bench, tmp_path: Path, mails: Deadly
) -> None:
    deadly = a_mail(DEADLY)
    handed = UploadDeposit(
        id=uuid4(), at=NOW, by=PersonId("m.durand"), channel=Channel.EMAIL,
        files=(spool.spool_file("1.eml", EMAIL, deadly),),
    )  # fmt: skip
    spool.deposit(tmp_path / "spool", handed, (deadly,))
    for _ in range(3):
        mails.stopped.clear()
        taking = asyncio.create_task(Door(bench.pool, tmp_path, mails=mails).intake.take_all())
        assert await asyncio.to_thread(mails.stopped.wait, 60)
        assert list((await in_hand(bench)).values()) == [0]
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        assert await in_hand(bench) == {}
    mails.released.set()
    door = Door(bench.pool, tmp_path, mails=mails)
    await door.intake.take_all()
    (told,) = await door.told()
    assert told["verdict"] == {"kind": "enter"}

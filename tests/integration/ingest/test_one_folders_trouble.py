"""One folder's trouble is its own, is said, and ends with its cause."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.ingest import mailbox_backoff, sent_reader
from services.ingest.arrival_writer import ArrivalWriter
from services.ingest.domain.document import PassEnded, ScannedDocument
from services.ingest.domain.mail import Mail
from services.ingest.domain.observation_judgements import ReplyJudgement
from services.ingest.mailbox import AccessRefused, Fetched, MailFailure
from services.ingest.pass_ledger import PassLedger
from services.ingest.scan_intake import ScanIntake
from services.ingest.source_status import SourceStatus
from shared.content import spool
from shared.content.blobs import LocalBlobs
from shared.content.spool import FormDeposit
from shared.errors import TemporaryFailure
from shared.platform.clock import SystemClock
from shared.site.tables.mailboxes import ScanFolder
from tests.fake_mail import FakeFolder, FakeSource
from tests.ingest_builders import indre, indre_rules
from tests.integration.ingest.bench import Bench, a_reply, numbered, observe
from tests.integration.ingest.door import NOW, Door


async def test_what_nobody_expected_of_one_folder_is_its_trouble_and_it_is_read_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch, fails = FakeSource.fetch, [ZeroDivisionError(), OSError()]

    def fetch_after_two_faults(source: FakeSource, uids: Sequence[int]) -> list[Fetched]:
        if fails:
            raise fails.pop()
        return fetch(source, uids)

    monkeypatch.setattr(FakeSource, "fetch", fetch_after_two_faults)
    said: list[type[Exception]] = []

    def pause(error: Exception, _: int) -> float:
        said.append(type(error))
        return 0.0

    monkeypatch.setattr(mailbox_backoff, "pause", pause)
    bench.folder.deliver(numbered(1))
    await bench.until(lambda: bench.arrived(1))
    assert said == [OSError, ZeroDivisionError]


async def test_a_server_that_ends_idle_connections_is_not_waited_for_longer_each_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_a_row: list[int] = []

    def ended(*_: object) -> None:
        raise MailFailure("Mailbox fake: the server closed the connection.")

    def pause(_: Exception, failures: int) -> float:
        in_a_row.append(failures)
        return 0.0

    monkeypatch.setattr(FakeSource, "wait", ended)
    monkeypatch.setattr(mailbox_backoff, "pause", pause)

    async def four_times() -> bool:
        return len(in_a_row) >= 4

    await bench.until(four_times)
    assert set(in_a_row) == {1}


async def test_a_numbering_that_another_process_saw_changes_hides_no_mail(bench: Bench) -> None:
    bench.folder.deliver(numbered(1))
    await bench.until(lambda: bench.arrived(1))
    before, changed = bench.status.read_until, False

    async def changed_and_read() -> bool:
        nonlocal changed
        if bench.status.read_until == before:
            return False
        if not changed:
            changed = True
            await bench.pool.execute(
                "UPDATE ingest.checkpoints SET uidvalidity = 77, last_uid = 9000"
            )
            bench.folder.deliver(numbered(2))
        return await bench.arrived(2)

    await bench.until(changed_and_read)


async def test_a_clock_that_was_years_ahead_for_a_while_keeps_no_source_silent(
    bench: Bench,
) -> None:
    await bench.rest()
    await bench.pool.execute(
        "UPDATE ingest.checkpoints SET told_until = told_until + interval '3 years'"
    )
    await bench.rest()
    assert len(await bench.told("SourceRead")) == 2


async def test_a_mail_of_sent_that_our_judge_stumbles_over_hides_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    observed = sent_reader.reply_judgement  # type: ignore[attr-defined]  # a name that the module only imports

    def stumbles(mail: Mail, *more: Any) -> ReplyJudgement:
        if mail.message_id == "r1@indre.example":
            raise ZeroDivisionError
        return observed(mail, *more)

    monkeypatch.setattr(sent_reader, "reply_judgement", stumbles)
    folder, now = FakeFolder(), SystemClock().now()
    for number in (1, 2):
        folder.deliver(a_reply("Voici.", f"<r{number}@indre.example>"), now)
    await observe(bench, folder)
    assert len(await bench.told("ReplySeen")) == 1


def test_a_refused_password_waits_longest_and_what_is_ours_shortest() -> None:
    assert mailbox_backoff.pause(AccessRefused("no"), 1) == 300
    assert [mailbox_backoff.pause(MailFailure("away"), n) for n in (1, 2, 9)] == [1, 2, 60]
    assert [mailbox_backoff.pause(TemporaryFailure("disk full"), n) for n in (1, 2, 9)] == [1, 2, 5]


class TwoPasses:
    """A scan folder of which two files can't be read in its first pass."""

    source = "scans:courrier"

    def __init__(self) -> None:
        self.mended, self.first_taken, self.second_taken = (asyncio.Event() for _ in range(3))

    async def documents(self) -> AsyncIterator[ScannedDocument | PassEnded]:
        yield PassEnded(self.source, NOW, missed=2)
        self.first_taken.set()
        await self.mended.wait()
        yield PassEnded(self.source, NOW)
        self.second_taken.set()
        await asyncio.Event().wait()

    async def confirm(self, document: ScannedDocument) -> None:
        raise AssertionError(document)


async def test_a_scan_folder_with_files_that_can_not_be_read_is_in_trouble_until_they_can(
    bench: Bench,
) -> None:
    source, status = TwoPasses(), SourceStatus("scans:courrier")
    row = ScanFolder(id="courrier", folder="courrier", service="courrier")
    keeper = ArrivalWriter(bench.pool, LocalBlobs(bench.blobs), indre().zone)
    intake = ScanIntake(
        "indre", row, source, rules=indre_rules, keeper=keeper,
        passes=PassLedger("indre", bench.pool, SystemClock()), clock=SystemClock(), status=status,
    )  # fmt: skip
    running = asyncio.create_task(intake.run())
    try:
        async with asyncio.timeout(60):
            await source.first_taken.wait()
            assert "2 files" in str(status.trouble)
            assert status.read_until is None
            source.mended.set()
            await source.second_taken.wait()
        assert (status.trouble, status.read_until) == (None, NOW)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert len(await bench.told("SourceRead")) == 1


async def test_a_deposit_that_nobody_here_may_read_hinders_no_other(
    bench: Bench, tmp_path: Path
) -> None:
    door, folder = Door(bench.pool, tmp_path), tmp_path / "spool"
    forms = [FormDeposit(id=uuid4(), at=NOW, text=f"Message {n}.") for n in range(3)]
    for form in forms:
        spool.deposit(folder, form)
    foreign = spool.waiting_folders(folder)[0]
    content = (foreign / "deposit.json").rename(tmp_path / "kept")
    (foreign / "deposit.json").mkdir()  # as one of another account: each read of it is refused
    with pytest.raises(TemporaryFailure, match=foreign.name):
        await door.intake.take_all()
    assert spool.waiting_folders(folder) == [foreign]
    assert len(await door.told()) == 2
    (foreign / "deposit.json").rmdir()
    content.rename(foreign / "deposit.json")
    await door.intake.take_all()
    assert spool.waiting_folders(folder) == []
    assert len(await door.told()) == 3


async def test_a_folder_that_cannot_be_set_apart_is_trouble_and_no_end(
    bench: Bench, tmp_path: Path
) -> None:
    door, folder = Door(bench.pool, tmp_path), tmp_path / "spool"
    (folder / "20260512T080000-nothing").mkdir(parents=True)
    (folder / ".refused").touch()  # nothing can be moved there
    spool.deposit(folder, FormDeposit(id=uuid4(), at=NOW, text="Bonjour."))
    with pytest.raises(TemporaryFailure, match="nothing"):
        await door.intake.take_all()
    assert len(await door.told()) == 1

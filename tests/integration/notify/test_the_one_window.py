"""DESIGN law 5: what happens when SMTP, PostgreSQL or the process ends at the wrong moment."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.notify.domain.ledger import Accepted, NoAnswer, NotTried, RefusedForNow, SmtpAnswer
from services.notify.mail_composition import ReadyMail
from services.notify.mailer import Envelope
from services.notify.send_outcomes import begin, settle
from services.notify.store import attempts, claims
from services.notify.store.attempts import LOCKS
from shared.content.blobs import Blob, LocalBlobs
from shared.facts.envelope import BlobKey, NoticeId
from shared.facts.notices import NoticeBounced, NoticeFailed, NoticeHeld
from shared.facts.observations import BounceSeen
from shared.facts.vocabulary import Way
from shared.platform.database import connect_alone, single_statements, transaction
from shared.platform.observability.health import Well
from tests.integration.notify.conftest import House
from tests.roles import one_transaction
from tests.unit.notify.builders import MONDAY, NAMES, event

LATER = timedelta(minutes=2)
PROGRAM = Path(__file__).with_name("one_sender.py")


@pytest.fixture
def environment(house: House) -> dict[str, str]:
    return os.environ | {
        "TEST_DATABASE": house.url.get_secret_value(),
        "TEST_BLOBS": str(house.blobs._folder),  # noqa: SLF001  (the same folder, elsewhere)
        "TEST_SMTP": f"{house.sink.host}:{house.sink.port}",
        "TEST_NOW": MONDAY.isoformat(),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }


@pytest.fixture
async def killed_in_data(house: House, environment: dict[str, str]) -> House:
    """A sender in a process of its own, killed between the end of DATA and its answer."""
    reached = asyncio.Event()
    never = asyncio.Event()

    async def stop_here() -> None:
        reached.set()
        await never.wait()

    house.sink.before_answer = stop_here
    await house.hear(await house.mail())
    process = await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), env=environment)
    async with asyncio.timeout(100):
        await reached.wait()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    never.set()
    house.sink.before_answer = _at_once
    return house


async def _at_once() -> None:
    return


async def test_a_killed_sender_leaves_an_attempt_and_the_same_mail_leaves_once_more(
    killed_in_data: House,
) -> None:
    house = killed_in_data
    assert await house.states() == [("receipt", "attempting", None)]
    async with house.sending():
        await house.until(("receipt", "unknown", None))
        house.clock.move(MONDAY + LATER)
        await house.until(("receipt", "sent", None))
    first, second = house.sink.taken
    assert first.message["Message-ID"] == second.message["Message-ID"]
    headers = await house.pool.fetch("SELECT DISTINCT jsonb_typeof(headers) FROM notify.outbox")
    assert [tuple(row) for row in headers] == [("object",)]


async def test_a_worker_that_lost_its_session_takes_another_before_the_next_mail(
    house: House, postgres_url: str
) -> None:
    workers = list[int]()
    lock = "SELECT pg_try_advisory_lock($1, $2)"

    async def cut_at_the_first() -> None:
        worker = await house.pool.fetchval(
            "SELECT worker FROM notify.ledger WHERE state = 'attempting' AND worker > 0"
        )
        workers.append(worker)
        if len(workers) > 1:
            return
        async with one_transaction(postgres_url) as owner:
            await owner.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = 'vaguemestre notify sender'
                AND datname = current_database()
                """
            )
        async with house.pool.acquire() as connection, asyncio.timeout(60):
            while not await connection.fetchval(lock, LOCKS, worker):  # noqa: ASYNC110  (a lock)
                await asyncio.sleep(0.01)
            await connection.execute("SELECT pg_advisory_unlock($1, $2)", LOCKS, worker)

    house.sink.before_answer = cut_at_the_first
    await house.hear(await house.mail("1"), await house.mail("2", "autre@exemple.fr"))
    async with house.sending():
        await house.until(("receipt", "sent", None), ("receipt", "sent", None))
    first, second = workers
    assert first != second
    assert len(house.sink.taken) == 2


@pytest.mark.parametrize("answer", [NotTried(), NoAnswer(), RefusedForNow("4.2.2"), Accepted()])
async def test_an_answer_said_again_changes_no_attempt_of_another_worker_but_that_it_left(
    house: House, answer: SmtpAnswer
) -> None:
    """The commit of worker 3 was answered by nothing, and worker 7 has the notice in hand since."""
    moment = MONDAY + timedelta(hours=1)
    await house.hear(await house.mail())
    locks = [await connect_alone(house.url, "workers") for _ in range(2)]
    for lock, worker in zip(locks, (3, 7), strict=True):
        await lock.execute("SELECT pg_advisory_lock($1, $2)", LOCKS, worker)

    async def attempted(worker: int, now: datetime) -> ReadyMail:
        async with transaction(house.pool) as connection:
            (row,) = await claims.due(connection, Way.MAIL, now)
            await attempts.claim(connection, [(row, None)], worker, now)
        mail = ReadyMail(row, Envelope("", "jeanne@exemple.fr", b""), "<a@b>", counted=False)
        async with single_statements(house.pool) as connection:
            assert await begin(connection, mail, worker, now)
        return mail

    mail = await attempted(3, MONDAY + timedelta(minutes=1))
    first = NotTried() if answer == Accepted() else answer
    await settle(house.pool, mail, first, None, 3, MONDAY + timedelta(minutes=1))
    await attempted(7, moment)
    await settle(house.pool, mail, answer, None, 3, moment)
    ((_, state, _),) = await house.states()
    assert state == ("sent" if answer == Accepted() else "attempting")
    for lock in locks:
        await lock.close()


async def test_two_workers_keep_one_mail_of_one_notice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one writes it, on however slow a disk, the other passes on to the next notice."""
    writes, goes_on = asyncio.Event(), asyncio.Event()
    put, owners = LocalBlobs.put_many, list[UUID]()

    async def slow(blobs: LocalBlobs, kept: Sequence[Blob]) -> list[BlobKey]:
        owners.extend(blob.arrival_id for blob in kept)
        if not writes.is_set():
            writes.set()
            await asyncio.wait_for(goes_on.wait(), 60)
        return await put(blobs, kept)

    addresses = ("jeanne@exemple.fr", "paul@exemple.fr", "autre@exemple.fr")
    mails = [await house.mail(str(n), address) for n, address in enumerate(addresses, 1)]
    monkeypatch.setattr(LocalBlobs, "put_many", slow)
    await house.hear(*mails)
    async with house.sending():
        await asyncio.wait_for(writes.wait(), 60)  # it has claimed two, as the site's rate lets it
        house.clock.move(MONDAY + timedelta(seconds=2))
        async with house.sending():
            await house.sink.until(1)
            goes_on.set()
            await house.until(*[("receipt", "sent", None)] * 3)
    assert len({mail.recipient for mail in house.sink.taken}) == len(house.sink.taken) == 3
    assert len(owners) == len(set(owners)) == 3


async def test_a_second_silence_is_held_for_a_person(house: House) -> None:
    await house.hear(await house.mail(address="silent@exemple.fr"))
    async with house.sending():
        await house.until(("receipt", "unknown", None))
        house.clock.move(MONDAY + LATER)
        await house.until(("receipt", "held", "no_answer_twice"))
    assert len(house.sink.taken) == 2
    told = await house.told()
    assert isinstance(told[-1], NoticeHeld)


async def test_smtp_that_is_away_costs_nothing_and_all_leaves_when_it_is_back(
    house: House,
) -> None:
    await house.sink.stop()
    async with house.sending() as sender:
        await house.hear(await house.mail())
        async with asyncio.timeout(60):
            while isinstance(await sender.health(), Well):  # noqa: ASYNC110  (asked as a probe does)
                await asyncio.sleep(0.02)
        row = await house.pool.fetchrow("SELECT state, attempts, refusals FROM notify.ledger")
        assert row is not None
        assert tuple(row) == ("planned", 0, 0)
        await house.sink.start()
        await house.until(("receipt", "sent", None))
    assert len(house.sink.taken) == 1


async def test_a_refusal_for_now_waits_and_tries_again(house: House) -> None:
    await house.hear(await house.mail(address="later@exemple.fr"))
    async with house.sending():
        await house.until(("receipt", "planned", "4.7.1"))
        row = await house.pool.fetchrow("SELECT due_at, refusals FROM notify.ledger")
        assert row is not None
        assert (row["due_at"], row["refusals"]) == (MONDAY + timedelta(seconds=60), 1)


async def test_a_refusal_for_good_fails_with_its_status(house: House) -> None:
    await house.hear(await house.mail(address="gone@exemple.fr"))
    async with house.sending():
        await house.until(("receipt", "failed", "5.1.1"))
    failed = (await house.told())[-1]
    assert isinstance(failed, NoticeFailed)
    assert failed.status == "5.1.1"


async def test_an_address_that_is_no_single_one_is_held(house: House) -> None:
    await house.hear(await house.mail(address="a@exemple.fr, b@exemple.fr"))
    async with house.sending():
        await house.until(("receipt", "held", "unusable_address"))
    assert house.sink.taken == []


async def test_a_pli_that_can_not_be_read_stops_no_other_notice(house: House) -> None:
    broken = (await house.mail("1")).model_copy(update={"pli": BlobKey(f"2026/{NAMES}/{'0' * 64}")})
    async with house.sending():
        await house.hear(broken, await house.mail("2", "autre@exemple.fr"))
        await house.sink.until(1)
        await house.until(("receipt", "held", "unwritable"), ("receipt", "sent", None))


async def bounce(house: House, action: str, status: str) -> None:
    notice = NoticeId(await house.pool.fetchval("SELECT notice_id FROM notify.ledger LIMIT 1"))
    fact = BounceSeen.model_validate(
        {
            "event_id": event(f"bounce {action}"),
            "happened_at": MONDAY,
            "recorded_at": MONDAY,
            "by": "source:mailbox:retour",
            "arrival_id": NAMES,
            "source": "mailbox:retour",
            "original": "2026/a/b",
            "notice_id": notice,
            "action": action,
            "status": status,
        }
    )
    await house.hear(fact)
    await house.hear(fact)


async def test_a_bounce_is_told_once_and_the_address_gets_nothing_more(house: House) -> None:
    async with house.sending():
        await house.hear(await house.mail("1", "Partie@exemple.fr"))
        await house.until(("receipt", "sent", None))
        await bounce(house, "failed", "5.1.1")
        await house.until(("receipt", "bounced", "5.1.1"))
        again = (await house.mail("2", "partie@exemple.fr")).model_copy(
            update={"correspondent": "another"}
        )
        await house.hear(again)
        await house.until(("receipt", "bounced", "5.1.1"), ("receipt", "held", "address_bounced"))
    told = [fact for fact in await house.told() if isinstance(fact, NoticeBounced)]
    assert [notice_bounced.status for notice_bounced in told] == ["5.1.1"]
    assert len(house.sink.taken) == 1


async def test_a_delay_changes_nothing(house: House) -> None:
    async with house.sending():
        await house.hear(await house.mail())
        await house.until(("receipt", "sent", None))
        await bounce(house, "delayed", "4.4.1")
    assert await house.states() == [("receipt", "sent", None)]


async def test_the_rows_hold_no_address_and_no_name(house: House) -> None:
    async with house.sending():
        await house.hear(await house.mail())
        await house.until(("receipt", "sent", None))
    for table in ("facts", "items", "ledger", "outbox", "suppressed"):
        rows = await house.pool.fetch(f'SELECT t::text AS row FROM notify."{table}" AS t')  # noqa: S608  (a name of ours)
        text = " ".join(row["row"] for row in rows).lower()
        assert "jeanne" not in text
        assert "exemple.fr" not in text

"""What was being judged at two deaths of the process is kept unopened; nothing else is."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

import services.ingest.in_hand
from services.ingest.arrival_writer import (
    ArrivalWriter,
    CandidateArrival,
    CheckpointUpdate,
    WrittenArrivals,
)
from services.ingest.domain.judge_mail import unshown
from services.ingest.domain.mail import Mail, UnreadableMail
from services.ingest.in_hand import InHand, alone
from services.ingest.mail_parser import LocalMailParser
from services.ingest.mailbox import BOMB
from services.ingest.spool import EMAIL
from shared.content import spool
from shared.content.blobs import LocalBlobs
from shared.content.spool import UploadDeposit
from shared.facts.envelope import ArrivalId, PersonId
from shared.facts.ids import arrival_id
from shared.facts.vocabulary import Channel
from tests.ingest_builders import a_mail, indre
from tests.integration.ingest.bench import Bench, numbered
from tests.integration.ingest.door import NOW, Door, a_reread

DEADLY = "Ce courrier tue."


class Deadly(LocalMailParser):
    """Reads mails, and stops for good at the deadly one."""

    def __init__(self) -> None:
        self.opened = list[bytes]()
        self.stopped = threading.Event()
        self.released = threading.Event()

    def read(self, octets: bytes) -> Mail | UnreadableMail:
        self.opened.append(octets)
        if DEADLY.encode() in octets:
            self.stopped.set()
            self.released.wait(60)
        return super().read(octets)


@pytest.fixture
def mails() -> Iterator[Deadly]:
    deadly = Deadly()
    yield deadly
    deadly.released.set()


async def in_hand(bench: Bench) -> dict[int, int]:
    rows = await bench.pool.fetch("SELECT uid, deaths FROM ingest.in_hand ORDER BY uid")
    return {row["uid"]: row["deaths"] for row in rows}


async def killed_while_judging(
    bench: Bench, mails: Deadly, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by kill -9: nothing runs afterwards that could put anything down."""

    async def nothing(_: InHand) -> None:
        return

    mails.stopped.clear()

    async def stopped() -> bool:
        return mails.stopped.is_set()

    with monkeypatch.context() as patch:
        patch.setattr(InHand, "put_down", nothing)
        await bench.until(stopped, watch=bench.watch(mails))


async def test_a_mail_in_hand_at_two_deaths_is_kept_unopened_and_named(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, mails: Deadly, caplog: pytest.LogCaptureFixture
) -> None:
    bench.folder.deliver(numbered(1))
    deadly = bench.folder.deliver(a_mail(DEADLY, message_id="<deadly@orange.example>"))
    bench.folder.deliver(numbered(3))
    await killed_while_judging(bench, mails, monkeypatch)
    assert await in_hand(bench) == {1: 0, 2: 0, 3: 0}
    await killed_while_judging(bench, mails, monkeypatch)
    # The first was judged alone by then, and the third had not been taken again.
    assert await in_hand(bench) == {2: 1, 3: 1}
    opened = len(mails.opened)
    await bench.until(lambda: bench.arrived(3), watch=bench.watch(mails))
    verdicts = [fact["verdict"] for fact in await bench.told("Arrived")]
    assert verdicts.count({"kind": "quarantine", "reason": "mail-bomb"}) == 1
    assert not [octets for octets in mails.opened[opened:] if DEADLY.encode() in octets]
    said = [
        record
        for record in caplog.records
        if record.getMessage() == "mail_was_in_hand_at_two_deaths"
    ]
    assert [vars(record)["fields"]["mail"] for record in said] == [f"mailbox:pref-bmi UID {deadly}"]
    await bench.rest()
    assert await in_hand(bench) == {}


async def test_a_normal_end_while_judging_is_no_death(bench: Bench, mails: Deadly) -> None:
    bench.folder.deliver(a_mail(DEADLY))

    async def stopped() -> bool:
        return mails.stopped.is_set()

    for _ in range(3):
        mails.stopped.clear()
        await bench.until(stopped, watch=bench.watch(mails))
        assert await in_hand(bench) == {}
    await bench.until(lambda: bench.arrived(1))
    assert [fact["verdict"] for fact in await bench.told("Arrived")] == [{"kind": "enter"}]


async def test_a_mail_that_another_numbering_named_is_no_suspect(
    bench: Bench, mails: Deadly, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.folder.deliver(a_mail(DEADLY))
    await killed_while_judging(bench, mails, monkeypatch)
    await killed_while_judging(bench, mails, monkeypatch)
    bench.folder.uidvalidity += 1
    await bench.until(lambda: bench.arrived(1))
    assert [fact["verdict"] for fact in await bench.told("Arrived")] == [{"kind": "enter"}]


async def test_what_one_process_opened_and_another_did_not_is_kept_once(bench: Bench) -> None:
    octets = numbered(1)
    uid = bench.folder.deliver(octets)
    await bench.until(lambda: bench.arrived(1))
    now = datetime.now(UTC)  # noqa: TID251 (any moment)
    unopened = CandidateArrival(
        arrival_id=ArrivalId(uuid4()),
        source="mailbox:pref-bmi",
        octets=octets,
        shown_at=now,
        judgements=(unshown(octets, BOMB, now),),
        uid=uid,
    )
    keeper = ArrivalWriter(bench.pool, LocalBlobs(bench.blobs), indre().zone)
    kept = await keeper.keep(
        [unopened], now, CheckpointUpdate("mailbox:pref-bmi", bench.folder.uidvalidity, uid)
    )
    assert kept == WrittenArrivals(frozenset(), [])
    assert [fact["verdict"] for fact in await bench.told("Arrived")] == [{"kind": "enter"}]
    assert await bench.pool.fetchval("SELECT count(*) FROM ingest.arrivals") == 1


def begun(bench: Bench, instance: str | None) -> InHand:
    """A process that has just started."""
    return InHand(bench.pool, "mailbox:pref-bmi", instance)


async def test_what_a_living_instance_has_in_hand_is_no_death(bench: Bench) -> None:
    first = begun(bench, "first")
    await first.take(1, [7])
    assert await begun(bench, "second").suspects(1) == {}
    assert await begun(bench, "first").suspects(1) == {7: 1}  # the same one, started again
    await begun(bench, "second").take(1, [7])
    assert await begun(bench, "first").suspects(1) == {7: 1}
    assert await begun(bench, "second").suspects(1) == {7: 2}


async def test_two_instances_that_die_of_one_mail_by_turns_both_count(bench: Bench) -> None:
    """Each opens what the other died of, before the other is back."""
    for instance in ("first", "second"):
        process = begun(bench, instance)
        assert await process.suspects(1) == {}
        await process.take(1, [7])
    again = begun(bench, "first")
    assert await again.suspects(1) == {7: 1}
    await again.take(1, [7])
    assert await begun(bench, "second").suspects(1) == {7: 2}
    # What one judges after all, nobody died of.
    await begun(bench, "third").judged(1, [7])
    assert await in_hand(bench) == {}
    assert await begun(bench, "first").suspects(1) == {}


async def test_an_instance_that_is_never_seen_again_has_died(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one whose name is another at each start."""
    monkeypatch.setattr(services.ingest.in_hand, "TOUCH_SECONDS", 0.01)
    age = "UPDATE ingest.in_hand SET touched_at = touched_at - interval '15 minutes'"
    young = "SELECT touched_at > clock_timestamp() - interval '14 minutes' FROM ingest.in_hand"
    living = begun(bench, "pod-1")
    await living.take(1, [7])
    await bench.pool.execute(age)
    async with living.touching():
        for _ in range(3000):
            if await bench.pool.fetchval(young):
                break
            await asyncio.sleep(0.01)
        else:
            pytest.fail("what is in a living hand is not touched")
    assert await begun(bench, "pod-2").suspects(1) == {}
    await bench.pool.execute(age)
    second = begun(bench, "pod-2")
    assert await second.suspects(1) == {7: 1}
    await second.take(1, [7])
    await bench.pool.execute(age)
    assert await begun(bench, "pod-3").suspects(1) == {7: 2}
    assert await begun(bench, "pod-4").suspects(1) == {7: 2}, "each death counts once"


def test_suspects_are_judged_alone_and_in_their_order() -> None:
    assert alone([[1, 2, 3, 4], [5, 6]], {2: 1, 6: 1}) == [[1], [2], [3, 4], [5], [6]]
    assert alone([[1, 2], [3]], {}) == [[1, 2], [3]]


async def door_killed(door: Door, mails: Deadly, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, of a process that takes in the spool."""

    async def nothing(_: InHand) -> None:
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
    assert spool.waiting(tmp_path / "spool") == []
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
    assert spool.waiting(tmp_path / "spool") == []
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
    assert spool.waiting(tmp_path / "spool") == []
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

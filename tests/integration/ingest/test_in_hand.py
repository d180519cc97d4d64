"""What was being judged at two deaths of the process is kept unopened; nothing else is."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

import services.ingest.in_hand
from services.ingest.arrival_writer import (
    ArrivalWriter,
    CandidateArrival,
    CheckpointUpdate,
    WrittenArrivals,
)
from services.ingest.domain.quarantine import unshown
from services.ingest.in_hand import InHand, alone
from services.ingest.mailbox import BOMB
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import ArrivalId
from tests.ingest_builders import a_mail, indre
from tests.integration.ingest.bench import Bench, numbered
from tests.integration.ingest.deadly import DEADLY, Deadly, in_hand


async def killed_while_judging(
    bench: Bench, mails: Deadly, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by kill -9: nothing runs afterwards that could put anything down."""

    async def nothing(_: InHand, _besides: object = ()) -> None:
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
    await begun(bench, "third").forget(1, [7])
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

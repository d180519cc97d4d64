"""A mail that takes long to open delays no other: it is read apart, and follows."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.ingest.domain.mail import Mail, UnreadableMail
from services.ingest.in_hand import InHand
from services.ingest.mail_opener import SlowMail, SoonParsed
from services.ingest.source_status import SourceStatus
from services.ingest.wake_up import WakeUp
from services.ingest.watch import MailWatch, Pace
from shared.platform.clock import SystemClock
from tests.fake_mail import FakeSource
from tests.ingest_builders import a_mail
from tests.integration.ingest.bench import Bench, numbered
from tests.integration.ingest.deadly import in_hand
from tests.local_mails import LocalMailParser

SLOW = "Ce courrier est lent."


class Slow(LocalMailParser):
    """Gives the slow mail up where it is asked soon; patient, it waits until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def read(self, octets: bytes) -> Mail | UnreadableMail:
        if SLOW.encode() in octets:
            self.begun.set()
            self.let_go.wait(300)
        return super().read(octets)

    def read_soon(self, mails: Sequence[bytes]) -> SoonParsed:
        for octets in mails:
            if SLOW.encode() in octets:
                yield SlowMail()
                return
            yield super().read(octets)


async def test_the_mails_behind_a_slow_one_are_kept_before_it_and_it_follows(bench: Bench) -> None:
    slow = bench.folder.deliver(a_mail(SLOW, message_id="<slow@orange.example>"))
    behind = {bench.folder.deliver(numbered(number)) for number in (2, 3)}
    mails, later = Slow(), list[int]()

    async def followed() -> bool:
        if not bench.folder.marked >= behind or not mails.begun.is_set():
            return False
        if not later:
            later.append(bench.folder.deliver(numbered(4)))
        elif bench.folder.marked >= {*later} and not mails.let_go.is_set():
            assert bench.folder.marked == behind | {*later}
            assert await in_hand(bench) == {slow: 0}
            assert bench.status.read_until is None, "no pass is over while one of its mails is read"
            mails.let_go.set()
        return slow in bench.folder.marked and bench.status.read_until is not None

    await bench.until(followed, watch=bench.watch(mails))
    assert await bench.arrived(4)
    assert await in_hand(bench) == {}


async def test_a_process_that_dies_meanwhile_loses_no_slow_mail(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = bench.folder.deliver(a_mail(SLOW, message_id="<slow@orange.example>"))
    bench.folder.deliver(numbered(2))
    mails = Slow()

    async def nothing(_: InHand, _besides: object = ()) -> None:
        """As by kill -9: nothing runs afterwards that could put anything down."""

    async def behind_kept() -> bool:
        return await bench.arrived(1) and mails.begun.is_set()

    with monkeypatch.context() as patch:
        patch.setattr(InHand, "put_down", nothing)
        await bench.until(behind_kept, watch=bench.watch(mails))
    assert await in_hand(bench) == {slow: 0}
    mails.let_go.set()
    await bench.until(lambda: bench.arrived(2), watch=bench.watch(mails))
    await bench.rest()
    assert bench.folder.marked == {slow, slow + 1}
    assert await in_hand(bench) == {}


async def test_a_slow_mail_that_waits_its_turn_is_not_taken_for_what_ends_a_process(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly = bench.folder.deliver(a_mail(SLOW, message_id="<deadly@orange.example>"))
    bench.folder.deliver(a_mail(SLOW, message_id="<slow@orange.example>"))
    mails = Slow()

    async def nothing(_: InHand, _besides: object = ()) -> None:
        """As by kill -9: nothing runs afterwards that could put anything down."""

    for deaths in range(2):
        mails.begun.clear()

        async def first_is_read(deaths: int = deaths) -> bool:
            return mails.begun.is_set() and await in_hand(bench) == {deadly: deaths}

        with monkeypatch.context() as patch:
            patch.setattr(InHand, "put_down", nothing)
            await bench.until(first_is_read, watch=bench.watch(mails))
    mails.let_go.set()
    await bench.until(lambda: bench.arrived(2), watch=bench.watch(mails))
    await bench.rest()
    assert await in_hand(bench) == {}
    verdicts = [fact["verdict"] for fact in await bench.told("Arrived")]
    assert verdicts == [{"kind": "quarantine", "reason": "mail-bomb"}, {"kind": "enter"}]


class Held(FakeSource):
    """A connection that says nothing new until it is told to."""

    waits, passes = 0, 1

    def wait(self, longest: float, stop: WakeUp) -> None:
        del longest
        self.waits += 1
        while self.waits >= self.passes and not stop.is_set():
            time.sleep(0.005)


class Beside:
    """Another instance on the same mailbox, that passes over it when it is asked to."""

    def __init__(self, bench: Bench) -> None:
        self.bench = replace(bench, status=SourceStatus(bench.status.source))
        self.source = Held(bench.folder)

    def watch(self) -> MailWatch:
        rarely = Pace(poll=timedelta(hours=1), audit=timedelta(hours=1))
        return self.bench.watch(source=self.source, pace=rarely)

    async def read_until(self) -> datetime | None:
        """Until when it says that the mailbox is read, after one more pass."""
        self.source.passes += 1

        async def over() -> bool:
            return self.source.waits >= self.source.passes

        await over_soon(over)
        return self.bench.status.read_until


async def test_another_instance_does_not_say_that_a_mailbox_is_read_past_a_mail_apart(
    bench: Bench,
) -> None:
    other, mails = Beside(bench), Slow()
    async with running(bench.watch(mails)), running(other.watch()):
        await over_soon(lambda: passed(bench, other))
        began = SystemClock().now()
        slow = bench.folder.deliver(a_mail(SLOW, message_id="<slow@orange.example>"))
        behind = bench.folder.deliver(numbered(2))

        async def behind_kept() -> bool:
            return bench.folder.marked == {behind} and mails.begun.is_set()

        await over_soon(behind_kept)
        until = await other.read_until()
        assert until is not None
        assert until < began, "the slow mail may have been there since then"
        assert bench.folder.marked == {behind}, "it has not seen it: the checkpoint is past it"
        mails.let_go.set()

        async def followed() -> bool:
            return bench.folder.marked == {slow, behind}

        await over_soon(followed)
        now = SystemClock().now()
        until = await other.read_until()
        assert until is not None
        assert until >= now
    assert await bench.pool.fetchval("SELECT count(*) FROM ingest.mails_apart") == 0


async def test_a_mail_that_a_dead_instance_had_apart_is_taken_over_by_the_other(
    bench: Bench,
) -> None:
    other, mails = Beside(bench), Slow()
    async with running(other.watch()):
        async with running(bench.watch(mails)):
            await over_soon(lambda: passed(bench, other))
            slow = bench.folder.deliver(a_mail(SLOW, message_id="<slow@orange.example>"))
            gone = bench.folder.deliver(a_mail(SLOW, message_id="<gone@orange.example>"))
            behind = bench.folder.deliver(numbered(2))

            async def apart() -> bool:
                return bench.folder.marked == {behind} and mails.begun.is_set()

            await over_soon(apart)
        mails.let_go.set()  # of nobody's any more
        del bench.folder.mails[gone]  # somebody deleted it meanwhile
        assert bench.folder.marked == {behind}
        await other.read_until()
        assert bench.folder.marked == {behind}, "the instance may be alive, and read it"
        long_ago = "UPDATE ingest.mails_apart SET set_at = set_at - interval '1 hour'"
        await bench.pool.execute(long_ago)
        now = SystemClock().now()
        until = await other.read_until()
        assert bench.folder.marked == {slow, behind}
        assert until is not None
        assert until >= now, "nothing is apart any more"
    assert await bench.pool.fetchval("SELECT count(*) FROM ingest.mails_apart") == 0


async def passed(bench: Bench, other: Beside) -> bool:
    return bench.status.read_until is not None and other.source.waits == 1


@asynccontextmanager
async def running(watch: MailWatch) -> AsyncIterator[None]:
    task = asyncio.create_task(watch.run())
    try:
        yield
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def over_soon(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while True:
            if await true():
                return
            await asyncio.sleep(0.02)

"""A mail that takes long to open delays no other: it is read apart, and follows."""

import threading

import pytest

from services.ingest.domain.mail import Mail, UnreadableMail
from services.ingest.in_hand import InHand
from services.ingest.mail_opener import SlowMail
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

    def read(self, octets: bytes, *, soon: bool = False) -> Mail | UnreadableMail:
        if SLOW.encode() in octets:
            if soon:
                raise SlowMail
            self.begun.set()
            self.let_go.wait(300)
        return super().read(octets)


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

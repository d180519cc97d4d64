"""What was being judged at two deaths of the process is kept unopened; nothing else is."""

import threading
from collections.abc import Iterator

import pytest

from services.ingest.domain.message import Mail, Unreadable
from services.ingest.in_hand import InHand, alone
from services.ingest.mails import MailsHere
from tests.ingest_builders import a_mail
from tests.integration.ingest.bench import Bench, numbered

DEADLY = "Ce courrier tue."


class Deadly(MailsHere):
    """Reads mails, and stops for good at the deadly one."""

    def __init__(self) -> None:
        self.opened = list[bytes]()
        self.stopped = threading.Event()
        self.released = threading.Event()

    def read(self, octets: bytes) -> Mail | Unreadable:
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
    rows = await bench.pool.fetch("SELECT uid, deaths FROM ingest.judging ORDER BY uid")
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
    verdicts = [one["verdict"] for one in await bench.told("Arrived")]
    assert verdicts.count({"kind": "quarantine", "reason": "mail-bomb"}) == 1
    assert not [one for one in mails.opened[opened:] if DEADLY.encode() in one]
    said = [one for one in caplog.records if one.getMessage() == "mail_was_in_hand_at_two_deaths"]
    assert [vars(one)["fields"]["mail"] for one in said] == [f"mailbox:pref-bmi UID {deadly}"]
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
    assert [one["verdict"] for one in await bench.told("Arrived")] == [{"kind": "enter"}]


async def test_a_mail_that_another_numbering_named_is_no_suspect(
    bench: Bench, mails: Deadly, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.folder.deliver(a_mail(DEADLY))
    await killed_while_judging(bench, mails, monkeypatch)
    await killed_while_judging(bench, mails, monkeypatch)
    bench.folder.uidvalidity += 1
    await bench.until(lambda: bench.arrived(1))
    assert [one["verdict"] for one in await bench.told("Arrived")] == [{"kind": "enter"}]


def test_suspects_are_judged_alone_and_in_their_order() -> None:
    assert alone([[1, 2, 3, 4], [5, 6]], {2: 1, 6: 1}) == [[1], [2], [3, 4], [5], [6]]
    assert alone([[1, 2], [3]], {}) == [[1, 2], [3]]

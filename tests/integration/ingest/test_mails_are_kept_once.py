"""From a mail folder to the outbox, on a real database and disk: nothing lost, nothing twice."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.ingest import inbox_reader
from services.ingest.domain.fingerprint import of_octets
from services.ingest.mail_parser import PROGRAM, SOON, MailParserPool
from services.ingest.mailbox import BATCH
from shared.content.probe import probe_subject
from shared.content.tokens import message_id
from shared.facts.envelope import ItemId, NoticeId
from shared.platform.child_answers import ChildAnswers
from shared.platform.child_process import ChildProcess
from shared.platform.children import Children
from shared.platform.clock import SystemClock
from tests.fake_mail import FakeFolder, FakeSource
from tests.ingest_builders import SECRET, a_mail
from tests.integration.ingest.bench import Bench, a_reply, numbered, observe
from tests.integration.ingest.deadly import in_hand


async def test_every_mail_is_told_once_marked_and_its_octets_kept(bench: Bench) -> None:
    octets = [numbered(number) for number in range(120)]
    for mail in octets:
        bench.folder.deliver(mail)
    await bench.until(lambda: bench.arrived(120))
    await bench.rest()
    facts = await bench.told("Arrived")
    assert len({fact["arrival_id"] for fact in facts}) == 120
    assert bench.folder.marked == set(range(1, 121))
    kept = {(bench.blobs / str(fact["original"])).read_bytes() for fact in facts}
    assert kept == set(octets)
    assert all((bench.blobs / str(fact["pli"])).exists() for fact in facts)


class Unhurried(FakeSource):
    """A server that marks nothing before it is let go."""

    def __init__(self, folder: FakeFolder) -> None:
        super().__init__(folder)
        self.let_go = threading.Event()

    def mark(self, uids: Sequence[int]) -> None:
        assert self.let_go.wait(60)
        super().mark(uids)


async def test_a_batch_is_kept_while_the_one_before_it_is_marked(bench: Bench) -> None:
    for number in range(BATCH + 1):
        bench.folder.deliver(numbered(number))
    source = Unhurried(bench.folder)

    async def kept_and_marked() -> bool:
        if await bench.arrived(BATCH + 1):
            source.let_go.set()
        return len(bench.folder.marked) == BATCH + 1

    await bench.until(kept_and_marked, watch=bench.watch(source=source))
    await bench.rest()
    assert await bench.pool.fetchval("SELECT bool_and(marked) FROM ingest.places")


class Killed(Children):
    """Children that read mails, of which some are killed as soon as they have theirs."""

    requests = 0

    def _send(self, one: ChildProcess, *arguments: Any) -> ChildAnswers:
        answers = super()._send(one, *arguments)
        self.requests += 1
        if self.requests in {1, 3, 4}:
            one.process.kill()
        return answers


async def test_children_killed_with_several_mails_lose_none_and_have_none_told_twice(
    bench: Bench,
) -> None:
    octets = [numbered(number) for number in range(120)]
    for mail in octets:
        bench.folder.deliver(mail)
    mails = MailParserPool(hasty=Killed(PROGRAM, SOON))
    await bench.until(lambda: bench.arrived(120), watch=bench.watch(mails))
    mails.close()
    await bench.rest()
    facts = await bench.told("Arrived")
    assert len(facts) == len({fact["arrival_id"] for fact in facts}) == 120
    assert [fact["verdict"] for fact in facts] == [{"kind": "enter"}] * 120
    assert {(bench.blobs / str(fact["original"])).read_bytes() for fact in facts} == set(octets)
    assert bench.folder.marked == set(range(1, 121))
    assert await in_hand(bench) == {}


async def test_a_second_reading_tells_nothing_again(bench: Bench) -> None:
    bench.folder.deliver(numbered(1))
    await bench.until(lambda: bench.arrived(1))
    await bench.rest()
    bench.folder.deliver(numbered(2))
    await bench.until(lambda: bench.arrived(2))


async def test_after_a_change_of_uidvalidity_all_is_read_and_nothing_told_twice(
    bench: Bench,
) -> None:
    for number in range(3):
        bench.folder.deliver(numbered(number))
    await bench.until(lambda: bench.arrived(3))
    mails = list(bench.folder.mails.values())
    bench.folder.uidvalidity, bench.folder.mails, bench.folder.last_uid = 2, {}, 100
    for at, octets in reversed(mails):
        bench.folder.deliver(octets, at)
    bench.folder.deliver(numbered(9))
    await bench.until(lambda: bench.arrived(4))
    places = await bench.pool.fetch("SELECT uidvalidity, uid FROM ingest.places ORDER BY uid")
    assert [tuple(row) for row in places] == [(2, 101), (2, 102), (2, 103), (2, 104)]


async def test_a_mail_read_otherwise_under_another_uidvalidity_is_the_arrival_that_it_was(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        bench.folder.deliver(numbered(number))
    await bench.until(lambda: bench.arrived(3))
    # As a newer program does that finds other words in the same octets.
    monkeypatch.setattr(
        inbox_reader, "identity_of", lambda _, octets: f"read otherwise {of_octets(octets)}"
    )
    mails = list(bench.folder.mails.values())
    bench.folder.uidvalidity, bench.folder.mails, bench.folder.last_uid = 2, {}, 100
    for at, octets in mails:
        bench.folder.deliver(octets, at)
    bench.folder.deliver(numbered(9))
    await bench.until(lambda: bench.arrived(4))
    await bench.rest()
    assert await bench.arrived(4)
    places = await bench.pool.fetch("SELECT uid FROM ingest.places ORDER BY uid")
    assert [row["uid"] for row in places] == [101, 102, 103, 104]
    assert await bench.pool.fetchval("SELECT count(*) FROM ingest.arrivals") == 4


async def test_two_mails_of_which_only_the_same_beginning_is_kept_are_two(bench: Bench) -> None:
    for _ in range(2):
        bench.folder.deliver(numbered(1))
    await bench.until(lambda: bench.arrived(2), watch=bench.watch(largest=100))
    assert await bench.pool.fetchval("SELECT count(DISTINCT arrival_id) FROM ingest.places") == 2


async def test_the_same_mail_delivered_twice_is_one_arrival_in_two_places(bench: Bench) -> None:
    bench.folder.deliver(numbered(1))
    bench.folder.deliver(numbered(1))
    bench.folder.deliver(numbered(2))
    await bench.until(lambda: bench.arrived(2))
    await bench.rest()
    assert len(await bench.pool.fetch("SELECT 1 FROM ingest.places")) == 3


async def test_nothing_is_marked_or_told_while_the_blob_folder_is_no_folder(bench: Bench) -> None:
    bench.blobs.write_text("in the way")
    bench.folder.deliver(numbered(1))

    async def in_trouble() -> bool:
        return "Blobs in" in (bench.status.trouble or "")

    await bench.until(in_trouble)
    assert not bench.folder.marked
    assert not await bench.told("Arrived")
    bench.blobs.unlink()

    async def marked() -> bool:
        return bench.folder.marked == {1} and bench.status.trouble is None

    await bench.until(marked)
    assert await bench.arrived(1)


async def test_a_mail_committed_and_not_marked_is_marked_by_the_next_run(bench: Bench) -> None:
    bench.folder.deliver(numbered(1))
    await bench.until(lambda: bench.arrived(1))
    await bench.rest()
    bench.folder.marked.clear()
    await bench.pool.execute("UPDATE ingest.places SET marked = false")
    await bench.rest()

    async def marked() -> bool:
        return bench.folder.marked == {1}

    await bench.until(marked)


async def test_a_server_that_is_away_is_waited_for(bench: Bench) -> None:
    bench.folder.away = True
    bench.folder.deliver(numbered(1))

    async def in_trouble() -> bool:
        return "away" in (bench.status.trouble or "")

    await bench.until(in_trouble)
    bench.folder.away = False
    await bench.until(lambda: bench.arrived(1))


async def test_a_probe_is_counted_and_not_kept(bench: Bench) -> None:
    subject = probe_subject(SECRET, datetime(2026, 5, 11, 7, 59, tzinfo=UTC))
    bench.folder.deliver(a_mail("", sender="sonde@indre.example", subject=subject))
    await bench.until(lambda: bench.arrived(1))
    (fact,) = await bench.told("Arrived")
    assert fact["verdict"] == {"kind": "probe", "sent_at": "2026-05-11T07:59:00Z"}
    assert fact["pli"] is None
    assert not bench.blobs.exists()


async def test_a_complete_pass_is_told_and_not_more_often_than_a_quarter_of_an_hour(
    bench: Bench,
) -> None:
    await bench.rest()
    await bench.rest()
    (fact,) = await bench.told("SourceRead")
    assert fact["source"] == "mailbox:pref-bmi"
    assert fact["service"] == "bmi"


async def test_noise_is_quarantined_with_its_octets(bench: Bench) -> None:
    noise = bytes(range(256)) * 5
    bench.folder.deliver(noise)
    await bench.until(lambda: bench.arrived(1))
    (fact,) = await bench.told("Arrived")
    assert fact["verdict"] == {"kind": "quarantine", "reason": "mail-without-header"}
    assert (bench.blobs / str(fact["original"])).read_bytes() == noise


async def test_of_sent_only_what_answers_ours_is_kept(bench: Bench) -> None:
    bench.folder.deliver(numbered(1))
    await bench.until(lambda: bench.arrived(1))
    sent, now = FakeFolder(), SystemClock().now()
    answer = a_reply("Voici.", "<r1@indre.example>", {"In-Reply-To": "<1@orange.example>"})
    sent.deliver(answer, now)
    unnamed = a_reply("Autre chose.", "<r2@indre.example>")
    sent.deliver(unnamed, now)
    sent.deliver(a_reply("À un autre.", "<r5@indre.example>", {"To": "autre@orange.example"}), now)
    robot = a_reply("Reçu.", "<r3@indre.example>", {"Auto-Submitted": "auto-replied"})
    sent.deliver(robot, now)
    ours = message_id(SECRET, ItemId(UUID(int=1)), NoticeId(UUID(int=2)), "indre.example")
    sent.deliver(a_reply("Lettre type, que le serveur a rangée ici.", ours), now)
    await observe(bench, sent)
    first, second, third = await bench.told("ReplySeen")
    assert (bench.blobs / str(first["original"])).read_bytes() == answer
    # It names nothing of ours, but went to somebody who wrote to us: who judges it reads it first.
    assert (bench.blobs / str(second["original"])).read_bytes() == unnamed
    assert third["original"] is None
    assert not sent.marked
    arrived = (await bench.told("Arrived"))[0]
    assert first["to"] == [arrived["correspondent"]]


@pytest.mark.parametrize(("live_for_days", "told"), [(None, 2), (400, 2), (10, 1), (0, 0)])
async def test_a_first_start_passes_over_what_was_sent_before_go_live_and_long_ago(
    bench: Bench, live_for_days: int | None, told: int
) -> None:
    sent, now = FakeFolder(), SystemClock().now()
    for days in (900, 200, 20, 5):
        sent.deliver(a_reply("Voici.", f"<{days}@indre.example>"), now - timedelta(days=days))
    await observe(
        bench, sent, None if live_for_days is None else now - timedelta(days=live_for_days)
    )
    assert len(await bench.told("ReplySeen")) == told
    assert await bench.pool.fetchval("SELECT count(*) FROM ingest.arrivals") == told


async def test_below_the_floor_of_free_space_mails_stay_where_they_are(bench: Bench) -> None:
    bench.folder.deliver(numbered(1))
    await bench.until(lambda: bench.arrived(1))
    await bench.rest()
    bench.lacking = "The disk has 3 MB left."
    bench.folder.deliver(numbered(2))

    async def said() -> bool:
        return bench.status.trouble == bench.lacking

    await bench.until(said)
    assert bench.folder.marked == {1}
    assert await bench.arrived(1)
    bench.lacking = None
    await bench.until(lambda: bench.arrived(2))

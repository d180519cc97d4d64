"""Kafka's disk is lost with facts that nobody has heard, in every topic: one command heals it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from uuid import uuid4, uuid5

import pytest
from click.testing import CliRunner

from deploy.embedded.kafka import KafkaServer
from services.__main__ import main
from shared.facts.envelope import EventId, NoticeId
from shared.facts.notices import NoticeSent
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.clock import SystemClock
from shared.platform.database import transaction
from shared.platform.kafka import topics
from shared.platform.messaging import outbox
from tests.desk_builders import SPACE, digest
from tests.integration.desk.four_services import SCHEMAS, House, a_house, letter, passed_over

pytestmark = pytest.mark.timeout(900)

LEDGER = "SELECT notice_id, item_id, occasion FROM notify.ledger WHERE kind = 'receipt'"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A Kafka whose disk may be lost; each test has topics and groups of its own."""
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def house(postgres_url: str, kafka: KafkaServer) -> AsyncIterator[House]:
    async with a_house(postgres_url, kafka.address, f"t{uuid4().hex[:8]}.") as made:
        yield made


@pytest.fixture
def crosscheck(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Awaitable[tuple[int, Sequence[str]]]]:
    """The command's exit code and what it says."""
    for name, value in {
        "DATABASE_URL": house.url, "KAFKA": house.kafka, "PREFIX": house.prefix,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", value)

    async def ask() -> tuple[int, Sequence[str]]:
        result = await asyncio.to_thread(CliRunner().invoke, main, ["crosscheck"])
        return result.exit_code, result.output.splitlines()

    return ask


async def test_one_command_heals_a_lost_kafka_whatever_was_unread(
    house: House,
    kafka: KafkaServer,
    crosscheck: Callable[[], Awaitable[tuple[int, Sequence[str]]]],
) -> None:
    # The first letter is registered, timed and its receipt sent; the register hears of neither.
    async with house.telling():
        await house.tells(letter("first"))
        async with house.hearing("arrivals"):
            await house.registered(1)

        async def timed_and_planned() -> bool:
            clocks = await house.count("sla.outbox WHERE headers ->> 'ce_type' = 'ClockStarted'")
            return bool(clocks and await house.pool.fetchrow(LEDGER))

        async with house.hearing("sla", "notify"):
            await house.until(timed_and_planned)
        await receipt_leaves(house)
        # The second is registered and nobody else hears of it; the third reaches nobody.
        await house.tells(letter("second"))
        async with house.hearing("arrivals"):
            await house.registered(2)
        await house.tells(letter("third"))
    started = await house.count("sla.outbox WHERE headers ->> 'ce_type' = 'ClockStarted'")

    kafka.stop()
    shutil.rmtree(kafka.log.parent.parent / "kafka" / "data")
    kafka.start()
    await topics.provision(kafka.address, house.prefix, replication=1)

    async with house.telling(), house.hearing("desk", "sla", "notify"):
        code, lines = await crosscheck()
        assert code == 1, lines
        assert "desk: 1 facts of arrivals were told and never heard; they are told again." in lines
        for schema, topic in (
            ("desk", "clocks"), ("desk", "notices"), ("sla", "items"),
        ):  # fmt: skip
            assert any(f"{schema}: " in line and f"of {topic} were told" in line for line in lines)
        await house.registered(3)

        async def all_timed() -> bool:
            return await house.count("(SELECT DISTINCT item_id FROM desk.clocks) AS timed") == 3

        await house.until(all_timed)

        async def stated() -> bool:
            return bool(await house.count("desk.facts WHERE type = 'ReceiptSent'"))

        await house.until(stated)

        async def all_known() -> bool:
            return (await crosscheck())[0] == 0

        await house.until(all_known)

    assert await house.count("desk.facts WHERE type = 'ItemRegistered'") == 3
    assert await house.count("desk.facts WHERE type = 'ReceiptSent'") == 1
    told = "sla.outbox WHERE headers ->> 'ce_type' = 'ClockStarted'"
    assert await house.count(told) == 3 * started
    assert await house.count(f"({LEDGER}) AS receipts") == 3
    sent = "notify.outbox WHERE headers ->> 'ce_type' = 'NoticeSent'"
    assert await house.count(sent) == 1
    for schema in SCHEMAS:
        assert await house.count(f"{schema}.dead_letters") == 0


async def receipt_leaves(house: House) -> None:
    """As the sender does when a server has taken the mail."""
    row = await house.pool.fetchrow(LEDGER)
    assert row is not None
    now = SystemClock().now()
    sent = NoticeSent(
        event_id=EventId(uuid5(SPACE, "sent")), happened_at=now, recorded_at=now, revision=9,
        by="service:notify", notice_id=NoticeId(row["notice_id"]), item_ids=(row["item_id"],),
        kind=NoticeKind.RECEIPT, way=Way.MAIL, occasion=row["occasion"], message=digest("ours"),
    )  # fmt: skip
    async with transaction(house.pool) as connection:
        await connection.execute(
            "UPDATE notify.ledger SET state = 'sent', revision = 9 WHERE notice_id = $1",
            row["notice_id"],
        )
        await outbox.put(connection, "notify", [sent])


async def test_what_a_committed_offset_has_passed_is_found_and_told_again(
    house: House, crosscheck: Callable[[], Awaitable[tuple[int, Sequence[str]]]]
) -> None:
    """The end of a log was lost and new records took its place: the group stands behind them."""
    async with house.telling():
        await house.tells(letter("passed over"), letter("too"))
    await passed_over(house)
    async with house.telling(), house.hearing("desk", "sla", "notify"):
        code, lines = await crosscheck()
        assert (code, lines[0]) == (
            1, "desk: 2 facts of arrivals were told and never heard; they are told again.",
        )  # fmt: skip
        await house.registered(2)


async def test_what_a_reader_has_still_before_it_is_not_missing(
    house: House,
    crosscheck: Callable[[], Awaitable[tuple[int, Sequence[str]]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.platform.messaging.crosscheck.CATCH_UP_SECONDS", 2)
    async with house.telling():
        await house.tells(letter("on its way"))
    code, lines = await crosscheck()
    assert code == 1
    assert lines[0].startswith("desk: it has not heard yet all that Kafka holds of arrivals;")
    assert await house.count("ingest.outbox_waiting") == 0

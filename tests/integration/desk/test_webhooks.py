"""Webhooks told over HTTP: once at least, each item in order, whatever the receiver does."""

import asyncio
import signal
import ssl
import sys
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from services.desk.api.domain import signatures
from services.desk.api.domain.keys import KeyScope
from services.desk.api.domain.public_addresses import Network
from services.desk.api.domain.webhooks import MOST_ATTEMPTS, Webhook, digest_of_webhooks
from services.desk.api.key_service import KeyService
from services.desk.api.store import webhook_lanes
from services.desk.api.webhook_client import WebhookClient
from services.desk.api.webhook_sender import WebhookSender
from services.desk.api.webhook_service import WebhookService, WebhookWish
from services.desk.decider import Decider
from services.desk.domain.decisions import Reclassify
from services.desk.pages.serve import PageServer
from services.desk.store.access_journal import JournalLine, What
from services.desk.store.visibility import ALL
from shared.content.site_keys import SiteKeys
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Confidentiality, Priority
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool, transaction
from shared.site.applied_rules import AppliedRules
from shared.site.staff import people_store
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.identity import WebhookPlaces
from tests.certificates import self_signed
from tests.code_keys import SECRET
from tests.desk_browser import TODAY
from tests.desk_builders import a_site, an_applied_site, an_arrival
from tests.integration.desk.clocked import items
from tests.integration.desk.programs import ELSEWHERE, FIRST, RESERVED, Program, a_register, given
from tests.webhook_sink import ACCEPTS, NEVER, Sink, a_sink, status

pytestmark = pytest.mark.usefixtures("live_site", "environment")

KEYS: Final = SiteKeys(SECRET.encode())
PLACES: Final = WebhookPlaces(networks=("127.0.0.0/8",), plain_hosts=("127.0.0.1",))
_WAITING: Final = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
PROJECT: Final = Path(__file__).parents[3]
CHILD: Final = """
import asyncio, sys
from pydantic import SecretStr
from shared.platform.clock import open_clock
from shared.platform.database import open_pool
from tests.integration.desk.test_webhooks import a_sender

async def main():
    pool = await open_pool(SecretStr(sys.argv[1]), "tests")
    sender = a_sender(pool, await open_clock(pool, SecretStr(sys.argv[1])))
    await sender.round()
    await sender.idle()

asyncio.run(main())
"""


def a_site_that_tells() -> Site:
    site = a_site()
    identity = site.identity.model_copy(update={"webhooks": PLACES})
    return site.model_copy(update={"identity": identity})


class TellingRules(AppliedRules):
    """The example's rules, by which webhooks may reach this machine."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site

    async def if_any(self, connection: Connection) -> AppliedSite:
        del connection
        return an_applied_site().model_copy(update={"site": self.site})


def impatient(networks: list[Network], connections: int) -> WebhookClient:
    """A client with a limit of time that a test can wait for."""
    return WebhookClient(networks, connections, seconds=0.2)


def a_sender(pool: Pool, clock: Clock, *, quick: bool = False) -> WebhookSender:
    rules, stopping = TellingRules(a_site_that_tells()), asyncio.Event()
    client = impatient if quick else WebhookClient
    return WebhookSender(pool, rules, KEYS, clock, stopping, client)


async def tell(pool: Pool, clock: Clock, *, quick: bool = False) -> None:
    """Tells what is due, until nothing is."""
    sender = a_sender(pool, clock, quick=quick)
    await sender.round()
    await sender.idle()


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return await a_register(pool, story_clock, tmp_path)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with a_sink() as one:
        yield one


@dataclass(frozen=True)
class Told:
    """A webhook, its secret as it was shown, and the program whose key has it."""

    webhook: Webhook
    secret: str
    program: Program

    async def lanes(self) -> Sequence[tuple[int, int, str | None, bool]]:
        """Of each item that waits: next fact, attempts, why, whether it was given up."""
        rows = await self.program.desk.pool.fetch(
            """
            SELECT next_seq, attempts, why, failed_at IS NOT NULL AS over FROM desk.webhook_lanes
            WHERE webhook = $1 ORDER BY item_id
            """,
            self.webhook.webhook,
        )
        return [tuple(row) for row in rows]

    async def later(self) -> None:
        """What waits for its next attempt, or for the end of a claim, is due now."""
        await self.program.desk.pool.execute(
            "UPDATE desk.webhook_lanes SET due_at = clock_timestamp() WHERE due_at IS NOT NULL"
        )


def service(connection: Connection) -> WebhookService:
    line = JournalLine(TODAY, What.WEBHOOK_GIVEN, None, None, "tests")
    return WebhookService(connection, "account:local", line, KEYS)


async def listens(
    desk: PageServer,
    url: str,
    *scopes: KeyScope,
    services: Sequence[str] | None = ("bmi",),
    types: frozenset[str] | None = None,
) -> Told:
    """A key of these scopes with a webhook, made as the page makes it: before it is confirmed."""
    program = await given(desk, KeyScope.ITEMS, *scopes, services=services, confirmed=False)
    async with transaction(desk.pool) as connection:
        wish = WebhookWish(program.key, url, types)
        webhook, secret = await service(connection).give(wish, a_site_that_tells(), TODAY, uuid4())
        if scopes:
            line = JournalLine(TODAY, What.KEY_GIVEN, None, None, "tests")
            secretary, who = KeyService(connection, "person:s.general", line), "s.general"
            directory = await people_store.people_at(connection, TODAY)
            seen, asks = digest_of_webhooks([webhook.webhook]), PersonId(who)
            await secretary.confirm(program.key, asks, a_site(), directory, TODAY, seen)
    return Told(webhook, secret, program)


async def happens(pool: Pool, name: str, *what: Reclassify) -> None:
    """Decisions about an item of the register, each at least one fact."""
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        head = directory.people[PersonId("b.head")]
        item_id = ids.item_id("indre", an_arrival(name).arrival_id)
        for command in what:
            by = Decider(connection, head, uuid4(), TODAY, an_applied_site(), directory)
            await by.about(item_id, command)


URGENT: Final = Reclassify(priority=Priority.URGENTE)
USUAL: Final = Reclassify(priority=Priority.NORMALE)


def chronos(sink: Sink) -> set[str]:
    """The numbers of the items of which it was told."""
    return {received.told[0] for received in sink.received}


async def test_nothing_is_written_while_nobody_listens(desk: PageServer, pool: Pool) -> None:
    del desk
    await items(pool, "x")
    assert await pool.fetchval("SELECT count(*) FROM desk.webhook_lanes") == 0


async def test_each_fact_is_told_signed_and_in_order(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await happens(pool, "a", URGENT, USUAL)
    await tell(pool, story_clock)
    assert await told.lanes() == []
    facts = await pool.fetch(
        """
        SELECT f.event_id::text, f.seq, f.type FROM desk.facts f JOIN desk.items USING (item_id)
        WHERE chrono = $1 ORDER BY f.seq DESC LIMIT 2
        """,
        FIRST,
    )
    assert [
        (received.said["id"], received.said["data"]["seq"], received.said["data"]["fact"])
        for received in reversed(sink.received)
    ] == [tuple(row) for row in facts]
    for received in sink.received:
        assert received.said["subject"] == FIRST
        assert received.headers["content-type"].startswith("application/cloudevents+json")
        assert received.headers["webhook-id"] == received.said["id"]
        octets = told.webhook.secret.octets(told.webhook.webhook, KEYS)
        assert octets is not None
        assert signatures.format_secret(octets) == told.secret
        at = int(received.headers["webhook-timestamp"])
        signed = signatures.signature(octets, received.said["id"], at, received.body)
        assert received.headers["webhook-signature"] == signed
        for personal in ("Zo", "zoe@", "Ma demande", "b.head"):
            assert personal.encode() not in received.body
    assert (await told.program.get(f"/items/{FIRST}")).status_code == 200
    assert await pool.fetchval("SELECT told_at IS NOT NULL FROM desk.webhooks")


async def test_a_key_is_told_of_what_it_may_ask_for_and_of_nothing_else(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    bmi = await listens(desk, sink.url)
    await happens(pool, "b", URGENT)
    await happens(pool, "c", URGENT)
    await tell(pool, story_clock)
    assert sink.received == []
    assert await bmi.lanes() == []
    secret = await listens(desk, sink.url, KeyScope.RESERVED, services=None)
    await happens(pool, "b", USUAL)
    await happens(pool, "c", USUAL)
    await tell(pool, story_clock)
    assert chronos(sink) == {RESERVED, ELSEWHERE}
    assert await secret.lanes() == []


async def test_what_becomes_reserved_before_it_was_told_is_not_told(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    await listens(desk, sink.url)
    await happens(pool, "a", URGENT, Reclassify(confidentiality=Confidentiality.RESERVE))
    await tell(pool, story_clock)
    assert sink.received == []


async def test_a_webhook_names_the_facts_that_it_wants(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url, types=frozenset({"ItemRegistered"}))
    await happens(pool, "a", URGENT)
    await items(pool, "x")
    await tell(pool, story_clock)
    assert [received.said["data"]["fact"] for received in sink.received] == ["ItemRegistered"]
    assert await told.lanes() == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (status(500), "http-500"),
        (status(301, "location: http://169.254.169.254/"), "http-301"),
        (status(307, "location: /in"), "http-307"),
        (status(404, body=b"x" * 100_000), "http-404"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "protocol"),
        (NEVER, "too-slow"),
    ],
)
async def test_a_failure_holds_back_its_item_alone_and_is_tried_again(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink, answer: bytes, why: str
) -> None:
    told = await listens(desk, sink.url)
    sink.answer = lambda received: answer if received.told[0] == FIRST else ACCEPTS
    await happens(pool, "a", URGENT, USUAL)
    (other,) = await items(pool, "x")
    await tell(pool, story_clock, quick=True)
    (lane,) = await told.lanes()
    assert lane[1:] == (1, why, False)
    first = [received.told for received in sink.received if received.told[0] == FIRST]
    assert len(first) == 1
    facts = await pool.fetchval("SELECT count(*) FROM desk.facts WHERE item_id = $1", other)
    assert len([received for received in sink.received if received.told[0] != FIRST]) == facts
    before = len(sink.received)
    await tell(pool, story_clock)
    assert len(sink.received) == before, "its pause is not over"
    sink.answer = lambda _: ACCEPTS
    await told.later()
    await tell(pool, story_clock)
    again = [received for received in sink.received if received.told[0] == FIRST]
    assert [received.told for received in again[1:]] == [first[0], (FIRST, first[0][1] + 1)]
    assert again[0].headers["webhook-id"] == again[1].headers["webhook-id"]
    assert await told.lanes() == []


async def test_a_status_counts_though_the_rest_of_the_answer_never_comes(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    sink.drips = True
    sink.answer = lambda _: status(200, body=b"thanks")
    await happens(pool, "a", URGENT)
    await tell(pool, story_clock, quick=True)
    assert await told.lanes() == []
    assert len(sink.received) == 1


async def test_a_receiver_that_is_not_there_is_tried_again(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    async with a_sink() as gone:
        told = await listens(desk, gone.url)
    await happens(pool, "a", URGENT)
    await tell(pool, story_clock)
    assert [lane[1:] for lane in await told.lanes()] == [(1, "unreachable", False)]
    assert sink.received == []


async def test_a_receiver_whose_certificate_is_nobodys_is_told_nothing(
    desk: PageServer,
    pool: Pool,
    story_clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    self_signed(certificate, key, "localhost")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    async with a_sink(tls) as sink:
        told = await listens(desk, sink.url)
        named = await listens(desk, sink.url.replace("127.0.0.1", "localhost"))
        await happens(pool, "a", URGENT)
        await tell(pool, story_clock)
        assert sink.received == []
        assert [lane[1:] for lane in await told.lanes()] == [(1, "certificate", False)]
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        await told.later()
        await tell(pool, story_clock)
        assert len(sink.received) == 1, "trusted, and of that name"
        assert await named.lanes() == []
        assert [lane[1:] for lane in await told.lanes()] == [(2, "certificate", False)]


async def test_a_place_that_the_site_names_no_more_is_told_nothing(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await happens(pool, "a", URGENT)
    sender = a_sender(pool, story_clock)
    sender.rules = TellingRules(a_site())
    await sender.round()
    await sender.idle()
    assert sink.received == []
    assert [lane[1:] for lane in await told.lanes()] == [(1, "address", False)]


async def test_after_days_it_is_given_up_shown_and_goes_on_in_order_when_a_person_says_so(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    sink.answer = lambda _: status(503, "retry-after: 5")
    await happens(pool, "a", URGENT, USUAL, URGENT)
    for _ in range(MOST_ATTEMPTS + 2):
        await told.later()
        await tell(pool, story_clock)
    assert len(sink.received) == MOST_ATTEMPTS
    assert [lane[1:] for lane in await told.lanes()] == [(MOST_ATTEMPTS, "http-503", True)]
    async with transaction(pool) as connection:
        (lost,) = await webhook_lanes.given_up(connection, 10)
        assert (lost.chrono, lost.facts, lost.why) == (FIRST, 3, "http-503")
        await service(connection).pass_over(told.webhook.webhook, lost.item_id)
        with pytest.raises(Refused):
            await service(connection).retry(told.webhook.webhook)
    await told.later()
    sink.answer = lambda _: status(410)
    await tell(pool, story_clock)
    assert [lane[1:] for lane in await told.lanes()] == [(1, "http-410", True)]
    async with transaction(pool) as connection:
        assert await service(connection).retry(told.webhook.webhook) == 1
    sink.answer, before = (lambda _: ACCEPTS), len(sink.received)
    await tell(pool, story_clock)
    first = sink.received[0].told[1]
    assert [received.told[1] for received in sink.received[before:]] == [first + 1, first + 2]


async def test_two_senders_tell_everything_once_and_each_item_in_order(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await items(pool, *(f"x{n}" for n in range(20)))
    for n in range(5):
        await happens(pool, f"x{n}", URGENT, USUAL)
    await asyncio.gather(*(tell(pool, story_clock) for _ in range(2)))
    while await told.lanes():
        await tell(pool, story_clock)
    said = [received.told for received in sink.received]
    assert len(said) == len(set(said))
    for chrono in chronos(sink):
        seqs = [seq for number, seq in said if number == chrono]
        assert seqs == sorted(seqs)
    assert len(said) == await pool.fetchval(
        "SELECT count(*) FROM desk.facts f JOIN desk.items USING (item_id) WHERE chrono > $1",
        ELSEWHERE,
    )


async def test_what_a_killed_process_was_telling_is_told_again_by_the_next(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink, environment: dict[str, str]
) -> None:
    told = await listens(desk, sink.url)
    sink.answer = lambda _: NEVER
    await happens(pool, "a", URGENT)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, environment["VAGUEMESTRE_DATABASE_URL"], cwd=PROJECT
    )
    await sink.until(1)
    child.send_signal(signal.SIGKILL)
    await child.wait()
    sink.answer = lambda _: ACCEPTS
    await tell(pool, story_clock)
    assert len(sink.received) == 1, "it is claimed, for a minute"
    await told.later()
    await tell(pool, story_clock)
    first, second = sink.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert await told.lanes() == []


async def test_who_is_late_with_an_answer_moves_nothing_that_another_has_claimed(
    desk: PageServer, pool: Pool, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await happens(pool, "a", URGENT, USUAL)
    everything = ALL
    async with transaction(pool) as connection:
        first, _ = await webhook_lanes.claim(connection, told.webhook.webhook, None, everything)
        assert first is not None
        nothing = await webhook_lanes.claim(connection, told.webhook.webhook, None, everything)
        assert nothing == (None, False)
    await told.later()
    async with transaction(pool) as connection:
        second, _ = await webhook_lanes.claim(connection, told.webhook.webhook, None, everything)
        assert second is not None
        assert second.event == first.event
        await webhook_lanes.note_delivery(connection, second)
        await webhook_lanes.note_delivery(connection, first)
        await webhook_lanes.note_failure(connection, first, "http-500", None)
    assert await told.lanes() == [(first.event.seq + 1, 0, None, False)]


async def test_a_fact_that_is_stated_while_the_last_is_told_is_not_lost(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await happens(pool, "a", URGENT)
    async with transaction(pool) as connection:
        lane, _ = await webhook_lanes.claim(connection, told.webhook.webhook, None, ALL)
        assert lane is not None
    async with transaction(pool) as connection:
        await webhook_lanes.note_delivery(connection, lane)
        stating = asyncio.create_task(happens(pool, "a", USUAL))
        async with asyncio.timeout(60):
            while not await pool.fetchval(_WAITING):  # noqa: ASYNC110  (no event says it)
                await asyncio.sleep(0.02)
    await stating
    await tell(pool, story_clock)
    assert [received.told for received in sink.received] == [(FIRST, lane.event.seq + 1)]


async def test_a_revoked_key_and_an_ended_webhook_are_told_nothing_more(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    ended, revoked = await listens(desk, sink.url), await listens(desk, sink.url)
    await happens(pool, "a", URGENT)
    async with transaction(pool) as connection:
        await service(connection).end(ended.webhook.webhook, TODAY)
        line = JournalLine(TODAY, What.KEY_REVOKED, None, None, "tests")
        await KeyService(connection, "account:local", line).revoke(revoked.program.key, TODAY)
    await happens(pool, "a", USUAL)
    await tell(pool, story_clock)
    assert sink.received == []
    assert await pool.fetchval("SELECT count(*) FROM desk.webhook_lanes") == 0


async def test_after_a_rotation_both_secrets_sign(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    async with transaction(pool) as connection:
        decision = uuid4()
        secret = await service(connection).rotate(told.webhook.webhook, TODAY, decision)
        with pytest.raises(Refused):
            await service(connection).rotate(told.webhook.webhook, TODAY, decision)
    assert secret != told.secret
    await happens(pool, "a", URGENT)
    await tell(pool, story_clock)
    (received,) = sink.received
    signed = received.headers["webhook-signature"].split(" ")
    at = int(received.headers["webhook-timestamp"])
    for shown, found in zip((secret, told.secret), signed, strict=True):
        octets = b64decode(shown.removeprefix("whsec_"))
        assert found == signatures.signature(octets, received.said["id"], at, received.body)


async def test_without_the_sites_secret_nothing_is_told_unsigned(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await happens(pool, "a", URGENT)
    sender = a_sender(pool, story_clock)
    sender.keys = SiteKeys(b"another")
    await sender.round()
    await sender.idle()
    assert sink.received == []
    assert [lane[1:] for lane in await told.lanes()] == [(1, "no-secret", False)]


@pytest.mark.parametrize(
    ("url", "types", "scopes", "why"),
    [
        ("https://10.0.0.1/", None, (KeyScope.ITEMS,), "webhook-private"),
        ("http://example.org/", None, (KeyScope.ITEMS,), "webhook-https"),
        ("https://example.org/", frozenset({"Nothing"}), (KeyScope.ITEMS,), "webhook-types"),
        ("https://example.org/", None, (KeyScope.FIGURES,), "webhook-scope"),
        ("https://example.org/", None, (KeyScope.ITEMS, KeyScope.RESERVED), "webhook-confirmed"),
    ],
)
async def test_a_webhook_is_refused(
    desk: PageServer,
    pool: Pool,
    url: str,
    types: frozenset[str] | None,
    scopes: tuple[KeyScope, ...],
    why: str,
) -> None:
    program = await given(desk, *scopes)
    async with transaction(pool) as connection:
        with pytest.raises(Refused) as refused:
            await service(connection).give(
                WebhookWish(program.key, url, types), a_site_that_tells(), TODAY, uuid4()
            )
    assert refused.value.why == why


async def test_a_key_has_five_webhooks_and_a_form_makes_one(desk: PageServer, pool: Pool) -> None:
    program, site, decision = await given(desk, KeyScope.ITEMS), a_site(), uuid4()
    wish = WebhookWish(program.key, "https://example.org/", None)
    async with transaction(pool) as connection:
        await service(connection).give(wish, site, TODAY, decision)
        with pytest.raises(Refused) as again:
            await service(connection).give(wish, site, TODAY, decision)
        for _ in range(4):
            await service(connection).give(wish, site, TODAY, uuid4())
        with pytest.raises(Refused) as many:
            await service(connection).give(wish, site, TODAY, uuid4())
    assert (again.value.why, many.value.why) == ("webhook-given-already", "webhook-many")

"""Who signed in, read, took a file away or was refused is noted for good, and leaves by syslog."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from services.desk.journal import export
from services.desk.journal import store as journal
from services.desk.store import access_journal as store
from services.desk.store.access_journal import JournalLine, What
from shared.errors import TemporaryFailure
from shared.facts.arrivals import Quarantine
from shared.platform.clock import Clock, SystemClock
from shared.platform.database import Pool, transaction
from shared.platform.observability.syslog import Collector
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_arrival
from tests.integration.desk.clocked import ARRIVALS, items
from tests.papers import TITRE_DE_SEJOUR, a_letter, as_pdf
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

FIRST = "36-2026-A-000001"
NOW = datetime(2026, 6, 9, 8, 0, tzinfo=UTC)


@pytest.fixture
async def people(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> AsyncIterator[Mapping[str, Browser]]:
    site = pages(pool, story_clock, tmp_path)
    found = {who: await Browser(site).sign_in(who) for who in ("q.officer", "a.gent")}
    yield found
    for browser in found.values():
        await browser.client.aclose()


async def noted(pool: Pool) -> Sequence[tuple[str, str | None, str, str]]:
    rows = await pool.fetch("SELECT what, person, page, about FROM desk.journal ORDER BY id")
    return [tuple(row) for row in rows]


async def test_readings_files_refusals_and_signing_in_are_noted_without_content(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    await items(pool, "a")
    agent, officer = people["a.gent"], people["q.officer"]
    for _ in range(2):
        await agent.page(f"/courrier/{FIRST}")
    assert (await agent.get("/preuve")).status_code == 403
    assert (await agent.get("/courrier/36-2026-A-009999")).status_code == 404
    assert (await officer.get(f"/courrier/{FIRST}/preuve.zip")).status_code == 200
    await agent.page("/recherche?q=Dupont")
    found = await noted(pool)
    assert ("reading", "a.gent", "/courrier/{chrono}", FIRST) in found
    assert [entry for entry in found if entry[1] == "a.gent" and entry[0] != "sign-in"] == [
        ("reading", "a.gent", "/courrier/{chrono}", FIRST),
        ("refusal", "a.gent", "/preuve", ""),
        ("refusal", "a.gent", "/courrier/{chrono}", "36-2026-A-009999"),
    ]
    assert ("download", "q.officer", "/courrier/{chrono}/preuve.zip", FIRST) in found
    everything = str([tuple(row) for row in await pool.fetch("SELECT * FROM desk.journal")])
    assert "Dupont" not in everything
    assert await pool.fetchval("SELECT count(*) FROM desk.journal WHERE address IS NULL") == 0

    page = await officer.page("/journal?qui=a.gent")
    assert "accès refusé" in page
    assert "lecture" in page
    assert (await agent.get("/journal")).status_code == 403
    table = await officer.get(f"/journal.csv?numero={FIRST}")
    assert f";{FIRST};/courrier/{{chrono}}/preuve.zip" in table.text
    assert (await noted(pool))[-1] == ("download", "q.officer", "/journal.csv", "")

    assert (await agent.get("/recherche/export/csv?q=Dupont")).status_code == 200
    taken = [entry for entry in await noted(pool) if "export" in entry[2]]
    assert taken == [("download", "a.gent", "/recherche/export/{kind}", "csv")]


async def test_letters_in_hand_and_files_handed_in_are_noted_as_well(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    """What is to be qualified, what waits apart, and what goes into the spool by a page."""
    arrival = an_arrival("q", verdict=Quarantine(reason="unreadable"), pli=None)
    async with transaction(pool) as connection:
        await ARRIVALS(connection, [arrival, an_arrival("a")], arrival.recorded_at)
    clerk = await Browser(pages(pool, story_clock, tmp_path)).sign_in("c.lerk")
    await clerk.page(f"/bureau/a-qualifier/{FIRST}")
    await clerk.page(f"/bureau/attente/message/{arrival.arrival_id}")
    form = {"channel": "letter", "day": "2026-05-11"}
    scan = {"fichiers": ("pile.pdf", as_pdf([a_letter(TITRE_DE_SEJOUR)]), "application/pdf")}
    answer = await clerk.send("/bureau/guichet", "/bureau/guichet/deposer", form, scan)
    assert answer.status_code == 303, answer.text
    await clerk.client.aclose()
    found = [entry for entry in await noted(pool) if entry[1] == "c.lerk" and entry[0] != "sign-in"]
    handed = found.pop()
    assert found == [
        ("reading", "c.lerk", "/bureau/a-qualifier/{chrono}", FIRST),
        ("reading", "c.lerk", "/bureau/attente/message/{arrival:uuid}", str(arrival.arrival_id)),
    ]
    assert handed[:3] == ("upload", "c.lerk", "/bureau/guichet/deposer")
    (deposit,) = (tmp_path / "spool").iterdir()
    assert handed[3] in deposit.name


async def test_the_data_protection_officer_reads_the_journal_and_nothing_else_by_that(
    people: Mapping[str, Browser], postgres_url: str
) -> None:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE site.versions DISABLE TRIGGER USER")
        await owner.execute(
            "UPDATE site.versions SET bundle ="
            " jsonb_set(bundle, '{identity,data_protection_officer}', '\"a.gent\"')"
        )
        await owner.execute("ALTER TABLE site.versions ENABLE TRIGGER USER")
    agent = people["a.gent"]
    assert (await agent.get("/journal")).status_code == 200
    assert (await agent.get("/preuve")).status_code == 403


async def test_nobody_changes_a_line_and_what_is_too_old_goes_with_a_word(
    pool: Pool, postgres_url: str
) -> None:
    old, young = datetime(2024, 1, 2, tzinfo=UTC), SystemClock().now() - timedelta(days=100)
    async with transaction(pool) as connection:
        for at in (old, young):
            await store.note(connection, JournalLine(at, What.SIGN_IN, "a.gent", "192.0.2.7", "/x"))
    for role in ("desk", "web"):
        alone = await asyncpg.connect(under_role(postgres_url, role))
        try:
            for asked in (
                "UPDATE desk.journal SET person = 'b.head'",
                "DELETE FROM desk.journal",
                "TRUNCATE desk.journal",
                "SET desk.purging = 'yes'; DELETE FROM desk.journal",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await alone.execute(asked)
        finally:
            await alone.close()
    async with one_transaction(postgres_url) as owner:
        with pytest.raises(asyncpg.RaiseError, match="never changed nor removed"):
            async with owner.transaction():
                await owner.execute("DELETE FROM desk.journal")
    async with transaction(pool) as connection:
        assert await journal.purge(connection, export.too_old(NOW, 12), NOW) == 1
        assert await journal.purge(connection, SystemClock().now(), NOW) == 0, "six months at least"
    assert await noted(pool) == [
        ("sign-in", "a.gent", "/x", ""),
        ("purge", None, "desk keep", "1 lines before 2025-06-02"),
    ]


async def test_a_word_of_a_later_version_is_read_as_it_stands(
    people: Mapping[str, Browser], pool: Pool, postgres_url: str
) -> None:
    """As after a rollback: the later version widened the constraint and wrote its lines."""
    owner = await asyncpg.connect(postgres_url)
    heard = bytearray()
    whole = asyncio.Event()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.readuntil(b"36-2026-A-000001"))
        whole.set()
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    try:
        # The constraint is that of the whole server's tests: it comes back.
        async with asyncio.timeout(300), owner.transaction():
            held = await owner.fetchval(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conname = 'journal_what_check'"
            )
            await owner.execute("ALTER TABLE desk.journal DROP CONSTRAINT journal_what_check")
            await owner.execute(
                "INSERT INTO desk.journal (at, what, page, about)"
                " VALUES (now(), 'key-lent', '/x', $1)",
                FIRST,
            )
            valid = held.removesuffix(" NOT VALID")
            await owner.execute(
                f"ALTER TABLE desk.journal ADD CONSTRAINT journal_what_check {valid} NOT VALID"
            )
        async with transaction(pool) as connection:
            now = SystemClock().now()
            day = timedelta(days=1)
            (line,) = await journal.lines(connection, now - day, now + day, 10, about=FIRST)
        assert line.what == "key-lent"
        today = now.date()
        span = f"du={today - day}&au={today + day}&numero={FIRST}"
        assert "key-lent" in await people["q.officer"].page(f"/journal?{span}")
        assert "key-lent" in (await people["q.officer"].get(f"/journal.csv?{span}")).text
        port = server.sockets[0].getsockname()[1]
        assert await sent(pool, Collector("tcp", "127.0.0.1", port)) >= 1
        async with asyncio.timeout(300):
            await whole.wait()
        assert b" key-lent " in heard
    finally:
        server.close()
        await owner.close()


async def sent(pool: Pool, to: Collector) -> int:
    """A round that is not empty: what else runs on this server may hold it back a moment."""
    async with asyncio.timeout(60):
        while (lines := await export.export(pool, to)) == 0:  # noqa: ASYNC110  (no event says it)
            await asyncio.sleep(0.05)
    return lines


async def test_the_journal_leaves_by_syslog_in_order_and_waits_for_a_collector_that_is_away(
    pool: Pool, postgres_url: str
) -> None:
    heard = list[bytes]()
    whole = asyncio.Event()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        whole.set()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    to = Collector("tcp", "127.0.0.1", port)
    slow = await asyncpg.connect(under_role(postgres_url, "web"))
    try:
        late = slow.transaction()
        await late.start()
        await store.note(slow, JournalLine(NOW, What.READING, "a.gent", None, "/a", FIRST))
        async with transaction(pool) as connection:
            await store.note(
                connection, JournalLine(NOW, What.REFUSAL, "a.gent", "192.0.2.7", "/b")
            )
        assert await export.export(pool, to) == 0, "the one before has not ended"
        await late.commit()
        assert await sent(pool, to) == 2
        async with asyncio.timeout(300):
            await whole.wait()
        first, second = (b"<" + line for line in heard[0].split(b"<")[1:])
        assert b'person="a.gent" address="-" page="/a" about="36-2026-A-000001"' in first
        assert second.startswith(b"<108>1 2026-06-09T08:00:00.000+00:00 ")
        assert await export.export(pool, to) == 0
        async with transaction(pool) as connection:
            await store.note(connection, JournalLine(NOW, What.SIGN_OUT, "a.gent", None, "/c"))
        server.close()
        await server.wait_closed()
        with pytest.raises(TemporaryFailure):
            await sent(pool, to)
        server = await asyncio.start_server(hear, "127.0.0.1", port)
        assert await sent(pool, to) == 1
    finally:
        server.close()
        await server.wait_closed()
        await slow.close()

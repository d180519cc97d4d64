"""`vaguemestre run`, the real process: it takes a mail from its mailbox to its receipt."""

import asyncio
import json
import os
import signal
import smtplib
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

from imapclient import IMAPClient
from pydantic import SecretStr

from deploy.demo.compose import WebsiteRelay, compose
from deploy.embedded.mail import MailServer
from deploy.embedded.ports import free_port
from shared.calendar.working_days import working_calendar
from shared.platform.clock import SystemClock
from shared.platform.database import open_pool, transaction
from shared.platform.kafka import topics
from shared.platform.kafka.topics import SMALL
from shared.site import store
from shared.site.load import load_proposal
from shared.site.staff import people_store
from shared.site.tables.mailboxes import Mailbox
from tests.desk_builders import GO_LIVE
from tests.plumbing_process import Running
from tests.roles import under_role

INDRE = Path(__file__).parents[3] / "deploy/site/indre"
PATIENCE = 400.0
RELAY = WebsiteRelay("mx.indre.example", "mx.indre.example", ("X-Spam-Flag", "YES"))
ROLES = {"": "relay", "_INGEST": "ingest", "_DESK": "desk", "_SLA": "sla", "_NOTIFY": "notify"}
CONNECTIONS = """
    SELECT application_name FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'vaguemestre %'
"""
POOLED = tuple(f"vaguemestre {name}" for name in ("ingest", "desk keep", "sla", "notify"))
NIGHTLY = "vaguemestre verification"
"""A session for as long as the figures of the register are verified: also when it starts."""
SESSIONS = [
    "vaguemestre attachments",
    "vaguemestre notify sender",
    "vaguemestre notify sender",
    "vaguemestre relay",
    "vaguemestre site",
    "vaguemestre site",
    "vaguemestre ticker",
]
"""What holds a lock or listens: no pooler may stand before these, and nothing adds one unseen."""


async def until(reached: Callable[[], Awaitable[object]], said: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await reached():
        assert time.monotonic() < deadline, said
        await asyncio.sleep(0.1)


async def apply(url: str, address: str, mail: MailServer) -> None:
    """The example préfecture, live, with one mailbox on the tests' server."""
    proposal = load_proposal(INDRE)
    calendar, box = proposal.site.calendar, Mailbox(
        id="pref-bmi", address=address, service="bmi", host="127.0.0.1", port=mail.imap_port,
        tls=False,
    )  # fmt: skip
    sources = proposal.site.sources.model_copy(update={"mailboxes": (box,), "scan_folders": ()})
    site = proposal.site.model_copy(update={"sources": sources})
    days = working_calendar(calendar.territory, calendar.closures, 2025, 2032)
    pool = await open_pool(SecretStr(url), "tests", size=2)
    async with transaction(pool) as connection:
        await store.keep(connection, site, days, "tests", "tests", GO_LIVE)
        await store.go_live(connection, GO_LIVE, "tests", "tests", GO_LIVE)
        await people_store.import_people(connection, proposal.people, "tests", GO_LIVE)
    await pool.close()


def inbox(mail: MailServer, address: str) -> list[bytes]:
    """The mails in somebody's mailbox."""
    with IMAPClient("127.0.0.1", port=mail.imap_port, ssl=False) as client:
        try:
            client.login(address, address)
        except IMAPClient.Error:  # nobody wrote to it yet
            return []
        client.select_folder("INBOX", readonly=True)
        found = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
    return [parts[b"BODY[]"] for parts in found.values()]


async def test_a_mail_is_followed_from_its_mailbox_to_its_receipt(
    postgres_url: str, kafka_address: str, mail_server: MailServer, tmp_path: Path
) -> None:
    prefix, port = f"t{uuid4().hex[:8]}.", free_port()
    address, sender = (
        f"pref-{uuid4().hex[:8]}@indre.example",
        f"a.{uuid4().hex[:8]}@courriel.example",
    )
    await apply(postgres_url, address, mail_server)
    await topics.provision(kafka_address, prefix, replication=1, partitions=SMALL)
    urls = {
        f"VAGUEMESTRE_DATABASE_URL{name}": under_role(postgres_url, role)
        for name, role in ROLES.items()
    }
    environment = os.environ | urls | {
        "VAGUEMESTRE_KAFKA": kafka_address,
        "VAGUEMESTRE_PREFIX": prefix,
        "VAGUEMESTRE_START_WAIT": "PT5M",
        "VAGUEMESTRE_HTTP_PORT": str(port),
        "VAGUEMESTRE_BLOBS": str(tmp_path / "blobs"),
        "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        "VAGUEMESTRE_SECRET": "a secret of tests, long enough for codes",
        "VAGUEMESTRE_PASSWORD_PREF_BMI": address,
        "VAGUEMESTRE_SMTP_HOST": "127.0.0.1",
        "VAGUEMESTRE_SMTP_PORT": str(mail_server.smtp_port),
        "VAGUEMESTRE_SMTP_TLS": "false",
    }  # fmt: skip
    # It waits in its mailbox, which this makes.
    letter = compose(
        {"id": "one", "from": f"Awa Diarra <{sender}>", "subject": "Titre de séjour",
         "text": "Bonjour, où en est mon titre de séjour ?\n\nAwa Diarra"},
        address, SystemClock().now(), RELAY, None,
    )  # fmt: skip
    with smtplib.SMTP("127.0.0.1", mail_server.smtp_port) as client:
        client.sendmail(sender, [address], letter)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services", "run", env=environment, stderr=asyncio.subprocess.PIPE
    )
    running = Running(process, port)
    pool = await open_pool(SecretStr(postgres_url), "tests", size=2)
    try:
        await until(lambda: _is(running, "/ready"), "it is not ready")

        async def answered() -> list[bytes]:
            return await asyncio.to_thread(inbox, mail_server, sender)

        await until(answered, "no receipt came")
        (receipt,) = await answered()
        chrono = await pool.fetchval("SELECT chrono FROM desk.items")
        assert f"[{chrono}-".encode() in receipt
        assert await pool.fetchval("SELECT count(*) FROM sla.items") == 1
        await until(lambda: _is(running, "/health"), "it is unwell")
        _, checks = await running.health()
        parts = {check.partition(": ")[0] for check in checks}
        assert parts == {"rows", "ingest", "keep", "sla", "notify"}, "rows: of the process"
        _, metrics = await running.get("/sla/metrics")
        assert b'vaguemestre_facts_total{site="indre",topic="items"}' in metrics
        names = [row[0] for row in await pool.fetch(CONNECTIONS) if row[0] != "vaguemestre tests"]
        pooled = [name for name in names if name.removesuffix(" metrics") in POOLED]
        assert sorted(name for name in names if name not in {*pooled, NIGHTLY}) == SESSIONS
        assert all(pooled.count(f"{name} metrics") <= 1 for name in POOLED)
        assert all(pooled.count(name) <= 4 for name in POOLED)
    finally:
        await pool.close()
        process.send_signal(signal.SIGTERM)
        _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 0, said
    lines = [json.loads(line) for line in said.splitlines()]
    told = {line["service"] for line in lines if line["event"] == "process_runs"}
    assert told == {"run", "ingest", "desk keep", "sla", "notify"}


async def _is(running: Running, path: str) -> bool:
    if running.process.returncode is not None:
        raise AssertionError(await running.ended())
    try:
        return (await running.get(path))[0] == 200
    except OSError:
        return False

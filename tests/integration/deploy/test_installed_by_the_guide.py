"""The guide's blocks install a release that takes a mail, in a minute and without root.

`make install-test` follows them on a bare Debian with its systemd, accounts, proxies and Kafka's
rights. Here the same blocks are typed into a folder (tests/install/in_a_folder.py), the wheel and
its libraries are installed by their hashes, its files are encrypted as the guide says, and every
process starts as its unit says.
"""

import asyncio
import imaplib
import re
import shutil
import signal
import smtplib
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.mail import EmbeddedMailbox, MailServer
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import PostgresServer
from shared.content.encryption import MAGIC
from shared.site.load import load_folder
from tests.architecture.test_anatomy import PROJECT
from tests.clones import database
from tests.install.containers import answers
from tests.install.guide import blocks, drill_blocks, encryption_block
from tests.install.in_a_folder import SITE, VERSION, InAFolder, as_a_release, compiled
from tests.memory import in_memory

pytestmark = pytest.mark.timeout(1800)
"""A minute of a machine that does nothing else; an installation and nine programs that start."""

PROCESSES = ("ingest", "keep", "serve", "sla", "notify", "portal")
PATIENCE = 600.0
MAILBOX, PERSON = "pref-bmi@indre.example", "lea.essai@citoyen.example"
KEPT = re.compile(r"^(?:VERSION=.*|BASE=.*|password\(\).*)$", re.MULTILINE)
"""What the guide's first blocks set and later ones use, as in one shell."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server of its own: the guide makes the préfecture's roles, which a server has once."""
    with tempfile.TemporaryDirectory(prefix="vaguemestre-guide-", dir=in_memory()) as data:
        server = PostgresServer(Path(data), durable=False)
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    """A mail server with the mailboxes of the example site."""
    boxes = load_folder(PROJECT / "deploy/site/indre").sources.mailboxes
    made = [EmbeddedMailbox(box.address, f"of-{box.id}", ("Sent",)) for box in boxes]
    server = MailServer(tmp_path_factory.mktemp("mail"), made)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def machine(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: PostgresServer,
    mail: MailServer,
    kafka_address: str,
) -> Iterator[InAFolder]:
    """Installed: the guide's blocks were typed, and what it calls « Complétez » was written."""
    work = tmp_path_factory.mktemp("by-the-guide")
    ports = {str(port): str(free_port()) for port in (*range(9101, 9107), 8000, 8001)}
    words = {"127.0.0.1:5432": f"127.0.0.1:{postgres.port}", "127.0.0.1:9092": kafka_address}
    one = InAFolder(work / "machine", work / "release", postgres, ports | words)
    one.prepared()
    as_a_release(one.release, one.folder)
    etc = one.folder / "etc/vaguemestre" / SITE
    kept = ""
    for text in blocks():
        said = text.replace("VERSION=0.1.0", f"VERSION={VERSION}")
        one.type(kept + said)
        if "-m venv" in said:
            compiled(one.folder / "opt/vaguemestre" / VERSION)
        kept += "".join(f"{line}\n" for line in KEPT.findall(said))
        if "VAGUEMESTRE_KAFKA=" in said:
            _completed(etc, mail)
    assert "0 files encrypted" in one.type(encryption_block())
    yield one
    shutil.rmtree(work)


def _completed(etc: Path, mail: MailServer) -> None:
    """The préfecture's own servers, as the guide asks: this machine's, without TLS."""

    def add(name: str, **values: object) -> None:
        with (etc / name).open("a") as file:
            file.writelines(f"VAGUEMESTRE_{key}={value}\n" for key, value in values.items())

    add("env", PREFIX="by-the-guide.")
    add("ingest.env", IMAP_HOST=mail.host, IMAP_PORT=mail.imap_port, IMAP_TLS="false")
    add("notify.env", SMTP_HOST=mail.host, SMTP_PORT=mail.smtp_port, SMTP_TLS="false")
    for box in mail.mailboxes:
        name = box.address.partition("@")[0].upper().replace("-", "_")
        (etc / "secrets/ingest" / f"PASSWORD_{name}").write_text(f"{box.password}\n")
    site = etc / "site/site.yaml"
    site.write_text(site.read_text("utf-8").replace("demo: true", "demo: false"), "utf-8")


def _ready(machine: InAFolder) -> bool:
    return all(
        answers(f"http://127.0.0.1:{machine.words[str(port)]}/ready") == 200
        for port in range(9101, 9107)
    )


async def _items(postgres: PostgresServer) -> list[str]:
    register = await asyncpg.connect(database(postgres.url, "vaguemestre_indre"))
    try:
        return [row["channel"] for row in await register.fetch("SELECT channel FROM desk.items")]
    finally:
        await register.close()


def _receipts(mail: MailServer, person: str) -> int:
    """How many mails somebody outside has; the server makes their mailbox with the first."""
    with imaplib.IMAP4(mail.host, mail.imap_port, timeout=60) as session:
        try:
            session.login(person, person)
        except imaplib.IMAP4.error:
            return 0
        return int((session.select("INBOX", readonly=True)[1][0] or b"0").decode())


async def test_a_release_installed_by_the_guide_takes_a_mail_and_ends_as_asked(
    machine: InAFolder, postgres: PostgresServer, mail: MailServer
) -> None:
    deadline = time.monotonic() + PATIENCE
    with machine.started() as running:
        assert sorted(running) == sorted(PROCESSES)

        async def until(what: str, holds: Callable[[], Awaitable[bool]]) -> None:
            while not await holds():
                ended = [name for name, process in running.items() if process.poll() is not None]
                logs = "\n".join(
                    f"{name}: {machine.log(name)[-1500:]}" for name in ended or running
                )
                assert not ended, f"{ended} ended before {what}\n{logs}"
                assert time.monotonic() < deadline, f"not in time: {what}\n{logs}"
                await asyncio.sleep(0.1)

        async def ready() -> bool:
            return await asyncio.to_thread(_ready, machine)

        async def answered() -> bool:
            receipts = await asyncio.to_thread(_receipts, mail, PERSON)
            return (await _items(postgres), receipts) == (["email"], 1)

        await until("every process is ready", ready)
        fleet = machine.folder / "etc/vaguemestre/fleet.yaml"
        fleet.write_text(f"topics: --replication 1\nsites: [{{site: '{SITE}'}}]\n")
        status = "fleet status --fleet /etc/vaguemestre/fleet.yaml"
        seen = machine.type(f'"$VAGUEMESTRE_PROGRAM" {status}')
        row = next(line.split() for line in seen.splitlines() if line.startswith(SITE))
        assert row[-6:-3] == [VERSION, "well", str(len(PROCESSES))]
        live = f"vaguemestre-as {SITE} owner site go-live --by essai --why essai --yes"
        assert "Live since " in machine.type(live)
        await asyncio.to_thread(_send, mail)
        await until("an item and its receipt", answered)
        kept = machine.folder / f"var/lib/vaguemestre/{SITE}/blobs"
        octets = [path.read_bytes() for path in kept.rglob("*") if path.is_file()]
        assert octets
        assert all(content.startswith(MAGIC) for content in octets)
        counted = machine.type(f"vaguemestre-as {SITE} owner blobs keys")
        assert re.search(r"^2026-[0-9a-f]{8}: \d+ files\nin clear: 0 files$", counted, re.MULTILINE)
        _, *place = drill_blocks()[0].splitlines()  # its database is made by the long trial
        machine.type("\n".join(place))
        secrets = machine.folder / "etc/vaguemestre" / SITE / "secrets"
        ring = (secrets / "drill/KEYRING").read_text()
        assert ring == (secrets / "owner/KEYRING").read_text()
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        codes = {name: process.wait(PATIENCE) for name, process in running.items()}
        assert codes == dict.fromkeys(running, 0)


def _send(mail: MailServer) -> None:
    message = EmailMessage()
    message["From"], message["To"] = PERSON, MAILBOX
    message["Subject"], message["Message-ID"] = "Mon dossier", "<guide@citoyen.example>"
    message.set_content("Bonjour, je voudrais savoir où en est mon dossier.")
    with smtplib.SMTP(mail.host, mail.smtp_port) as relay:
        relay.send_message(message)

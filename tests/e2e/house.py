"""A running préfecture as its users meet it: mails in, commands, mails out; SQL only to look."""

import asyncio
import imaplib
import json
import os
import shutil
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aiokafka import AIOKafkaConsumer
from click.testing import CliRunner
from pydantic import SecretStr

from deploy.demo.compose import AnswerDraft, WebsiteRelay, compose
from deploy.demo.deliver import append, fetch_all, mailbox
from deploy.demo.quiet import Quiet, open_quiet
from deploy.demo.run import Running, start
from deploy.demo.session import approve
from deploy.embedded.server import Server
from services.__main__ import main
from shared.paper.code_keys import CodeKeys
from tests.memory import in_memory

INDRE = Path(__file__).parents[2] / "deploy" / "site" / "indre"
ZONE = ZoneInfo("Europe/Paris")
RELAY = WebsiteRelay("mx.indre.example", "mx.indre.example", ("X-Spam-Flag", "YES"))
SERVICES = ("ingest", "desk-keep", "desk", "sla", "notify", "portal")
TOPICS = ("arrivals", "items", "clocks", "notices")
SOON = 300.0
"""Seconds until a wait is given up: no measure of anything, on a machine that does much else."""
STEP = 0.05
FEASTS = {date(2026, 5, 14), date(2026, 5, 25)}
"""Ascension and the Monday after Pentecost, of the month in which the tests' stories pass."""
FRIDAY = 4
DAY = range(9, 16)
QUARTER = timedelta(minutes=15)
"""How often a source that shows nothing new tells that it was read."""

SUIVI = "titre-de-sejour-suivi"
"""A standard letter of the bmi."""
TITRE = "Renouvellement de mon titre de séjour"
QUESTION = """Bonjour,

Mon titre de séjour expire en septembre. Quelles pièces dois-je préparer ?

Merci,
{name}
"""


def local(text: str) -> datetime:
    """A moment as the préfecture's clocks show it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@dataclass(frozen=True)
class Said:
    """What a command printed."""

    code: int
    output: str

    @property
    def json(self) -> Any:
        return json.loads(self.output)


class House:
    """One stack, whose story only goes forward."""

    def __init__(self, running: Running, quiet: Quiet, now: datetime) -> None:
        self.running = running
        self.quiet = quiet
        self.now = now
        self.strangers: list[str] = []
        """Words of senders that must stand in no log, on no topic, in no metric."""
        self._replaced: dict[str, Server] = {}
        self._ended = False
        self._numbers = count(1)

    @property
    def keys(self) -> CodeKeys:
        """What signs the sheets and labels of this préfecture."""
        return CodeKeys.of("indre", SecretStr(str(self.run["secret"])))

    @property
    def run(self) -> Mapping[str, Any]:
        return self.running.run

    @property
    def desk(self) -> str:
        """Where the desk's pages are."""
        return f"http://127.0.0.1:{self.run['http_ports']['desk']}"

    @property
    def portal(self) -> str:
        """Where the public's pages are."""
        return f"http://127.0.0.1:{self.run['http_ports']['portal']}"

    def port(self, server: str) -> int:
        """Where a server of the stack answers."""
        address = {"kafka": self.run["kafka"], "postgres": self.run["database_urls"]["owner"]}
        found = urlsplit(f"//{address[server]}" if server == "kafka" else address[server]).port
        assert found is not None
        return found

    def replace(self, server: str, other: Server) -> None:
        """Starts a server on the data and the port of one that is gone."""
        self._replaced[server] = other
        other.start()

    async def end(self) -> None:
        """Ends it as Ctrl-C does; once."""
        if self._ended:
            return
        self._ended = True
        await self.quiet.close()
        await self.running.stop()
        for server in self._replaced.values():
            server.stop()

    # What comes in.

    def mail(self, name: str = "Awa Diarra", **words: Any) -> dict[str, Any]:
        """A mail as compose takes it; its sender has an address of their own."""
        number = next(self._numbers)
        user = name.lower().replace(" ", ".")
        address = f"{user}.{number}@courriel.example"
        mail = {
            "id": f"essai-{number}",
            "from": f"{name} <{address}>",
            "subject": f"{TITRE} ({number})",
            "text": QUESTION.format(name=name),
            "address": address,
        } | words
        self.strangers += [name, str(mail["address"]), str(mail["subject"])]
        return mail

    async def write(
        self,
        *mails: Mapping[str, Any],
        to: Sequence[str] = ("pref-bmi",),
        at: datetime | None = None,
        answered: AnswerDraft | None = None,
    ) -> None:
        """Mails that the préfecture's server takes at the story's moment, in each mailbox."""
        taken = at or self.now
        await asyncio.to_thread(self._append, mails, to, taken, answered)

    def _append(
        self,
        mails: Sequence[Mapping[str, Any]],
        to: Sequence[str],
        taken: datetime,
        answered: AnswerDraft | None,
    ) -> None:
        for box in to:
            address = f"{box}@indre.example"
            with mailbox(self.run, address, self.run["mailbox_passwords"][box]) as session:
                for mail in mails:
                    append(session, compose(mail, address, taken, RELAY, answered), taken)

    # What people do.

    async def says(self, *words: str, typed: str | None = None) -> Said:
        """`vaguemestre WORDS`, whatever its exit code."""
        os.environ["VAGUEMESTRE_DATA"] = str(self.running.data)
        result = await asyncio.to_thread(CliRunner().invoke, main, list(words), input=typed)
        return Said(result.exit_code, result.output)

    async def does(self, *words: str, typed: str | None = None) -> Said:
        """`vaguemestre WORDS`, which must work."""
        said = await self.says(*words, typed=typed)
        assert said.code == 0, said.output
        return said

    async def live(self) -> str:
        """Go-live at the story's moment."""
        said = await self.does("site", "go-live", "--by", "H. Marchand", "--why", "essai", "--yes")
        return said.output

    async def approve_letters(self) -> None:
        """The site's standard letters are imported, and the bmi's `SUIVI` approved; once."""
        author = ("--as", "h.marchand")
        await self.does("desk", "letters", "import", str(INDRE / "letters"), *author, "--submit")
        await approve(self.running, "c.aubry", [SUIVI])

    # The story.

    async def until(self, moment: datetime) -> None:
        """The story's moment is `moment`, and all that it brings has happened."""
        self.now = moment
        await self.running.move(moment)
        await self.quiet.wait(moment)

    async def daytime(self) -> None:
        """The story goes on to an hour at which offices are open, if it is not there."""
        while self.now.date() in FEASTS or self.now.weekday() > FRIDAY or self.now.hour not in DAY:
            await self.until(self.now + timedelta(hours=1))

    async def settle(self) -> None:
        """A quarter of an hour later everything that came in has found its place."""
        await self.until(self.now + QUARTER)

    async def when(self, true: Callable[[], Any], what: str, within: float = SOON) -> None:
        """Waits for what can be asked at once."""
        deadline = time.monotonic() + within
        while not true():
            assert time.monotonic() < deadline, self._not_in(within, what)
            await asyncio.sleep(STEP)

    async def when_asked(self, query: str, *values: Any, within: float = SOON) -> Any:
        """The first answer of a query that is neither empty nor false."""
        deadline = time.monotonic() + within
        while not (found := await self.ask(query, *values)):
            assert time.monotonic() < deadline, self._not_in(within, f"{query} {values}")
            await asyncio.sleep(STEP)
        return found

    def _not_in(self, within: float, what: str) -> str:
        """The sentence of a test that waited in vain, and what each process said last."""
        return self._with_logs(f"not in {within:.0f} s: {what}")

    def _with_logs(self, sentence: str) -> str:
        said = [f"{name}: {line}" for name in SERVICES for line in self.log(name).splitlines()[-4:]]
        return "\n".join([sentence, *said])

    # What is seen.

    async def ask(self, query: str, *values: Any) -> Any:
        """One value of the database."""
        return await self.running.db.fetchval(query, *values)

    async def rows(self, query: str, *values: Any) -> list[Any]:
        """Rows of the database."""
        found: list[Any] = await self.running.db.fetch(query, *values)
        return found

    async def chrono_of(self, mail: Mapping[str, Any]) -> str:
        """The chrono of the item that a mail opened: it is told to its sender only."""
        received = await self.inbox(mail["address"])
        assert len(received) == 1, await self._told_to(mail["address"], len(received))
        (receipt,) = received
        subject = str(receipt["Subject"])
        return subject[subject.index("36-") : subject.index("36-") + len("36-2026-A-000001")]

    async def _told_to(self, address: str, received: int) -> str:
        """The sentence of a test whose sender has not one mail, with what was decided last."""
        notices = await self.rows(
            "SELECT kind, state, why, due_at, changed_at, answer FROM notify.ledger"
            " ORDER BY changed_at DESC LIMIT 4"
        )
        said = "\n".join([f"{received} mails reached {address}", *map(str, notices)])
        return self._with_logs(said)

    async def stored(self, box: str) -> list[bytes]:
        """The mails of one of our mailboxes, as its server has them."""
        return await asyncio.to_thread(self._stored, box)

    def _stored(self, box: str) -> list[bytes]:
        password = self.run["mailbox_passwords"][box]
        with mailbox(self.run, f"{box}@indre.example", password) as session:
            return fetch_all(session)

    async def inbox(self, address: str) -> list[EmailMessage]:
        """What somebody outside, or one of ours, received."""
        octets = await asyncio.to_thread(self._inbox, address)
        return [_parsed(mail) for mail in octets]

    def _inbox(self, address: str) -> list[bytes]:
        try:
            with mailbox(self.run, address, address) as session:
                return fetch_all(session)
        except imaplib.IMAP4.abort:  # the server has gone: nothing is known of its mailbox
            raise
        except imaplib.IMAP4.error:  # nobody ever wrote to it
            return []

    def health(self, process: str) -> tuple[int, Mapping[str, Any]]:
        """Status and body; 0 while it does not answer."""
        try:
            status, body = self.door(process, "/health")
        except OSError:
            return 0, {}
        answer: Mapping[str, Any] = json.loads(body)
        return status, answer

    def unwell(self, process: str) -> Mapping[str, str]:
        """What is not well, and why."""
        _, body = self.health(process)
        checks = body.get("checks", {}).items()
        return {name: check["why"] for name, check in checks if not check["ok"]}

    def door(self, process: str, path: str) -> tuple[int, str]:
        """What a process answers to anybody who asks by HTTP."""
        url = f"http://127.0.0.1:{self.run['health_ports'][process]}{path}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def log(self, process: str) -> str:
        """All that a process has logged."""
        return (self.running.data / "logs" / f"{process}.log").read_text()

    async def told(self, topic: str) -> list[Mapping[str, Any]]:
        """Every record of a topic as JSON; what is none is left out."""
        return [found for octets in await self.records(topic) if (found := _json(octets))]

    async def records(self, topic: str) -> list[bytes]:
        """What every record of a topic says, as octets."""
        consumer = AIOKafkaConsumer(
            f"vaguemestre.{topic}",
            bootstrap_servers=str(self.run["kafka"]),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await consumer.start()
        try:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            found: list[bytes] = []
            while any([await consumer.position(one) < end for one, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += [record.value for record in records]
            return found
        finally:
            await consumer.stop()


def text_of(mail: EmailMessage) -> str:
    """What its reader reads: no soft line break (RFC 3676), no blank that only ties words."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").replace(" \n", " ").replace("\xa0", " ")


def _json(octets: bytes) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = json.loads(octets)
    except ValueError:
        return None
    return found


def _parsed(octets: bytes) -> EmailMessage:
    message = message_from_bytes(octets, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@asynccontextmanager
async def house(story: str, **how: Any) -> AsyncIterator[House]:
    """`vaguemestre up` in a folder of its own, ended as by Ctrl-C."""
    with tempfile.TemporaryDirectory(
        prefix="vaguemestre-e2e-", dir=in_memory(), ignore_cleanup_errors=True
    ) as data:
        moment = local(story)
        running = await start(Path(data), INDRE, moment, **how)
        try:
            one = House(running, await open_quiet(running), moment)
        except BaseException:
            await running.stop()
            raise
        try:
            yield one
        finally:
            await one.end()


@asynccontextmanager
async def dressed(house: House, folder: Path) -> AsyncIterator[None]:
    """The same préfecture, which chose the theme of the State's sites; then as it was."""
    changed = folder / "site"
    shutil.copytree(INDRE, changed)
    with (changed / "site.yaml").open("a") as text:
        text.write("\ntheme: dsfr\nbrand: [Préfet, de l’Indre]\n")
    author = ("--by", "H. Marchand", "--why", "thème")
    await house.does("site", "apply", str(changed), *author)
    try:
        yield
    finally:
        await house.does("site", "apply", str(INDRE), *author)

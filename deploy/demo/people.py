"""What people do in the story, with the same commands as anybody: `vaguemestre desk …`.

The commands run in this process and share a connection, since Python starts more slowly than a
clerk types.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import partial
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from deploy.demo.compose import message_id
from deploy.demo.deliver import append, mailbox
from deploy.demo.inputs import Story
from deploy.demo.run import DemoError, Running
from deploy.demo.session import approve
from services.__main__ import main
from shared.facts.ids import arrival_id
from shared.platform.command_loop import kept_open
from shared.platform.shell import VARIABLE

WRITER = "h.marchand"
APPROVED: Mapping[str, Sequence[str]] = {
    "c.aubry": ("titre-de-sejour-suivi", "titre-de-sejour-rendez-vous"),
    "l.rousselet": ("carte-nationale-d-identite",),
    "d.charron": ("permis-de-conduire-suivi", "carte-grise-ants"),
    "f.lemoine": (
        *("demande-de-pieces", "reponse-a-une-reclamation", "reponse-d-attente", "transmission"),
    ),
}
"""Who approves which letter: heads of services, the general secretary for those of all."""

MAIL_ITEM = """
SELECT i.item_id, i.chrono FROM desk.arrivals a JOIN desk.items i USING (item_id)
WHERE a.source = $1 AND a.received_at = $2
"""
SCAN_ITEM = """
SELECT i.item_id, i.chrono FROM desk.arrivals a JOIN desk.items i USING (item_id)
WHERE a.arrival_id = $1
"""


class DemoShell:
    """A shell of the demo: one thread in which `vaguemestre` commands are typed, one by one."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shell")
        self._thread.submit(lambda: self._open.enter_context(kept_open()))

    async def run(self, words: Sequence[str], typed: str | None) -> Result:
        """Runs a `vaguemestre` command; `typed`: what is typed into it, if it asks."""
        command = partial(
            CliRunner(env={VARIABLE: "demonstration"}).invoke,
            main,
            list(words),
            input=typed,
            catch_exceptions=False,
        )
        return await asyncio.get_running_loop().run_in_executor(self._thread, command)

    def close(self) -> None:
        """Closes the connection of its commands, once the last one has ended."""
        self._thread.submit(self._open.close)
        self._thread.shutdown()


class DemoPeople:
    """The people of the demo's préfecture, who act by the same commands as anybody."""

    def __init__(
        self, running: Running, story: Story, site: str, addresses: Mapping[str, str]
    ) -> None:
        self.chronos: dict[str, str] = {}
        """The chrono of each input that became an item, once somebody asked for it."""
        self.items: dict[str, str] = {}
        """Its item id."""
        self._running = running
        self.story = story
        self._site = site
        self._addresses = addresses
        self._shell = DemoShell()

    def close(self) -> None:
        """Closes the shell in which the demo's people typed their commands."""
        self._shell.close()

    async def do(self, line: str, now: datetime) -> str:
        """Executes one line of story.yaml; returns the command's output. Raises DemoError."""
        verb, *words = line.split()
        match verb:
            case "kill":
                return f"{words[0]} {self._running.kill(words[0])}"
            case "sent":
                return await asyncio.to_thread(self._sent, words[0], words[1].strip("{}"), now)
            case "reply":
                command = ["desk", "reply", words[0], "--text", "-", "--as", words[1]]
                return await self.command(command, typed=self.story.reply)
            case _:
                return await self.command([verb, *words])

    async def command(self, words: Sequence[str], typed: str | None = None) -> str:
        """Runs a `vaguemestre` command, with the names of {inputs} replaced by their chronos.

        Returns its output. Raises DemoError when it ends with an error.
        """
        said = [await self._named(word) for word in words]
        result = await self._shell.run(said, typed)
        if result.exit_code != 0:
            raise DemoError(f"`vaguemestre {' '.join(said)}` said: {result.output.strip()}")
        return result.output

    async def approve_letters(self, folder: Path) -> None:
        """Imports the demo's standard letters and has them approved."""
        await self.command(["desk", "letters", "import", str(folder), "--as", WRITER, "--submit"])
        for person, letters in APPROVED.items():
            await approve(self._running, person, letters)

    async def find(self, name: str) -> str:
        """Returns the chrono of an input of the story. Raises DemoError when it is no item."""
        if name not in self.chronos:
            row = await self._row(name)
            if row is None:
                raise DemoError(f"{name} is no item of the register.")
            self.items[name], self.chronos[name] = str(row["item_id"]), row["chrono"]
        return self.chronos[name]

    async def _named(self, word: str) -> str:
        found = re.fullmatch(r"\{(.+)\}", word)
        return word if found is None else await self.find(found[1])

    async def _row(self, name: str) -> Any:
        if name in self.story.mails:
            mail = self.story.mails[name]
            source = f"mailbox:{mail['to'][0]}"
            return await self._running.db.fetchrow(MAIL_ITEM, source, mail["taken"])
        batch = next(batch for batch in self.story.batches if name in batch.pages)
        arrival = arrival_id(self._site, "scans:courrier", batch.identity(name))
        return await self._running.db.fetchrow(SCAN_ITEM, arrival)

    def _sent(self, box: str, name: str, now: datetime) -> str:
        """A service answers from its own mail program, which keeps a copy in Sent."""
        mail = self.story.mails[name]
        message = EmailMessage()
        message["From"] = self._addresses[box]
        message["To"] = parseaddr(mail["from"])[1]
        message["Subject"] = f"Re: {mail['subject']}"
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<reponse.{name}@indre.example>"
        message["In-Reply-To"] = message_id(mail)
        message["References"] = message_id(mail)
        message.set_content(self.story.reply)
        run = self._running.run
        with mailbox(run, self._addresses[box], run["mailbox_passwords"][box]) as session:
            session.create("Sent")
            append(session, message.as_bytes(), now, "Sent")
        return f"{box} answered {name}"

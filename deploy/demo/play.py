"""The script: starts a préfecture, plays the month, prints it, and hands it to the judge."""

import asyncio
import email
import email.policy
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from deploy.demo import judge, latency
from deploy.demo.compose import Answered, Relay, compose
from deploy.demo.deliver import append, await_mails, mailbox, scan
from deploy.demo.heard import Heard, open_heard
from deploy.demo.inputs import FIRST, ZONE, Moment, Story, read_story
from deploy.demo.people import People
from deploy.demo.quiet import Quiet, open_quiet
from deploy.demo.running import DemoError, Running, start
from deploy.demo.tale import Tale, bar, line
from deploy.embedded.account import new_account
from shared.code_keys import CodeKeys
from shared.probe import probe_subject
from shared.site.bundle import Site
from shared.site.load import load_folder
from shared.tokens import notice_in_message_id, return_address

SITE = Path(__file__).parents[1] / "site" / "indre"
OPENING = datetime(FIRST.year, FIRST.month, FIRST.day, 5, 30, tzinfo=ZONE)
"""When the story begins and the préfecture goes live, before the first mail."""

CODE_SECRET = SecretStr("printed once, for every demo")
"""Signs the story's sheets and labels, which are drawn once and kept in the user's cache."""

FOLLOWED = {
    "rendez-vous-impossible": ("A", "a complaint: the appointment page fails"),
    "carte-en-retard": ("B", "a letter to the BMI that goes late and climbs"),
    "recours-avocate": ("C", "a lawyer's appeal, kept for a person"),
    "demande-titre": ("D", "a residence permit whose file lacks a piece: no date is told"),
}
RECEIVER = "awa.diarra@courriel.example"
READER = "catherine.aubry@indre.example"
FORGETTING = ("--compare-forgetting", "ascension")
SHOWN = 9
WIDTH = 100


class Play:
    """One performance."""

    def __init__(
        self, running: Running, site: Site, story: Story, quiet: Quiet, heard: Heard
    ) -> None:
        self.running = running
        self.site = site
        self.story = story
        self.heard = heard
        self.entered = 0
        self._sent = 0
        self._quiet = quiet
        trust = site.sources.trust
        spam = next(iter(trust.spam_headers.items()))
        self._relay = Relay(trust.received_by[0], trust.authserv_ids[0], spam)
        self._addresses = {box.id: box.address for box in site.sources.mailboxes}
        self.people = People(running, story, site.identity.id, self._addresses)
        self._followed: dict[str, str] = {}
        self._tale = Tale(self._followed)

    async def month(self) -> None:
        """Every moment of the story, each ended by silence."""
        for moment in self.story.moments:
            bar(moment.at, self.entered, self.story.inputs)
            kills = any(words.startswith("kill") for words in moment.lines)
            if kills:
                await self._people(moment)
            await self.running.move(moment.at)
            await self._silence(moment)
            if moment.mails or moment.batches:
                await self._enter(moment)
                await self._silence(moment)
                await self._follow(moment)
            if moment.lines and not kills:
                await self._people(moment)
                await self._silence(moment)
            for fact in await self.heard.news():
                self._tale.tell(fact)

    async def _silence(self, moment: Moment) -> None:
        await self._quiet.wait(moment.at, self.entered + self._sent)

    async def _people(self, moment: Moment) -> None:
        for words in moment.lines:
            said = await self.people.do(words, moment.at)
            self._sent += words.startswith("sent ")
            if words.startswith("kill"):
                line(f"  {moment.at:%a %d %b %H:%M}  ·  kill -9 {said}: it comes back by itself")

    async def _enter(self, moment: Moment) -> None:
        for written in moment.mails:
            mail = self._signed(written)
            answered = await self._answered(mail)
            for box in mail["to"]:
                octets = compose(mail, self._addresses[box], mail["taken"], self._relay, answered)
                await asyncio.to_thread(self._append, box, octets, mail["taken"])
                self.entered += 1
        folder = Path(str(self.running.run["scans"])) / "courrier"
        for batch in moment.batches:
            await asyncio.to_thread(scan, folder, batch.name, batch.octets)
            self.entered += max(1, len(batch.pages))

    def _signed(self, mail: Mapping[str, Any]) -> Mapping[str, Any]:
        """The mail as it is; a probe under the subject that our secret signs."""
        if mail.get("shape") != "probe":
            return mail
        secret = str(self.running.run["secret"]).encode()
        return {**mail, "subject": probe_subject(secret, mail["taken"].astimezone(UTC))}

    async def _follow(self, moment: Moment) -> None:
        names = {mail["id"] for mail in moment.mails}
        names |= {letter for batch in moment.batches for letter in batch.pages}
        for name in FOLLOWED.keys() & names:
            await self.people.find(name)
            self._followed[self.people.items[name]] = FOLLOWED[name][0]

    def _append(self, box: str, octets: bytes, taken: datetime) -> None:
        run = self.running.run
        with mailbox(run, self._addresses[box], run["mailbox_passwords"][box]) as session:
            append(session, octets, taken)

    async def _answered(self, mail: Mapping[str, Any]) -> Answered | None:
        """The first thing that we sent to whoever wrote the mail that this one is about."""
        if "about" not in mail:
            return None
        address = parseaddr(self.story.mails[mail["about"]]["from"])[1]
        first = (await self.inbox(address))[0]
        secret = str(self.running.run["secret"]).encode()
        ours = notice_in_message_id(secret, str(first["Message-ID"]))
        back = return_address(secret, str(self.site.identity.return_path), ours[1]) if ours else ""
        return Answered(str(first["Message-ID"]).strip(), str(first["Subject"]), back)

    async def inbox(self, address: str, at_least: int = 1) -> Sequence[Any]:
        """What a correspondent has received, as their program shows it."""
        octets = await asyncio.to_thread(
            await_mails, self.running.run, address, address, at_least, 10.0
        )
        return [email.message_from_bytes(one, policy=email.policy.default) for one in octets]


async def perform(data: Path, *, keep: bool) -> int:
    """The whole demo; returns the exit code."""
    began = time.monotonic()
    shutil.rmtree(data, ignore_errors=True)
    os.environ["VAGUEMESTRE_DATA"] = str(data)
    site = load_folder(SITE)
    line("Vaguemestre plays Monday 11 May → Tuesday 9 June 2026 at the préfecture de l'Indre.")
    keys = CodeKeys.of(site.identity.id, CODE_SECRET)
    printing = asyncio.create_task(asyncio.to_thread(read_story, site, keys))
    account = new_account()
    given = {
        "VAGUEMESTRE_LOCAL_ACCOUNT": account.hashed,
        "VAGUEMESTRE_CODE_SECRET": CODE_SECRET.get_secret_value(),
    }
    running = await start(data, SITE, OPENING, given=given)
    running.password = account.password
    try:
        if keep:
            line(f"  The register's pages: {_pages(running)}")
            line(f"  Password of their local account: {account.password}")
        return await _played(running, site, await printing, began, keep=keep)
    finally:
        await running.stop()


def _pages(running: Running) -> str:
    return f"http://127.0.0.1:{running.run['http_ports']['desk']}/"


async def _played(running: Running, site: Site, story: Story, began: float, *, keep: bool) -> int:
    line(f"  Kafka, PostgreSQL, IMAP, SMTP and 5 processes after {time.monotonic() - began:.0f} s.")
    quiet = await open_quiet(running)
    heard = await open_heard(str(running.run["kafka"]))
    play = Play(running, site, story, quiet, heard)
    try:
        live = ["site", "go-live", "--by", "Hélène Marchand", "--why", "démonstration", "--yes"]
        for said in (await play.people.command(live)).strip().splitlines():
            line(f"  {said}")
        await play.people.approve_letters(SITE / "letters")
        for letter, what in FOLLOWED.values():
            line(f"  {letter}  {what}")
        await play.month()
        await _closing(play)
        failures = await judge.judge(play)
        words = await judge.words_of(play)
        await _measured(play)
    finally:
        await heard.close()
        await quiet.close()
    line(f"  Played in {time.monotonic() - began:.0f} s.")
    line(judge.summary(play, words, len(failures)))
    if keep and not failures:
        line(f"The préfecture runs on; its pages: {_pages(running)} Ctrl-C ends it.")
        await asyncio.Event().wait()
    return 1 if failures else 0


async def _closing(play: Play) -> None:
    """What the readers saw, and how the late letter was counted."""
    receipt = (await play.inbox(RECEIVER))[0]
    digest = (await play.inbox(READER))[-1]
    for mail, whose in ((receipt, "A receipt, as read"), (digest, "A digest")):
        line(f"{whose}: {mail['Subject']}"[:WIDTH])
        written = [text for text in str(mail.get_content()).splitlines() if text.strip()]
        for text in written[:SHOWN]:
            line(f"  | {text}"[:WIDTH])
    line("How the letter B was counted")
    explained = await play.people.command(
        ["sla", "explain", await play.people.find("carte-en-retard"), *FORGETTING]
    )
    reply = next(part for part in explained.split("\n\n") if part.startswith("reply:"))
    for text in reply.strip().splitlines():
        line(f"  | {text}"[:WIDTH])


async def _measured(play: Play) -> None:
    """In real time and outside the figures: how long a sender waits, and how big everything is."""
    run = play.running.run
    seconds = await asyncio.to_thread(latency.measure, run, "pref-bsr@indre.example")
    half, most = latency.percentile(seconds, 0.5), latency.percentile(seconds, 0.95)
    line(
        f"SMTP accepted → receipt in the mailbox, {len(seconds)} mails:"
        f" p50 {half:.2f} s, p95 {most:.2f} s"
    )
    sizes = {name: _resident(int(pid)) for name, pid in run["pids"].items()}
    line("Resident MB: " + ", ".join(f"{name} {size}" for name, size in sizes.items()))
    line(f"  together {sum(sizes.values())} MB")


def _resident(pid: int) -> int:
    """Megabytes, as Linux counts them."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(one.split()[1]) // 1024 for one in lines if one.startswith("VmRSS"))


def main() -> None:
    """`python -m deploy.demo`."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a shell's background job
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    keep = os.environ.get("KEEP") == "1"
    try:
        sys.exit(asyncio.run(perform(Path(".vaguemestre-demo").resolve(), keep=keep)))
    except DemoError as error:
        line(f"demo: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)

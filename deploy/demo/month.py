"""The month as it is played: each moment of the story, and what people did in it."""

import asyncio
import email
import email.policy
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from deploy.demo.compose import AnswerDraft, WebsiteRelay, compose
from deploy.demo.deliver import append, await_mails, mailbox, scan
from deploy.demo.inputs import Moment, Story
from deploy.demo.people import DemoPeople
from deploy.demo.quiet import Quiet
from deploy.demo.reader_check import Heard
from deploy.demo.run import Running
from deploy.demo.tale import Tale, bar, line
from shared.content.probe import probe_subject
from shared.content.site_keys import SiteKeys
from shared.content.tokens import notice_in_message_id, return_address
from shared.site.tables.bundle import Site

FOLLOWED = {
    "rendez-vous-impossible": ("A", "a complaint: the appointment page fails"),
    "carte-en-retard": ("B", "a letter to the BMI that goes late and climbs"),
    "recours-avocate": ("C", "a lawyer's appeal, kept for a person"),
    "demande-titre": ("D", "a residence permit whose file lacks a piece: no date is told"),
}
"""Letters that are followed by name: their letter of the alphabet, and what they are."""


INPUT_NAME = re.compile(r"\{([a-z0-9-]+)\}")
"""The name of an input of the story, where a page or form has its chrono."""


class Play:
    """A run of the demo's story: plays each moment, and what people do in it."""

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
        self._relay = WebsiteRelay(trust.received_by[0], trust.authserv_ids[0], spam)
        self._addresses = {box.id: box.address for box in site.sources.mailboxes}
        self.people = DemoPeople(running, story, site.identity.id, self._addresses)
        self._followed: dict[str, str] = {}
        self._tale = Tale(self._followed)

    async def month(self) -> None:
        """Plays every moment of the demo's month, and waits after each until all is quiet."""
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

    async def at(self, moment: datetime, lines: Sequence[str] = ()) -> None:
        """Moves the demo to a moment after the month, then does `lines` (acts as in story.yaml)."""
        await self.running.move(moment)
        await self._quiet.wait(moment, self.entered + self._sent)
        for words in lines:
            await self.people.do(words, moment)
        await self._quiet.wait(moment, self.entered + self._sent)

    def also(self, mails: Mapping[str, Mapping[str, Any]]) -> None:
        """Adds emails to the demo's story, so that people find their items by their names."""
        self.story = replace(self.story, mails={**self.story.mails, **mails})
        self.people.story = self.story

    async def receive(self, moment: datetime, mails: Sequence[Mapping[str, Any]]) -> None:
        """Moves the demo to a moment after the month, at which these emails have come."""
        await self.running.move(moment)
        await self._quiet.wait(moment, self.entered + self._sent)
        if mails:
            arrived = Moment(moment, mails, (), ())
            await self._enter(arrived)
            await self._silence(arrived)

    async def fill_names(self, text: str) -> str:
        """Returns a text in which the names of inputs in braces are replaced by their chronos."""
        for name in set(INPUT_NAME.findall(text)):
            text = text.replace(f"{{{name}}}", await self.people.find(name))
        return text

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
            for place, box in enumerate(mail["to"]):
                if place:
                    # Two mailboxes are read at once: whichever came first would propose its rule.
                    await self._silence(moment)
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
        secret = SiteKeys(str(self.running.run["secret"]).encode())
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

    async def _answered(self, mail: Mapping[str, Any]) -> AnswerDraft | None:
        """The first thing that we sent to whoever wrote the mail that this one is about."""
        if "about" not in mail:
            return None
        address = parseaddr(self.story.mails[mail["about"]]["from"])[1]
        first = (await self.inbox(address))[0]
        secret = SiteKeys(str(self.running.run["secret"]).encode())
        ours = notice_in_message_id(secret, str(first["Message-ID"]))
        back = return_address(secret, str(self.site.identity.return_path), ours[1]) if ours else ""
        return AnswerDraft(str(first["Message-ID"]).strip(), str(first["Subject"]), back)

    async def inbox(self, address: str, at_least: int = 1) -> Sequence[Any]:
        """Returns the emails that a correspondent of the demo has received."""
        octets = await asyncio.to_thread(
            await_mails, self.running.run, address, address, at_least, 10.0
        )
        return [email.message_from_bytes(mail, policy=email.policy.default) for mail in octets]


def text_of(mail: Any) -> str:
    """Returns the plain text of a mail."""
    return str(mail.get_body(("plain",)).get_content())

"""The job of `desk keep` that sends mails sécurisés and asks who has read them.

    claim a mail → ask Pastell, without a connection to the database → note what came of it

That a letter left is stated once Pastell says that it mailed the links, never before. Where the
site names no place for mails sécurisés, or is not live yet, a round is one reading of its rules.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import uuid5

from services.desk import statements
from services.desk.domain.dispatch import Dispatch, fact_of, passed_on
from services.desk.domain.item import Item
from services.desk.domain.stamp import Stamp
from services.desk.jobs import JobContext, claim_each
from services.desk.parapheur import mail_attempts as attempts
from services.desk.parapheur.failures import failure_of
from services.desk.parapheur.mailsec import PastellMail
from services.desk.parapheur.secure_mail import MailSent, MailToSend, SecureMail
from services.desk.parapheur.signature_book import Annex, BookUnsure, RemoteId
from services.desk.settings import DeskSettings
from services.desk.store import items, parapheur_letters
from services.desk.store.secure_mails import SecureMailState, StoredSecureMail
from shared.content import plis
from shared.content.blobs import Blobs
from shared.content.plis import Pli
from shared.errors import PermanentFailure
from shared.facts.authors import by_source
from shared.facts.envelope import NoticeId
from shared.facts.items import Items
from shared.facts.items.replies import SecureMailRead, SecureMailSent
from shared.facts.vocabulary import Proof, Way
from shared.platform.clock import Clock, sure
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log
from shared.site.applied_rules import Rules
from shared.site.tables.bundle import AppliedSite

EACH_SECONDS: Final = 10.0
LOOK: Final = timedelta(minutes=5)
"""Between two looks at a mail that Pastell has and has not sent yet."""
MOST_ROUND: Final = 100
"""Mails of one round: rules and secrets are read anew after it."""
SOURCE: Final = "Pastell"

log = Log("secure_mail")

MailMaker = Callable[[AppliedSite, DeskSettings], PastellMail]


def mail_of_site(applied: AppliedSite, settings: DeskSettings) -> PastellMail:
    """Makes the client of the Pastell by which the site sends mails sécurisés; it names one."""
    place = applied.site.identity.secure_mail
    assert place is not None  # noqa: S101  (the round asked)
    account = (settings.secure_mail_login, settings.secure_mail_password)
    return PastellMail(place, account, applied.site.zone)


@dataclass(frozen=True, slots=True)
class SecureMailRounds:
    """The worker that sends mails sécurisés and hears who has read them."""

    pool: Pool
    rules: Rules
    blobs: Blobs
    clock: Clock
    settings: DeskSettings
    stopping: asyncio.Event
    mail: MailMaker = mail_of_site

    async def round(self) -> None:
        """Sends or looks up each mail sécurisé that is due. Raises TemporaryFailure."""
        async with transaction(self.pool) as connection:
            applied = await self.rules.if_any(connection)
            # Before go-live nothing leaves, whatever was given.
            if applied is None or applied.go_live is None:
                return
            place = applied.site.identity.secure_mail
            if place is None or not await attempts.any_due(connection):
                return
        async with self.mail(applied, self.settings) as sender:
            due = claim_each(self.pool, attempts.claim, self.stopping, MOST_ROUND)
            async for mail in due:
                await self._attempt(sender, mail, applied)

    async def _attempt(
        self, sender: SecureMail, mail: StoredSecureMail, applied: AppliedSite
    ) -> None:
        """One attempt at a mail: what it brings is noted, also that it failed."""
        letter = mail.given.letter
        # What left is asked about until it is read: no silence in between makes it a failure.
        failed = 1 if mail.state is SecureMailState.SENT else mail.attempts + 1
        failure = await failure_of(self._one(sender, mail, applied), failed, letter)
        if failure is None:
            return
        async with transaction(self.pool) as connection:
            await attempts.note_failure(connection, mail, failure.why, failure.pause)
        if failure.pause is None and mail.state is not SecureMailState.FAILED:
            log.warning("secure_mail_given_up", letter=letter, why=failure.why)

    async def _one(self, sender: SecureMail, mail: StoredSecureMail, applied: AppliedSite) -> None:
        if mail.state is SecureMailState.TAKEN_BACK:
            await self._withdraw(sender, mail, applied)
        elif mail.state is SecureMailState.TO_SEND or mail.remote is None:
            await self._look(sender, mail, await self._send(sender, mail), applied)
        else:
            await self._look(sender, mail, RemoteId(mail.remote), applied)

    async def _send(self, sender: SecureMail, mail: StoredSecureMail) -> RemoteId:
        given = mail.given
        async with transaction(self.pool) as connection:
            found = await items.read(connection, [given.item_id])
        pli = await plis.read(self.blobs, given.pli)
        chrono = found[given.item_id].chrono
        letter = Annex(
            f"courrier-{chrono}.pdf", "application/pdf", await self.blobs.get(given.document)
        )
        files = [
            Annex(f"annexe-{n}-{file.name}", file.media_type, await self.blobs.get(file.key))
            for n, file in enumerate(pli.enclosures, 1)
        ]
        to_send = MailToSend(
            reference=given.letter.hex,
            subject=f"{pli.subject}, courrier {chrono}",
            text=pli.text,
            recipients=recipients_of(pli),
            files=[letter, *files],
        )

        async def noted(remote: RemoteId) -> None:
            async with transaction(self.pool) as connection:
                await attempts.note_remote(connection, given.letter, remote)

        before = None if mail.remote is None else RemoteId(mail.remote)
        return await sender.send(to_send, before, noted)

    async def _look(
        self, sender: SecureMail, mail: StoredSecureMail, remote: RemoteId, applied: AppliedSite
    ) -> None:
        """What became of a mail that Pastell has."""
        pli = await plis.read(self.blobs, mail.given.pli)
        answer = await sender.look(remote, recipients_of(pli))
        if isinstance(answer, MailSent):
            await self._sent(mail, remote, answer, applied)
            return
        async with transaction(self.pool) as connection:
            await attempts.note_waiting(connection, mail.given.letter, LOOK)

    async def _withdraw(
        self, sender: SecureMail, mail: StoredSecureMail, applied: AppliedSite
    ) -> None:
        """Takes out what was taken back; what left before that is recorded as sent.

        Raises what says that it may leave yet, or that nobody knows.
        """
        given = mail.given
        before = None if mail.remote is None else RemoteId(mail.remote)
        gone = await sender.withdraw(given.letter.hex, before)
        if not gone and before is not None:
            try:
                await self._look(sender, mail, before, applied)
            except BookUnsure:
                raise
            except PermanentFailure:
                pass  # it is not there, or its addresses are erased: nothing says that it left
            else:
                return
        async with transaction(self.pool) as connection:
            await attempts.note_withdrawn(connection, given.letter, gone=gone)

    async def _sent(
        self, mail: StoredSecureMail, remote: RemoteId, seen: MailSent, applied: AppliedSite
    ) -> None:
        """Records that a letter left, and who has read it: each once, however often it is told."""
        given, zone = mail.given, applied.site.zone
        place = applied.site.identity.secure_mail
        days = timedelta(days=7 if place is None else place.unread_days)
        async with transaction(self.pool) as connection:
            before = await items.lock(connection, [given.item_id])
            kept, now = before[given.item_id], sure(self.clock)
            stands = await attempts.lock(connection, given.letter)
            at = max(given.given_at, min(seen.at, now))
            unread_from = at.astimezone(zone).date() + days
            if stands.state is not SecureMailState.SENT:
                await attempts.note_sent(connection, given.letter, at, unread_from)
                if given.signed is not None:
                    await parapheur_letters.note_mailed(connection, given.signed, at)
            await attempts.note_readings(connection, given.letter, seen, now)
            if kept.item.destroyed:
                return
            facts = _facts(mail, remote, seen, _Sent(kept.item, at, unread_from, now))
            await statements.state(connection, before, facts, zone)


@dataclass(frozen=True, slots=True)
class _Sent:
    """When a mail left, and what its item was when that was heard."""

    item: Item
    at: datetime
    unread_from: date
    now: datetime


def _facts(
    mail: StoredSecureMail, remote: RemoteId, seen: MailSent, sent: _Sent
) -> Sequence[Items]:
    """The facts of a mail that left: its departure, then who has read it so far, one a recipient.

    Each has an id of its own, whatever is stated beside it: told again, it is stated once.
    """
    given, item = mail.given, sent.item
    facts = list[Items]()

    def stamp(what: str) -> Stamp:
        cause = uuid5(given.letter, what)
        return Stamp(item.item_id, item.seq + len(facts), cause, by_source(SOURCE), sent.now)

    facts += passed_on(given.kind, given.addressee, item, stamp("passed-on"), sent.at)
    left = Dispatch(
        kind=given.kind,
        at=sent.at,
        way=Way.MAIL,
        proof=Proof.DELIVERED,
        until=given.until,
        notice_id=NoticeId(given.letter),
        document=given.document,
        template=given.template,
        addressee=given.addressee,
    )
    departure = fact_of(left, stamp("left"))
    if departure is None:
        return facts
    facts.append(departure)
    letter, kind = departure.event_id, given.kind
    facts.append(
        SecureMailSent(
            **stamp("sent")(1, sent.at),
            letter=letter,
            kind=kind,
            remote=remote,
            recipients=len(seen.readings),
            unread_from=sent.unread_from,
        )
    )
    for n, reading in enumerate(seen.readings):
        if reading is not None and reading.read_at is not None:
            at = max(sent.at, min(reading.read_at, sent.now))
            read = stamp(f"read-{n}")(1, at)
            facts.append(SecureMailRead(**read, letter=letter, kind=kind, recipient=n))
    return facts


def recipients_of(pli: Pli) -> Sequence[str]:
    """Returns the addresses to which a letter goes: its addressee's, then those of its copies."""
    return [pli.answer_to.address, *pli.copies]


def sends_secure_mails(parts: JobContext) -> Job:
    """Makes the background job that sends mails sécurisés and hears who has read them."""
    rounds = SecureMailRounds(
        parts.pool, parts.rules, parts.blobs, parts.clock, parts.settings, parts.stopping
    )
    return every(EACH_SECONDS, rounds.round, parts.stopping)

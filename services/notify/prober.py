"""Probe mails: the question « does what is sent arrive? », through each mailbox that is read.

Sent from the address that the site's routing names as the probe's, signed
(shared/content/probe.py), under the null return path: nothing may answer it, not even a bounce.
ingest counts it and keeps nothing.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import make_msgid

from services.notify.domain.ledger import Accepted
from services.notify.mailer import Envelope, Mailer
from services.notify.message import AutoSubmitted, OutgoingMail, compose
from services.notify.store import probes
from shared.content.probe import probe_subject
from shared.content.site_keys import SiteKeys
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import Site

EACH_SECONDS = 30.0
_TEXT = """Message de contrôle, envoyé et reconnu par le logiciel du courrier.

Il peut être supprimé.
"""

log = Log("probe")


@dataclass(frozen=True, slots=True)
class Prober:
    """The background sender of probes (test emails), to each mailbox at regular intervals."""

    pool: Pool
    clock: Clock
    rules: AppliedRules
    mailer: Mailer
    secret: SiteKeys
    often: timedelta

    def job(self, stopping: asyncio.Event) -> Job:
        """Returns the background job that sends probes (test emails) until the process ends."""
        rounds = every(EACH_SECONDS, self.round, stopping, self.clock)

        async def run() -> None:
            try:
                await rounds()
            finally:
                await self.mailer.close()

        return run

    async def round(self) -> None:
        """Sends the probes (test emails) that are due; one refused is sent again at its next time.

        Raises TemporaryFailure when a server is away.
        """
        site, now = self.rules.applied.site, self.clock.now()
        boxes = mailboxes(site)
        if site.routing.probe is None or not boxes:
            return
        await self.mailer.connect()
        async with transaction(self.pool) as connection:
            due = await probes.claim(connection, list(boxes), now, now - self.often)
        for mailbox in due:
            envelope = probe(site, boxes[mailbox], self.secret, now)
            answer = await self.mailer.send(envelope)
            taken = isinstance(answer, Accepted)
            log.info("probe_sent", mailbox=mailbox, taken=taken)


def mailboxes(site: Site) -> Mapping[str, str]:
    """Returns the addresses, by id, of the mailboxes that take letters in."""
    return {box.id: str(box.address) for box in site.sources.mailboxes if not box.bounces}


def probe(site: Site, recipient: str, secret: SiteKeys, now: datetime) -> Envelope:
    """Makes the email of one probe (test email) to a mailbox; `now` is aware."""
    sender = str(site.routing.probe)
    mail = OutgoingMail(
        author=site.identity.authority,
        mailbox=sender,
        recipient=recipient,
        message_id=make_msgid("probe", sender.partition("@")[2]),
        subject=probe_subject(secret, now.astimezone(UTC)),
        text=_TEXT,
        automatic=AutoSubmitted.GENERATED,
        written=now.astimezone(site.zone),
    )
    return Envelope("", recipient, compose(mail))

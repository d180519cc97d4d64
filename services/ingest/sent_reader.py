"""A Sent folder is observed, not taken in: what a service wrote is told by pseudonyms alone.

The octets are kept only of what may answer something of ours: it carries our token, names a message
that came in, or goes to somebody who wrote to us. The register condemns what answered no item
(services/desk/retention/purge.py). All else leaves a row without content, so that it is told once.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.ingest import questions
from services.ingest.arrival_writer import CandidateArrival
from services.ingest.domain import robots
from services.ingest.domain.fingerprint import identity, of_octets
from services.ingest.domain.mail import UnreadableMail
from services.ingest.domain.observation_judgements import ReplyJudgement
from services.ingest.domain.own_replies import reply_judgement
from services.ingest.domain.rules import JudgeRules
from services.ingest.mail_opener import MailParser
from services.ingest.mail_reader import SoonRead
from services.ingest.mailbox import BOMB, Fetched, shown_at
from services.ingest.reader_threads import read_parallel
from shared.content.tokens import notice_in_message_id
from shared.errors import TemporaryFailure
from shared.facts.arrival_base import chronos_named, messages_named
from shared.facts.envelope import Digest, ServiceId
from shared.facts.ids import arrival_id
from shared.facts.vocabulary import Authentication
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.platform.observability.logs import Log

log = Log("sent")

_RECENT = timedelta(days=35)
"""15 jours ouvrés, a holiday or two, and some lateness."""


class SentReader:
    """The reader of one service's Sent folder, which notices its replies and takes in no item."""

    places = False

    def __init__(
        self,
        site: str,
        source: str,
        service: ServiceId,
        *,
        rules: Callable[[], JudgeRules],
        pool: Pool,
        clock: Clock,
        go_live: Callable[[], datetime | None],
        mails: MailParser,
    ) -> None:
        self._site = site
        self._source = source
        self._service = service
        self._rules = rules
        self._pool = pool
        self._clock = clock
        self._go_live = go_live
        self._mails = mails

    def since(self) -> datetime:
        """Returns the moment from which sent emails are read: 35 days ago, or go-live if later.

        The replies to older items are found when the register asks (SearchSentRequest).
        """
        recent = self._clock.now() - _RECENT
        go_live = self._go_live()
        return recent if go_live is None else max(recent, go_live)

    async def arrivals(self, mails: Sequence[Fetched], uidvalidity: int) -> list[CandidateArrival]:
        """Judges sent emails as possible replies; automatic or unreadable ones are left out."""
        del uidvalidity
        rules, now = self._rules(), self._clock.now()
        seen = await read_parallel(lambda mail: self._seen(mail, rules, now), mails)
        found = [candidate for candidate in seen if candidate is not None]
        named = {digest for candidate in found for digest in _named(candidate)}
        people = {digest for candidate in found for digest in _addressees(candidate)}
        async with transaction(self._pool) as connection:
            ours = await questions.known_messages(connection, named)
            wrote = await questions.known_correspondents(connection, people)
        return [
            replace(candidate, keep_octets=candidate.keep_octets or answers)
            for candidate in found
            for answers in (bool(ours & _named(candidate)) or bool(wrote & _addressees(candidate)),)
        ]

    async def arrivals_soon(self, mails: Sequence[Fetched], uidvalidity: int) -> SoonRead:
        """Judges sent emails, each however long it takes: no letter waits behind them."""
        return SoonRead(await self.arrivals(mails, uidvalidity))

    def _seen(self, fetched: Fetched, rules: JudgeRules, now: datetime) -> CandidateArrival | None:
        """As `_observe`; a fault of ours costs one observation, never the folder."""
        try:
            return self._observe(fetched, rules, now)
        except TemporaryFailure:
            raise
        except Exception as error:  # noqa: BLE001  (one mail must not stop a folder)
            # Without a trace: what an exception says may quote the mail.
            log.error(  # noqa: TRY400  (no trace: it would show values)
                "mail_not_observed", error=type(error).__name__, octets=of_octets(fetched.octets)
            )
            return None

    def _observe(
        self, fetched: Fetched, rules: JudgeRules, now: datetime
    ) -> CandidateArrival | None:
        if fetched.fault == BOMB:
            return None
        mail = self._mails.read(fetched.octets)
        if isinstance(mail, UnreadableMail) or robots.automatic(mail, Authentication.NONE):
            return None
        if notice_in_message_id(rules.secret, mail.message_id):
            # Our own letter, which the server filed by itself: notify tells when it left.
            return None
        shown = shown_at(fetched, now, story=rules.site.identity.demo)
        seen = reply_judgement(mail, self._service, mail.written or shown, rules)
        if not seen.to:
            return None
        tokens = bool(chronos_named(seen.threads))
        notices = any(
            notice_in_message_id(rules.secret, reference) for reference in mail.references
        )
        return CandidateArrival(
            arrival_id=arrival_id(self._site, self._source, identity(mail)),
            source=self._source,
            octets=fetched.octets,
            shown_at=shown,
            judgements=(seen,),
            keep_octets=tokens or notices,
        )


def _named(one: CandidateArrival) -> set[Digest]:
    return {
        digest
        for seen in one.judgements
        if isinstance(seen, ReplyJudgement)
        for digest in messages_named(seen.threads)
    }


def _addressees(one: CandidateArrival) -> set[Digest]:
    return {to for seen in one.judgements if isinstance(seen, ReplyJudgement) for to in seen.to}

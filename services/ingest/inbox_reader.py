"""An inbox takes in: every mail of it becomes an arrival, whatever it is."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime

from services.ingest.arrival_writer import CandidateArrival
from services.ingest.domain.attachments import AttachedTexts
from services.ingest.domain.fingerprint import of_octets
from services.ingest.domain.judge_mail import MailboxPlace, identity_of, judge
from services.ingest.domain.judgement import Judgement
from services.ingest.domain.quarantine import unshown
from services.ingest.domain.rules import JudgeRules
from services.ingest.mail_opener import MailBomb, MailParser, Parsed, SlowMail
from services.ingest.mail_reader import SoonRead
from services.ingest.mailbox import BOMB, Fetched, share_octets, shown_at
from services.ingest.reader_threads import read_parallel, read_shares
from services.ingest.safe_judges import quarantined_mail
from shared.errors import TemporaryFailure
from shared.facts.ids import arrival_id
from shared.platform.clock import Clock
from shared.platform.observability.logs import Log

log = Log("inbox")


class InboxReader:
    """The reader of one inbox, which judges each email; each becomes an arrival."""

    places = True

    def __init__(
        self,
        site: str,
        source: str,
        place: MailboxPlace,
        *,
        rules: Callable[[], JudgeRules],
        clock: Clock,
        mails: MailParser,
    ) -> None:
        self._site = site
        self._source = source
        self._place = place
        self._rules = rules
        self._clock = clock
        self._mails = mails

    def since(self) -> None:
        """Returns `None`: emails from before go-live are read too, as history."""

    async def arrivals(self, mails: Sequence[Fetched], uidvalidity: int) -> list[CandidateArrival]:
        """Judges each email of a batch, in threads; returns the arrivals to store."""
        rules, now = self._rules(), self._clock.now()
        return await read_parallel(lambda mail: self._arrival(mail, uidvalidity, rules, now), mails)

    async def arrivals_soon(self, mails: Sequence[Fetched], uidvalidity: int) -> SoonRead:
        """Judges the emails of a batch that open within two seconds, and names the others."""
        rules, now = self._rules(), self._clock.now()

        def judge_soon(share: Sequence[Fetched]) -> list[CandidateArrival | None]:
            if share[0].fault:
                return [self._arrival(share[0], uidvalidity, rules, now)]
            with closing(self._mails.read_soon([mail.octets for mail in share])) as read:
                return [
                    None
                    if isinstance(found, SlowMail)
                    else self._arrival(fetched, uidvalidity, rules, now, found)
                    for fetched, found in zip(share, read, strict=False)
                ]

        judged_soon = await read_shares(judge_soon, mails, share_octets)
        return SoonRead(
            [arrival for arrival in judged_soon if arrival is not None],
            [mail for mail, arrival in zip(mails, judged_soon, strict=True) if arrival is None],
        )

    def _arrival(
        self,
        fetched: Fetched,
        uidvalidity: int,
        rules: JudgeRules,
        now: datetime,
        found: Parsed | None = None,
    ) -> CandidateArrival:
        seen = shown_at(fetched, now, story=rules.site.identity.demo)
        named = f"{self._source} UID {fetched.uid}"
        if fetched.fault == BOMB:
            log.error("mail_was_in_hand_at_two_deaths", mail=named)
            identity: str = of_octets(fetched.octets)
            judgements: tuple[Judgement, ...] = (unshown(fetched.octets, BOMB, seen),)
        elif fetched.fault:
            # Not the whole mail: the same beginning may belong to two.
            identity = f"{of_octets(fetched.octets)}:{uidvalidity}:{fetched.uid}"
            judgements = (
                quarantined_mail(fetched.octets, fetched.fault, seen, rules, self._mails),
            )
        else:
            identity, judgements = judge_octets(
                fetched.octets, self._place, seen, rules, self._mails, named, found=found
            )
        return CandidateArrival(
            arrival_id=arrival_id(self._site, self._source, identity),
            source=self._source,
            octets=fetched.octets,
            shown_at=seen,
            judgements=judgements,
            uid=fetched.uid,
        )


def judge_octets(
    octets: bytes,
    place: MailboxPlace,
    shown_at: datetime,
    rules: JudgeRules,
    mails: MailParser,
    named: str,
    attached: AttachedTexts | None = None,
    *,
    found: Parsed | None = None,
) -> tuple[str, tuple[Judgement, ...]]:
    """Judges an email of a mailbox and computes its identity; a program error quarantines it.

    `shown_at`: when its server took it; `named`: what the log calls it, without any personal data;
    `attached`: what stands in its attachments, `None` before they are read; `found`: what `mails`
    read in it, `None`: it is read here.

    Raises TemporaryFailure: no process can be started that parses mails.
    """
    try:
        mail = mails.read(octets) if found is None else found
        return identity_of(mail, octets), judge(octets, mail, place, shown_at, rules, attached)
    except TemporaryFailure:
        raise
    except MailBomb:
        log.error("mail_ends_its_readers", mail=named, octets=of_octets(octets))  # noqa: TRY400  (no trace: it would show values)
        return of_octets(octets), (unshown(octets, BOMB, shown_at),)
    except Exception as error:  # noqa: BLE001  (one mail must not stop a mailbox)
        # Without a trace: what an exception says may quote the mail.
        log.error(  # noqa: TRY400  (as said above)
            "mail_not_judged", mail=named, error=type(error).__name__, octets=of_octets(octets)
        )
        return of_octets(octets), (quarantined_mail(octets, "not-judged", shown_at, rules, mails),)

"""An inbox takes in: every mail of it becomes an appearance, whatever it is."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from services.ingest.domain.fingerprint import of_octets
from services.ingest.domain.judge_mail import Place, identity_of, judge, quarantined, unshown
from services.ingest.domain.judgement import Judged, Judgement
from services.ingest.domain.message import read, unread
from services.ingest.domain.rules import Rules
from services.ingest.keeping import Appearance
from services.ingest.mailbox import Fetched, shown_at
from shared.clock import Clock
from shared.ids import arrival_id
from shared.logs import Log

log = Log("inbox")


class InboxReader:
    """Judges the mails of one inbox."""

    places = True

    def __init__(
        self, site: str, source: str, place: Place, rules: Callable[[], Rules], clock: Clock
    ) -> None:
        self._site = site
        self._source = source
        self._place = place
        self._rules = rules
        self._clock = clock

    def since(self) -> None:
        """See MailReader: what is older than go-live is history, and kept."""

    async def appearances(self, mails: Sequence[Fetched], uidvalidity: int) -> list[Appearance]:
        """See MailReader."""
        rules, now = self._rules(), self._clock.now()
        return await asyncio.to_thread(
            lambda: [self._appearance(mail, uidvalidity, rules, now) for mail in mails]
        )

    def _appearance(
        self, fetched: Fetched, uidvalidity: int, rules: Rules, now: datetime
    ) -> Appearance:
        seen = shown_at(fetched, now, story=rules.site.identity.demo)
        if fetched.fault:
            # Not the whole mail: the same beginning may belong to two.
            identity = f"{of_octets(fetched.octets)}:{uidvalidity}:{fetched.uid}"
            judgements: tuple[Judgement, ...] = (
                _quarantined(fetched.octets, fetched.fault, seen, rules),
            )
        else:
            identity, judgements = judged(fetched.octets, self._place, seen, rules)
        return Appearance(
            arrival_id=arrival_id(self._site, self._source, identity),
            source=self._source,
            octets=fetched.octets,
            shown_at=seen,
            judgements=judgements,
            uid=fetched.uid,
        )


def judged(
    octets: bytes, place: Place, shown_at: datetime, rules: Rules
) -> tuple[str, tuple[Judgement, ...]]:
    """The identity of a mail and what to tell of it; a fault of ours costs one quarantine."""
    try:
        mail = read(octets)
        return identity_of(mail, octets), judge(octets, mail, place, shown_at, rules)
    except Exception as error:  # noqa: BLE001  (one mail must not stop a mailbox)
        # Without a trace: what an exception says may quote the mail.
        log.error("mail_not_judged", error=type(error).__name__, octets=of_octets(octets))  # noqa: TRY400
        return of_octets(octets), (_quarantined(octets, "not-judged", shown_at, rules),)


def _quarantined(octets: bytes, reason: str, shown_at: datetime, rules: Rules) -> Judged:
    """With sender, subject and our own Received where that much can be read."""
    try:
        return quarantined(octets, unread(octets, reason), shown_at, rules)
    except Exception as error:  # noqa: BLE001  (whatever made it unreadable may do so again)
        log.error("mail_not_shown", error=type(error).__name__, octets=of_octets(octets))  # noqa: TRY400
        return unshown(octets, reason, shown_at)

"""What a mail's own headers may be believed for: receipt, authentication, spam (DOMAIN §4, §10.9).

Servers add their lines on top. What stands above the first Received that a stranger wrote was added
by our hosts or by the sender's last server, and is believed only under a name that the site trusts.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from services.ingest.domain.header_values import COMMENT, moment, receiving_host
from services.ingest.domain.mail import Mail
from shared.facts.vocabulary import Authentication
from shared.site.tables.mailboxes import Trust

_WRITTEN_BY_A_SENDER = frozenset(
    {
        *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id"),
        *("mime-version", "content-type", "in-reply-to", "references"),
    }
)
_DMARC = re.compile(r"\bdmarc\s*=\s*([a-z]+)", re.IGNORECASE)


def received_at(mail: Mail, trust: Trust, internal_date: datetime) -> datetime:
    """Returns the moment at which our own mail server received an email, in UTC.

    That is in the topmost Received header that a trusted host wrote; without any it is the server's
    INTERNALDATE, which after a migration is only the day of the migration.
    """
    hosts = {host.lower() for host in trust.received_by}
    for line in mail.all("received"):
        if receiving_host(line) in hosts:
            found = moment(line.rpartition(";")[2])
            if found is not None:
                return found
    return internal_date.astimezone(UTC)


def authentication(mail: Mail, trust: Trust) -> Authentication:
    """Returns an email's DMARC result, from the topmost header of a trusted server of ours.

    A header below a stranger's Received, or below one that the sender wrote, is not believed,
    because the sender may have written it.
    """
    trusted = {authserv.lower() for authserv in trust.authserv_ids}
    for name, value in _added_by_servers(mail, trust):
        if name != "authentication-results":
            continue
        bare = COMMENT.sub(" ", value)
        if bare.partition(";")[0].strip().partition(" ")[0].lower() not in trusted:
            continue
        found = _DMARC.search(bare)
        match found[1].lower() if found else "":
            case "pass" | "bestguesspass":
                return Authentication.PASS
            case "fail":
                return Authentication.FAIL
            case _:
                return Authentication.NONE
    return Authentication.NONE


def flagged_as_spam(mail: Mail, trust: Trust) -> bool:
    """Whether our trusted spam filter marked the email as spam; no other's mark counts."""
    marks = {name.lower(): value.lower() for name, value in trust.spam_headers.items()}
    topmost = dict(reversed([*_above_strangers(mail, trust)]))
    return any(
        topmost[name].strip().lower().startswith(marks[name]) for name in marks.keys() & topmost
    )


def _added_by_servers(mail: Mail, trust: Trust) -> Iterator[tuple[str, str]]:
    """The block that our servers put on top, up to where the site's server writes its results."""
    hosts = {host.lower() for host in trust.received_by}
    for name, value in _above_strangers(mail, trust):
        below = (
            trust.results_above_received and name == "received" and receiving_host(value) in hosts
        )
        if below or name in _WRITTEN_BY_A_SENDER:
            return
        yield name, value


def _above_strangers(mail: Mail, trust: Trust) -> Iterator[tuple[str, str]]:
    hosts = {host.lower() for host in trust.received_by}
    for name, value in mail.fields:
        if name == "received" and receiving_host(value) not in hosts:
            return
        yield name, value

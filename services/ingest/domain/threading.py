"""To which exchange a mail may belong: our signed token → the messages it names → likeness.

A notice's own Message-ID is named like any other: the register knows the digests of what left.
Ingest only proposes; whether the messages are known and whose they are is the register's knowledge.
A token whose signature is false is no token (DOMAIN §10.12).
"""

import re
from collections.abc import Iterator

from services.ingest.domain.body import PARTIAL
from services.ingest.domain.mail import Mail
from shared.content.mime import message_digest
from shared.content.site_keys import SiteKeys
from shared.content.tokens import chrono_in_subject, pseudonym
from shared.facts.arrival_base import LikenessThread, MessageThread, ThreadCandidate, TokenThread
from shared.facts.envelope import Digest

_REPLY_MARKS = re.compile(
    r"^\s*(?:(?:re|ré|rép|rep|aw|sv|fw|fwd|tr|transf)\s*(?:\[\d{1,3}\])?\s*:|\[[^\]]{1,80}\])\s*",
    re.IGNORECASE,
)
_PARTIAL_ID = re.compile(r";\s*id\s*=\s*\"?([^\s\";]{1,300})")
_TOKEN = re.compile(r"\[[^\]\s]{10,60}\]")


def bare_subject(subject: str) -> str:
    """Normalises an email's subject: no « Re: », « TR : », list tags or tokens, in lower case."""
    bare = _TOKEN.sub(" ", subject[:1000])
    while (shorter := _REPLY_MARKS.sub("", bare, count=1)) != bare:
        bare = shorter
    return " ".join(bare.casefold().split())


def subject_pseudonym(secret: SiteKeys, subject: str) -> Digest | None:
    """Returns the pseudonym (keyed digest) of an email's subject.

    `None` when nothing is left of it.
    """
    bare = bare_subject(subject)
    return pseudonym(secret, "subject", bare) if bare else None


def mail_pseudonym(secret: SiteKeys, mail: Mail, subject: str) -> Digest | None:
    """Returns the pseudonym that emails of one exchange with a correspondent probably share.

    It is made from the subject; for parts of a divided message, from the id that they share.
    `None`: nothing is left of the subject.
    """
    kind = mail.first("content-type")
    partial = _PARTIAL_ID.search(kind) if kind.startswith(PARTIAL) else None
    if partial is not None:
        return pseudonym(secret, "partial", partial[1])
    return subject_pseudonym(secret, subject)


def threads(mail: Mail, secret: SiteKeys) -> tuple[ThreadCandidate, ...]:
    """Returns the items or messages that an email may belong to (candidates), surest first."""
    return tuple(_candidates(mail, secret))


def _candidates(mail: Mail, secret: SiteKeys) -> Iterator[ThreadCandidate]:
    chrono = chrono_in_subject(secret, mail.subject)
    if chrono is not None:
        yield TokenThread(chrono=chrono)
    named_messages = tuple(filter(None, map(message_digest, mail.references)))
    if named_messages:
        yield MessageThread(messages=named_messages)
    likeness = mail_pseudonym(secret, mail, mail.subject)
    if likeness is not None:
        yield LikenessThread(subject=likeness)

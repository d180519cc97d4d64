"""What makes two appearances one arrival, and two arrivals copies of each other (DESIGN §2).

The *fingerprint* is an index by which the register joins copies: it has nothing that a way through
servers adds, and only the day of the sender's date, so that the same text sent again within the day
under a new Message-ID is found (DOMAIN §10.12). The *identity* tells appearances in one source
apart and therefore has everything that two messages can differ by.
"""

import hashlib
from collections.abc import Iterable

from services.ingest.domain.mail import Mail
from shared.facts.envelope import Digest


def fingerprint(mail: Mail) -> Digest:
    """Returns an email's fingerprint, by which copies are found: a SHA-256 over its content.

    The content is sender, day, subject, text and attachments.
    """
    return _digest(
        [
            mail.sender.address,
            mail.written.date().isoformat() if mail.written else "",
            mail.subject.casefold(),
            " ".join(mail.whole_text.split()),
            *sorted(attachment.sha256 for attachment in mail.attachments),
        ]
    )


def identity(mail: Mail) -> str:
    """Returns the identity of an email for its arrival id: the same one read twice has the same."""
    date = mail.first("date")
    received = "" if date else next(mail.all("received"), "")
    return _digest([fingerprint(mail), mail.message_id, date, " ".join(received.split())])


def of_octets(octets: bytes) -> Digest:
    """Returns the SHA-256 of a whole file or unreadable email: its fingerprint and identity."""
    return Digest(hashlib.sha256(octets).hexdigest())


def of_texts(texts: Iterable[str]) -> Digest:
    """Returns the fingerprint of a form or upload, from its fields and the hashes of its files."""
    return _digest(texts)


def _digest(texts: Iterable[str]) -> Digest:
    hashed = hashlib.sha256()
    for text in texts:
        octets = text.encode("utf-8", "replace")
        # Each part is preceded by its length: no two lists of parts read the same.
        hashed.update(len(octets).to_bytes(8, "big") + octets)
    return Digest(hashed.hexdigest())

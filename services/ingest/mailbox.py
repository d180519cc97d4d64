"""The door to a mail folder: what a pass needs of a server.

The real one is services/ingest/imap.py, the other stands in tests. All of it blocks; each folder
has a connection and a thread of its own (services/ingest/watch.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

from services.ingest.reader_threads import MOST_OCTETS
from services.ingest.wake_up import WakeUp
from shared.errors import TemporaryFailure

BATCH: Final = 100
"""Mails that are fetched, judged and kept together, at most."""
BOMB = "mail-bomb"
"""The reason of quarantine of what ends whoever opens it."""


class MailFailure(TemporaryFailure):
    """Raised when the mail server or the network failed: connect again after a pause."""


class AccessRefused(TemporaryFailure):
    """Raised when the mail server refuses user or password: a retry may lock the account."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An email as the server gave it, with its UID."""

    uid: int
    internal_date: datetime | None
    """Aware; `None` when the server does not say."""
    octets: bytes
    fault: str = ""
    """A code when `octets` is not the whole mail (`mail-too-large`, `mail-not-delivered`), or when
    it is and must not be opened (`BOMB`)."""


def password_variable(mailbox: str) -> str:
    """Returns the environment variable with a mailbox's password.

    `VAGUEMESTRE_PASSWORD_PREF_BMI`
    """
    return f"VAGUEMESTRE_PASSWORD_{mailbox.upper().replace('-', '_').replace('.', '_')}"


def shown_at(mail: Fetched, now: datetime, *, story: bool) -> datetime:
    """Returns the moment at which the server took an email, but never later than `now`.

    On a demo site (`story`) it is `now`, since the mail server lives in another time.
    """
    return now if story or mail.internal_date is None else min(mail.internal_date, now)


def share_octets(mail: Fetched) -> int:
    """Returns the octets that a mail counts for in a share: all, where it is not to be opened."""
    return MOST_OCTETS if mail.fault else max(1, len(mail.octets))


class MailSource(Protocol):
    """The interface of a mail folder; each method may raise MailFailure, `open` AccessRefused."""

    def open(self) -> int:
        """Connects to the mail server and selects the folder; returns its UIDVALIDITY."""
        ...

    def uids(self, above: int = 0) -> list[int]:
        """Lists the UIDs greater than `above`, ascending."""
        ...

    def uids_since(self, day: date) -> list[int]:
        """Lists the UIDs of emails that the server took on this day or later, ascending."""
        ...

    def sizes(self, uids: Sequence[int]) -> Mapping[int, int]:
        """Returns the size of each email in octets, as the server says.

        Missing mails are left out.
        """
        ...

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        """Fetches emails without marking them as read; missing emails are left out."""
        ...

    def mark(self, uids: Sequence[int]) -> None:
        """Marks stored emails on the server; does nothing where the settings forbid it."""
        ...

    def wait(self, longest: float, stop: WakeUp) -> None:
        """Waits until the server reports a change or `stop` is set, at most `longest` seconds."""
        ...

    def close(self) -> None:
        """Closes the connection to the mail server; never raises."""
        ...


def batches(
    sizes: Mapping[int, int], *, mails: int = BATCH, octets: int = 16_000_000
) -> Iterator[list[int]]:
    """Yields mails, by ascending UID, in batches of at most `mails` mails and `octets` octets.

    A larger mail is a batch of its own.
    """
    batch: list[int] = []
    heavy = 0
    for uid in sorted(sizes):
        if batch and (len(batch) == mails or heavy + sizes[uid] > octets):
            yield batch
            batch, heavy = [], 0
        batch.append(uid)
        heavy += sizes[uid]
    if batch:
        yield batch

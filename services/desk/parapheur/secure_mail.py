"""The interface of a sender of mails sécurisés, and its answers; `PastellMail` is the real one.

The recipient gets a link by mail, and reads there: that they did is known, that they did not yet is
no proof of anything. A mail has a reference of ours, under which it is sent once. What goes wrong
is said by the errors of `signature_book`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from services.desk.parapheur.signature_book import Annex, NoteRemote, RemoteId


@dataclass(frozen=True, slots=True)
class MailToSend:
    """A letter to be sent as mail sécurisé: our reference, what its recipients read, its files."""

    reference: str
    """Stands in no other title: 32 hexadecimal digits."""
    subject: str
    text: str
    recipients: Sequence[str]
    """Plain addresses: to whom the letter goes, then who has a copy."""
    files: Sequence[Annex]
    """The letter as PDF, then its enclosures; no two of one name."""


@dataclass(frozen=True, slots=True)
class MailReading:
    """A recipient's part of a mail sécurisé: when their link left, and when they first read it."""

    sent_at: datetime
    """Aware."""
    read_at: datetime | None = None
    """Aware; `None`: not yet."""
    reminders: int = 0
    """How often the link was sent again."""
    returned: bool = False
    """Their mail server gave the link back."""


@dataclass(frozen=True, slots=True)
class MailSent:
    """The answer that a mail sécurisé left: what is known of each recipient."""

    readings: Sequence[MailReading | None]
    """In the order of the addresses that were asked for; `None`: no such recipient there."""

    @property
    def at(self) -> datetime:
        """The moment at which the first link left, aware."""
        return min(reading.sent_at for reading in self.readings if reading is not None)


@dataclass(frozen=True, slots=True)
class MailUnsent:
    """The answer that a mail sécurisé is there, and will leave by itself."""


MailAnswer: TypeAlias = MailSent | MailUnsent


class SecureMail(Protocol):
    """The interface of a server that sends mails sécurisés.

    Every method raises BookAway when it can't be asked, and may be repeated.
    """

    async def send(
        self,
        mail: MailToSend,
        before: RemoteId | None = None,
        noted: NoteRemote | None = None,
    ) -> RemoteId:
        """Sends a mail sécurisé, once for each reference; returns its id there.

        `before`: the id that it has there since an earlier time; never made anew then. `noted`:
        called with its id before anything leaves. Raises BookRefuses; BookUnsure for what may have
        left in part.
        """
        ...

    async def look(self, remote: RemoteId, recipients: Sequence[str]) -> MailAnswer:
        """Asks what became of a mail sécurisé, and who of its `recipients` has read it.

        Raises BookRefuses: not there, broken, or never sent.
        """
        ...

    async def withdraw(self, reference: str, before: RemoteId | None = None) -> bool:
        """Takes out a mail sécurisé that has not left; returns whether none of it is left there.

        One that left stays: its recipients have the link. `before`: as for `send`.
        """
        ...

"""The interface of what opens mails, and the two ways in which a mail defeats it.

The real one (services/ingest/mail_parser.py) asks child processes, the other stands in tests; both
give the same mails.
"""

from collections.abc import Generator, Sequence
from typing import Protocol, TypeAlias

from services.ingest.domain.mail import Mail, UnreadableMail
from shared.errors import PermanentFailure


class MailBomb(PermanentFailure):
    """Raised for an email whose opening crashes the process or never ends."""


class SlowMail(Exception):  # noqa: N818  (no failure: it is read apart)
    """Raised for an email that takes longer to open than others are to wait for it.

    It is to be read apart, by who is patient.
    """


Parsed: TypeAlias = Mail | UnreadableMail
SoonParsed: TypeAlias = Generator[Mail | UnreadableMail | SlowMail, None, None]


class MailParser(Protocol):
    """The interface of a parser of emails; its methods block the calling thread."""

    def read(self, octets: bytes) -> Parsed:
        """Parses the octets of an email; returns it, or what can be shown of an unreadable one.

        Raises:
            MailBomb: it can't be read by anybody.
            ChildFailed: our reading of it has a fault.
            TemporaryFailure: no process can be started that reads it.
        """
        ...

    def read_soon(self, mails: Sequence[bytes]) -> SoonParsed:
        """Parses the octets of several emails; yields what each is, in their order.

        SlowMail: it can't be read at once, or not in a second and a half. It may end before the
        last email: the ones behind a SlowMail are to be asked for again. To be closed by whoever
        stops before its end.

        Raises TemporaryFailure as `read`.
        """
        ...

    def unread(self, octets: bytes, reason: str) -> UnreadableMail:
        """Returns what can be shown of an email that can't be parsed; raises as `read`."""
        ...

    def close(self) -> None:
        """Ends what parses emails, such as child processes."""
        ...

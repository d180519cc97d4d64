"""The door to a mail's content without a child process: its in-memory form."""

from collections.abc import Sequence

from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.mail import Mail, UnreadableMail, unread
from services.ingest.mail_opener import SoonParsed


class LocalMailParser:
    """Parses emails in the process of the tests."""

    def read(self, octets: bytes) -> Mail | UnreadableMail:
        """Parses the octets of an email in this process, however long that takes."""
        return read_whole(octets)

    def read_soon(self, mails: Sequence[bytes]) -> SoonParsed:
        """Parses emails in this process, each as `read` does."""
        yield from map(self.read, mails)

    def unread(self, octets: bytes, reason: str) -> UnreadableMail:
        """Returns what can be shown of an email that can't be parsed."""
        return unread(octets, reason)

    def close(self) -> None:
        """Ends nothing: there is no process."""

"""The door to a mail's content without a child process: its in-memory form."""

from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.mail import Mail, UnreadableMail, unread


class LocalMailParser:
    """Parses emails in the process of the tests."""

    def read(self, octets: bytes, *, soon: bool = False) -> Mail | UnreadableMail:
        """Parses the octets of an email in this process, however long that takes."""
        del soon
        return read_whole(octets)

    def unread(self, octets: bytes, reason: str) -> UnreadableMail:
        """Returns what can be shown of an email that can't be parsed."""
        return unread(octets, reason)

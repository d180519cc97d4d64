"""Mails that a mailbox has read, as they were read, until their attached files are read as well.

Such a mail is judged again by what stands in its files (attachment_job.py), seconds after it was
judged without them: to read it once more costs what it cost the first time, two switches of process
and, where none runs, a child's start of half a second. Nothing depends on what stands here: what
found no room, came from another process or waited for long is read once more.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Final

from services.ingest.domain.attachments import worth_reading
from services.ingest.domain.mail import Mail, UnreadableMail
from services.ingest.mail_opener import MailParser, Parsed, SoonParsed

MOST_LETTERS: Final = 4_000_000
"""Of all mails together: a thousand ordinary ones, or one of the longest."""
KEPT_SECONDS: Final = 300.0
"""For longer than a receipt waits for files: whose files nobody reads goes with the next mail."""


class MailMemory:
    """A parser of emails that remembers, once, each of those whose files are to be read."""

    def __init__(self, mails: MailParser, now: Callable[[], float] = time.monotonic) -> None:
        """Remembers nothing yet; `now` returns monotonic seconds."""
        self._mails = mails
        self._now = now
        self._guard = threading.Lock()
        self._known = dict[bytes, tuple[float, int, Mail]]()
        """By SHA-256 of the octets, the oldest first: since when, how many letters, the mail."""
        self._letters = 0

    def read(self, octets: bytes) -> Parsed:
        """Returns a remembered email, which is then forgotten; has any other parsed."""
        if self._known:
            with self._guard:
                self._forget()
                known = self._known.pop(_digest(octets), None)
                self._letters -= 0 if known is None else known[1]
            if known is not None:
                return known[2]
        return self._mails.read(octets)

    def read_soon(self, mails: Sequence[bytes]) -> SoonParsed:
        """Has emails parsed; remembers those whose files are to be read."""
        with self._guard:
            self._forget()
        with closing(self._mails.read_soon(mails)) as read:
            for octets, found in zip(mails, read, strict=False):
                if isinstance(found, Mail) and worth_reading(found.attachments):
                    self._remember(_digest(octets), found)
                yield found

    def unread(self, octets: bytes, reason: str) -> UnreadableMail:
        """Returns what can be shown of an email that can't be parsed."""
        return self._mails.unread(octets, reason)

    def close(self) -> None:
        """Ends what parses emails."""
        self._mails.close()

    def _remember(self, digest: bytes, mail: Mail) -> None:
        """Keep a mail as far as there is room: those that are there are asked for before it."""
        letters = _letters(mail)
        with self._guard:
            self._forget()
            if digest not in self._known and self._letters + letters <= MOST_LETTERS:
                self._known[digest] = self._now(), letters, mail
                self._letters += letters

    def _forget(self) -> None:
        oldest = self._now() - KEPT_SECONDS
        while self._known and next(iter(self._known.values()))[0] < oldest:
            self._letters -= self._known.pop(next(iter(self._known)))[1]


def _digest(octets: bytes) -> bytes:
    return hashlib.sha256(octets).digest()


def _letters(mail: Mail) -> int:
    texts = (mail.text, mail.quoted, mail.unsure, mail.whole_text, mail.html)
    pairs = sum(len(name) + len(value) for name, value in (*mail.fields, *mail.data))
    return sum(map(len, texts)) + pairs + sum(map(_letters, mail.inner))

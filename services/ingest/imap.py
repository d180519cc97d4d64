"""A mail folder reached by IMAP4rev1, with IDLE where the server has it (imap_session.py)."""

import select
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from services.ingest.imap_session import ImapSession
from services.ingest.mailbox import Fetched
from services.ingest.wake_up import WakeUp

_FIRST_YEAR = 1980
"""A server that says an earlier one has no date for the mail."""
IDLE_SECONDS = 9 * 60
"""Servers end an IDLE after 30 minutes, home routers a silent connection after 10."""


class ImapSource(ImapSession):
    """A mail folder reached by IMAP4rev1 (a `MailSource`)."""

    def uids(self, above: int = 0) -> list[int]:
        """Lists the UIDs above a number, ascending (`n:*` alone would give the last email too)."""
        with self._failing("list the mails"):
            self._open.forget_arrivals()
            found = self._open.search(["UID", f"{above + 1}:*"])
        return sorted(uid for uid in found if uid > above)

    def uids_since(self, day: date) -> list[int]:
        """Lists the UIDs of emails that the server took on a day or later, ascending."""
        with self._failing("search mails"):
            return sorted(self._open.search(["SINCE", day]))

    def sizes(self, uids: Sequence[int]) -> Mapping[int, int]:
        """Returns the size of each email in octets, as the IMAP server says."""
        if not uids:
            return {}
        with self._failing("ask sizes"):
            answer = self._open.fetch(uids, ["RFC822.SIZE"])
        self._sizes = {uid: int(data.get(b"RFC822.SIZE", 0)) for uid, data in answer.items()}
        return self._sizes

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        """Fetches emails by IMAP, leaving them unmarked; for one that fails, only the reason."""
        with self._failing("fetch mails"):
            try:
                return list(self._fetch_together(uids))
            except IMAPClientAbortError:
                raise
            except IMAPClientError:
                return [fetched for uid in uids for fetched in self._fetch_alone(uid)]

    def mark(self, uids: Sequence[int]) -> None:
        """Marks stored emails on the IMAP server, with the keyword of the settings."""
        if not self._marks or not uids:
            return
        with self._failing("mark mails"):
            self._open.add_flags(uids, [self._account.mark.encode()], silent=True)

    def wait(self, longest: float, stop: WakeUp) -> None:
        """Waits for news by IMAP IDLE, which any line of the server ends; without IDLE only waits.

        It ends after `longest` seconds, after nine minutes, or as soon as `stop` is set.
        """
        watched = select.poll()
        watched.register(stop, select.POLLIN)
        longest = min(longest, IDLE_SECONDS)
        if not self._idles:
            watched.poll(longest * 1000)
            return
        with self._failing("wait for mails"):
            client = self._open
            heard = client.start_idle()
            watched.register(client.socket(), select.POLLIN)
            if not heard:
                watched.poll(longest * 1000)
            client.idle_done()

    def _fetch_together(self, uids: Sequence[int]) -> Iterator[Fetched]:
        # Asked together for all that a pass takes; what a number stands for never changes.
        known = self._sizes.keys() >= set(uids)
        sizes = {uid: self._sizes[uid] for uid in uids} if known else self.sizes(uids)
        whole = [uid for uid, size in sizes.items() if size <= self._account.largest]
        large = [uid for uid, size in sizes.items() if size > self._account.largest]
        yield from self._parts(whole, "BODY[]", "")
        yield from self._parts(large, "BODY[HEADER]", "mail-too-large")

    def _parts(self, uids: Sequence[int], part: str, fault: str) -> Iterator[Fetched]:
        if not uids:
            return
        answer = self._open.fetch(uids, ["INTERNALDATE", part.replace("BODY", "BODY.PEEK")])
        for uid in uids:
            data = answer.get(uid, {})
            if part.encode() in data:
                yield Fetched(uid, _aware(data), data[part.encode()] or b"", fault)

    def _fetch_alone(self, uid: int) -> Iterator[Fetched]:
        with self._failing("fetch a mail"):
            try:
                yield from self._fetch_together([uid])
            except IMAPClientAbortError:
                raise
            except IMAPClientError:
                yield Fetched(uid, None, b"", "mail-not-delivered")


def _aware(data: Mapping[bytes, Any]) -> datetime | None:
    found = data.get(b"INTERNALDATE")
    if not isinstance(found, datetime) or found.year < _FIRST_YEAR:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

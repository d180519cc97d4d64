"""A mail folder reached by IMAP4rev1, with IDLE where the server has it.

Whatever the server, the network or the library does wrong leaves here as one of two failures.
"""

import select
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from services.ingest.connection import Connection
from services.ingest.mailbox import Fetched, MailFailure
from services.ingest.sign_in import SignIn
from services.ingest.wake_up import WakeUp

_FIRST_YEAR = 1980
"""A server that says an earlier one has no date for the mail."""
IDLE_SECONDS = 9 * 60
"""Servers end an IDLE after 30 minutes, home routers a silent connection after 10."""


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """The settings to reach one IMAP folder: server, account, password, folder."""

    mailbox: str
    """Its id in mailboxes.yaml, for sentences and logs."""
    host: str
    port: int
    tls: bool
    sign_in: SignIn = field(repr=False)
    folder: str
    mark: str = ""
    """`\\Seen` or a keyword put on what is kept; empty: nothing is changed on the server."""
    largest: int = 60_000_000
    """Octets; of a larger mail only the header is taken, and it is left as it is."""


class ImapSource:
    """A mail folder reached by IMAP4rev1 (a `MailSource`)."""

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        self._client: Connection | None = None
        self._marks = False
        self._idles = False

    def open(self) -> int:
        """Connects to the IMAP server and selects the folder; returns its UIDVALIDITY."""
        self.close()
        account = self._account
        # Before the connection: a token may be long in coming, and a server's patience is short.
        key = account.sign_in.key()
        with self._failing("connect to the server"):
            client = Connection(account.host, account.port, tls=account.tls)
        self._client = client
        with self._failing("log in"):
            try:
                account.sign_in.log_in(client, key)
            except LoginError as error:
                if any(code in str(error).upper() for code in _NOT_NOW):
                    raise self._failure("log in", error) from None
                self.close()
                # Without a cause: some servers repeat the user's name and more in their refusal.
                raise account.sign_in.refused(account.mailbox, key) from None
        with self._failing(f"open folder {account.folder}"):
            status: Any = client.select_folder(account.folder, readonly=not account.mark)
            client.forget_arrivals()
            self._idles = b"IDLE" in client.capabilities()
            uidvalidity = int(status[b"UIDVALIDITY"])
        allowed = {flag.lower() for flag in status.get(b"PERMANENTFLAGS", ())}
        self._marks = bool(account.mark) and (
            account.mark.lower().encode() in allowed or b"\\*" in allowed
        )
        return uidvalidity

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
        """Asks the IMAP server for the size of each email, in octets."""
        if not uids:
            return {}
        with self._failing("ask sizes"):
            answer = self._open.fetch(uids, ["RFC822.SIZE"])
        return {uid: int(data.get(b"RFC822.SIZE", 0)) for uid, data in answer.items()}

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        """Fetches emails by IMAP, unmarked; of one that the server can't give, only the reason."""
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

    def close(self) -> None:
        """Closes the IMAP connection; never raises."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_TROUBLE):
                client.shutdown()

    def _fetch_together(self, uids: Sequence[int]) -> Iterator[Fetched]:
        sizes = self.sizes(uids)
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

    @property
    def _open(self) -> Connection:
        if self._client is None:
            raise MailFailure(f"Mailbox {self._account.mailbox} is not connected.")
        return self._client

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        """Turns what goes wrong inside into a MailFailure, the connection closed."""
        try:
            yield
        except _TROUBLE as error:
            raise self._failure(what, error) from error

    def _failure(self, what: str, error: BaseException) -> MailFailure:
        self.close()
        account = self._account
        return MailFailure(
            f"Mailbox {account.mailbox}: can't {what} at {account.host}:{account.port} "
            f"({type(error).__name__})."
        )


_TROUBLE = (
    *(IMAPClientError, OSError, ssl.SSLError, EOFError, ValueError, LookupError, ArithmeticError),
    # What the library raises of an answer that it did not expect.
    *(TypeError, AttributeError, AssertionError, RuntimeError),
)
_NOT_NOW = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
"""RFC 5530: the server can't say now who is let in; nothing is wrong with the password."""


def _aware(data: Mapping[bytes, Any]) -> datetime | None:
    found = data.get(b"INTERNALDATE")
    if not isinstance(found, datetime) or found.year < _FIRST_YEAR:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

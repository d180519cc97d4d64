"""The door to a mail folder: what a pass needs of an IMAP server, and the real one.

All of it blocks; each folder has a connection and a thread of its own (services/ingest/watch.py).
Whatever the server, the network or the library does wrong leaves here as one of three failures.
"""

import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError
from pydantic import SecretStr

from shared.errors import TemporaryFailure

CONNECT_SECONDS = 15
READ_SECONDS = 60
IDLE_SECONDS = 9 * 60
"""Servers end an IDLE after 30 minutes, home routers a silent connection after 10."""
_SLICE_SECONDS = 1.0
_EMPTY_AT_ONCE = 0.5
"""A closed connection answers IDLE with nothing at once, for ever."""


class MailFailure(TemporaryFailure):
    """The server or the way to it failed; connect again after a pause."""


class AccessRefused(TemporaryFailure):
    """User or password are refused: trying again soon may lock the account, a person must act."""


@dataclass(frozen=True, slots=True)
class Account:
    """How a folder is reached."""

    mailbox: str
    """Its id in mailboxes.yaml, for sentences and logs."""
    host: str
    port: int
    tls: bool
    user: str = field(repr=False)
    password: SecretStr
    folder: str
    mark: str = ""
    """`\\Seen` or a keyword put on what is kept; empty: nothing is changed on the server."""
    largest: int = 60_000_000
    """Octets; of a larger mail only the header is taken, and it is left as it is."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail as the server gave it."""

    uid: int
    internal_date: datetime | None
    """Aware; `None` when the server does not say."""
    octets: bytes
    fault: str = ""
    """A code when `octets` is not the whole mail: `mail-too-large`, `mail-not-delivered`."""


class MailSource(Protocol):
    """One folder of a mail server. Every method may raise MailFailure; `open` AccessRefused too."""

    def open(self) -> int:
        """Connect and select the folder; its UIDVALIDITY."""
        ...

    def uids(self, above: int = 0) -> list[int]:
        """UIDs greater than `above`, ascending."""
        ...

    def uids_since(self, day: date) -> list[int]:
        """UIDs of the mails that the server took on this day or later, ascending."""
        ...

    def sizes(self, uids: Sequence[int]) -> Mapping[int, int]:
        """Octets of each mail as the server says; those that are gone are left out."""
        ...

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        """The mails, unread marks untouched; those that are gone are left out."""
        ...

    def mark(self, uids: Sequence[int]) -> None:
        """Mark what is kept; does nothing where the account says so."""
        ...

    def wait(self, longest: float, stop: threading.Event) -> None:
        """Return when the server hints at something new, after `longest` seconds, or on `stop`."""
        ...

    def close(self) -> None:
        """Leave; never raises."""
        ...


class ImapSource:
    """A folder reached by IMAP4rev1."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client: IMAPClient | None = None
        self._marks = False
        self._idles = False

    def open(self) -> int:
        """See MailSource."""
        self.close()
        account = self._account
        with self._failing("connect to the server"):
            client = IMAPClient(
                account.host,
                port=account.port,
                ssl=account.tls,
                timeout=SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            )
        self._client = client
        client.normalise_times = False
        try:
            client.login(account.user, account.password.get_secret_value())
        except LoginError:
            self.close()
            variable = f"VAGUEMESTRE_PASSWORD_{account.mailbox.upper().replace('-', '_')}"
            # Without a cause: some servers repeat the user's name and more in their refusal.
            raise AccessRefused(
                f"The server refuses user or password of mailbox {account.mailbox}: "
                f"check {variable} and `user` in mailboxes.yaml."
            ) from None
        except _TROUBLE as error:
            raise self._failure("log in", error) from error
        with self._failing(f"open folder {account.folder}"):
            status: Any = client.select_folder(account.folder, readonly=not account.mark)
            self._idles = b"IDLE" in client.capabilities()
        allowed = {flag.lower() for flag in status.get(b"PERMANENTFLAGS", ())}
        self._marks = bool(account.mark) and (
            account.mark.lower().encode() in allowed or b"\\*" in allowed
        )
        return int(status[b"UIDVALIDITY"])

    def uids(self, above: int = 0) -> list[int]:
        """See MailSource. `n:*` always names the last mail, so what is not above is dropped."""
        with self._failing("list the mails"):
            found = self._open.search(["UID", f"{above + 1}:*"])
        return sorted(uid for uid in found if uid > above)

    def uids_since(self, day: date) -> list[int]:
        """See MailSource."""
        with self._failing("search mails"):
            return sorted(self._open.search(["SINCE", day]))

    def sizes(self, uids: Sequence[int]) -> Mapping[int, int]:
        """See MailSource."""
        if not uids:
            return {}
        with self._failing("ask sizes"):
            answer = self._open.fetch(uids, ["RFC822.SIZE"])
        return {uid: int(data.get(b"RFC822.SIZE", 0)) for uid, data in answer.items()}

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        """See MailSource. A mail that the server can't give alone fails alone."""
        try:
            return list(self._fetch_together(uids))
        except IMAPClientError as error:
            if isinstance(error, IMAPClient.AbortError):
                raise self._failure("fetch mails", error) from error
            return [one for uid in uids for one in self._fetch_alone(uid)]
        except _TROUBLE as error:
            raise self._failure("fetch mails", error) from error

    def mark(self, uids: Sequence[int]) -> None:
        """See MailSource."""
        if not self._marks or not uids:
            return
        with self._failing("mark mails"):
            self._open.add_flags(uids, [self._account.mark.encode()], silent=True)

    def wait(self, longest: float, stop: threading.Event) -> None:
        """See MailSource. Without IDLE it only waits."""
        longest = min(longest, IDLE_SECONDS)
        if not self._idles:
            stop.wait(longest)
            return
        with self._failing("wait for mails"):
            self._open.idle()
            try:
                self._listen(longest, stop)
            finally:
                self._open.idle_done()

    def close(self) -> None:
        """See MailSource."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_TROUBLE):
                client.shutdown()

    def _listen(self, longest: float, stop: threading.Event) -> None:
        deadline = time.monotonic() + longest
        while not stop.is_set() and (left := deadline - time.monotonic()) > 0:
            asked = time.monotonic()
            timeout = min(_SLICE_SECONDS, left)
            answers = self._open.idle_check(timeout=timeout)
            if any(len(answer) > 1 and answer[1] in {b"EXISTS", b"RECENT"} for answer in answers):
                return
            if not answers and time.monotonic() - asked < min(_EMPTY_AT_ONCE, timeout / 2):
                raise OSError("the server closed the connection while it was waited for")

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
        try:
            yield from self._fetch_together([uid])
        except IMAPClientError as error:
            if isinstance(error, IMAPClient.AbortError):
                raise self._failure("fetch a mail", error) from error
            yield Fetched(uid, None, b"", "mail-not-delivered")
        except _TROUBLE as error:
            raise self._failure("fetch a mail", error) from error

    @property
    def _open(self) -> IMAPClient:
        if self._client is None:
            raise MailFailure(f"Mailbox {self._account.mailbox} is not connected.")
        return self._client

    def _failing(self, what: str) -> "_Failing":
        return _Failing(self, what)

    def _failure(self, what: str, error: BaseException) -> MailFailure:
        self.close()
        account = self._account
        return MailFailure(
            f"Mailbox {account.mailbox}: can't {what} at {account.host}:{account.port} "
            f"({type(error).__name__})."
        )


_TROUBLE = (IMAPClientError, OSError, ssl.SSLError, ValueError, KeyError, IndexError, EOFError)


class _Failing:
    """Turns what goes wrong inside into a MailFailure, the connection closed."""

    def __init__(self, source: ImapSource, what: str) -> None:
        self._source = source
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, _TROUBLE):
            raise self._source._failure(self._what, error) from error  # noqa: SLF001  (its own part)


def _aware(data: Mapping[bytes, Any]) -> datetime | None:
    found = data.get(b"INTERNALDATE")
    if not isinstance(found, datetime):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def batches(
    sizes: Mapping[int, int], *, mails: int = 50, octets: int = 16_000_000
) -> Iterator[list[int]]:
    """Part UIDs, ascending, into batches of at most so many mails and about so many octets."""
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

"""The connection to an IMAP folder: signed in, selected, closed; what is asked is imap.py's.

Whatever the server, the network or the library does wrong leaves here as one of two failures.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from imapclient.exceptions import IMAPClientError, LoginError

from services.ingest.connection import MailboxConnection
from services.ingest.mailbox import MailFailure
from services.ingest.sign_in import SignIn

_TROUBLE = (
    *(IMAPClientError, OSError, ssl.SSLError, EOFError, ValueError, LookupError, ArithmeticError),
    # What the library raises of an answer that it did not expect.
    *(TypeError, AttributeError, AssertionError, RuntimeError),
)
_NOT_NOW = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
"""RFC 5530: the server can't say now who is let in; nothing is wrong with the password."""


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


class ImapSession:
    """The connection to one IMAP folder of an account: opened, closed, and its failures named."""

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        self._client: MailboxConnection | None = None
        self._marks = False
        self._idles = False
        self._sizes: Mapping[int, int] = {}

    def open(self) -> int:
        """Connects to the IMAP server and selects the folder; returns its UIDVALIDITY.

        Raises MailFailure, or AccessRefused for the password or token.
        """
        self.close()
        self._sizes = {}
        account = self._account
        # Before the connection: a token may be long in coming, and a server's patience is short.
        key = account.sign_in.key()
        with self._failing("connect to the server"):
            client = MailboxConnection(account.host, account.port, tls=account.tls)
        self._client = client
        with self._failing("log in"):
            try:
                account.sign_in.log_in(client, key)
            except LoginError as error:
                if any(code in str(error).upper() for code in _NOT_NOW):
                    raise self._failure("log in", error) from None
                self.close()
                # Without a cause: some servers repeat the user's name and more in their refusal.
                raise account.sign_in.failure(account.mailbox, key) from None
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

    def close(self) -> None:
        """Closes the IMAP connection; never raises."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_TROUBLE):
                client.shutdown()

    @property
    def _open(self) -> MailboxConnection:
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

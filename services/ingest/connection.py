"""A connection to an IMAP server, with five things that the library leaves open.

All of them use the library's inner parts, which it has no questions for; nobody else does.
"""

import socket
import ssl
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

CONNECT_SECONDS = 15
READ_SECONDS = 60


class MailboxConnection(IMAPClient):  # type: ignore[misc]  # the library has no types
    """An IMAP client (IMAPClient) that survives lines which a server sends unexpectedly in IDLE."""

    def __init__(self, host: str, port: int, *, tls: bool) -> None:
        timeout = SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        super().__init__(host, port=port, ssl=tls, timeout=timeout)
        self.normalise_times = False
        # One more, and it writes out each whole mail twice, for a log that nobody reads.
        self._imap.debug = 4
        self._hasten()

    def forget_arrivals(self) -> None:
        """Drops the server's notices of new emails (EXISTS): the next listing will show those."""
        self._imap.untagged_responses.pop("EXISTS", None)

    def start_idle(self) -> bool:
        """Enters IMAP IDLE; returns whether the server has already reported a change.

        A new mail is reported only once, maybe in the answer to an earlier command. Changes that
        other users of the mailbox make may be reported before the answer to IDLE, or together with
        it.
        """
        imap: Any = self._imap
        self._idle_tag: str = imap._command("IDLE")  # noqa: SLF001  (see above)
        said = "EXISTS" in imap.untagged_responses
        while imap._get_response() is not None:  # noqa: SLF001  (the library has no question for it)
            if imap.tagged_commands.get(self._idle_tag) is not None:
                raise IMAPClientError("The server refuses IDLE.")
            said = True
        return said or self._said_more()

    def _said_more(self) -> bool:
        """Whether lines were read together with the last one: no descriptor tells of them."""
        connection = self.socket()
        connection.settimeout(0)
        try:
            return bool(self._imap.file.peek(1))
        except ssl.SSLWantReadError:
            return False
        finally:
            connection.settimeout(READ_SECONDS)

    def _hasten(self) -> None:
        """Acknowledge what the server sends at once, after each command.

        A server that writes its answer in pieces may wait for the acknowledgement of the first,
        which the kernel keeps back for 40 ms; every command sent has it do so again.
        """
        if not hasattr(socket, "TCP_QUICKACK"):
            return
        imap: Any = self._imap
        send = imap.send

        def send_and_listen(octets: bytes) -> None:
            send(octets)
            self.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

        imap.send = send_and_listen

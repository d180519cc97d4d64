"""How the story's inputs enter: mails into their mailbox, scans into the copier's folder.

Mails are appended with the line that the préfecture's own server would have written, so that their
moment is the story's. A scan appears whole, as a copier with a good driver writes it.
"""

import imaplib
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any


@contextmanager
def mailbox(run: Mapping[str, Any], address: str, password: str) -> Iterator[imaplib.IMAP4]:
    """A context manager with an IMAP session on one mailbox of the demo's mail server."""
    with imaplib.IMAP4(run["imap_host"], run["imap_port"], timeout=60) as session:
        # An append ends with two short writes: held back, they cost 40 ms a mail.
        session.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session.login(address, password)
        yield session


def append(session: imaplib.IMAP4, octets: bytes, taken: datetime, folder: str = "INBOX") -> None:
    """Puts a demo email into an IMAP folder, as if the server had taken it at `taken`."""
    date = imaplib.Time2Internaldate(taken)
    answer, said = session.append(folder, "", date, octets)
    if answer != "OK":
        raise OSError(f"{folder} refused a mail: {said!r}")


def fetch_all(session: imaplib.IMAP4, folder: str = "INBOX") -> list[bytes]:
    """Fetches every email of an IMAP folder, oldest first."""
    if session.select(folder, readonly=True)[0] != "OK":
        return []
    if not session.search(None, "ALL")[1][0]:
        return []
    parts = session.fetch("1:*", "(BODY.PEEK[])")[1]
    return [part[1] for part in parts if isinstance(part, tuple)]


def await_mails(
    run: Mapping[str, Any], address: str, password: str, count: int, within: float
) -> list[bytes]:
    """Waits for `count` emails in a demo mailbox; returns those there are when time is up."""
    deadline = time.monotonic() + within
    while True:
        try:
            with mailbox(run, address, password) as session:
                mails = fetch_all(session)
        except imaplib.IMAP4.error:
            mails = []  # the server makes a stranger's mailbox with the first mail to it
        if len(mails) >= count or time.monotonic() > deadline:
            return mails
        time.sleep(0.05)


def scan(folder: Path, name: str, octets: bytes) -> None:
    """Puts a demo file into a scan folder, by a rename: it is never seen half written."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{name}.part"
    partial.write_bytes(octets)
    partial.replace(folder / name)

"""mailboxes.yaml: every source that ingest reads. Addresses of servers and secrets stay outside.

A password is never here: mailbox `pref-bmi` reads it from the variable
`VAGUEMESTRE_PASSWORD_PREF_BMI`, and `sign_in: token` needs none.
"""

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import Channel
from shared.values import Code, EmailAddress, Table


class Mailbox(Table):
    """A shared mailbox of the préfecture that is read; its arrivals come from `mailbox:<id>`."""

    id: Code
    address: EmailAddress
    service: Code | None = None
    """Whose mailbox it is; `None` for the préfecture's general one."""
    host: str | None = None
    """`None`: VAGUEMESTRE_IMAP_HOST (and port)."""
    port: int = 993
    user: str | None = None
    """The mailbox's name on its server; `None`: the address."""
    sign_in: Literal["token"] | None = None
    """`token`: by the access token that the program is given (VAGUEMESTRE_OAUTH_TOKEN_URL); `None`:
    by a password."""
    signs_in_as: str | None = None
    """The account whose password opens this shared mailbox; `None`: the mailbox's own."""
    tls: bool = True
    inbox: str = "INBOX"
    folders: tuple[str, ...] = ()
    """Further folders of this mailbox, into which people or rules of its server sort mail: read
    like the inbox, and a mail that is moved between them stays one arrival."""
    sent: str | None = None
    """The Sent folder to observe, source `sent:<id>`; `None`: not observed."""
    bounces: bool = False
    """This mailbox receives the return path: what comes is judged as bounces first."""
    plus_addressing: bool = False
    """Mail to `name+anything@…` comes in here too, and is written to this address."""

    @property
    def watched(self) -> Mapping[str, str]:
        """The folders whose mail is taken in, by the name under which each is read."""
        further = {f"mailbox:{self.id}/{folder}": folder for folder in self.folders}
        return {f"mailbox:{self.id}": self.inbox, **further}


PATCH_CODES: Final = ("PATCH-1", "PATCH-2", "PATCH-4", "PATCH-T")
"""Of six, two are the reverse of two others: a sheet may lie on its head."""


class ForeignSheet(Table):
    """A separator sheet of another product, known by its code; anybody can print such a sheet."""

    code: str = Field(min_length=1, max_length=200)
    """The text of its Code 128, DataMatrix or QR code, to the letter; or a patch code.

    Those are `PATCH-T` (and Patch 3, which is Patch T on its head), `PATCH-1` (and 6), `PATCH-2`
    and `PATCH-4`.
    """
    service: Code | None = None
    """Whose letters follow it; `None`: nobody says."""


class ScanFolder(Table):
    """A folder to which a copier writes its scans; its arrivals come from `scans:<id>`."""

    id: Code
    folder: str
    """Relative to VAGUEMESTRE_SCANS, or absolute."""
    service: Code | None = None
    channel: Channel = Channel.LETTER
    departures: bool = False
    """Signed outgoing letters, whose code carries chrono and kind."""
    share: bool = False
    """A network share: a file `.vaguemestre` stands in it, without which it is not mounted."""
    foreign_sheets: tuple[ForeignSheet, ...] = ()
    """Separator sheets of another product that separate here as well as ours."""

    @property
    def foreign(self) -> Mapping[str, ServiceId | None]:
        """The service that each foreign separator sheet names, by its code's text.

        `None`: it only separates.
        """
        return {
            row.code.strip(): None if row.service is None else ServiceId(row.service)
            for row in self.foreign_sheets
        }


class Trust(Table):
    """The servers and headers whose word in an email is believed: receipt, authentication, spam."""

    received_by: tuple[str, ...]
    """Hosts whose Received line gives the moment of receipt."""
    authserv_ids: tuple[str, ...]
    """Who may write the Authentication-Results that we read; our MX strips a stranger's (ADR 0028).

    At least one (shared/site/checks/mail.py): without it nothing is ever proven.
    """
    results_above_received: bool = False
    """Whether our MX writes its results above its own Received, as RFC 8601 wants: then nothing
    below that Received is believed, and a line that was forged can't be read at all."""
    spam_headers: dict[str, str] = Field(default_factory=dict)
    """Header → value (its beginning) that the trusted filter writes on spam."""


class Sources(Table):
    """The table mailboxes.yaml: all mailboxes and scan folders, and the servers to trust."""

    trust: Trust
    mailboxes: tuple[Mailbox, ...]
    scan_folders: tuple[ScanFolder, ...] = ()

"""What the services need to know about the servers, as variables and as DATA/run.json."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.embedded.account import Account

_PREFIX = "VAGUEMESTRE_"
DOOR = "ingest"
"""The role of the one process that opens mailboxes."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Every address, folder and secret of a running embedded stack."""

    kafka: str
    database_urls: Mapping[str, str] = field(repr=False)
    """By the role's short name: owner, ingest, desk, web, sla, notify, status, …"""
    imap_host: str
    imap_port: int
    smtp_host: str
    smtp_port: int
    tls: bool
    """False: the embedded mail server, which has none; true leaves the choice to the services."""
    blobs: Path
    spool: Path
    scans: Path
    tessdata: Path
    vendor: Path
    """What the pages load in a browser."""
    secret: str = field(repr=False)
    account: Account
    """Of the desk's pages; its password is known here at the first start alone."""
    mailbox_passwords: Mapping[str, str] = field(repr=False)
    """By the mailbox's id in the site's mailboxes.yaml."""
    code_secret: str = field(default="", repr=False)
    """Signs codes on paper instead of `secret`; empty: `secret` does."""

    def environment(self, role: str) -> dict[str, str]:
        """Returns the environment variables of a process with this database role.

        Only the role of ingest gets the passwords of the mailboxes.
        """
        words = {name: _word(value) for name, value in self._plain().items()}
        words["database_url"] = self.database_urls[role]
        for mailbox, password in self.mailbox_passwords.items() if role == DOOR else ():
            words[f"password_{mailbox.replace('-', '_')}"] = password
        return {f"{_PREFIX}{name.upper()}": word for name, word in words.items()}

    def run_file(self) -> dict[str, Any]:
        """Returns the content of DATA/run.json, with the database URL of every role."""
        return self._plain() | {
            "database_urls": dict(self.database_urls),
            "mailbox_passwords": dict(self.mailbox_passwords),
        }

    def _plain(self) -> dict[str, Any]:
        return {
            "kafka": self.kafka,
            "imap_host": self.imap_host,
            "imap_port": self.imap_port,
            "smtp_host": self.smtp_host,
            "smtp_port": self.smtp_port,
            "blobs": str(self.blobs),
            "spool": str(self.spool),
            "scans": str(self.scans),
            "tessdata": str(self.tessdata),
            "vendor": str(self.vendor),
            "secret": self.secret,
            "local_account": self.account.hashed,
            **({"code_secret": self.code_secret} if self.code_secret else {}),
        } | ({} if self.tls else {"imap_tls": False, "smtp_tls": False})


def _word(value: str | int | bool) -> str:  # noqa: FBT001 (a value to write, not a choice)
    return str(value).lower() if isinstance(value, bool) else str(value)

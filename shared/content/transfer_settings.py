"""The variables of whoever deposits from another machine than ingest's.

Without `VAGUEMESTRE_DEPOSITS_URL` the spool is a folder that ingest reads too, and nothing of this
is imported.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from pydantic import Field, SecretStr

from shared.content.deposit_transfer import LEAST_SECRET
from shared.errors import PermanentFailure
from shared.platform.jobs import Job, every
from shared.platform.observability.health import HealthCheck
from shared.platform.observability.telemetry import Telemetry
from shared.platform.settings import PREFIX, ProcessSettings

if TYPE_CHECKING:
    from shared.content.transfer_sender import DepositSender

_ADDRESS: Final = r"^https?://[^/?#@\s]+(/[^?#@\s]*)?$"
_OF_THIS_MACHINE: Final = ("http://127.0.0.1", "http://localhost", "http://[::1]")


@dataclass(frozen=True)
class SenderParts:
    """The parts of a process that sends what it deposits: its job and its health check."""

    jobs: Mapping[str, Job] = field(default_factory=dict)
    checks: Mapping[str, HealthCheck] = field(default_factory=dict)


class DepositSenderSettings(ProcessSettings):
    """The settings of a process that may send what it deposits to ingest's door."""

    spool: Path
    deposits_url: str | None = Field(default=None, pattern=_ADDRESS)
    """Where ingest's door takes deposits, `https://depots.prefecture.example`; none: `SPOOL` is a
    folder that ingest reads too."""
    deposits_secret: SecretStr = SecretStr("")
    """Our secret at that door."""
    deposits_ca: Path | None = None
    """PEM file of who signed the door's certificate; none: those that the machine trusts."""
    deposits_open: bool = False
    """Said aloud: the network to the door is trusted, and deposits may cross it in clear."""

    def sender_parts(self, telemetry: Telemetry, stopping: asyncio.Event) -> SenderParts:
        """Makes job and check of the sender, and shows its gauges; empty: ingest reads our spool.

        Raises PermanentFailure as `sender` does.
        """
        found = self.sender(telemetry.registry)
        if found is None:
            return SenderParts()
        from shared.content.transfer_sender import EACH_SECONDS  # noqa: PLC0415  (as below)

        telemetry.on_scrape(found.measure)
        return SenderParts(
            {"deposits": every(EACH_SECONDS, found.round, stopping)}, {"deposits": found.check}
        )

    def sender(self, registry: CollectorRegistry) -> "DepositSender | None":
        """Makes the sender of what waits in our spool; `None`: ingest reads it there.

        Raises PermanentFailure: the secret is missing, the address is not TLS, or the file of
        authorities can't be read.
        """
        url, secret = self.deposits_url, self.deposits_secret.get_secret_value()
        if url is None:
            return None
        if len(secret) < LEAST_SECRET or not secret.isascii() or not secret.isprintable():
            raise PermanentFailure(
                f"{PREFIX}DEPOSITS_URL is set: set {PREFIX}DEPOSITS_SECRET too, to the"
                f" {LEAST_SECRET} characters or more that the door knows."
            )
        # Compared with what follows a host: `http://localhost.example` is another machine.
        near = any(url == host or url.startswith((f"{host}:", f"{host}/"))
                   for host in _OF_THIS_MACHINE)  # fmt: skip
        if not (url.startswith("https://") or near or self.deposits_open):
            raise PermanentFailure(
                f"{PREFIX}DEPOSITS_URL is not https, and deposits would cross the network in clear:"
                f" give an address with https, or set {PREFIX}DEPOSITS_OPEN=true where the network"
                " is trusted."
            )
        from shared.content.transfer_sender import DepositSender, DoorAddress  # noqa: PLC0415  (loaded only where no disk is shared)

        try:
            return DepositSender(
                self.spool, DoorAddress(url.rstrip("/"), secret, self.deposits_ca), registry
            )
        except OSError as error:
            raise PermanentFailure(
                f"{PREFIX}DEPOSITS_CA: {self.deposits_ca} can't be read."
            ) from error

"""Settings of the portal: no secret of the site, no folder of originals, no Kafka."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from shared.platform.settings import PORTAL_URL, ProcessSettings


class PortalSettings(ProcessSettings):
    """The settings of the process `portal serve`."""

    role: ClassVar[str] = "portal"

    spool: Path
    """Folder of deposits, on a disk that ingest reads too."""
    vendor: Path | None = None
    """Folder of what npm gave at set-up (htmx, the theme of the State); without it the pages work
    as without JavaScript, in the neutral theme."""
    clamd: str | None = Field(default=None, pattern=r"^(/.+|[^/\s]+:\d{1,5})$")
    """Where clamd looks at what the public attaches: the path of its socket, or `host:port`; none:
    nobody looks."""
    portal_url: str | None = Field(default=None, pattern=PORTAL_URL)
    """Where the public reaches the pages, `https://ecrire.prefecture.example`; none: this machine.
    """
    proxies: str = "127.0.0.1,::1"
    """Addresses or networks, between commas, of the proxies before the pages: they alone are
    believed when they say by X-Forwarded-For who asks."""

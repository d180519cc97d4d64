"""Settings of the portal: no secret of the site, no folder of originals, no Kafka."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from shared.content.encryption import WritingKey
from shared.content.transfer_settings import DepositSenderSettings
from shared.platform.antivirus import ADDRESS
from shared.platform.settings import PORTAL_URL


def _is_a_key(value: str) -> str:
    WritingKey.parse(value)
    return value


class PortalSettings(DepositSenderSettings):
    """The settings of the process `portal serve`."""

    role: ClassVar[str] = "portal"

    encryption_key: Annotated[str, AfterValidator(_is_a_key)] | None = None
    """The public half of the key that encrypts deposits (`vaguemestre keys` writes it): nothing is
    read by it; none: they lie in clear."""
    vendor: Path | None = None
    """Folder of what npm gave at set-up (htmx, the theme of the State); without it the pages work
    as without JavaScript, in the neutral theme."""
    clamd: str | None = Field(default=None, pattern=ADDRESS)
    """Where clamd looks at what the public attaches: the path of its socket, or `host:port`; none:
    nobody looks."""
    portal_url: str | None = Field(default=None, pattern=PORTAL_URL)
    """Where the public reaches the pages, `https://ecrire.prefecture.example`; none: this machine.
    """
    proxies: str = "127.0.0.1,::1"
    """Addresses or networks, between commas, of the proxies before the pages: they alone are
    believed when they say by X-Forwarded-For who asks."""

    @cached_property
    def writing_key(self) -> WritingKey | None:
        """The key that encrypts deposits; `None`: they lie in clear."""
        return None if self.encryption_key is None else WritingKey.parse(self.encryption_key)

"""What the register must be told."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from shared.settings import Settings


class DeskSettings(Settings):
    """Settings of `desk keep`, `desk serve` and the register's short commands."""

    role: ClassVar[str] = "desk"

    blobs: Path
    """Folder of originals and plis."""
    spool: Path
    """Folder by which ingest is asked to read an arrival again."""
    batch: int = Field(default=100, ge=1, le=5000)
    """Records in one transaction: more would hold the counter of chronos longer for nothing."""
    vendor: Path | None = None
    """Folder of what npm gave at set-up (htmx); without it the pages work as without JavaScript."""

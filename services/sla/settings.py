"""What the clocks must be told."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field

from shared.platform.settings import Settings


class SlaSettings(Settings):
    """The settings of the process `sla run`."""

    role: ClassVar[str] = "sla"

    wake_batch: int = Field(default=500, ge=1, le=5000)
    """Items woken in one transaction."""
    wake_poll: timedelta = timedelta(seconds=1)
    """The longest sleep of the ticker: what another process made due is found so late at most."""


class SlaQuestions(SlaSettings):
    """The settings of sla's short commands, which do not need Kafka."""

    kafka: str = ""

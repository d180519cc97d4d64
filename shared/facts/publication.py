"""What is read of a fact to publish it: a whole fact has it, and so has the text of one.

The outbox makes a row of it and tracing a span; neither asks for more, so that a fact which differs
from another in its ids alone need not be made whole (docs/decisions/0214).
"""

from datetime import datetime
from typing import Protocol

from shared.facts.envelope import Topic


class Publication(Protocol):
    """The part of a fact that its outbox row and its span of a trace are made of."""

    @property
    def topic(self) -> Topic:
        """The Kafka topic to which it goes."""

    @property
    def key(self) -> str:
        """The Kafka key: all of one key travel in order on one partition."""

    @property
    def id_text(self) -> str:
        """The fact's own id, as it is written."""

    @property
    def type(self) -> str:
        """The fact's name on the wire."""

    @property
    def by(self) -> str:
        """The author of the fact, such as `service:sla`."""

    @property
    def happened_at(self) -> datetime:
        """The moment that counts for the clocks."""

    def model_dump_json(self) -> str:
        """Writes the fact as the JSON that travels."""

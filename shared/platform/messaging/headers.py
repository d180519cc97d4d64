"""The CloudEvents 1.0 headers of facts, as the JSON that the outbox stores.

Facts that are told together mostly differ in their ids: what those of one type, author and moment
have alike is written once (docs/decisions/0221).
"""

from collections.abc import Mapping
from datetime import datetime

import orjson

from shared.facts.publication import Publication
from shared.platform.messaging.producers import HEADER


class HeaderWriter:
    """The writer of the headers of one batch of facts, all told by one schema."""

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._written: dict[tuple[str, str, datetime], str] = {}

    def write(self, fact: Publication, trace: Mapping[str, str]) -> str:
        """Serialises the headers of a fact's Kafka record and of its trace, if it has one."""
        alike = fact.type, fact.by, fact.happened_at
        if (rest := self._written.get(alike)) is None:
            rest = self._written[alike] = _text(self._of(*alike))
        traced = f",{_text(trace)}" if trace else ""
        return f'{{"ce_id":"{fact.id_text}",{rest}{traced}}}'

    def _of(self, kind: str, by: str, happened_at: datetime) -> Mapping[str, str]:
        """All but the id. `ce_producer` is our own: readers refuse a topic's other producers."""
        return {
            "ce_specversion": "1.0",
            "ce_type": kind,
            "ce_source": by,
            "ce_time": happened_at.isoformat(),
            "content-type": "application/json",
            HEADER: self._schema,
        }


def _text(headers: Mapping[str, str]) -> str:
    """Writes the members of a JSON object, without its braces."""
    return orjson.dumps(headers).decode()[1:-1]

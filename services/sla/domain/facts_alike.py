"""Clock facts that are alike but for whose they are: written once, each with its own ids in it.

What letters of one kind and day are told differs in event id, item, revision and chrono alone
(steps_alike.py). The text of such a fact is that of the first, cut where these stand, and is to the
byte what pydantic would write. The first is written with marks in their places: what it says itself
is never searched for them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json

from shared.facts.clocks import Clocks
from shared.facts.envelope import Chrono, EventId, ItemId, Topic

_MARKS: Final[dict[str, Any]] = {
    "event_id": EventId(UUID("5ae10c56-6d0b-4d0f-9a55-41c1ad5b1f6e")),
    "item_id": ItemId(UUID("c3b7e0d2-1f86-4b7a-8e0c-97d2a6f40b13")),
    "revision": 4_917_306_258_140_739_625,
    "chrono": Chrono("0f6d1b9c-own-chrono-e27a45d8"),
}
"""In the order of the fact's fields; random, so that they stand nowhere else in its text."""


class FactPattern:
    """The text of a clock fact, cut at what others that are alike have as their own."""

    def __init__(self, fact: Clocks) -> None:
        self.fact = fact
        self._parts, rest = list[str](), fact.model_copy(update=_MARKS).model_dump_json()
        for mark in _MARKS.values():
            before, rest = rest.split(to_json(mark).decode(), 1)
            self._parts.append(before)
        self._parts.append(rest)

    def write(self, whose: "Whose", event_id: EventId, revision: int) -> str:
        """Serialises a fact of this pattern, as JSON."""
        start, item, number, chrono, rest = self._parts
        own = f'{item}"{whose.key}"{number}{revision}{chrono}{whose.chrono_text}'
        return f'{start}"{event_id}"{own}{rest}'


class Whose:
    """The item of facts that are alike, as each of them writes it."""

    def __init__(self, item_id: ItemId, chrono: Chrono | None) -> None:
        self.item_id, self.chrono, self.key = item_id, chrono, str(item_id)
        self.chrono_text = to_json(chrono).decode()


@dataclass(frozen=True, slots=True)
class FactAlike:
    """A clock fact of which only what is its own is made; published like any other."""

    pattern: FactPattern
    whose: Whose
    event_id: EventId
    revision: int

    @property
    def fact(self) -> Clocks:
        """The fact itself, whole."""
        own = (self.event_id, self.whose.item_id, self.revision, self.whose.chrono)
        return self.pattern.fact.model_copy(update=dict(zip(_MARKS, own, strict=True)))

    @property
    def item_id(self) -> ItemId:
        """The item whose clock it is about."""
        return self.whose.item_id

    @property
    def topic(self) -> Topic:
        """The Kafka topic to which it goes."""
        return self.pattern.fact.topic

    @property
    def key(self) -> str:
        """The Kafka key, the item's id: all facts about one item travel in order."""
        return self.whose.key

    @property
    def type(self) -> str:
        """The fact's name on the wire."""
        return self.pattern.fact.type

    @property
    def by(self) -> str:
        """The author of the fact."""
        return self.pattern.fact.by

    @property
    def happened_at(self) -> datetime:
        """The moment that counts for the clock."""
        return self.pattern.fact.happened_at

    def model_dump_json(self) -> str:
        """Writes the fact as the JSON that travels."""
        return self.pattern.write(self.whose, self.event_id, self.revision)

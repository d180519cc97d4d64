"""Clock facts that are alike but for whose they are: written once, each with its own ids in it.

What letters of one kind and day are told differs in event id, moment of record, item, revision and
chrono alone (steps_alike.py). The text of such a fact is that of the first, cut where these stand,
and is to the byte what pydantic would write. The first is written with marks in their places: what
it says itself is never searched for them.
"""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from shared.facts.clocks import Clocks, RungReached, RungWithdrawn
from shared.facts.envelope import Chrono, EventId, ItemId, Topic
from shared.facts.ids import event_id_text

_MARKS: Final[dict[str, Any]] = {
    "event_id": EventId(UUID("5ae10c56-6d0b-4d0f-9a55-41c1ad5b1f6e")),
    "recorded_at": datetime(7316, 4, 19, 3, 51, 47, 918273, UTC),
    "item_id": ItemId(UUID("c3b7e0d2-1f86-4b7a-8e0c-97d2a6f40b13")),
    "revision": 4_917_306_258_140_739_625,
    "chrono": Chrono("0f6d1b9c-own-chrono-e27a45d8"),
}
"""In the order of the fact's fields; random, so that they stand nowhere else in its text."""
_MARK_TEXTS: Final = [to_json(mark).decode() for mark in _MARKS.values()]


class FactPattern:
    """The text of a clock fact, cut at what others that are alike have as their own."""

    def __init__(self, fact: Clocks) -> None:
        self.fact, self.topic, self.type = fact, fact.topic, fact.type
        self.by, self.happened_at = fact.by, fact.happened_at
        self._parts, rest = list[str](), fact.model_copy(update=_MARKS).model_dump_json()
        for mark in _MARK_TEXTS:
            before, rest = rest.split(mark, 1)
            self._parts.append(before)
        self._parts.append(rest)
        self._named = isinstance(fact, RungReached | RungWithdrawn)
        name = (fact.rung, fact.telling) if isinstance(fact, RungReached | RungWithdrawn) else ("",)
        self._cause = "\n".join(map(str, (fact.clock, fact.type, *name))).encode()

    def of(self, whose: "Whose", revision: int) -> "FactAlike":
        """Makes another item's fact, with the ids that `PendingFact.finish` would have given it."""
        cause = self._cause if self._named else b"%b%d" % (self._cause, revision)
        return FactAlike(self, whose, event_id_text(whose.octets, cause), revision)

    def write(self, whose: "Whose", id_text: str, revision: int) -> str:
        """Serialises a fact of this pattern, as JSON."""
        start, recorded, item, number, chrono, rest = self._parts
        own = f'{item}"{whose.key}"{number}{revision}{chrono}{whose.chrono_text}'
        return f'{start}"{id_text}"{recorded}{whose.recorded_text}{own}{rest}'


class Whose:
    """The item of facts that are alike, and when they are recorded, as each of them writes it."""

    def __init__(self, item_id: ItemId, chrono: Chrono | None, recorded_at: datetime) -> None:
        self.item_id, self.chrono, self.key = item_id, chrono, str(item_id)
        self.recorded_at, self.octets = recorded_at, item_id.bytes
        self.chrono_text = to_json(chrono).decode()
        self.recorded_text = to_json(recorded_at).decode()


class FactAlike(NamedTuple):
    """A clock fact of which only what is its own is made; published like any other."""

    pattern: FactPattern
    whose: Whose
    id_text: str
    revision: int

    @property
    def fact(self) -> Clocks:
        """The fact itself, whole."""
        whose = self.whose
        moment, item_id, chrono = whose.recorded_at, whose.item_id, whose.chrono
        own = (UUID(self.id_text), moment, item_id, self.revision, chrono)
        return self.pattern.fact.model_copy(update=dict(zip(_MARKS, own, strict=True)))

    @property
    def item_id(self) -> ItemId:
        """The item whose clock it is about."""
        return self.whose.item_id

    @property
    def topic(self) -> Topic:
        """The Kafka topic to which it goes."""
        return self.pattern.topic

    @property
    def key(self) -> str:
        """The Kafka key, the item's id: all facts about one item travel in order."""
        return self.whose.key

    @property
    def type(self) -> str:
        """The fact's name on the wire."""
        return self.pattern.type

    @property
    def by(self) -> str:
        """The author of the fact."""
        return self.pattern.by

    @property
    def happened_at(self) -> datetime:
        """The moment that counts for the clock."""
        return self.pattern.happened_at

    def model_dump_json(self) -> str:
        """Writes the fact as the JSON that travels."""
        return self.pattern.write(self.whose, self.id_text, self.revision)

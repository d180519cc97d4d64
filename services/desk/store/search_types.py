"""What is asked of the search, and the shape of its answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.desk.domain.item import DONE
from services.desk.store.cursors import MomentCursor
from services.desk.store.lists import WorkLine
from services.desk.store.states import not_in
from services.desk.store.visibility import Visibility
from shared.facts.envelope import Chrono, ItemId

OPEN, LATE = "open", "late"
"""States to ask for, beside those of `State`: all that wait for an answer, and those too late."""

MARKS = "\ue000", "\ue001"
"""Stand around a found word in what is shown; no indexed text has them."""


@dataclass(frozen=True, slots=True)
class SearchReader:
    """The permissions of the person who searches: which items they may know of, and read."""

    seen: Visibility
    secrets: bool = False
    """The general secretary. Others may know of a réservé item and not read it."""

    @property
    def parameters(self) -> tuple[object, ...]:
        """The permissions of the person who searches, as SQL parameters."""
        everything, known, persons, services, led = self.seen
        return (everything, self.secrets, persons, services, led, known)


FILTERED: Final = f"""
    ($7::text IS NULL OR i.service = $7)
    AND CASE $8::text
        WHEN 'open' THEN {not_in(DONE, "i.state")}
        WHEN 'late' THEN {not_in(DONE, "i.state")}
                         AND i.due < $13
        ELSE $8 IS NULL OR i.state = $8 END
    AND ($9::text IS NULL OR i.category = $9) AND ($10::text IS NULL OR i.channel = $10)
    AND ($11::date IS NULL OR i.received_on >= $11)
    AND ($12::date IS NULL OR i.received_on <= $12)
"""
"""Whether item `i` is what a Filter asks; its parameters are $7 to $13, after a Reader's six."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a search by fields of the item; a field `None` filters nothing.

    Days are local.
    """

    service: str | None = None
    state: str | None = None
    category: str | None = None
    channel: str | None = None
    received_from: date | None = None
    received_until: date | None = None

    def parameters(self, today: date) -> tuple[object, ...]:
        """Returns the search filter's fields, as declared, then the local day: SQL parameters."""
        return (
            self.service,
            self.state,
            self.category,
            self.channel,
            self.received_from,
            self.received_until,
            today,
        )


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search query: the typed text, a filter, and the permissions of who searches."""

    reader: SearchReader
    text: str
    which: Filter
    today: date
    """The local day: late is said of it."""
    department: str
    """Of the chronos that a number may mean."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An item found by a search, with the matching pieces of its text.

    Found words stand between `MARKS`; texts are empty where `sealed` (réservé).
    """

    item_id: ItemId
    at: datetime
    line: WorkLine
    sealed: bool
    """Réservé: its reader may know of it, not read it."""
    reserved: bool
    """Réservé, and its reader may read it: that they did is noted."""
    read: bool
    """Its content was indexed; a moment after registration it is not yet."""
    sender: str
    subject: str
    extract: str
    named: bool = False
    """The number that was typed is its own."""


@dataclass(frozen=True, slots=True)
class UnregisteredHit:
    """A search hit that is no item: a waiting arrival, or a line of an older register."""

    id: UUID
    kind: str
    """`set_aside`, `quarantine`, `history`, or `past`."""
    at: datetime
    number: str
    sender: str
    subject: str
    extract: str
    answered_on: date | None = None


@dataclass(frozen=True, slots=True)
class NoteHit:
    """A search hit in what colleagues noted of an item; found words stand between `MARKS`."""

    chrono: Chrono
    sender: str
    subject: str
    extract: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of search results: items, hits that are no item, and the cursor of the next page.

    `forgiven`: nothing had the typed words, so these have words that look like them.
    """

    hits: Sequence[SearchHit]
    after: MomentCursor | None
    """Where the next page begins; `None`: there is none."""
    forgiven: bool = False
    """No item has these words; these have some that look like them."""
    asides: Sequence[UnregisteredHit] = field(default=())

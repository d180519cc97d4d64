"""How plans and standings are written in their rows, and read again by every later version.

Their form is that of the dataclasses of services/sla/domain, in JSON. `tests/golden/stored` has
rows of each shape, frozen. Whoever changes what is written gives SHAPE the next number, keeps a
reader of older standings here and raises `min_version` (docs/decisions/0040). A plan that can't be
read is made anew from its facts, at no cost; a standing can't be, and its row is set aside alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Final

from pydantic import TypeAdapter, ValidationError

from services.sla.domain.advance import ItemState
from services.sla.domain.plan import ClockPlan, Plan
from services.sla.domain.standing import ClockStanding, Standing
from shared.errors import PermanentFailure
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import ClockName
from shared.platform.observability.logs import Log

SHAPE = 1
"""Of what this program writes. It reads every shape from 1 on."""

PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)
CLOCKS: TypeAdapter[tuple[ClockPlan, ...]] = TypeAdapter(tuple[ClockPlan, ...])
STANDING: TypeAdapter[Standing] = TypeAdapter(Standing)
STANDS: TypeAdapter[Mapping[ClockName, ClockStanding]] = TypeAdapter(
    Mapping[ClockName, ClockStanding]
)
ANY: TypeAdapter[object] = TypeAdapter(object)

_CLOCKS_KEY: Final = ',"clocks":'
"""Before the last member of a stored plan or standing; in no string, where a quote is escaped."""
_ALIKE: Final = 1_024
"""How many lists of clocks are kept parsed: of some 6 kB each."""

log = Log("stored")


@dataclass(frozen=True)
class ItemRow:
    """A row of table `sla.items` as stored, its plan and standing still JSON."""

    item_id: ItemId
    shape: int
    plan: str | None
    standing: str
    wake_at: datetime | None
    unread_since: datetime | None
    open: bool
    edition: int
    awaits: int
    stepped_at: datetime | None


@dataclass(frozen=True)
class StoredItem:
    """An item's timing state as parsed from its row."""

    item: ItemState
    edition: int
    awaits: int = 0
    """Facts that were known before a rebuild: until as many are known again nothing is told."""
    fresh: bool = False
    """Its row was made in this transaction: nothing else is stored of it yet."""

    @property
    def item_id(self) -> ItemId:
        """The id of the stored item."""
        return self.item.standing.item_id


@dataclass(frozen=True)
class UnreadableItem:
    """A row of `sla.items` that can't be parsed: its item is not planned, nor published."""

    row: ItemRow
    error: Exception
    fresh: ClassVar[bool] = False

    @property
    def item_id(self) -> ItemId:
        """The id of the item whose row can't be parsed."""
        return self.row.item_id


class LaterShape(PermanentFailure):
    """Raised for a row that a later version of this program has written."""


class StateWriter:
    """The writer of plans and standings of one batch: of clocks that items share, it writes once.

    They are known by identity, so that it must end before what it wrote.
    """

    def __init__(self) -> None:
        self._written: dict[object, str] = {}

    def plan(self, plan: Plan) -> str:
        """Serialises an item's plan for its row, as JSON without default values."""
        own = PLAN.dump_json(plan, exclude={"clocks"}, exclude_defaults=True)
        clocks = self._once(
            tuple(map(id, plan.clocks)),
            lambda: CLOCKS.dump_json(plan.clocks, exclude_defaults=True),
        )
        return f"{own[:-1].decode()}{_CLOCKS_KEY}{clocks}}}"

    def standing(self, standing: Standing) -> str:
        """Serialises what was published of an item's clocks for its row, as JSON."""
        clocks = self._once(id(standing.clocks), lambda: STANDS.dump_json(standing.clocks))
        own = f'{{"item_id":"{standing.item_id}","revision":{standing.revision}'
        return f"{own}{_CLOCKS_KEY}{clocks}}}"

    def _once(self, key: object, write: Callable[[], bytes]) -> str:
        if (text := self._written.get(key)) is None:
            text = self._written[key] = write().decode()
        return text


def write_plan(plan: Plan) -> str:
    """Serialises one item's plan for its row, as JSON without default values."""
    return StateWriter().plan(plan)


def write_standing(standing: Standing) -> str:
    """Serialises what was published of one item's clocks for its row, as JSON."""
    return StateWriter().standing(standing)


def read(row: ItemRow) -> StoredItem | UnreadableItem:
    """Parses a row of `sla.items`; without its plan where only that can't be parsed."""
    try:
        return stored_item(row, read_standing(row))
    except (ValidationError, LaterShape) as error:
        return UnreadableItem(row, error)


def stored_item(row: ItemRow, standing: Standing) -> StoredItem:
    """Makes the stored item of a row of `sla.items`, with a standing that was parsed already."""
    item = ItemState(
        standing=standing,
        plan=_plan(row),
        wake_at=row.wake_at,
        unread_since=row.unread_since,
        open=row.open,
    )
    return StoredItem(item, row.edition, row.awaits)


def read_standing(row: ItemRow) -> Standing:
    """Parses what was published of an item from its row. Raises ValidationError, LaterShape."""
    if row.shape > SHAPE:
        raise LaterShape(
            f"Its row is of shape {row.shape} and this program reads up to {SHAPE}: install the "
            "later version."
        )
    return parse_standing(row.standing)


def _plan(row: ItemRow) -> Plan | None:
    if row.plan is None or row.shape != SHAPE:
        return None
    try:
        return parse_plan(row.plan)
    except ValidationError:
        log.warning("plan_made_again", id=str(row.item_id))
        return None


def parse_plan(text: str) -> Plan:
    """Parses a stored plan; items that are alike share their clocks, parsed once.

    What is due together mostly came on one day, to one service: the same clocks, letter by letter.

    Raises ValidationError.
    """
    own, key, clocks = text.partition(_CLOCKS_KEY)
    if not clocks.endswith("]}"):
        return PLAN.validate_json(text)
    return replace(PLAN.validate_json(f"{own}{key}[]}}"), clocks=_clocks(clocks[:-1]))


def parse_standing(text: str) -> Standing:
    """Parses a stored standing; items that are alike share what stands of their clocks.

    Raises ValidationError.
    """
    own, key, clocks = text.partition(_CLOCKS_KEY)
    if not clocks.endswith("}}"):
        return STANDING.validate_json(text)
    return replace(STANDING.validate_json(f"{own}{key}{{}}}}"), clocks=_stands(clocks[:-1]))


@lru_cache(_ALIKE)
def _clocks(text: str) -> tuple[ClockPlan, ...]:
    return CLOCKS.validate_json(text)


@lru_cache(_ALIKE)
def _stands(text: str) -> Mapping[ClockName, ClockStanding]:
    return STANDS.validate_json(text)


def remains(row: ItemRow) -> Mapping[str, object]:
    """Returns the JSON object left in a row's damaged record of publications, or an empty one."""
    try:
        found = ANY.validate_json(row.standing)
    except ValidationError:
        return {}
    return found if isinstance(found, dict) else {}

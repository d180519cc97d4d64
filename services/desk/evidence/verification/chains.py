"""Each chain once: its links, the row that its facts fold to, its clocks, months and documents.

Facts are read and decoded once, by pages: the cost grows with their number and with nothing else.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from services.desk.domain import evidence, results
from services.desk.domain.days import local_day
from services.desk.domain.fold import fold
from services.desk.domain.label_perimeter import LabelPerimeter
from services.desk.domain.months import Month, MonthPromise
from services.desk.evidence.domain import history, refold, replan
from services.desk.evidence.domain.difference import Difference, format_value
from services.desk.evidence.store import chains
from services.desk.evidence.store.chains import StoredChain
from services.desk.evidence.verification import originals
from services.desk.evidence.verification.ground import VerificationContext
from services.desk.evidence.verification.months import closed_months
from services.desk.store import label_perimeter, quality
from shared.errors import PermanentFailure
from shared.facts.envelope import ItemId
from shared.facts.items import ITEMS, Items
from shared.facts.items.corrections import ReceiptCorrected
from shared.facts.items.registration import ItemRegistered
from shared.facts.quality import MonthClosed
from shared.platform.database import transaction

_TURN = 20
"""After so many chains others have their turn."""


@dataclass(frozen=True, slots=True)
class Chain:
    """An evidence chain with its facts decoded."""

    stored: StoredChain
    facts: Sequence[Items]

    @property
    def subject(self) -> str:
        """The chrono of the chain's item, or the chain's id if it is no item's."""
        first = self.facts[0]
        return first.chrono if isinstance(first, ItemRegistered) else str(self.stored.item_id)

    @property
    def opens_an_item(self) -> bool:
        """Whether the evidence chain is of an item, not of a person or of a waiting arrival."""
        return isinstance(self.facts[0], ItemRegistered)

    def differs(self, check: str, what: str, proven: object = "", found: object = "") -> Difference:
        """Makes the report of a difference that a check found in this chain."""
        first = self.facts[0] if self.facts else None
        chrono = first.chrono if isinstance(first, ItemRegistered) else self.stored.chrono
        return Difference(
            check, self.subject, what, format_value(proven), format_value(found), chrono
        )


@dataclass(frozen=True, slots=True)
class FigureGround:
    """To verify figures: closed months, and the services in the label now and at each closing."""

    closed: Sequence[Month]
    perimeter: LabelPerimeter
    closings: Mapping[date, int]
    """By closed month, the `seq` of the fact that closed it."""

    def perimeter_of(self, month: Month) -> LabelPerimeter:
        """Returns the label's perimeter as it was when a month was closed."""
        return self.perimeter.before(self.closings.get(month.month, 0))


async def _figure_ground(ground: VerificationContext, closed: Sequence[Month]) -> FigureGround:
    async with transaction(ground.pool, readonly=True) as connection:
        perimeter = await label_perimeter.perimeter(connection)
        closings = await quality.of_kinds(connection, [MonthClosed])
    seqs = {fact.month: fact.seq for fact in closings if isinstance(fact, MonthClosed)}
    return FigureGround(closed, perimeter, seqs)


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Verifies every evidence chain; yields the differences that a second reading confirms."""
    closed = await closed_months(ground)
    made = await _figure_ground(ground, closed)
    differing = list[ItemId]()
    async for stored in chains.every(ground.pool):
        ground.checked["chains"] += 1
        if ground.checked["chains"] % _TURN == 0:
            await asyncio.sleep(0)  # the process has others to serve
        if any(True for _ in _of(stored, made, ground)):
            differing.append(stored.item_id)
        async for difference in originals.of_chain(stored, ground):
            yield difference
    if differing:
        await asyncio.sleep(ground.patience)
        made = await _figure_ground(ground, closed)
    counted = Counter(ground.checked)
    for item_id in differing:
        async with transaction(ground.pool, readonly=True) as connection:
            again = await chains.read_chain(connection, item_id)
        for difference in () if again is None else _of(again, made, ground):
            yield difference
    ground.checked.clear()
    ground.checked.update(counted)
    async with transaction(ground.pool, readonly=True) as connection:
        for chrono in await chains.lonely(connection):
            yield Difference("row", chrono, "no fact was ever stated of it", chrono=chrono)
    async for difference in originals.of_nothing(ground):
        yield difference


async def of_item(stored: StoredChain, ground: VerificationContext) -> AsyncIterator[Difference]:
    """Checks one item's chain, row, clocks, documents, no closed month; yields differences."""
    for difference in _of(stored, await _figure_ground(ground, ()), ground):
        yield difference
    async for difference in originals.of_chain(stored, ground):
        yield difference


def _of(
    stored: StoredChain, made: FigureGround, ground: VerificationContext
) -> Iterator[Difference]:
    last = None if stored.row is None else stored.row["seq"]
    broken = evidence.verify(stored.links, last)
    try:
        facts = [ITEMS.validate_json(link.payload) for link in stored.links]
    except ValidationError:
        name = stored.chrono or str(stored.item_id)
        why = "a fact can't be read" if broken is None else broken.why
        yield Difference("chain", name, why, chrono=stored.chrono)
        return
    chain = Chain(stored, facts)
    if broken is not None:
        yield chain.differs("chain", broken.why)
    yield from _columns(chain)
    try:
        yield from _row(chain, made, ground)
        yield from _clocks(chain, ground)
        yield from _months(chain, made, ground)
    except PermanentFailure as failure:
        yield chain.differs("chain", f"it can't be counted again ({failure})")


def _columns(chain: Chain) -> Iterator[Difference]:
    """The columns beside the payload, by which facts are looked for."""
    for fact, (kind, event_id, happened_at) in zip(chain.facts, chain.stored.named, strict=True):
        if fact.type != kind:
            yield chain.differs("chain", f"type of fact {fact.seq}", fact.type, kind)
        if fact.event_id != event_id:
            yield chain.differs("chain", f"id of fact {fact.seq}", fact.event_id, event_id)
        if fact.happened_at != happened_at:
            what = f"moment of fact {fact.seq}"
            yield chain.differs("chain", what, fact.happened_at, happened_at)


def _row(chain: Chain, made: FigureGround, ground: VerificationContext) -> Iterator[Difference]:
    row = chain.stored.row
    if not chain.opens_an_item:
        if row is not None:
            yield chain.differs("row", "row", "", row["chrono"])
        return
    ground.checked["items"] += 1
    if row is None:
        yield chain.differs("row", "row", chain.subject, None)
        return
    should = chains.row_of(fold(chain.facts), ground.applied.site.zone, made.perimeter)
    shown = refold.due(chain.stored.clocks, chain.stored.at_risk)
    for what, proven, found in refold.row_differences({**should, **shown}, row):
        yield chain.differs("row", what, proven, found)
    made_again = history.history_of(chain.facts)
    for what, proven, found in history.history_differences(made_again, chain.stored.history):
        yield chain.differs("row", what, proven, found)


def _clocks(chain: Chain, ground: VerificationContext) -> Iterator[Difference]:
    for name in chain.stored.unreadable:
        yield chain.differs("clock", f"{name} can't be read")
    number, found = replan.deadline_differences(
        chain.facts, chain.stored.clocks, ground.replan, ground.now
    )
    ground.checked["clocks"] += number
    for change in found:
        what = (
            change.clock.value if change.what == "clock" else f"{change.clock.value} {change.what}"
        )
        yield chain.differs("clock", what, change.facts, change.row)


def _months(chain: Chain, made: FigureGround, ground: VerificationContext) -> Iterator[Difference]:
    """Compares closed months with what the item's facts gave when they were closed."""
    if not chain.opens_an_item:
        return
    by_month: dict[date, list[MonthPromise]] = {}
    for first, promise in chain.stored.promises:
        by_month.setdefault(first, []).append(promise)
    concerned = set(by_month) | _months_of(chain, ground)
    for month in made.closed:
        if month.month not in concerned:
            continue
        perimeter = made.perimeter_of(month)
        has = by_month.get(month.month, [])
        given = _promises(chain, month, perimeter, ground)
        found = list(refold.promises_differ(given, has))
        if found and any(
            not list(
                refold.promises_differ(_promises(chain, month, perimeter, ground, skip=skip), has)
            )
            for skip in range(1, _recent(chain, month) + 1)
        ):
            continue
        for clock, what, proven, stands in found:
            name = f"{month.month:%Y-%m} {clock.value} {what}"
            yield chain.differs("month", name, proven, stands)


def _months_of(chain: Chain, ground: VerificationContext) -> set[date]:
    """The months to which a clock of the item belongs, or ever may have belonged."""
    zone = ground.applied.site.zone
    receipts = (
        fact.receipt for fact in chain.facts if isinstance(fact, ItemRegistered | ReceiptCorrected)
    )
    days = {local_day(receipt, zone) for receipt in receipts}
    days |= {clock.day_zero for clock in chain.stored.clocks if clock.day_zero is not None}
    return {day.replace(day=1) for day in days}


def _recent(chain: Chain, month: Month) -> int:
    """Facts of the last hour before a closing: sla may not have said yet what they change."""
    since = month.closed_at - replan.GRACE
    return sum(since <= fact.recorded_at <= month.closed_at for fact in chain.facts)


def _promises(
    chain: Chain,
    month: Month,
    perimeter: LabelPerimeter,
    ground: VerificationContext,
    *,
    skip: int = 0,
) -> Sequence[MonthPromise]:
    """The promises of this item that belonged to a month when it was closed."""
    known = [fact for fact in chain.facts if fact.recorded_at <= month.closed_at]
    known = known[: len(known) - skip]
    if not known:
        return ()
    zone = ground.applied.site.zone
    item = fold(known)
    row = chains.row_of(item, zone, perimeter)
    found = list[MonthPromise]()
    for clock in ground.replan.clocks(known, month.closed_at, until=month.closed_at):
        zero = clock.day_zero or row["received_on"]
        if not isinstance(zero, date) or zero.replace(day=1) != month.month:
            continue
        result = results.result(
            clock,
            item.state,
            results.local(clock.stopped_at, zone),
            perimeter=bool(row["perimeter"]),
        )
        counted = clock.outcome is not None and clock.outcome.value in ("kept", "late")
        found.append(
            MonthPromise(
                item_id=item.item_id,
                clock=clock.clock.value,
                chrono=item.chrono,
                service=item.service,
                channel=item.channel.value,
                complaint=item.complaint,
                result=results.result_as_of(result, clock.limit, month.as_of),
                limit_day=clock.limit,
                days=clock.raw if counted and clock.raw is not None else -1,
            )
        )
    return found

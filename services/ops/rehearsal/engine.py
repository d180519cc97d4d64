"""One rehearsal from its first page to its sums, whichever side the items are compared with."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.ops.rehearsal.comparison import ComparedItem, RuleComparison
from services.ops.rehearsal.content import ContentRouting
from services.ops.rehearsal.difference import RehearsedChange
from services.ops.rehearsal.fact_pages import FactPage
from services.ops.rehearsal.tally import RehearsalTally
from shared.errors import PermanentFailure
from shared.facts.items import Items

EVERY = 10_000
"""Items after which the progress is said."""


class ComparedWith(Protocol):
    """The other side of a rehearsal: other rules, or another release of the program."""

    async def page(
        self, page: Sequence[Sequence[Items]], now: datetime
    ) -> Sequence[ComparedItem | None]:
        """Compares a page of items under both sides; `None` for one that could not be replayed."""
        ...


@dataclass(frozen=True)
class OtherRules:
    """The side of a rehearsal that replays items under proposed rules.

    Where their routing table differs, the letters themselves are read too.
    """

    comparison: RuleComparison
    content: ContentRouting | None = None

    async def page(
        self, page: Sequence[Sequence[Items]], now: datetime
    ) -> Sequence[ComparedItem | None]:
        """Compares a page of items under other rules; `None` for one that could not be replayed."""
        if self.content is not None:
            await self.content.load(page)
        return [self._compared(facts, now) for facts in page]

    def _compared(self, facts: Sequence[Items], now: datetime) -> ComparedItem | None:
        try:
            return self.comparison.compared(facts, now)
        except PermanentFailure:
            return None


async def rehearse(
    pages: AsyncIterator[FactPage],
    other: ComparedWith,
    tally: RehearsalTally,
    now: datetime,
    told: Callable[[Sequence[RehearsedChange]], None],
    progress: Callable[[int], None],
) -> None:
    """Compares every item of a rehearsal, adds it to the tally, reports what differs of it."""
    said = tally.items // EVERY
    async for page in pages:
        tally.items += len(page.items) + page.unreadable
        tally.failed += page.unreadable
        for compared in await other.page(page.items, now):
            if compared is None:
                tally.failed += 1
                continue
            tally.count(compared.before, compared.after)
            if compared.changes:
                tally.add(compared.changes)
                told(compared.changes)
        if tally.items // EVERY > said:
            said = tally.items // EVERY
            progress(tally.items)

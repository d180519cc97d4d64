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
    """The interface of the other side of a rehearsal's comparison: other rules or release."""

    async def page(
        self, page: Sequence[Sequence[Items]], now: datetime
    ) -> Sequence[ComparedItem | None]:
        """Compares the outcomes of some items on both sides; `None`: one that can't be replayed."""
        ...


@dataclass(frozen=True)
class OtherRules:
    """The comparison of items' outcomes with those under proposed rules, in a rehearsal.

    Where the routing tables differ, the letters themselves are read too.
    """

    comparison: RuleComparison
    content: ContentRouting | None = None

    async def page(
        self, page: Sequence[Sequence[Items]], now: datetime
    ) -> Sequence[ComparedItem | None]:
        """Compares some items' outcomes under both rules; `None`: one that can't be replayed."""
        if self.content is not None:
            await self.content.load(page)
        return [self._compared(facts, now) for facts in page]

    def _compared(self, facts: Sequence[Items], now: datetime) -> ComparedItem | None:
        try:
            return self.comparison.compare(facts, now)
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
    """Replays every item and compares its outcomes; adds them to the tally, and reports changes.

    `told` is called with the changes of an item, `progress` now and then with the number of items.
    """
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

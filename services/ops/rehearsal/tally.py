"""What a rehearsal adds up to: rates with their intervals, and how many people hear. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.desk.domain.months import DEFINITION, DUE
from services.desk.domain.rehearsals import (
    HearerCount,
    PromisedDays,
    RehearsalSummary,
    RehearsedRate,
)
from services.ops.rehearsal.difference import ChangedThing, RehearsedChange
from services.ops.rehearsal.outcome import RehearsedItem
from shared.facts.envelope import PersonId


@dataclass
class RehearsalTally:
    """The running sums of a rehearsal, by service and person; they do not grow with the items."""

    today: date
    items: int = 0
    differing: int = 0
    changes: int = 0
    failed: int = 0
    history: int = 0
    unread_letters: int = 0
    days: Sequence[PromisedDays] = ()
    ahead: Counter[str] = field(default_factory=Counter)
    past: Counter[str] = field(default_factory=Counter)
    _rates: tuple[Counter[tuple[str, bool]], Counter[tuple[str, bool]]] = field(
        default_factory=lambda: (Counter(), Counter())
    )
    _heard: tuple[Counter[str], Counter[str]] = field(
        default_factory=lambda: (Counter(), Counter())
    )
    _persons: set[PersonId] = field(default_factory=set)

    def count(self, before: RehearsedItem | None, after: RehearsedItem | None) -> None:
        """Adds the results of one item under both rules to the rehearsal's sums."""
        for side, item in enumerate((before, after)):
            if item is None:
                continue
            for clock, one in item.clocks.items():
                if one.result in DUE[DEFINITION]:
                    self._rates[side][clock.value, one.result == "kept"] += 1

    def add(self, changes: Iterable[RehearsedChange]) -> None:
        """Adds the changes of one item to the rehearsal's sums."""
        found = list(changes)
        self.changes += len(found)
        self.differing += bool(found)
        for change in found:
            (self.ahead if change.ahead else self.past)[change.thing.value] += 1
            if change.thing is ChangedThing.RUNG:
                for heard, rung in zip(self._heard, change.heard, strict=True):
                    if rung is not None:
                        heard.update(audience.value for audience in rung.tell)
                        self._persons.update(rung.persons)

    def summary(self) -> RehearsalSummary:
        """Returns the rehearsal's sums so far."""
        audiences = sorted({*self._heard[0], *self._heard[1]})
        before, after = (_rates(side) for side in self._rates)
        return RehearsalSummary(
            items=self.items,
            differing=self.differing,
            changes=self.changes,
            ahead=dict(sorted(self.ahead.items())),
            past=dict(sorted(self.past.items())),
            before=before,
            after=after,
            hearers={
                name: HearerCount(
                    before=self._heard[0][name],
                    after=self._heard[1][name],
                )
                for name in audiences
            },
            persons=len(self._persons),
            failed=self.failed,
            history=self.history,
            days=self.days,
            unread_letters=self.unread_letters,
        )


def _rates(side: Mapping[tuple[str, bool], int]) -> Mapping[str, RehearsedRate]:
    return {
        clock: RehearsedRate(
            kept=side.get((clock, True), 0),
            due=side.get((clock, True), 0) + side.get((clock, False), 0),
        )
        for clock in sorted({clock for clock, _ in side})
    }

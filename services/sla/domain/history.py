"""What is known of an item: its facts in the order of `seq`, without those taken back.

Rule 16: a withdrawal may arrive before its target, which is then void; only a *statement* can be
withdrawn, so that a receipt that left, or a withdrawal itself, stays. Rule 20: `seq` alone decides
what is current, `happened_at` decides when it counts.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, KeysView, Sequence
from typing import Any, TypeVar

from shared.facts.items.base import ItemFact
from shared.facts.standing import standing

F = TypeVar("F", bound=ItemFact)
R = TypeVar("R")


class ItemHistory:
    """The facts of one item in the order of `seq`, without those withdrawn.

    `told` holds all of them, `facts` those that stand, both by `seq`, `kinds` the types of these.
    Treated as frozen.
    """

    def __init__(self, facts: Iterable[ItemFact]) -> None:
        once = {fact.event_id: fact for fact in facts}.values()
        self.told: Sequence[ItemFact] = sorted(once, key=lambda fact: (fact.seq, fact.event_id))
        self.facts: Sequence[ItemFact] = standing(self.told)
        self._worked_out: dict[Hashable, Any] = {}
        self._by_kind: dict[type[ItemFact], list[ItemFact]] = {}
        for fact in self.facts:
            self._by_kind.setdefault(type(fact), []).append(fact)
        self.kinds: KeysView[type[ItemFact]] = self._by_kind.keys()

    def every(self, kind: type[F]) -> Sequence[F]:
        """Returns all of the item's facts of this kind that were not withdrawn, by `seq`."""
        return self._by_kind.get(kind, [])  # type: ignore[return-value]  # keyed by their type

    def last(self, kind: type[F]) -> F | None:
        """Returns the item's last fact of this kind by `seq`, which counts now, or `None`."""
        every = self._by_kind.get(kind)
        return every[-1] if every else None  # type: ignore[return-value]  # keyed by their type

    def earliest(self, kind: type[F]) -> F | None:
        """Returns the item's fact of this kind that happened first, then by `seq`, or `None`."""
        every = self.every(kind)
        if len(every) < 2:  # noqa: PLR2004  (one is the first of itself)
            return every[0] if every else None
        return min(every, key=lambda fact: (fact.happened_at, fact.seq))

    def once(self, key: Hashable, work: Callable[[], R]) -> R:
        """Returns the result of `work()`, which is called at most once for a `key`.

        `work` must be a pure function of these facts.
        """
        found: R
        try:
            found = self._worked_out[key]
        except KeyError:
            found = self._worked_out[key] = work()
        return found

    def stages(self, kinds: frozenset[type[ItemFact]]) -> Iterator[tuple[ItemFact, "ItemHistory"]]:
        """Yields each fact of these kinds, withdrawn too, with the item's history up to it.

        The last one comes with the whole history: no fact of these kinds follows it.
        """
        found = [index for index, fact in enumerate(self.told, start=1) if type(fact) in kinds]
        for index in found[:-1]:
            yield self.told[index - 1], self._first(index)
        for index in found[-1:]:
            yield self.told[index - 1], self

    def _first(self, facts: int) -> "ItemHistory":
        return self.once(("first", facts), lambda: ItemHistory(self.told[:facts]))

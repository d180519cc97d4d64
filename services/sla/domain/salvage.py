"""What stands of an item whose stored standing can't be read: never told twice, never told less.

What was told is the best witness where all of it is left. Else each clock that can still be read
stands as it was left, and the others as the facts say that they stood when the item was last
stepped. How often a rung of those was told is lost, so that its next telling counts from the
revision, which is never less: no event id comes twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from services.sla.domain.plan import Plan
from services.sla.domain.standing import ClockStanding, Standing
from shared.facts.clocks import Clocks
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import ClockName

CLOCK: TypeAdapter[ClockStanding] = TypeAdapter(ClockStanding)


def salvage(
    item_id: ItemId,
    left: Mapping[str, object],
    told: Sequence[Clocks],
    plan: Plan,
    assumed: Standing,
) -> Standing | None:
    """Rebuilds the record of what was published of an item's clocks, when it was damaged.

    `None`: the number of the last published fact (revision) is unknown.

    `left` is what remains of the stored record; `told`, the published facts that are still in the
    outbox, in any order; `assumed`, what the item's facts imply by `plan` at its last update.
    """
    last = max([_revision(left), *(fact.revision for fact in told)])
    by_revision = {fact.revision: fact for fact in told}
    if last and len(by_revision) == last:
        return Standing(item_id).after(by_revision[revision] for revision in sorted(by_revision))
    if not last:
        return None
    readable = dict(_clocks(left))
    rungs = {planned.clock: [rung.name for rung in planned.rungs] for planned in plan.clocks}
    counted = {
        clock: _counted_from(last, clock_stands, rungs.get(clock, ()))
        for clock, clock_stands in assumed.clocks.items()
        if clock not in readable
    }
    return Standing(item_id, last, {**readable, **counted})


def _revision(left: Mapping[str, object]) -> int:
    found = left.get("revision")
    return found if isinstance(found, int) and found > 0 else 0


def _clocks(left: Mapping[str, object]) -> Iterator[tuple[ClockName, ClockStanding]]:
    """Those that can still be read."""
    clocks = left.get("clocks")
    for name, said in clocks.items() if isinstance(clocks, Mapping) else ():
        try:
            yield ClockName(name), CLOCK.validate_python(said)
        except (ValueError, ValidationError):
            continue


def _counted_from(revision: int, one: ClockStanding, names: Sequence[str]) -> ClockStanding:
    """Every rung as told so often that its next telling has a name that was never given."""
    rungs = {name: replace(rung, telling=revision) for name, rung in one.rungs.items()}
    return replace(one, rungs=rungs, tellings=dict.fromkeys([*names, *one.rungs], revision))

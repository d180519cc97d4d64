"""Whatever number of days a line promises instead, every item that it dates is found, exactly."""

from collections.abc import Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.desk.domain.label_perimeter import LabelPerimeter
from services.ops.rehearsal.comparison import RuleComparison
from services.ops.rehearsal.outcome import RehearsedClock
from services.ops.rehearsal.replay import always, replay_item
from shared.facts.vocabulary import ClockName
from shared.site.tables.bundle import Site
from shared.site.tables.commitments import Commitment, Unit
from tests.rehearsal_builders import BOOK, INDRE, NOW, RULES, applied, some_items

NOBODY = LabelPerimeter()
DATED = [
    line
    for line in INDRE.commitments.commitments
    if line.days is not None and line.unit is Unit.JOURS_OUVRES
]
ITEMS = some_items()
BEFORE = {name: replay_item(facts, always(RULES, NOBODY), NOW) for name, facts in ITEMS.items()}


def _limit(day_zero: date, days: int) -> date:
    """Counted on the calendar alone, one worked day after the other."""
    off = {day.day for day in RULES.days.off}
    day = day_zero
    while days == 0 and (day.weekday() >= 5 or day in off):
        day += date.resolution
    for _ in range(days):
        day += date.resolution
        while day.weekday() >= 5 or day in off:
            day += date.resolution
    return day


def _dated_by(line: Commitment) -> Sequence[tuple[str, ClockName, RehearsedClock]]:
    """The clocks of the items that this line dates, and that nothing has interrupted."""
    return [
        (name, clock, timed)
        for name, item in BEFORE.items()
        if item is not None
        for clock, timed in item.clocks.items()
        if timed.commitment == line.id and timed.limit == _limit(timed.day_zero, line.days or 0)
    ]


def _with(changed: Commitment) -> Site:
    table = INDRE.commitments
    lines = tuple(changed if line.id == changed.id else line for line in table.commitments)
    return INDRE.model_copy(update={"commitments": table.model_copy(update={"commitments": lines})})


def test_the_items_have_clocks_of_several_lines() -> None:
    assert len([line for line in DATED if _dated_by(line)]) >= 4


@given(line=st.sampled_from(DATED), days=st.integers(min_value=0, max_value=40))
def test_every_limit_that_a_line_moves_is_found_with_its_old_and_new_day(
    line: Commitment, days: int
) -> None:
    proposed = applied(_with(line.model_copy(update={"days": days})), 2, since=NOW)
    comparison = RuleComparison(BOOK, proposed, NOBODY)
    moved = {
        (name, clock.value, timed.limit.isoformat(), _limit(timed.day_zero, days).isoformat())
        for name, clock, timed in _dated_by(line)
        if timed.limit != _limit(timed.day_zero, days)
    }
    found = {
        (name, change.subject, change.before, change.after)
        for name, facts in ITEMS.items()
        for change in comparison.compare(facts, NOW).changes
        if change.thing == "limit"
    }
    assert moved <= found
    assert days != line.days or found == set()

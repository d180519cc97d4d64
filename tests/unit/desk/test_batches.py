"""Which letters go together: pure rules, each exclusion by hand."""

from services.desk.domain.batches import Warnings, common_holds

CALM = Warnings(danger=False, holds=frozenset())
HELD = Warnings(danger=False, holds=frozenset({"tiers"}))
DANGER = Warnings(danger=True, holds=frozenset({"menace"}))


def test_what_most_are_held_for_is_common_and_nothing_where_none_prevails() -> None:
    assert common_holds([CALM, HELD, HELD]) == {"tiers"}
    assert common_holds([CALM, HELD]) == frozenset(), "the fewest reasons"
    assert common_holds([DANGER, DANGER, HELD]) == {"tiers"}, "danger never goes along"
    assert common_holds([]) == frozenset()

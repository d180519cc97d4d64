"""A promise stands on the facts that can move it alone: what follows them changes none."""

from collections.abc import Sequence

from hypothesis import given, settings

from services.sla.domain.history import ItemHistory
from services.sla.domain.ladder import MOVES
from services.sla.domain.promises import may_exist, promise
from services.sla.domain.waits import waits
from shared.facts.items import Items
from shared.facts.vocabulary import ClockName
from tests.unit.sla.builders import rules
from tests.unit.sla.histories import lives


@settings(max_examples=80)
@given(lives())
def test_a_whole_life_promises_what_its_moving_facts_do(facts: Sequence[Items]) -> None:
    known, standing = ItemHistory(facts), rules()
    last = max(
        (index for index, fact in enumerate(known.told, 1) if type(fact) in MOVES), default=0
    )
    moving = ItemHistory(known.told[:last])
    for clock in ClockName:
        promised = promise(clock, known, standing)
        assert promised == promise(clock, moving, standing)
        assert may_exist(clock, known) or promised is None
    assert list(waits(known, standing)) == list(waits(moving, standing))

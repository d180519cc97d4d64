"""A fact written by the text of one that is alike is to the byte what pydantic would write."""

from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sla.domain.facts_alike import FactAlike, FactPattern, Whose
from shared.facts.clocks import CLOCKS, Clocks, ClockStarted, Holder
from shared.facts.envelope import Chrono, EventId, ItemId, ServiceId, Via
from shared.facts.vocabulary import ClockName
from tests.unit.sla.builders import BMI, ITEM, may, paris

KINDS = get_args(Clocks)
WORDS = st.text(max_size=12) | st.sampled_from(
    ['"', "\\", '"event_id":"', "é\u2028", "\x00", "null"]
)


def started(words: str, chrono: str | None) -> ClockStarted:
    return ClockStarted(
        event_id=EventId(UUID(int=1)), happened_at=paris(11), recorded_at=paris(12),
        by=words, via=Via.MACHINE, item_id=ITEM, revision=1,
        chrono=None if chrono is None else Chrono(chrono), service=ServiceId(words),
        holder=Holder(service=BMI), category=None, clock=ClockName.REPLY, limit=may(20),
        commitment=words, day_zero=may(11), rules=1,
    )  # fmt: skip


@given(
    WORDS,
    st.none() | WORDS,
    st.none() | WORDS,
    st.uuids(),
    st.uuids(),
    st.integers(1, 2**70),
    st.datetimes(timezones=st.just(UTC)),
)
def test_a_fact_alike_is_written_as_it_would_be_by_itself(
    words: str,
    first: str | None,
    own: str | None,
    event: UUID,
    item: UUID,
    revision: int,
    moment: datetime,
) -> None:
    """Whatever the first says, also where its words look like what is cut."""
    whose = Whose(ItemId(item), None if own is None else Chrono(own), moment)
    fact = FactAlike(FactPattern(started(words, first)), whose, str(event), revision)
    assert fact.model_dump_json() == fact.fact.model_dump_json()
    assert CLOCKS.validate_json(fact.model_dump_json()) == fact.fact


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_every_kind_of_clock_fact_can_be_cut(kind: Any) -> None:
    given: dict[str, Any] = dict.fromkeys(kind.model_fields)
    fact = kind.model_construct(**{**given, "type": kind.__name__})
    alike = FactAlike(FactPattern(fact), Whose(ITEM, None, paris(12)), str(UUID(int=5)), 3)
    assert alike.model_dump_json() == alike.fact.model_dump_json()

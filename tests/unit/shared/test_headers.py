"""The headers of facts are JSON, and what several have alike is each one's own all the same."""

import json
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from services.sla.domain.facts_alike import FactAlike, FactPattern, Whose
from shared.facts.clocks import ClockStarted, Holder
from shared.facts.envelope import EventId, Via
from shared.facts.vocabulary import ClockName
from shared.platform.messaging.headers import HeaderWriter
from tests.unit.sla.builders import BMI, ITEM, may, paris

TRACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
WORDS = st.text(max_size=12) | st.sampled_from(['"', "\\", '","ce_id":"', "é\u2028", "\x00"])


def started(by: str, day: int, event: UUID) -> ClockStarted:
    return ClockStarted(
        event_id=EventId(event), happened_at=paris(day), recorded_at=paris(28), by=by,
        via=Via.MACHINE, item_id=ITEM, revision=1, chrono=None, service=BMI,
        holder=Holder(service=BMI), category=None, clock=ClockName.REPLY, limit=may(20),
        commitment="reply", day_zero=may(11), rules=1,
    )  # fmt: skip


@given(
    st.lists(
        st.tuples(WORDS, st.integers(11, 13), st.uuids(), st.sampled_from([{}, TRACE])), max_size=6
    )
)
def test_each_fact_has_its_own_headers(
    told: list[tuple[str, int, UUID, dict[str, str]]],
) -> None:
    headers = HeaderWriter("sla")
    for by, day, event, trace in told:
        written = headers.write(started(by, day, event), trace)
        assert json.loads(written) == {
            "ce_specversion": "1.0",
            "ce_id": str(event),
            "ce_type": "ClockStarted",
            "ce_source": by,
            "ce_time": f"2026-05-{day}T08:00:00+00:00",
            "content-type": "application/json",
            "ce_producer": "sla",
            **trace,
        }


def test_a_fact_alike_has_the_id_that_follows_from_its_item_clock_and_revision() -> None:
    whose = Whose(ITEM, None, paris(11))
    fact: FactAlike = FactPattern(started("rule:x", 11, UUID(int=1))).of(whose, 4)
    assert fact.fact.event_id == uuid5(ITEM, "reply\nClockStarted\n4")
    assert json.loads(HeaderWriter("sla").write(fact, {}))["ce_id"] == fact.id_text

"""Each topic has one producer, and a fact that names another is believed by nobody."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from shared.facts.envelope import EventId, Fact, Topic
from shared.platform.messaging.producers import PRODUCERS, Foreign, check

NOW = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)


def fact(by: str) -> Fact:
    return Fact(type="Said", event_id=EventId(uuid4()), happened_at=NOW, recorded_at=NOW, by=by)


def test_every_topic_has_its_producer() -> None:
    assert set(PRODUCERS) == set(Topic)


@pytest.mark.parametrize(
    ("topic", "by", "headers", "believed"),
    [
        (Topic.CLOCKS, "service:sla", {}, True),
        (Topic.CLOCKS, "service:sla", {"ce_producer": "sla"}, True),
        (Topic.CLOCKS, "service:notify", {}, False),
        (Topic.CLOCKS, "service:sla", {"ce_producer": "desk"}, False),
        (Topic.NOTICES, "person:v.noel", {}, True),
        (Topic.NOTICES, "service:desk", {}, False),
        (Topic.ARRIVALS, "source:mailbox:pref-bmi", {}, True),
        (Topic.ARRIVALS, "source:mailbox:pref-bmi", {"ce_producer": "notify"}, False),
        (Topic.ITEMS, "service:notify", {}, True),
        (Topic.ITEMS, "service:notify", {"ce_producer": "notify"}, False),
        (Topic.QUALITY, "person:q.lefevre", {"ce_producer": "desk"}, True),
    ],
)
def test_what_is_believed(
    topic: Topic, by: str, headers: dict[str, str], *, believed: bool
) -> None:
    if believed:
        check(topic, fact(by), headers)
        return
    with pytest.raises(Foreign, match=f"{topic.value} are told by {PRODUCERS[topic]}"):
        check(topic, fact(by), headers)

"""What a handler of a batch is given, and how long a reader of an idle topic waits."""

import pytest
from faststream.exceptions import ContextError
from faststream.kafka import KafkaBroker

from shared.facts.envelope import Topic
from shared.facts.items import ITEMS
from shared.platform.messaging import stall_watch
from shared.platform.messaging.consumer_group import NOW, ConsumerGroup, OfBatch


async def test_what_a_batch_does_not_have_is_refused_before_its_handler_runs() -> None:
    with pytest.raises(ContextError, match="`now` not found"):
        await OfBatch(NOW).use(context__=KafkaBroker(logger=None).context)


def test_a_reader_looks_no_oftener_than_it_asks_and_who_asks_behind_it_waits_longer() -> None:
    options = ConsumerGroup("sla").takes(Topic.ITEMS, ITEMS.validate_json)
    waits = options["fetch_max_wait_ms"]
    assert options["consumer_timeout_ms"] == waits
    assert waits / 1000 < stall_watch.ANSWER_SECONDS

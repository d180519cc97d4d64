"""What a handler of a batch is given."""

import pytest
from faststream.exceptions import ContextError
from faststream.kafka import KafkaBroker

from shared.platform.messaging.consumer_group import NOW, OfBatch


async def test_what_a_batch_does_not_have_is_refused_before_its_handler_runs() -> None:
    with pytest.raises(ContextError, match="`now` not found"):
        await OfBatch(NOW).use(context__=KafkaBroker(logger=None).context)

"""What a row keeps of a paper or an upload, for a second reading."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest

from services.ingest import capture_metadata
from services.ingest.domain.document import Legible
from shared.facts.envelope import ArrivalId
from shared.platform.postgres.rows import UnreadableRow

ARRIVAL = ArrivalId(UUID(int=36))
AGAIN = (
    partial(capture_metadata.scan, ARRIVAL, octets=b"%PDF", reading=Legible((), 0)),
    partial(capture_metadata.upload, ARRIVAL, name="lettre.pdf"),
)


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("kept", ["", "{}", '{"of": "tomorrow"}'])
def test_a_row_of_another_shape_refuses_the_request_and_is_named(
    again: Callable[..., object], kept: str
) -> None:
    with pytest.raises(UnreadableRow, match=f"Row {ARRIVAL} of ingest.arrivals can't be read"):
        again(kept=kept)

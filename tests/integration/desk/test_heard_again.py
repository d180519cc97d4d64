"""A letter heard again that changes nothing says so: the register passes over what it knows."""

from datetime import timedelta
from uuid import uuid4

from shared.facts.arrivals import Arrivals, Quarantine
from shared.facts.envelope import ArrivalId, EventId
from shared.facts.observations import BounceSeen
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Pool
from shared.platform.messaging.subscription import passing_over
from tests.desk_builders import MONDAY, a_reply_seen, a_scanned_departure, an_arrival
from tests.integration.desk.test_registering_arrivals import hear, told

NOW = MONDAY + timedelta(minutes=1)


async def test_what_is_known_or_overtaken_is_passed_over_so_that_a_retry_says_so(
    pool: Pool,
) -> None:
    mail = an_arrival(verdict=Quarantine(reason="unreadable"))
    read_again = an_arrival("again", arrival_id=mail.arrival_id, revision=2)
    reply = a_reply_seen()
    departure = a_scanned_departure("36-2026-A-000099", NoticeKind.REPLY)
    bounce = BounceSeen(
        event_id=EventId(uuid4()),
        arrival_id=ArrivalId(uuid4()),
        happened_at=NOW,
        recorded_at=NOW,
        by="source:mailbox:bmi",
        source="mailbox:bmi",
        original=mail.original,
        notice_id=None,
        action="failed",
        status="5.1.1",
    )
    batch: list[Arrivals] = [mail, read_again, reply, departure, bounce]
    with passing_over() as passed:
        for fact in batch:
            await hear(pool, fact)
    assert passed == [], "each of them changed something"
    before = await told(pool)
    with passing_over() as passed:
        for fact in batch:
            await hear(pool, fact)
    assert passed == batch
    assert await told(pool) == before

"""Topic `arrivals`: each arrival once, whatever the order and however often it is told."""

from collections.abc import Sequence
from datetime import datetime

from services.desk.handlers.attachments import take_texts
from services.desk.handlers.departures import depart, store_bounces
from services.desk.handlers.registration import register
from services.desk.handlers.replies import observe
from services.desk.store import batch_locks, locks, replies
from shared.facts.arrivals import ArrivalReread, Arrivals, JudgedArrival
from shared.facts.observations import BounceSeen, DepartureScanned, ReplySeen
from shared.platform.database import Connection
from shared.platform.messaging.subscription import Handle, RejectedFact, pass_over_known
from shared.site.applied_rules import Rules


def hears_arrivals(rules: Rules) -> Handle[Arrivals]:
    """Makes the handler of Kafka topic `arrivals`, which reads the applied rules at each batch."""

    async def hear(
        connection: Connection, batch: Sequence[Arrivals], now: datetime
    ) -> Sequence[RejectedFact[Arrivals]]:
        applied = await rules.in_transaction(connection)
        await locks.take(connection, batch)
        await batch_locks.lock(connection, batch)
        opened = await register(
            connection, [fact for fact in batch if isinstance(fact, JudgedArrival)], applied, now
        )
        texts = [fact for fact in batch if isinstance(fact, ArrivalReread) and fact.attachments]
        await take_texts(connection, texts, applied, now)
        correspondents = [
            judged_arrival.correspondent
            for judged_arrival in opened
            if judged_arrival.correspondent is not None
        ]
        early = await replies.waiting_for(connection, correspondents)
        replied = [fact for fact in batch if isinstance(fact, ReplySeen)]
        seen = await replies.keep_new(connection, replied)
        pass_over_known(replied, {fact.event_id for fact in seen})
        await observe(connection, [*early, *seen], applied, now)
        await depart(
            connection,
            [fact for fact in batch if isinstance(fact, DepartureScanned)],
            applied,
            now,
        )
        await store_bounces(connection, [fact for fact in batch if isinstance(fact, BounceSeen)])
        return ()

    return hear

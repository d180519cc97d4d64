"""Who rewrites the register and every copy that PostgreSQL has of it is shown by Kafka's."""

import asyncio
import time
from datetime import timedelta
from uuid import uuid4

from pydantic import SecretStr

from deploy.embedded.ports import free_port
from services.desk.evidence.verification.registry import Report
from shared.platform.kafka import topics
from shared.platform.kafka.connection import KafkaAccess
from shared.platform.messaging.relay import Relay
from tests.integration.desk.proven import LATE, SECOND, TONIGHT, Proven
from tests.roles import under_role

DAY = timedelta(days=1)
PATIENCE = 300.0


async def test_tamper_facts_and_every_copy_of_sla_are_made_anew(
    month: Proven, kafka_address: str
) -> None:
    """What Kafka still holds says what was published."""
    prefix = f"t{uuid4().hex[:12]}."
    await topics.provision(kafka_address, prefix, replication=1)
    await publishes(month, kafka_address, prefix)
    month.kafka = (KafkaAccess(kafka_address), prefix)
    report = await month.night()
    assert (report.differences, kafkas_own(report)) == ([], [])
    assert report.checked["published"] == 10, "five letters, three replies, two seals"

    by = ('"by":"person:a.gent"', '"by":"person:b.gent"')
    await month.rewrites(LATE, *by, roots=True)
    gone = "item_id = $1 AND event_id IN (SELECT event_id FROM desk.facts WHERE type = 'ReplySent')"
    await month.sql(
        "UPDATE sla.facts s SET payload = f.payload FROM desk.facts f"
        " WHERE f.event_id = s.event_id AND f.payload <> s.payload",
        f"DELETE FROM sla.facts WHERE {gone}",  # noqa: S608  (words of ours)
        f"DELETE FROM desk.facts WHERE {gone}",  # noqa: S608  (words of ours)
        chrono=SECOND,
        free=True,
    )
    found = [str(difference) for difference in (await month.night(TONIGHT + DAY)).differences]
    assert f"{LATE}: fact 2 is not what it was as it was published" in found
    assert f"{SECOND}: a fact is missing, as it was published" in found
    assert not any("sla heard" in difference for difference in found), found


async def test_a_kafka_that_is_away_is_said_and_no_difference(month: Proven) -> None:
    month.kafka = (KafkaAccess(f"127.0.0.1:{free_port()}"), "away.")
    report = await month.night()
    assert report.holds
    (said,) = kafkas_own(report)
    assert said.startswith("Not all facts that Kafka holds were compared: Kafka does not say ")


def kafkas_own(report: Report) -> list[str]:
    """What it says of Kafka."""
    return [sentence for sentence in report.said if "Kafka" in sentence]


async def publishes(month: Proven, kafka: str, prefix: str) -> None:
    """All that the register stated is carried to Kafka, as `desk keep` does."""
    relay = Relay(SecretStr(under_role(month.url, "desk")), ("desk",), kafka, prefix)
    carrying = asyncio.create_task(relay.run())
    deadline = time.monotonic() + PATIENCE
    try:
        while await month.desk.fetchval("SELECT count(*) FROM desk.outbox_waiting"):
            assert time.monotonic() < deadline, "nothing is carried"
            await asyncio.sleep(0.05)
    finally:
        relay.stop()
        await carrying

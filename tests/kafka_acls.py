"""Rights (ACLs) of a Kafka of tests, given as an operator would by kafka-acls.sh."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest

from services.ops.kafka_rights import Grant

KINDS = {"topic": 2, "group": 3, "cluster": 4}
OPERATIONS = {"Read": 3, "Write": 4, "Describe": 8, "IdempotentWrite": 12}
LITERAL, PREFIXED, ALLOW = 3, 4, 3


async def give(client: AIOKafkaAdminClient, right: Grant, user: str) -> None:
    """Gives a user a right; the broker learns it a moment after the controller."""
    asked = CreateAclsRequest(
        KINDS[right.kind],
        right.name or "kafka-cluster",
        PREFIXED if right.prefixed else LITERAL,
        f"User:{user}",
        "*",
        OPERATIONS[right.operation],
        ALLOW,
    )
    answer = await client._send_to_controller(asked)  # noqa: SLF001  (no door of its own)
    assert [code for code, _ in answer.creation_responses] == [0], right

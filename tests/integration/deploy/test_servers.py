"""The embedded servers serve, stop, come back with their data, and say what is wrong."""

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded.kafka import KafkaServer


async def test_kafka_keeps_its_topics_on_the_same_port_after_a_power_cut(
    kafka_server: KafkaServer,
) -> None:
    topic = "survives-a-power-cut"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server.address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()

    kafka_server.kill()
    kafka_server.start()

    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server.address)
    await admin.start()
    try:
        assert topic in await admin.list_topics()
    finally:
        await admin.close()


async def test_each_test_has_an_empty_database_of_its_own(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE TABLE mine (n int)")
    assert await connection.fetchval("SELECT count(*) FROM mine") == 0
    await connection.close()

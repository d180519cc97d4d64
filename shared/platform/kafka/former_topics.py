"""Topics and groups of prefixes that a préfecture has left: listed, and removed by their name.

`restored` goes on under a new prefix, and what stood under the one before stays on Kafka's disks. A
Kafka may have several préfectures, so that nothing tells by itself which prefixes are former ones:
whoever removes one names it, and one that somebody hears is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import DeleteGroupsRequest

from shared.errors import PermanentFailure, Refused
from shared.facts.envelope import Topic
from shared.platform.kafka.connection import Kafka
from shared.platform.kafka.topics import admin

_LEAST = 4
"""Topics under one prefix that make it one of ours: as many as the first version had."""
_WAIT_MS = 30_000


@dataclass
class Former:
    """The Kafka topics and consumer groups that exist under one topic prefix."""

    topics: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    """The groups that have a member now."""


async def others(kafka: Kafka, prefix: str) -> Mapping[str, Former]:
    """Lists the Kafka topics and consumer groups of every topic prefix but the given one.

    Raises TemporaryFailure when Kafka does not answer.
    """
    async with admin(kafka) as client:
        return await _others(client, prefix)


async def remove(kafka: Kafka, prefix: str, former: str) -> Former:
    """Deletes the Kafka topics and consumer groups of a former topic prefix.

    Returns what was deleted.

    Raises:
        Refused: it is the prefix in use, has no topics, or a process still reads them.
        PermanentFailure: Kafka refuses, and why.
        TemporaryFailure: Kafka does not answer.
    """
    if former == prefix:
        raise Refused(f"{former} is the prefix in use (VAGUEMESTRE_PREFIX): it stays.")
    async with admin(kafka) as client:
        found = (await _others(client, prefix)).get(former)
        if found is None:
            raise Refused(f"Kafka has no topics under {former}: see `vaguemestre former-topics`.")
        if found.heard:
            raise Refused(
                f"{found.heard[0]} has a process that hears: stop what runs under {former} first."
            )
        answer = await client.delete_topics(found.topics, timeout_ms=_WAIT_MS)
        _must(answer.topic_error_codes)
        for group in found.groups:
            node = await client.find_coordinator(group)
            # The client has no word of its own for it yet.
            deleted = await client._send_request(DeleteGroupsRequest([group]), node)  # noqa: SLF001  (as said)
            _must(deleted.results)
        return found


def _must(codes: Sequence[tuple[str, int]]) -> None:
    for name, code in codes:
        if code:
            raise PermanentFailure(f"Kafka refuses to remove {name}: {for_code(code).__name__}.")


async def _others(client: AIOKafkaAdminClient, prefix: str) -> Mapping[str, Former]:
    known = dict[str, Former]()
    for name in sorted(await client.list_topics()):
        for topic in Topic:
            if name.endswith(topic.value):
                known.setdefault(name.removesuffix(topic.value), Former()).topics.append(name)
    known = {
        one: found for one, found in known.items() if one != prefix and len(found.topics) >= _LEAST
    }
    for group, *_ in sorted(await client.list_consumer_groups()):
        of = _prefix_of(group)
        if of in known:
            known[of].groups.append(group)
    for found in known.values():
        # One at a time: the client reads an answer of two groups as if it were of an older shape.
        for group in found.groups:
            (answer,) = await client.describe_consumer_groups([group])
            ((_, _, state, *_),) = answer.groups
            found.heard += [group] if state not in {"Empty", "Dead"} else []
    return known


def _prefix_of(group: str) -> str:
    """Of `<prefix><schema>.<topic>` (shared/platform/messaging/consumer.py)."""
    rest, _, topic = group.rpartition(".")
    if topic not in set(Topic):
        return group
    schema = rest.rpartition(".")[2]
    return rest[: len(rest) - len(schema)]

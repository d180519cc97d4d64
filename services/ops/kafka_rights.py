"""The rights that each service needs at Kafka, for a broker that asks who comes and what they may.

One user a service: it writes its own topics alone, reads those that it hears, in groups of its own.
Each also sees that every topic of the préfecture is there, as it does when it starts.

Needs:  VAGUEMESTRE_PREFIX
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import click

from services.ops.status.questions import HEARS
from shared.facts.envelope import Topic
from shared.platform.kafka.topics import name_of
from shared.platform.messaging.producers import PRODUCERS

KafkaResourceKind = Literal["topic", "group", "cluster"]
Operation = Literal["Read", "Write", "Describe", "IdempotentWrite"]


@dataclass(frozen=True, slots=True)
class Grant:
    """A Kafka right (ACL) of a service."""

    kind: KafkaResourceKind
    name: str
    """Empty for the cluster."""
    operation: Operation
    prefixed: bool = False
    """Whether it holds for every name that begins so."""

    def words(self, principal: str) -> str:
        """Formats the Kafka right as a command of `kafka-acls.sh`."""
        on = "--cluster" if self.kind == "cluster" else f"--{self.kind} {self.name}"
        how = " --resource-pattern-type prefixed" if self.prefixed else ""
        return (
            f"kafka-acls.sh --add --allow-principal User:{principal}"
            f" --operation {self.operation} {on}{how}"
        )


SERVICES: Final = tuple(HEARS)
ONLOOKER: Final = "status"
"""Who asks how far each service has heard, and reads or writes nothing."""


def user(service: str, prefix: str) -> str:
    """Returns the name of a service's Kafka user: `vaguemestre-sla` under prefix `vaguemestre.`."""
    return f"{prefix.rstrip('.') or 'vaguemestre'}-{service}"


def grants(service: str, prefix: str) -> Sequence[Grant]:
    """Lists the Kafka rights (ACLs) that a service, or the command `status`, needs: no others."""
    if service == ONLOOKER:
        return [
            *(Grant("topic", name_of(topic, prefix), "Describe") for topic in Topic),
            *(
                Grant("group", f"{prefix}{name}.", "Describe", prefixed=True)
                for name in SERVICES
                if HEARS[name]
            ),
        ]
    tells = [topic for topic in Topic if PRODUCERS[topic] == service]
    found = [
        Grant("cluster", "", "IdempotentWrite"),
        *(Grant("topic", name_of(topic, prefix), "Describe") for topic in Topic),
        *(Grant("topic", name_of(topic, prefix), "Write") for topic in tells),
        *(Grant("topic", name_of(topic, prefix), "Read") for topic in HEARS[service]),
    ]
    if HEARS[service]:
        found.append(Grant("group", f"{prefix}{service}.", "Read", prefixed=True))
    return found


@click.command(name="kafka-rights")
@click.option("--prefix", default="vaguemestre.", show_default=True, help="As VAGUEMESTRE_PREFIX.")
def kafka_rights(prefix: str) -> None:
    """Print the rights (ACLs) of each service and of `status` at Kafka, for `kafka-acls.sh`.

    Add `--bootstrap-server` and `--command-config` to each. The owner, who runs `topics`, `retell`
    and `restored`, has all rights on topics and groups that begin with the prefix.
    """
    for service in (*SERVICES, ONLOOKER):
        for grant in grants(service, prefix):
            click.echo(grant.words(user(service, prefix)))

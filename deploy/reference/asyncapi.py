"""docs/asyncapi.json: the topics in AsyncAPI 3.

From the facts, shared/platform/kafka/topics.TABLE, the manual pages of the services for who tells,
and what FastStream writes of their routers for who hears. What that alone would lack: ADR 0077.
"""

import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any, get_args

from faststream.kafka import KafkaBroker, KafkaRouter
from faststream.specification import AsyncAPI
from prometheus_client import CollectorRegistry
from pydantic.json_schema import models_json_schema

from deploy.reference.remarks import remarks
from services.desk import app as desk
from services.notify import app as notify
from services.sla import app as sla
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from shared.facts.arrivals import Arrivals
from shared.facts.clocks import ClocksTopic
from shared.facts.envelope import Fact, Part, Topic
from shared.facts.items import Items
from shared.facts.notices import Notices
from shared.facts.quality import Quality
from shared.platform.kafka.topics import SAFE_COPIES, TABLE, TopicPlan
from shared.platform.messaging.consumer_group import ConsumerGroup
from shared.platform.messaging.producers import HEADER
from shared.site.applied_rules import AppliedRules

SERVICES = ("ingest", "desk", "sla", "notify")
ROUTERS: Mapping[str, Callable[[ConsumerGroup], KafkaRouter]] = {
    "desk": desk.create_router,
    "sla": lambda group: sla.create_router(group, Editions(), SlaCounters(CollectorRegistry())),
    "notify": lambda group: notify.create_router(group, AppliedRules()),
}
"""What each service that hears declares."""
FACTS: Mapping[Topic, Sequence[type[Fact]]] = {
    Topic.ARRIVALS: get_args(Arrivals),
    Topic.ITEMS: get_args(Items),
    Topic.CLOCKS: get_args(ClocksTopic),
    Topic.NOTICES: get_args(Notices),
    Topic.QUALITY: get_args(Quality),
}
KEYS = {
    Topic.ARRIVALS: "arrival_id",
    Topic.ITEMS: "item_id",
    Topic.CLOCKS: "item_id",
    Topic.NOTICES: "notice_id",
    Topic.QUALITY: "subject_id",
}
_PAGE = re.compile(r"^Hears:(?P<hears>.*?)\bTells:(?P<tells>.*?)$", re.MULTILINE | re.DOTALL)


def render() -> str:
    """Returns the text of docs/asyncapi.json."""
    every = [fact for facts in FACTS.values() for fact in facts]
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vaguemestre",
            "version": version("vaguemestre"),
            "description": "What the services of a préfecture tell each other. All facts of one "
            "key are in order on one partition; a fact may be told again under the same "
            "ce_id. Fields are added, never renamed or removed: ignore those you do not know.",
        },
        "defaultContentType": "application/json",
        "channels": {plan.topic.value: _channel(plan) for plan in TABLE},
        "operations": dict(operation for service in SERVICES for operation in _operations(service)),
        "components": {
            "messages": {fact.__name__: _message(fact) for fact in every},
            "schemas": {"CloudEvent": _headers()} | _schemas(every),
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def tells_and_hears(service: str) -> tuple[Sequence[Topic], Sequence[Topic]]:
    """Returns the topics that a service publishes and consumes, by its manual page.

    Raises:
        ValueError: the page has no such lines.
    """
    page = _PAGE.search(importlib.import_module(f"services.{service}").__doc__ or "")
    if page is None:
        raise ValueError(f"The manual page of services.{service} has no Hears: and Tells:.")
    words = {side: set(re.findall(r"\w+", page[side])) for side in ("tells", "hears")}
    tells, hears = ([topic for topic in Topic if topic in words[side]] for side in words)
    return tells, hears


def _channel(plan: TopicPlan) -> dict[str, Any]:
    topic = plan.topic
    settings = plan.settings(SAFE_COPIES)
    return {
        "address": f"{{prefix}}{topic.value}",
        "parameters": {"prefix": {"description": "VAGUEMESTRE_PREFIX.", "default": ""}},
        "messages": {fact.__name__: _ref("messages", fact.__name__) for fact in FACTS[topic]},
        "bindings": {
            "kafka": {
                "partitions": plan.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [settings["cleanup.policy"]],
                    "retention.ms": int(settings["retention.ms"]),
                    "max.message.bytes": int(settings["max.message.bytes"]),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations(service: str) -> Sequence[tuple[str, dict[str, Any]]]:
    tells, _ = tells_and_hears(service)
    sends = [
        (
            f"{service}.tells.{topic.value}",
            {"action": "send", "channel": {"$ref": f"#/channels/{topic.value}"}},
        )
        for topic in tells
    ]
    return sends + (_receives(ROUTERS[service], service) if service in ROUTERS else [])


def _receives(
    declares: Callable[[ConsumerGroup], KafkaRouter], service: str
) -> list[tuple[str, dict[str, Any]]]:
    broker = KafkaBroker(routers=[declares(ConsumerGroup(service))])
    written = AsyncAPI(broker, schema_version="3.0.0").to_specification().to_jsonable()
    return [
        (
            name,
            {
                "action": operation["action"],
                "channel": {"$ref": f"#/channels/{written['channels'][name]['address']}"},
                "summary": written["channels"][name]["description"],
            },
        )
        for name, operation in sorted(written["operations"].items())
    ]


def _message(fact: type[Fact]) -> dict[str, Any]:
    return {
        "name": fact.__name__,
        "summary": _said(fact),
        "contentType": "application/json",
        "headers": _ref("schemas", "CloudEvent"),
        "payload": _ref("schemas", fact.__name__),
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"`{KEYS[fact.topic]}`"},
                "bindingVersion": "0.5.0",
            }
        },
        "x-weight": fact.weight.value,
    }


def _headers() -> dict[str, Any]:
    """As `HeaderWriter` of the outbox writes them; `traceparent` where the process is traced.

    The schema that told a fact is not required: older records do not say it.
    """
    names = ("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type")
    return {
        "type": "object",
        "description": "CloudEvents 1.0 in Kafka's binary mode.",
        "properties": {name: {"type": "string"} for name in (*names, HEADER, "traceparent")},
        "required": list(names),
    }


def _schemas(facts: Sequence[type[Fact]]) -> dict[str, Any]:
    _, schema = models_json_schema(
        [(fact, "validation") for fact in facts], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = schema["$defs"]
    for part in _parts(Part):
        for field, remark in remarks(part).items() if part.__name__ in schemas else ():
            schemas[part.__name__]["properties"][field].setdefault("description", remark)
    return {name: _plain(schemas[name]) for name in sorted(schemas)}


def _parts(kind: type[Part]) -> Iterator[type[Part]]:
    """Every value that a fact can hold, and every fact."""
    if kind.__module__.startswith("shared.facts."):
        yield kind
    for child in kind.__subclasses__():
        yield from _parts(child)


def _plain(schema: Any) -> Any:
    """In AsyncAPI a discriminator is the name of a property; pydantic writes OpenAPI's object.

    Titles that only repeat a field's name are left out.
    """
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: part["propertyName"]
        if name == "discriminator" and isinstance(part, dict) and "propertyName" in part
        else _plain(part)
        for name, part in schema.items()
        if not (name == "title" and isinstance(part, str))
    }


def _said(fact: type[Fact]) -> str:
    return " ".join((fact.__doc__ or "").split())


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}

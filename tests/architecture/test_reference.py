"""The pages written from the code say what the code says now."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.reference import PAGES
from deploy.reference.asyncapi import ROUTERS, tells_and_hears
from services.ops.status.questions import HEARS
from shared.facts.envelope import Topic
from shared.platform.messaging.consumer_group import ConsumerGroup

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_written_from_the_code_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "say `make docs`"


def test_every_reference_of_the_asyncapi_leads_somewhere() -> None:
    document = json.loads((DOCS / "asyncapi.json").read_text(encoding="utf-8"))
    for reference in _references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_each_topic_has_one_producer_and_a_reader() -> None:
    services = [tells_and_hears(name) for name in ("ingest", "desk", "sla", "notify")]
    assert sorted(topic for tells, _ in services for topic in tells) == sorted(Topic)
    assert {topic for _, hears in services for topic in hears} == set(Topic)


@pytest.mark.parametrize("service", ["ingest", "desk", "sla", "notify", "portal"])
def test_a_manual_page_and_kafkas_rights_name_what_the_service_subscribes_to(service: str) -> None:
    group = ConsumerGroup(service)
    if service in ROUTERS:
        ROUTERS[service](group)
    _, hears = tells_and_hears(service)
    assert sorted(group.intakes) == sorted(hears)
    assert sorted(group.intakes) == sorted(HEARS.get(service, ()))


def _references(part: Any) -> list[str]:
    match part:
        case {"$ref": str(reference)}:
            return [reference]
        case dict():
            return [found for inner in part.values() for found in _references(inner)]
        case list():
            return [found for inner in part for found in _references(inner)]
        case _:
            return []

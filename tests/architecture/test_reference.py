"""The pages written from the code say what the code says now."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from deploy.reference import PAGES
from deploy.reference.asyncapi import ROUTERS, tells_and_hears
from deploy.reference.variable_words import ELSEWHERE, FAMILIES, MEANINGS
from deploy.reference.variables import secrets, variables
from services.ops.status.questions import HEARS
from shared.facts.envelope import Topic
from shared.platform.messaging.consumer_group import ConsumerGroup
from tests.architecture.test_anatomy import ours

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_written_from_the_code_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "say `make docs`"


def test_every_variable_that_code_reads_has_its_meaning_once() -> None:
    listed = [name for names in FAMILIES.values() for name in names]
    assert sorted(listed) == sorted(variables()) == sorted(MEANINGS)
    named = {
        name
        for path in ours("services", "shared", "deploy/embedded")
        if path.suffix == ".py"
        for name in re.findall(r"VAGUEMESTRE_([A-Z_]*[A-Z])\b", path.read_text(encoding="utf-8"))
    }
    known = {*listed, *ELSEWHERE, "PASSWORD_PREF_BMI", "SECRET_FILE"}
    assert named - known == set()


def test_the_secrets_are_known_as_such() -> None:
    assert sorted(secrets()) == [
        "VAGUEMESTRE_ARCHIVE_PASSWORD",
        "VAGUEMESTRE_BUCKET_SECRET",
        "VAGUEMESTRE_CODE_SECRET",
        "VAGUEMESTRE_DATABASE_URL",
        "VAGUEMESTRE_DATABASE_URL_DESK",
        "VAGUEMESTRE_DATABASE_URL_INGEST",
        "VAGUEMESTRE_DATABASE_URL_NOTIFY",
        "VAGUEMESTRE_DATABASE_URL_SLA",
        "VAGUEMESTRE_DEPOSITS_SECRET",
        "VAGUEMESTRE_DEPOSITS_SECRETS",
        "VAGUEMESTRE_FORMER_CODE_SECRETS",
        "VAGUEMESTRE_FORMER_SECRETS",
        "VAGUEMESTRE_KAFKA_PASSWORD",
        "VAGUEMESTRE_KEYRING",
        "VAGUEMESTRE_LOCAL_ACCOUNT",
        "VAGUEMESTRE_OAUTH_CLIENT_SECRET",
        "VAGUEMESTRE_OIDC_CLIENT_SECRET",
        "VAGUEMESTRE_PARAPHEUR_PASSWORD",
        "VAGUEMESTRE_PSEUDONYM_SECRET",
        "VAGUEMESTRE_SECRET",
        "VAGUEMESTRE_SECURE_MAIL_PASSWORD",
        "VAGUEMESTRE_SMTP_PASSWORD",
    ]


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

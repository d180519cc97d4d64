"""Whatever a directory asks by SCIM: a document of SCIM with a status of the RFC, no failure."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from services.desk.api.domain import scim
from services.desk.api.domain.keys import KeyScope
from services.desk.pages.api.scim import ADDRESSES, MEDIA_TYPE, ROOT
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import Browser, pages
from tests.integration.desk.programs import given
from tests.integration.desk.test_hostile_requests import requests, served_at

pytestmark = pytest.mark.usefixtures("live_site")

CHECKS: Final = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
WORD: Final[Mapping[str, Any]] = {"type": "string", "maxLength": 400}
TRUTH: Final = [True, False, "True", "false", None, 1]
USER: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["schemas", "id", "userName", "active"],
    "properties": {"schemas": {"const": [scim.USER]}, "active": {"type": "boolean"}},
}
LISTED: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["schemas", "totalResults", "Resources"],
    "properties": {"schemas": {"const": [scim.LIST]}, "totalResults": {"type": "integer"}},
}
ERROR: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["schemas", "status", "detail"],
    "properties": {"schemas": {"const": [scim.ERROR]}, "status": WORD},
}
CONFIG: Final[Mapping[str, Any]] = {"type": "object", "required": ["schemas", "patch", "bulk"]}
PERSON: Final = {
    "name": "person",
    "in": "path",
    "required": True,
    "schema": {"anyOf": [{"enum": ["a.gent", "b.gent"]}, {**WORD, "minLength": 1}]},
}
FILTERS: Final = [
    'userName eq "A.GENT@prefecture.example"',
    'emails[type eq "work"].value EQ "x"',
    'id eq "a.gent"',
    'externalId eq "x"',
    'userName sw "a"',
    'userName eq "\\ud800"',
]
QUERY: Final = [
    {"name": "filter", "in": "query", "schema": {"anyOf": [{"enum": FILTERS}, WORD]}},
    *(
        {"name": name, "in": "query", "schema": {"anyOf": [{"type": "integer"}, WORD]}}
        for name in ("startIndex", "count")
    ),
]
WRITTEN: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"userName": WORD, "active": {"enum": TRUTH}},
}
OPERATION: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["op"],
    "properties": {
        "op": {"enum": ["Add", "replace", "Remove", "x"]},
        "path": {"anyOf": [{"enum": ["active", f"{scim.USER}:active"]}, WORD]},
        "value": {"anyOf": [{"enum": TRUTH}, WRITTEN, WORD]},
    },
}
PATCH: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"Operations": {"type": "array", "maxItems": 3, "items": OPERATION}},
}
ANSWERS: Final[Mapping[tuple[str, str], tuple[Any, ...]]] = {
    ("GET", "/Users"): (LISTED, (400,), QUERY, None),
    ("POST", "/Users"): (USER, (400, 403, 409), [], WRITTEN),
    ("GET", "/Users/{person}"): (USER, (404,), [PERSON], None),
    ("PUT", "/Users/{person}"): (USER, (400, 403, 404), [PERSON], WRITTEN),
    ("PATCH", "/Users/{person}"): (USER, (400, 403, 404), [PERSON], PATCH),
    ("DELETE", "/Users/{person}"): (None, (403, 404), [PERSON], None),
    ("GET", "/ServiceProviderConfig"): (CONFIG, (), [], None),
    ("GET", "/ResourceTypes"): (LISTED, (), [], None),
    ("GET", "/Schemas"): (LISTED, (), [], None),
}
"""Of each address: what it gives, by which statuses it refuses, what it takes."""


def document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), (gives, refuses, takes, body) in ANSWERS.items():
        told: dict[str, Any] = {str(status): _answer(ERROR) for status in refuses}
        told["204" if gives is None else "200"] = _answer(gives)
        operation = {"parameters": takes, "responses": told}
        if body is not None:
            content = {"application/json": {"schema": {"anyOf": [body, WORD]}}}
            operation["requestBody"] = {"required": True, "content": content}
        paths.setdefault(path, {})[method.lower()] = operation
    return {"openapi": "3.1.0", "info": {"title": "SCIM", "version": "2"}, "paths": paths}


def _answer(schema: Mapping[str, Any] | None) -> dict[str, Any]:
    content = {} if schema is None else {"content": {MEDIA_TYPE: {"schema": schema}}}
    return {"description": "it", **content}


async def test_a_nul_is_refused_by_a_document_and_no_page(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    desk = pages(pool, story_clock, tmp_path)
    program = await given(desk, KeyScope.DIRECTORY, services=None)
    for path, status in (("Users?filter=%00", 400), ("Users/%00", 404), ("%00", 404)):
        answer = await Browser(desk).get(f"{ROOT}/{path}", authorization=f"Bearer {program.token}")
        assert (answer.status_code, answer.json()["status"]) == (status, str(status)), path


async def test_no_request_of_a_directory_breaks_what_scim_promises(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    assert set(ANSWERS) == {(method, path) for method, path, _ in ADDRESSES}
    desk = pages(pool, story_clock, tmp_path)
    program = await given(desk, KeyScope.DIRECTORY, services=None, pace=6000)

    def broken(url: str) -> tuple[list[str], int]:
        wrong, asked = list[str](), 0
        for case in requests(document()):
            asked += 1
            case.headers = {**(case.headers or {}), "authorization": f"Bearer {program.token}"}
            answer = case.call(base_url=f"{url}{ROOT}")
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as error:
                wrong.append(
                    f"{case.method} {case.formatted_path} {case.query}: {error.exceptions}"
                )
        return wrong, asked

    async for url in served_at(desk.app):
        wrong, asked = await asyncio.to_thread(broken, url)
    assert wrong == []
    assert asked >= 2 * len(ANSWERS)

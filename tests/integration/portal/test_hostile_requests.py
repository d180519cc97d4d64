"""Whatever is asked of a public page, and whatever its form holds: an answer, never a failure."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from services.portal.pages.serve import HOME, READ
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.integration.desk.test_hostile_requests import (
    ANY,
    KINDS,
    Request,
    failures,
    requests,
    served_at,
)
from tests.portal_browser import public_pages

pytestmark = pytest.mark.usefixtures("live_site")

FIELDS = (
    *("nature", "theme", "service", "agent", "objet", "message", "nom", "courriel", "adresse"),
    *("depot", "site", "page", "jeton"),
)


async def test_no_request_makes_a_page_of_the_public_fail(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    made = map(Request.of, requests(_document()))
    async for url in served_at(public_pages(pool, story_clock, tmp_path).app):
        failed, asked = await asyncio.to_thread(failures, url, made)
    assert asked > len(READ)
    assert failed == {}


def _document() -> dict[str, Any]:
    """The pages in the words of OpenAPI."""
    answer = {"responses": {"200": {"description": "it"}}}
    deposit = {"name": "deposit", "in": "path", "required": True, "schema": KINDS["uuid"]}
    paths: dict[str, Any] = {}
    for path in READ:
        given = [deposit] if "{deposit" in path else []
        paths[path.replace(":uuid", "")] = {"get": {**answer, "parameters": given}}
    properties = {**dict.fromkeys(FIELDS, ANY), "depot": KINDS["uuid"]}
    form = {"type": "object", "properties": properties, "required": ["depot"]}
    content = {"application/x-www-form-urlencoded": {"schema": form}}
    paths[HOME]["post"] = {**answer, "requestBody": {"required": True, "content": content}}
    return {"openapi": "3.0.3", "info": {"title": "The portal", "version": "1"}, "paths": paths}

"""`/api/v1/openapi.json` of the portal: what it takes from programs (OpenAPI 3.1)."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from services.portal.domain.program_deposit import DepositBody, DepositDocument
from services.portal.pages.program_problems import PROBLEMS
from shared.web import problem_details
from shared.web.program_requests import idempotency_header

NEVER: Final = frozenset({404, 405, 500})
"""Statuses that no request of this document is answered with, unless we fail."""


def openapi_document() -> Mapping[str, Any]:
    """Returns the OpenAPI document of what the portal takes from programs."""
    reference = "#/components/schemas/{model}"
    body = DepositBody.model_json_schema(ref_template=reference)
    parts = body.pop("$defs", {})
    refused = {
        str(status): problem_details.response("Why nothing was taken in.")
        for status in sorted({words.status for words in PROBLEMS.values()} - NEVER)
    }
    receipt = DepositDocument.model_json_schema()
    once = idempotency_header("One a deposit: who repeats a request deposits nothing twice.")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vaguemestre: deposits", "version": "1"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}],
        "paths": {
            "/depots": {
                "post": {
                    "operationId": "deposit",
                    "summary": "Deposit a message for the préfecture",
                    "description": "Needs scope `deposit`. Kept before it is answered.",
                    "parameters": [once],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": body}},
                    },
                    "responses": {
                        "202": {
                            "description": "It is kept; its receipt.",
                            "content": {"application/json": {"schema": receipt}},
                        },
                        **refused,
                    },
                }
            }
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {**parts, "Problem": problem_details.schema(PROBLEMS)},
        },
    }


async def openapi(_: Request) -> Response:
    """Serves the OpenAPI document of deposits."""
    return Response(orjson.dumps(openapi_document()), media_type="application/json")

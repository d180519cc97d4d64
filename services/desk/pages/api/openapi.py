"""The OpenAPI 3.1 document of the API, written from its table of addresses."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from services.desk.pages.api.endpoint import ROOT, Endpoint
from services.desk.pages.api.problems import PROBLEMS
from services.desk.pages.api.table import ENDPOINTS
from shared.web import problem_details
from shared.web.program_requests import idempotency_header

REFERENCE: Final = "#/components/schemas/{model}"
ALWAYS: Final = ("401", "403", "422", "429", "503")
OF_DECISIONS: Final = ("400", "408", "409", "412", "413", "428")
BY_SESSION: Final = "A person decides this, on a page, signed in: every key is answered 403."
_PARAMETER: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")


@cache
def document() -> bytes:
    """Serialises the OpenAPI document of the API to JSON, as `/openapi.json` serves it."""
    return orjson.dumps(openapi_document(), option=orjson.OPT_INDENT_2) + b"\n"


def openapi_document() -> Mapping[str, Any]:
    """Makes the OpenAPI 3.1 document that describes every endpoint of the API."""
    answers = {endpoint.answer for endpoint in ENDPOINTS if endpoint.answer is not None}
    said = {endpoint.body for endpoint in ENDPOINTS if endpoint.body is not None}
    wanted = [
        *((model, "serialization") for model in sorted(answers, key=_name)),
        *((model, "validation") for model in sorted(said, key=_name)),
    ]
    _, schemas = models_json_schema(wanted, ref_template=REFERENCE)  # type: ignore[arg-type]  # two modes
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vaguemestre",
            "version": "1",
            "description": "The register of a préfecture's mail, for other programs. Fields are"
            " only ever added.",
        },
        "servers": [{"url": ROOT}],
        "security": [{"key": []}],
        "paths": {
            path: {row.method.lower(): _operation(row) for row in rows}
            for path, rows in _by_path().items()
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas["$defs"], "Problem": problem_details.schema(PROBLEMS)},
        },
    }


def _name(model: type[BaseModel]) -> str:
    return model.__name__


def _by_path() -> Mapping[str, Sequence[Endpoint]]:
    found = dict[str, list[Endpoint]]()
    for row in ENDPOINTS:
        found.setdefault(_PARAMETER.sub(r"{\1}", row.path), []).append(row)
    return found


def _operation(endpoint: Endpoint) -> Mapping[str, Any]:
    scope = "any key" if endpoint.scope is None else f"scope `{endpoint.scope}`"
    answer: Mapping[str, Any] = {"application/octet-stream": {}}
    if endpoint.answer is not None:
        reference = REFERENCE.format(model=endpoint.answer.__name__)
        answer = {"application/json": {"schema": {"$ref": reference}}}
    named = _PARAMETER.findall(endpoint.path)
    refused = [*ALWAYS, *(["404"] if named else []), *(OF_DECISIONS if endpoint.body else [])]
    tagged = endpoint.answer is not None and endpoint.method == "GET"
    return {
        "operationId": endpoint.operation,
        "summary": endpoint.summary,
        "description": BY_SESSION if endpoint.by_session else f"Needs {scope}.",
        **({"x-by-session-only": True} if endpoint.by_session else {}),
        **_body(endpoint),
        "parameters": [
            *(
                {
                    "name": name,
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", **({"format": kind} if kind else {})},
                }
                for name, kind in named
            ),
            *_parameters(endpoint.query),
            *_headers(endpoint),
        ],
        "responses": {
            **(
                {}
                if endpoint.by_session
                else {"200": {"description": endpoint.summary, "content": answer}}
            ),
            **({"304": {"description": "As the tag says."}} if tagged else {}),
            **{status: problem_details.response("A problem.") for status in sorted(refused)},
        },
    }


def _body(endpoint: Endpoint) -> Mapping[str, Any]:
    if endpoint.body is None:
        return {}
    schema = {"$ref": REFERENCE.format(model=endpoint.body.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _headers(endpoint: Endpoint) -> Sequence[Mapping[str, Any]]:
    once = idempotency_header("One a decision: who repeats a request has the answer of the first.")
    match = {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The tag of the item that was read; `*`: whatever it is by now.",
        "schema": {"type": "string", "pattern": '^(\\*|"[0-9a-f]{32}")$'},
    }
    return [*([once] if endpoint.body else []), *([match] if endpoint.matches else [])]


def _parameters(query: type[BaseModel]) -> Sequence[Mapping[str, Any]]:
    schema = query.model_json_schema()
    shared = schema.get("$defs", {})
    found = []
    for name, stated in schema.get("properties", {}).items():
        said = {key: value for key, value in stated.items() if key not in {"title", "default"}}
        parts = [
            shared[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
            for part in said.pop("anyOf", [])
        ]
        parts = [part for part in parts if part.get("type") != "null"]
        description = said.pop("description", "")
        kind = {**(parts[0] if len(parts) == 1 else {"anyOf": parts} if parts else {}), **said}
        found.append(
            {
                "name": name,
                "in": "query",
                "schema": {k: v for k, v in kind.items() if k not in {"title", "description"}},
                **({"description": description} if description else {}),
            }
        )
    return found

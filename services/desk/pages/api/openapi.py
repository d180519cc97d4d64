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

REFERENCE: Final = "#/components/schemas/{model}"
ALWAYS: Final = ("401", "403", "422", "429", "503")
_PARAMETER: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")


@cache
def document() -> bytes:
    """Serialises the OpenAPI document, as it is served and committed."""
    return orjson.dumps(described(), option=orjson.OPT_INDENT_2) + b"\n"


def described() -> Mapping[str, Any]:
    """Returns the OpenAPI document of the table of addresses."""
    models = {endpoint.answer for endpoint in ENDPOINTS if endpoint.answer is not None}
    wanted = [
        (model, "serialization") for model in sorted(models, key=lambda model: model.__name__)
    ]
    _, schemas = models_json_schema(wanted, ref_template=REFERENCE)  # type: ignore[arg-type]  # the mode is one
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
            _PARAMETER.sub(r"{\1}", endpoint.path): {"get": _operation(endpoint)}
            for endpoint in ENDPOINTS
        },
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas["$defs"], "Problem": _problem()},
        },
    }


def _operation(endpoint: Endpoint) -> Mapping[str, Any]:
    scope = "any key" if endpoint.scope is None else f"scope `{endpoint.scope}`"
    answer: Mapping[str, Any] = {"application/octet-stream": {}}
    if endpoint.answer is not None:
        reference = REFERENCE.format(model=endpoint.answer.__name__)
        answer = {"application/json": {"schema": {"$ref": reference}}}
    named = _PARAMETER.findall(endpoint.path)
    refused = [*ALWAYS, *(["404"] if named else [])]
    return {
        "operationId": endpoint.handler.__module__.rpartition(".")[2]
        + "_"
        + endpoint.handler.__name__,
        "summary": endpoint.summary,
        "description": f"Needs {scope}.",
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
        ],
        "responses": {
            "200": {"description": endpoint.summary, "content": answer},
            **({"304": {"description": "As the tag says."}} if endpoint.answer is not None else {}),
            **{
                status: {
                    "description": "A problem.",
                    "content": {
                        "application/problem+json": {
                            "schema": {"$ref": REFERENCE.format(model="Problem")}
                        }
                    },
                }
                for status in sorted(refused)
            },
        },
    }


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


def _problem() -> Mapping[str, Any]:
    return {
        "type": "object",
        "description": "Why a request was refused (RFC 9457).",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "enum": sorted(PROBLEMS)},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "error": {"type": "string"}},
                },
            },
        },
    }

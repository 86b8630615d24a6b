"""`/api/`: the OpenAPI document as a page that needs neither the internet nor JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.api.item_operations import ITEM_EXAMPLES
from dashboard.api.openapi import openapi
from dashboard.api.schemas import SCHEMAS
from triage.api import api_view, json_response


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    link: str  # of the schema that it refers to, or ""
    about: str
    required: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """One document, as a table of its fields."""

    name: str
    about: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[Field, ...]
    form: tuple[Field, ...]
    answers: tuple[tuple[str, str, str], ...]  # status, what it means, the schema of its body
    example: str


@dataclass(frozen=True, slots=True)
class ApiPage:
    server: str
    introduction: str
    operations: tuple[Operation, ...]
    shapes: tuple[Shape, ...]


@api_view(["GET"])
def show_openapi(request: HttpRequest) -> HttpResponse:
    return json_response(openapi(_server(request)), headers={"Cache-Control": "public, max-age=300"})


@require_safe
def show_api(request: HttpRequest) -> HttpResponse:
    document = openapi(_server(request))
    page = ApiPage(
        server=_server(request),
        introduction=document["info"]["description"],
        operations=tuple(_operations(document)),
        shapes=tuple(Shape(name, schema["description"], tuple(_fields(schema))) for name, schema in SCHEMAS.items()),
    )
    return render(request, "api.html", {"page": page})


def _server(request: HttpRequest) -> str:
    return settings.BASE_URL or f"{request.scheme}://{request.get_host()}"


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            yield Operation(
                name=operation["operationId"],
                method=method.upper(),
                path=path,
                summary=operation["summary"],
                about=operation["description"],
                parameters=tuple(
                    Field(p["name"], _type(p["schema"]), "", p["description"], p["required"])
                    for p in operation.get("parameters", ())
                ),
                form=tuple(_form_fields(operation)),
                answers=tuple(_answers(operation["responses"])),
                example=EXAMPLES[operation["operationId"]].replace("SERVER", document["servers"][0]["url"]),
            )


def _form_fields(operation: dict[str, Any]) -> Iterator[Field]:
    content = operation.get("requestBody", {}).get("content", {})
    for form in content.values():
        schema = form["schema"]
        for field in _fields(SCHEMAS[_link(schema)] if "$ref" in schema else schema):
            yield replace(field, type=field.type.replace("list of string", "file, may repeat"))


def _answers(responses: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for status, answer in responses.items():
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        yield status, answer["description"], _link(schema)


def _fields(schema: dict[str, Any]) -> Iterator[Field]:
    for name, field in schema["properties"].items():
        yield Field(name, _type(field), _link(field), _about(field), name in schema.get("required", ()))
        if field.get("properties"):
            for inner in _fields(field):
                yield Field(f"{name}.{inner.name}", inner.type, inner.link, inner.about, inner.required)


def _about(schema: dict[str, Any]) -> str:
    described = schema.get("description", "")
    inner = next((s for s in schema.get("anyOf", ()) if "description" in s), {})
    values = [*schema.get("enum", ()), *(value for s in schema.get("anyOf", ()) for value in s.get("enum", ()))]
    listed = f"one of {', '.join(values)}" if values else ""
    return "; ".join(filter(None, [described or inner.get("description", ""), listed]))


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return _link(schema)
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    kind = schema.get("type", "")
    named = kind if isinstance(kind, str) else " or ".join(kind)
    return {"date-time": named.replace("string", "time")}.get(schema.get("format", ""), named)


def _link(schema: dict[str, Any]) -> str:
    """The name of the schema that this one refers to, directly, in a list or beside null."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    inner = [schema["items"]] if "items" in schema else schema.get("anyOf", [])
    return next((found for found in map(_link, inner) if found), "")


EXAMPLES = {
    "uploadRun": """\
curl --fail-with-body SERVER/api/v1/runs \\
  -H "Authorization: Bearer $LINEUP_TOKEN" \\
  -F 'meta={"run_key": "my-first-run", "branch": "main"}' \\
  -F tests=@test.log \\
  -F server=@journal.txt""",
    "listRuns": """\
curl "SERVER/api/v1/runs?status=ready&verdict=split_state" \\
  -H "Authorization: Bearer $LINEUP_TOKEN\"""",
    "readRun": """\
curl SERVER/api/v1/runs/$RUN_ID \\
  -H "Authorization: Bearer $LINEUP_TOKEN\"""",
    "readSteps": """\
curl -G SERVER/api/v1/runs/$RUN_ID/steps \\
  -H "Authorization: Bearer $LINEUP_TOKEN" \\
  --data-urlencode 'test=tests/test_cars.py::test_count'""",
    "listGroups": """\
curl "SERVER/api/v1/groups?kind=split_state&level=confirmed" \\
  -H "Authorization: Bearer $LINEUP_TOKEN\"""",
    "readGroup": """\
curl SERVER/api/v1/groups/$GROUP_ID \\
  -H "Authorization: Bearer $LINEUP_TOKEN\"""",
    "judgeVerdict": """\
curl --fail-with-body SERVER/api/v1/runs/$RUN_ID/judgements \\
  -H "Authorization: Bearer $LINEUP_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"test": "tests/test_cars.py::test_count", "accepted": false,
       "kind": "lost_state", "reason": "the worker was restarted"}'""",
} | ITEM_EXAMPLES

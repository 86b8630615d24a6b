"""Pieces that the documents' JSON Schemas are made of."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str = "", **more: Any) -> Schema:
    return {"type": "string"} | ({"description": description} if description else {}) | more


def number(description: str = "", **more: Any) -> Schema:
    return {"type": "number"} | ({"description": description} if description else {}) | more


def count(description: str = "") -> Schema:
    return {"type": "integer", "minimum": 0} | ({"description": description} if description else {})


def array(items: Schema, description: str = "", **more: Any) -> Schema:
    return {"type": "array", "items": items} | ({"description": description} if description else {}) | more


def record(description: str, optional: tuple[str, ...] = (), /, **fields: Schema) -> Schema:
    """An object whose fields are always there, unless named as optional."""
    required = [name for name in fields if name not in optional]
    return {"type": "object", "description": description, "properties": fields, "required": required}


def maybe(schema: Schema) -> Schema:
    """The same, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(values: Any, description: str = "") -> Schema:
    return text(description, enum=[str(value) for value in values])


TIME = text("RFC 3339 with an offset", format="date-time")

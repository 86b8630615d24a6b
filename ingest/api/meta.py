"""What an upload says about its run, checked field by field."""

from __future__ import annotations

import math
import zoneinfo
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from triage import rfc3339
from triage.api import ApiError
from triage.core.history.records import ExperimentKind
from triage.store.uploads import RunMeta

LENGTHS = {"run_key": 200, "name": 300, "branch": 300, "commit": 100, "ci_url": 2000, "experiment_note": 300}
ENVIRONMENT_NAMES = 200
ENVIRONMENT_NAME_LENGTH = 100
ENVIRONMENT_TEXT_LENGTH = 2000
EXPERIMENTS = tuple(kind.value for kind in ExperimentKind)
SERVER_WORKERS = range(1, 1_000_001)


def read_meta(data: bytes | None) -> RunMeta:
    """`meta` as a record; a field that is missing, null or empty is None. Raises ApiError 400 naming the field."""
    if data is None:
        raise _bad("meta", "The form has no field 'meta': a JSON object with at least a run_key.", "missing_field")
    try:
        sent = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise _bad("meta", f"'meta' is no JSON in UTF-8: {error}.", "bad_json") from error
    if not isinstance(sent, dict):
        raise _bad("meta", '\'meta\' must be a JSON object, such as {"run_key": "github/org/repo/123456/1"}.')
    run_key = _text(sent, "run_key")
    if run_key is None:
        raise _bad("run_key", "'run_key' is missing: a name for this run, unique in the project.", "missing_field")
    return RunMeta(
        run_key=run_key,
        name=_text(sent, "name"),
        branch=_text(sent, "branch"),
        commit=_text(sent, "commit"),
        ci_url=_url(sent, "ci_url"),
        started_at=_time(sent, "started_at"),
        finished_at=_time(sent, "finished_at"),  # may lie before it: a clock that was set back must cost no evidence
        client_timezone=_zone(sent, "client_timezone"),
        server_timezone=_zone(sent, "server_timezone"),
        environment=_environment(sent.get("environment")),
        experiment=_experiment(sent),
        experiment_note=_text(sent, "experiment_note"),
    )


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _bad(field: str, message: str, code: str = "bad_field") -> ApiError:
    return ApiError(400, code, message, field)


def _text(sent: dict[str, Any], field: str) -> str | None:
    value = sent.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _bad(field, f"'{field}' must be a string.")
    value = value.strip()
    if "\0" in value:
        raise _bad(field, f"'{field}' holds a NUL character.")
    limit = LENGTHS.get(field)
    if limit is not None and len(value) > limit:
        raise _bad(field, f"'{field}' is {len(value)} characters long; at most {limit} are kept.")
    return value or None


def _url(sent: dict[str, Any], field: str) -> str | None:
    value = _text(sent, field)
    # The page links to it, so nothing but the web: a javascript: address would be code.
    if value is not None and not value.lower().startswith(("https://", "http://")):
        raise _bad(field, f"'{field}' must be an address that begins with https:// or http://.")
    return value


def _time(sent: dict[str, Any], field: str) -> datetime | None:
    value = _text(sent, field)
    if value is None:
        return None
    try:
        return rfc3339.parse(value)
    except ValueError as error:
        raise _bad(field, f"'{field}' is no time that can be used: {error}.", "bad_time") from error


def _zone(sent: dict[str, Any], field: str) -> str | None:
    value = _text(sent, field)
    if value is not None and value not in _zones():
        raise _bad(field, f"'{field}' must be an IANA zone name, such as Europe/Berlin or UTC.", "bad_timezone")
    return value


def _experiment(sent: dict[str, Any]) -> str | None:
    value = _text(sent, "experiment")
    if value is not None and value not in EXPERIMENTS:
        raise _bad("experiment", f"'experiment' must be one of {', '.join(EXPERIMENTS)}.")
    return value


def _environment(sent: Any) -> dict[str, str | int | float]:
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        raise _bad("environment", "'environment' must be an object of strings and numbers.")
    if len(sent) > ENVIRONMENT_NAMES:
        raise _bad("environment", f"'environment' has {len(sent)} entries; at most {ENVIRONMENT_NAMES} are kept.")
    kept: dict[str, str | int | float] = {}
    for name, value in sent.items():
        field = f"environment.{name[:ENVIRONMENT_NAME_LENGTH]}".replace("\0", "")
        if not name or len(name) > ENVIRONMENT_NAME_LENGTH or "\0" in name:
            raise _bad(field, f"A name in 'environment' must have 1 to {ENVIRONMENT_NAME_LENGTH} characters, none NUL.")
        if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value in (math.inf, -math.inf):
            raise _bad(field, f"'{field}' must be a string or a number.")
        if isinstance(value, str) and ("\0" in value or len(value) > ENVIRONMENT_TEXT_LENGTH):
            raise _bad(field, f"'{field}' must have at most {ENVIRONMENT_TEXT_LENGTH} characters, none NUL.")
        kept[name] = value
    return _with_workers_counted(kept)


def _with_workers_counted(environment: dict[str, str | int | float]) -> dict[str, str | int | float]:
    """`server_workers` as a number: CI variables are always strings, and an unset one is an empty string."""
    value = environment.get("server_workers")
    if value is None:
        return environment
    others = {name: v for name, v in environment.items() if name != "server_workers"}
    if isinstance(value, str):
        if not value.strip():
            return others
        value = int(value) if value.strip().isascii() and value.strip().isdigit() and len(value) < 10 else -1
    if value not in SERVER_WORKERS:
        raise _bad("environment.server_workers", "'environment.server_workers' must be the number of server processes.")
    return {**others, "server_workers": int(value)}

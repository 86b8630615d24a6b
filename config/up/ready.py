"""Asks the running Lineup whether it is ready."""

from __future__ import annotations

import json
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

_direct = build_opener(ProxyHandler({}))  # the loopback address, whatever proxy the environment names


def what_is_missing(port: int) -> str:
    """Why it is not ready, in a sentence; "" when it is."""
    try:
        with _direct.open(f"http://127.0.0.1:{port}/readyz", timeout=4):
            return ""
    except HTTPError as error:
        try:
            checks = json.loads(error.read(100_000))["checks"]
            return ", ".join(f"{name}: {check['detail']}" for name, check in checks.items() if not check["ok"])
        except (ValueError, KeyError, TypeError):
            return f"the web server answers {error.code}"
    except OSError as error:
        return f"the web server does not answer ({error})"

"""The host that a part's file name hints at, where its lines name none: `web1.journal` is web1, `access.log` none."""

from __future__ import annotations

import re

SUFFIX = re.compile(r"\.(?:gz|zst|zstd|journal|log|txt|text|json|jsonl|ndjson|export|out|err|syslog)$", re.IGNORECASE)
# words that say what is in a file, not where it is from
# fmt: off
WHAT = frozenset(
    (
        "journal", "journalctl", "access", "error", "errors", "gunicorn", "uvicorn", "hypercorn", "granian",
        "uwsgi", "flask", "django", "nginx", "apache", "log", "logs", "stdout", "stderr", "output", "console",
        "syslog", "messages", "systemd", "docker", "compose", "kubectl", "tests", "test", "pytest", "results",
        "report", "debug", "info", "combined", "full", "all", "out", "err", "txt", "json", "export", "short",
        "iso", "precise", "upload", "part", "file", "sample",
    )
)
# fmt: on
MACHINE = frozenset(("server", "app", "web", "api", "node", "host", "worker", "backend", "service", "pod", "vm"))
RUN_OF_DIGITS = re.compile(r"\d{5,}|\d{4}-\d\d")  # dates and run numbers
HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}$")


def host_of(name: str) -> str:
    """The host in a file name; "" where the name tells something else."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1]
    from_journal = ".journal" in stem.lower()
    for _ in range(3):
        stem = SUFFIX.sub("", stem)
    if not HOST.match(stem) or RUN_OF_DIGITS.search(stem):
        return ""
    words = [word for word in re.split(r"[.-]", stem.lower()) if word]
    bare = {word.rstrip("0123456789") for word in words}
    if bare & WHAT:
        return ""
    numbered = any(character.isdigit() for character in stem)
    if bare <= MACHINE | {""}:
        return stem if numbered and bare != {""} else ""
    return stem if numbered or from_journal or "." in stem else ""

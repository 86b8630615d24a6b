"""`kubectl logs --prefix`: the pod and the container before each line. Process ids are the container's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ingest.formats.base import Outer, Source
from ingest.formats.wrapping.wrapper import MOST, Line, each, share

NAME = "kubectl"
TITLE = "kubectl logs --prefix"
SAMPLES = ("[pod/web-6d4cf56db6-x7k2p/app] 2026-11-23T01:30:00.053850123Z GET /cars",)
PREFIX = re.compile(r"(?:\x1b\[[\d;]{1,12}m)?\[pod/([^/\]\s]{1,253})/([^\]\s]{1,253})\](?:\x1b\[0?m)?(?: |$)")


@lru_cache(maxsize=1024)
def outer_of(pod: str, container: str) -> Outer:
    return Outer(unit=container, host=pod, label=f"{pod}/{container}")


def take(text: str) -> tuple[str, Outer] | None:
    found = PREFIX.match(text)
    return None if found is None else (text[found.end() :], outer_of(found[1], found[2]))


def fits(lines: Sequence[str]) -> bool:
    return share(lines, take) >= MOST


def lines(source: Source, limit: int) -> Iterator[Line]:
    return each(source, limit, take, carry=False)

"""What two request paths have to do with each other: templates, resources, and who could be writing for whom."""

from __future__ import annotations

import re
from functools import lru_cache

from triage.core.words import stem

# matches the path of `http://127.0.0.1:5000/items/9319493c`, up to a quote, bracket or space
URL_PATH = re.compile(r"https?://[^/\s'\"]{1,200}(/[^\s'\"<>),;]{1,300})")
# matches `17`, `7f3c1a9b`, `3f2a1c04-9d1e-4b`, `car-42`, `u_9f3`; must not match `cars`, `v1`, `oauth2`
_DIGIT = re.compile(r"[0-9]")
_HEX = re.compile(r"[0-9a-fA-F]{6,}")
_VERSION = re.compile(r"v[0-9]{1,2}")
_NOISE = frozenset({"api", "rest", "app", "public", "internal", "service"})
_VERB_WORDS = """
    add create new insert update edit set save put post delete remove del register list all get fetch show view
    find search count total read index detail details status result results poll check latest current
"""
_VERBS = frozenset(_VERB_WORDS.split())


@lru_cache(maxsize=65_536)
def segments(path: str) -> tuple[str, ...]:
    """The parts of a path between slashes, lower case, query dropped."""
    return tuple(part.lower() for part in path.split("?", 1)[0].split("/") if part)


@lru_cache(maxsize=65_536)
def is_identifier(segment: str) -> bool:
    """Whether a path segment names one object rather than a kind of objects."""
    if not _DIGIT.search(segment):
        return "%" in segment or len(segment) > 30
    if _VERSION.fullmatch(segment):
        return False
    if segment.isdigit() or "%" in segment or _HEX.fullmatch(segment.replace("-", "")):
        return True
    return "-" in segment or "_" in segment or len(segment) > 12 or len(_DIGIT.findall(segment)) >= 2


@lru_cache(maxsize=65_536)
def template(path: str) -> str:
    """`/cars/17/doors` becomes `/cars/{}/doors`, so that the same endpoint compares equal."""
    return "/" + "/".join("{}" if is_identifier(part) else part for part in segments(path))


@lru_cache(maxsize=65_536)
def identifiers(path: str) -> frozenset[str]:
    """The segments of a path that name one object."""
    return frozenset(part for part in segments(path) if is_identifier(part))


@lru_cache(maxsize=65_536)
def resource(path: str) -> tuple[str, ...]:
    """The kinds of objects a path is about: `/api/v1/cars/add` is about ("car",)."""
    return tuple(
        stem(part)
        for part in segments(path)
        if not is_identifier(part) and part not in _NOISE and part not in _VERBS and not _VERSION.fullmatch(part)
    )


def kinship(write: str, read: str) -> float:
    """How much a read of `read` depends on a write to `write`: 0 nothing in common, 1 the very same object."""
    if write.split("?", 1)[0].rstrip("/") == read.split("?", 1)[0].rstrip("/"):
        return 1.0
    written, asked = segments(write), segments(read)
    named_w, named_r = identifiers(write), identifiers(read)
    if named_w and named_r and not named_w & named_r and resource(write) == resource(read):
        return 0.0  # two different objects of one kind
    if named_w & named_r:
        return 0.95
    about_w, about_r = resource(write), resource(read)
    if about_w and about_r:
        if about_w == about_r:
            return 0.9
        if about_w[0] == about_r[0] or about_w[-1] == about_r[-1] or set(about_w) & set(about_r):
            return 0.7
    if written and asked and (asked[: len(written)] == written or written[: len(asked)] == asked):
        return 0.6
    return 0.0


def siblings_in_path(one: str, other: str) -> bool:
    """Whether two paths differ in their last part only, under a part that they share: `/settings/a`, `/settings/b`."""
    above, _, _ = one.rstrip("/").rpartition("/")
    return bool(above) and above == other.rstrip("/").rpartition("/")[0]

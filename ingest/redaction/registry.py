"""Everything that is looked for. Of two findings over one stretch that of the finder that stands first counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from ingest.redaction import cookies, headers, known_keys, named_values, private_keys, urls
from ingest.redaction.found import Found


class Finder(Protocol):
    """A module of this folder."""

    @property
    def TRIGGER(self) -> str:
        """An RE2 expression that matches in every line in which `find` finds something; cheap to search for."""

    def find(self, text: str) -> Iterator[Found]: ...


FINDERS: tuple[Finder, ...] = (headers, cookies, urls, private_keys, known_keys, named_values)

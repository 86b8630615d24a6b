"""The formats that differ in how they read: those of bare files share one parser, under many names."""

from __future__ import annotations

from ingest.formats.base import Format
from ingest.formats.registry import FORMATS

PARSERS: tuple[Format, ...] = tuple(
    {getattr(each.parse, "__func__", each.parse): each for each in reversed(FORMATS)}.values()
)

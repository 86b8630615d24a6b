"""The page to drop files on: where they go, how much may come, and what was wrong with the last try."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from functools import cache

import msgspec
from django.conf import settings
from django.urls import reverse

from ingest.api.body import size_in_words
from ingest.dropped import Look
from triage.core.records import Side
from triage.models import Project, Run
from triage.store.sandboxes import RETENTION_DAYS

SIDES = {Side.TESTS: "what pytest printed", Side.SERVER: "what the servers logged"}
MOST_NAMED = 20  # files that a refusal names


class DropForm(msgspec.Struct, frozen=True, kw_only=True):
    action: str
    limit: int  # bytes of all files together
    part_limit: int
    most: int  # files
    limit_words: str
    zones: tuple[str, ...] = ()
    whole: bool = False  # with paste, time zones, and an input for each side


class FileTrouble(msgspec.Struct, frozen=True):
    name: str
    problem: str


class Trouble(msgspec.Struct, frozen=True):
    message: str
    files: tuple[FileTrouble, ...] = ()


class DropPage(msgspec.Struct, frozen=True, kw_only=True):
    form: DropForm
    evidence_age: str  # "" here: the page shows no evidence
    run_name: str
    retention_days: int
    trouble: Trouble | None


def drop_form(project: Project | None, run: Run | None = None, *, whole: bool = False) -> DropForm:
    action = reverse("drop-files", args=[project.slug]) if project is not None else reverse("drop")
    return DropForm(
        action=f"{action}?run={run.pk}" if run is not None else action,
        limit=settings.LINEUP_MAX_RUN_BYTES,
        part_limit=settings.LINEUP_MAX_PART_BYTES,
        most=settings.LINEUP_MAX_PARTS,
        limit_words=size_in_words(min(settings.LINEUP_MAX_RUN_BYTES, settings.LINEUP_MAX_PART_BYTES)),
        zones=_zones() if whole else (),
        whole=whole,
    )


def drop_page(project: Project | None, run: Run | None, trouble: Trouble | None) -> DropPage:
    return DropPage(
        form=drop_form(project, run, whole=True),
        evidence_age="",
        run_name=(run.name or run.run_key) if run is not None else "",
        retention_days=project.retention_days if project is not None else RETENTION_DAYS,
        trouble=trouble,
    )


def unreadable(looks: Iterable[Look]) -> Trouble:
    """The refusal of files of which none can be read; each says what is wrong with it."""
    files = [FileTrouble(look.name, look.problem or "No known format fits this file.") for look in looks]
    said = (
        "Nothing here could be read, so nothing was kept."
        if len(files) > 1
        else "This could not be read, so it was not kept."
    )
    return Trouble(said, tuple(files[:MOST_NAMED]))


def missing_side(looks: Iterable[Look]) -> Side | None:
    """The side that no file is of; None where both are there, or where a file may hold either."""
    looks = [look for look in looks if look.readable]
    sides = {look.side for look in looks}
    if None in sides or len(sides) != 1:
        return None
    return Side.SERVER if sides == {Side.TESTS} else Side.TESTS


@cache
def _zones() -> tuple[str, ...]:
    """Names of places; the old short ones mislead."""
    return (
        "UTC",
        *sorted(z for z in zoneinfo.available_timezones() if "/" in z and not z.startswith(("Etc/", "posix"))),
    )

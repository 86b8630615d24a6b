"""Lines that journalctl prints between the entries: boots, cursors, its catalogue's explanations, and its excuses."""

from __future__ import annotations

import re

import msgspec

from triage.core.records import Fact

# -- Boot cbf9a1c0a4b24a9d8d64e4c2f0f5e0aa --      not: -- Boot --
BOOT = re.compile(r"-- Boot ([0-9a-f]{32}) --$")
CATALOGUE = "░░"  # what `-x` puts under an entry; before systemd 246 it had the marks of all other notes
EMPTY = "-- No entries --"
# Printed before the entries for somebody who may not read all of them; its further lines are indented.
HINT = "Hint: You are currently not seeing messages"
OPENED = ("No journal files were found.", "No journal files were opened due to insufficient permissions.")
STARTS = frozenset("-░HN")


class Note(msgspec.Struct, frozen=True):
    """What such a line comes to."""

    boot: str | None  # the entries behind it are of this boot
    fact: Fact


def is_note(line: str) -> bool:
    """Whether the line is none of the entries' own."""
    return line[:1] in STARTS and (line.startswith(("-- ", CATALOGUE, HINT)) or line == "--" or line.startswith(OPENED))


def read(line: str, number: int, boots: int) -> Note | None:
    """The note that a line is, None for another; `boots` are those before, as `-- Reboot --` names none."""
    if not is_note(line):
        return None
    found = BOOT.match(line)
    if found is not None:
        return Note(found[1], Fact(name="boot", value=found[1], line=number))
    if line.startswith("-- Reboot --"):
        return Note(f"reboot {boots + 1}", Fact(name="boot", value=f"reboot {boots + 1}", line=number))
    problem = excuse(line)
    if problem:
        return Note(None, Fact(name="problem", value=problem, line=number))
    return Note(None, Fact(name="journal_note", value=line[3:203], line=number))


def excuse(line: str) -> str:
    """Why entries are missing, in a sentence; "" where the line does not say so."""
    if line.startswith(EMPTY):
        return (
            "journalctl found no entries, so the server's side is empty: check the unit's name and the time span it "
            "was asked for (--since, --until)."
        )
    if line.startswith(HINT):
        return (
            "The user who printed this journal may not see the messages of other users and of the system, so entries "
            "are missing: print it as root or as a member of the group systemd-journal."
        )
    if line.startswith(OPENED):
        return "journalctl could open no journal, so entries are missing: print it as root."
    return ""

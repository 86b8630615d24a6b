"""Bare numbers behind a level, `… INFO 19846 cars: …`: the PID, or the number of the source line that spoke.

One is taken for the PID only when the same part proves it: another line tells that process by name (a worker that was
booted, a server's own prefix), or the number cannot be that of a line, because several loggers share it while the same
text comes with different numbers.
"""

from __future__ import annotations

from triage.core.records import PidTrust

SMALL = 1000  # below it a number is as likely to be that of a line
MANY = 400  # numbers at this place that are watched; source lines of a program may be more
TEXTS = 2_000
LOGGERS = 3  # that share a number which is no line's


class BareNumbers:
    """What one part has told of its processes, and of the numbers that may be theirs."""

    def __init__(self) -> None:
        self._sure: set[int] = set()
        self._seen: set[int] = set()
        self._confirmed = 0  # of those seen
        self._loggers: dict[int, set[str]] = {}
        self._numbers: dict[tuple[str, str], int] = {}  # the number that came with a text first
        self._vary = False  # the same text came with two of them

    def told(self, pid: int) -> None:
        """A process that the part names for sure."""
        if pid not in self._sure and len(self._sure) < TEXTS:
            self._sure.add(pid)
            self._confirmed += pid in self._seen

    def trust(self, number: int, logger: str, text: str) -> PidTrust:
        """What this number is worth as the PID of the line's writer, by all that came before it."""
        if number not in self._seen:
            if len(self._seen) >= MANY:
                return PidTrust.UNKNOWN
            self._seen.add(number)
            self._confirmed += number in self._sure
        loggers = self._loggers.setdefault(number, set())
        if len(loggers) < LOGGERS:
            loggers.add(logger)
        if not self._vary:
            first = self._numbers.get((logger, text))
            if first is not None:
                self._vary = first != number
            elif len(self._numbers) < TEXTS:
                self._numbers[logger, text] = number
        if number in self._sure and (number >= SMALL or self._vary) and 2 * self._confirmed >= len(self._seen):
            return PidTrust.PROVEN
        return PidTrust.INFERRED if self._vary and len(loggers) >= LOGGERS else PidTrust.UNKNOWN

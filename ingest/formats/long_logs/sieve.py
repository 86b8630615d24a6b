"""Which lines of a long log are worth reading at first: those that may speak of the run's requests, or of a process's
beginning or end. One linear search over the bytes, some fifty times as fast as reading them.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2  # type: ignore[import-untyped]

# In every line that some grammar reads as the beginning or end of a process. Held to it by the tests, over all samples.
LIVES = (
    "booting", "booted", "spawn", "started", "starting", "exit", "kill", "died", "terminat", "shutting down",
    "shutdown", "reload", "sent sig", "sent code", "max_requests", "max requests", "maximum request",
    "autorestarting", "harakiri", "worker timeout", "work of process", "out of memory", "handling signal",
    "workerlost", "running on", "disconnect", "finished server", "gracefully", "reaped", "fork", "resuming", "quit",
    "stopp", "dead", "expired", "ready to handle", "recycl", "start worker", "serving on http", "listening on tcp",
    " ready.", "time limit", ": app [", "reconfiguring", "buried after", "executing [", "master complete",
    "fpm is running", "aborting process", "attempting to restart", "scheduled restart", "graceful restart",
    "worker complete [",
)  # fmt: skip
DENSE = 0.03  # of the lines: what more of them have tells little, and costs reading all of them
LONGEST = 80  # characters of a token
MOST = 200  # tokens: the rarest first


class Sieve:
    """A compiled search for any of its tokens, in any case."""

    def __init__(self, tokens: Iterable[str]) -> None:
        self.tokens = tuple(tokens)
        options = re2.Options()
        options.case_sensitive = False
        options.never_capture = True
        options.max_mem = 32 << 20
        options.log_errors = False
        pattern = "|".join(re2.escape(token) for token in self.tokens)
        self.search = re2.compile(pattern.encode(), options).finditer
        self.in_text = re2.compile(pattern, options).search

    def __call__(self, message: str) -> object:
        return self.in_text(message)


def sieve_of(tokens: Iterable[str], sample: Iterable[bytes]) -> Sieve | None:
    """A sieve of those tokens that are rare in `sample`, stretches of the log; None where none of them is.

    Lives are always looked for, but for words that such a log is full of.
    """
    density = _Density(sample)
    wanted = [t for t in dict.fromkeys(tokens) if 2 < len(t) <= LONGEST and t.isascii() and t.isprintable()]
    rare: list[str] = []
    share = 0.0
    for token, of_lines in sorted(((t, density.of(t)) for t in wanted), key=lambda pair: (pair[1], -len(pair[0]))):
        share += of_lines
        if share > DENSE or len(rare) >= MOST:
            break
        rare.append(token)
    return Sieve((*rare, *density.rare(LIVES))) if rare else None


def life_sieve(sample: Iterable[bytes]) -> Sieve:
    """A sieve for the beginnings and ends of processes and machines alone."""
    return Sieve((*_Density(sample).rare(LIVES), "-- Boot"))


class _Density:
    """How many of the lines of a sample hold a token, at most."""

    def __init__(self, sample: Iterable[bytes]) -> None:
        self._blocks = [block.lower() for block in sample]
        self._lines = sum(block.count(b"\n") for block in self._blocks) or 1

    def of(self, token: str) -> float:
        needle = token.lower().encode()
        return sum(block.count(needle) for block in self._blocks) / self._lines

    def rare(self, tokens: Iterable[str]) -> tuple[str, ...]:
        return tuple(token for token in tokens if self.of(token) <= DENSE)

"""What `make up` says: few lines, each with the name of who speaks. All that is said is also kept in log files."""

from __future__ import annotations

import asyncio
import logging.handlers
import re
import sys
from collections import deque
from pathlib import Path

_WIDTH = 18
_LINE_LIMIT = 16_384  # bytes of one line of output that are kept
# 2026-01-02T03:04:05.678Z WARNING 4711 ingest.tasks …   but not   … INFO 4711 …
_LOUD = re.compile(r"^\S{20,30}Z (?:WARNING|ERROR|CRITICAL) ")
_STAMPED = re.compile(r"^\d{4}-\d\d-\d\dT\S{8,20}Z [A-Z]")


class Console:
    def __init__(self, folder: Path, verbose: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.verbose = verbose

    def say(self, text: str, who: str = "lineup") -> None:
        for line in text.splitlines() or [""]:
            # A terminal takes orders from escape characters, and log lines are hostile input.
            safe = "".join(c if c.isprintable() else "�" for c in line.expandtabs(4))
            sys.stdout.write(f"{who:<{_WIDTH}} │ {safe}\n")
        sys.stdout.flush()

    def voice(self, name: str, chatty: bool = True) -> Voice:
        return Voice(self, name, chatty)


class Voice:
    """What one process says: all of it to its log file, what matters to the console."""

    def __init__(self, console: Console, name: str, chatty: bool) -> None:
        self.console = console
        self.name = name
        self.chatty = chatty
        self.path = console.folder / f"{name}.log"
        self._file = logging.handlers.RotatingFileHandler(self.path, maxBytes=10_000_000, backupCount=2, delay=True)
        self._recent: deque[str] = deque(maxlen=15)
        self._loud = False

    def say(self, text: str) -> None:
        self.console.say(text, self.name)

    def last_words(self) -> None:
        """Tell on the console what it said last before it died and what was not told yet."""
        for line in self._recent:
            self.say(f"  {line}")
        self._recent.clear()

    async def listen(self, stream: asyncio.StreamReader) -> None:
        """Until the stream ends, never holding more than a line's limit of it."""
        rest = b""
        while block := await stream.read(_LINE_LIMIT):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self._hear(line)
            if len(rest) > _LINE_LIMIT:
                self._hear(rest)
                rest = b""
        if rest:
            self._hear(rest)

    def _hear(self, raw: bytes) -> None:
        line = raw.decode("utf-8", "replace").rstrip()
        self._file.emit(logging.LogRecord(self.name, logging.INFO, "", 0, line, None, None))
        if _STAMPED.match(line):
            self._loud = bool(_LOUD.match(line))
        elif not line.startswith("    "):  # a traceback goes on indented, and belongs to the line before it
            self._loud = False
        if self.console.verbose or (self.chatty and self._loud):
            self.say(line)
        else:
            self._recent.append(line)

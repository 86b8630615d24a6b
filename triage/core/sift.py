"""Which entries of a long log can matter to a run: a sieve that entries stream through, so that a million never live
at once. What falls through is counted, and so are the requests among it.

A request is kept or dropped as a whole, with the nameless lines around it, because lines are told apart by their
neighbours. Kept are: requests on the things that the tests ask for, lines with their words or keys, the lives of
processes, now and then an error and a write to anything else, and each process's first and last request.
"""

from __future__ import annotations

import re

import msgspec

from triage.core.paths import resource, template
from triage.core.records import SECOND, Entry, LeftOut, Request
from triage.core.serve import ERROR_LEVELS, HANDLING, TOGETHER, tells_of_error
from triage.core.wanted import Wanted
from triage.core.words import words as words_of

HEAD = 64  # entries at the beginning of a part that are always kept: what the server says of itself
LONG = 64  # lines of a process without the end of a request, after which nobody waits for it
SPELL = 5 * SECOND  # of which one error and one write to anything else of each process are kept
KINDS = 400  # kinds of requests of a process of which one is kept
PATHS = 32_768  # paths whose worth is remembered
PROCESSES = 20_000  # that are remembered at once
OPEN = 512  # requests of a process that are told apart by an id
_TEXT = 1_000  # characters of a line that are looked at
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_IDS = ("request_id", "trace")
# matches `figo`, `car_type`, `_51463_`; must not match `a`, `5-8`
_WORD = re.compile(r"[a-z0-9_]{3,64}")


class Sifted(msgspec.Struct, frozen=True):
    """What is left of one part."""

    entries: tuple[Entry, ...]  # in file order
    left_out: tuple[LeftOut, ...]
    refused: int = 0  # entries for which there was no room


class _Stretch:
    """Lines of one process whose request has not ended yet."""

    __slots__ = ("hot", "lines")

    def __init__(self) -> None:
        self.lines: list[Entry] = []
        self.hot = False  # whether one of them is wanted


class _Process:
    """What is remembered of a process while its lines pass."""

    __slots__ = (
        "anchor", "dropped", "ended", "error_at", "first", "has_ended", "kinds", "known", "last", "named", "open",
        "pid",
        "stretch", "write_at",
    )  # fmt: skip

    def __init__(self, pid: int | None) -> None:
        self.pid = pid
        self.stretch = _Stretch()
        self.open: dict[str, _Stretch] | None = None  # by request id, once lines at the end of requests carry one
        self.known = pid is None  # serves requests, or starts those that do
        self.has_ended = False  # writes lines at the end of requests
        self.kinds: set[tuple[str | None, str, int]] = set()
        self.write_at = self.error_at = -1  # spells of the last one kept for itself
        self.begin()

    def begin(self) -> None:
        """A life begins, or goes on after something was told of it."""
        self.anchor = 0  # line of the first kept entry
        self.first: Entry | None = None
        self.last: list[Entry] = []  # what was dropped last, nothing having been kept since
        self.dropped = self.ended = self.named = 0


class Sieve:
    """One part's sieve: `see` every entry in file order, then `end`."""

    def __init__(self, wanted: Wanted, head: int = HEAD) -> None:
        self._wanted = wanted
        self._head = head  # entries that are still kept for being the first
        self._processes: dict[tuple[str, str, int | None], _Process] = {}
        self._worth: dict[str, tuple[bool, str]] = {}  # of a path: whether it is wanted, and its template
        self._kept: list[Entry] = []
        self._left_out: list[LeftOut] = []
        self._loose: list[Entry] = []  # lines without a PID whose owner the next line tells
        self._tells = False  # whether the part has lines at the end of requests
        self.text = 0  # characters of what is kept

    @property
    def count(self) -> int:
        return len(self._kept)

    def see(self, entry: Entry) -> None:
        """Take one entry in. Constant time and memory, apart from what is kept."""
        request = entry.request
        loose = self._loose
        if entry.pid is None and request is None and entry.life is None:
            loose.append(entry)
            if len(loose) < LONG:
                return
        process = self._processes.get((entry.host, entry.boot, entry.pid)) or self._process(entry)
        if loose:
            # Lines without a PID right before an access line with one are its process's, as `serve` will find.
            owned = entry.pid is not None and request is not None and request.ended
            self._loose = []
            for line in loose:
                self._take(self._process(line) if not owned else process, line)
            if entry is loose[-1]:
                return
        self._take(process, entry)

    def _process(self, entry: Entry) -> _Process:
        key = entry.host, entry.boot, entry.pid
        process = self._processes.get(key)
        return process if process is not None else self._new(key)

    def _take(self, process: _Process, entry: Entry) -> None:
        if process.first is None:
            process.first = entry
        if entry.life is not None:
            self._live(entry, process)
            return
        if self._head:
            self._head -= 1
            self._stretch(process, entry).hot = True
        request = entry.request
        if request is not None and request.ended:
            self._end(process, entry, request)
        elif request is None or (request.path is None and request.method is None):
            self._nameless(process, entry)
        else:
            self._begin(process, entry, request)

    def end(self, refused: int = 0) -> Sifted:
        """What is left, once all entries have passed."""
        for line in self._loose:
            self._take(self._process(line), line)
        for process in self._processes.values():
            self._close(process)
        self._kept.sort(key=_line)
        entries = tuple(
            entry for entry, before in zip(self._kept, (None, *self._kept), strict=False) if entry is not before
        )
        return Sifted(entries, tuple(self._left_out), refused)

    def _new(self, key: tuple[str, str, int | None]) -> _Process:
        if len(self._processes) >= PROCESSES:  # the one that has been there longest is the likeliest to be gone
            self._close(self._processes.pop(next(iter(self._processes))))
        process = self._processes[key] = _Process(key[2])
        return process

    def _live(self, entry: Entry, writer: _Process) -> None:
        life = entry.life
        writer.known = True
        if life is not None and life.subject is not None:
            subject = self._processes.get((entry.host, entry.boot, life.subject))
            if subject is not None:
                self._close(subject)
                subject.begin()
        self._keep(writer, [entry])

    def _nameless(self, process: _Process, entry: Entry) -> None:
        stretch = self._stretch(process, entry)
        message = entry.message
        if _starts_workers(message):
            process.known = True
            self._keep(process, [entry])
            return
        if stretch.lines:
            self._room(process, stretch, entry)
        stretch.lines.append(entry)
        if stretch.hot:
            return
        # In a log that tells requests, a process that serves none is no handler: `user` is sshd's word as well.
        words = self._wanted.spelt if process.known or not self._tells else self._wanted.rare
        if _says(message[:_TEXT].lower(), words) or self._has_key(entry):
            process.known = stretch.hot = True
        elif process.known and (entry.level in ERROR_LEVELS or tells_of_error(message)):
            stretch.hot = self._rare_error(process, entry)

    def _begin(self, process: _Process, entry: Entry, request: Request) -> None:
        """A handler's line that names its request."""
        process.known = True
        stretch = self._stretch(process, entry)
        if stretch.lines:
            if not process.has_ended and not _close_by(stretch.lines[-1], entry):
                self._flush(process, stretch)
            else:
                self._room(process, stretch, entry)
        stretch.lines.append(entry)
        stretch.hot = stretch.hot or self._good(entry, request)

    def _end(self, process: _Process, entry: Entry, request: Request) -> None:
        """An access line: the request at hand is over."""
        process.known = process.has_ended = self._tells = True
        if entry.keys and process.open is None and any(name in _IDS for name, _ in entry.keys):
            process.open = {}
        stretch = self._stretch(process, entry)
        lines, hot = stretch.lines, stretch.hot
        stretch.lines, stretch.hot = [], False
        if process.open is not None and stretch is not process.stretch:
            process.open.pop(_id_of(entry), None)
        if hot or not process.anchor:
            self._keep(process, [*lines, entry])
        elif self._good(entry, request) or self._is_specimen(process, entry, request):
            self._keep(process, [*(line for line in lines if line.request is None), entry])
        else:
            process.dropped += len(lines) + 1
            process.ended += 1
            lines.append(entry)
            process.last = lines

    def _stretch(self, process: _Process, entry: Entry) -> _Stretch:
        """The request at hand: the process's own, or that of the entry's id."""
        if process.open is None or not entry.keys:
            return process.stretch
        name = _id_of(entry)
        if not name:
            return process.stretch
        stretch = process.open.get(name)
        if stretch is None:
            if len(process.open) >= OPEN:
                self._flush(process, process.open.pop(next(iter(process.open))))
            stretch = process.open[name] = _Stretch()
        return stretch

    def _room(self, process: _Process, stretch: _Stretch, entry: Entry) -> None:
        """Nobody waits for the end of a request for ever."""
        if len(stretch.lines) >= LONG or _apart(stretch.lines[-1], entry) > HANDLING:
            self._flush(process, stretch)

    def _flush(self, process: _Process, stretch: _Stretch) -> None:
        lines, hot = stretch.lines, stretch.hot
        stretch.lines, stretch.hot = [], False
        if not lines:
            return
        if hot or (process.known and not process.anchor) or (self._wanted.everything and process.known):
            self._keep(process, lines)
        elif process.known:
            process.dropped += len(lines)
            process.named += sum(line.request is not None for line in lines)
            process.last = lines

    def _keep(self, process: _Process, lines: list[Entry]) -> None:
        if not process.anchor:
            process.anchor = next((line.line for line in lines if line.pid == process.pid and line.life is None), 0)
            if process.first is not None and process.first.line < process.anchor:
                self._add(process.first)
        for line in lines:
            self._add(line)
        process.last = []

    def _add(self, entry: Entry) -> None:
        self._kept.append(entry)
        self.text += len(entry.raw) + len(entry.message)

    def _close(self, process: _Process) -> None:
        """A life is over: what of it was dropped last shows how long it went on."""
        self._flush(process, process.stretch)
        for stretch in (process.open or {}).values():
            self._flush(process, stretch)
        if process.open is not None:
            process.open = {}
        if process.last:
            process.dropped -= len(process.last)
            ended = sum(line.request is not None and line.request.ended for line in process.last)
            process.ended -= ended
            process.named -= 0 if ended else sum(line.request is not None for line in process.last)
            self._keep(process, process.last)
        if process.dropped > 0:
            requests = process.ended if process.has_ended else process.named
            self._left_out.append(LeftOut(line=process.anchor, entries=process.dropped, requests=max(requests, 0)))

    def _good(self, entry: Entry, request: Request) -> bool:
        """Whether a request may be a test's, or changes what one asks for."""
        wanted = self._wanted
        if wanted.everything or (entry.keys and self._has_key(entry)):
            return True
        if request.path is None or (wanted.methods and (request.method or "").upper() in wanted.methods):
            return request.method is not None and request.method.upper() in wanted.methods
        return self._path(request.path)[0]

    def _is_specimen(self, process: _Process, entry: Entry, request: Request) -> bool:
        """One of a kind; and now and then a write, after which any answer may be another, or an error."""
        status = request.status or 0
        if request.path is not None and len(process.kinds) < KINDS:
            kind = request.method, self._path(request.path)[1], status // 100
            if kind not in process.kinds:
                process.kinds.add(kind)
                return True
        if status >= 500:
            return self._rare_error(process, entry)
        if request.method in _WRITES and status < 400:
            spell = _spell(entry)
            if spell != process.write_at:
                process.write_at = spell
                return True
        return False

    def _rare_error(self, process: _Process, entry: Entry) -> bool:
        spell = _spell(entry)
        if spell == process.error_at:
            return False
        process.error_at = spell
        return True

    def _path(self, path: str) -> tuple[bool, str]:
        known = self._worth.get(path)
        if known is None:
            wanted = self._wanted
            things = resource(path)
            good = wanted.bare if not things else not wanted.words.isdisjoint(things)
            good = good or not wanted.words.isdisjoint(words_of(path))
            if len(self._worth) >= PATHS:
                self._worth.clear()
            known = self._worth[path] = good, template(path)
        return known

    def _has_key(self, entry: Entry) -> bool:
        return bool(entry.keys) and not self._wanted.keys.isdisjoint(entry.keys)


def _says(text: str, words: frozenset[str]) -> bool:
    """Whether one of `words` stands in a text in lower case."""
    said = _WORD.findall(text)
    return not words.isdisjoint(said) or ("_" in text and not words.isdisjoint([word.strip("_") for word in said]))


def _starts_workers(message: str) -> bool:
    """Whether a line is one that only the process writes that starts and watches the others."""
    return (
        "Listening at: " in message
        or "Started parent process [" in message
        or "Starting gunicorn " in message
        or "Spawning worker-" in message
        or "spawned uWSGI worker" in message
    )


def _spell(entry: Entry) -> int:
    """The stretch of time, or of the file, of which one entry is enough."""
    return entry.stamp.us // SPELL if entry.stamp is not None else entry.line // LONG


def _id_of(entry: Entry) -> str:
    for name, value in entry.keys:
        if name in _IDS:
            return value
    return ""


def _apart(one: Entry, other: Entry) -> int:
    if one.stamp is None or other.stamp is None:
        return 0
    return other.stamp.us - one.stamp.us


def _close_by(one: Entry, other: Entry) -> bool:
    return one.stamp is None or _apart(one, other) <= TOGETHER + one.stamp.tick_us


def _line(entry: Entry) -> int:
    return entry.line

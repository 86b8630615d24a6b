"""Each request of a test told once, however many lines speak of it.

A tester's "POST /cars/add -> 200", the library's own line and a later "status: 200" speak of one request. The library's
line keeps it; the words of the tester keep their text and lose the request, so that no request is counted twice. Keys
that stand in lines of their own, such as the headers that httpcore logs, go to the request that they belong to.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator

import msgspec

from ingest.formats.client_logs import http_trace
from triage.core.records import Request, Step

LOOK_AHEAD = 8  # steps that may stand between a request and the line that tells its answer
RECENT = 4  # steps within which a tester's words repeat a library's line
KEYS_KEPT = 500  # requests of one section whose keys wait for the library's line in another
LIBRARIES = ("urllib3", "httpx", "requests")
HEADERS_LOGGED = "receive_response_headers.complete"  # httpcore, right before httpx tells of the request

Told = tuple[str, str]  # method and path
Keys = tuple[tuple[str, str], ...]


def library_request(message: str) -> Told | None:
    """Method and path where an HTTP library wrote this message; None for testers' words."""
    if not http_trace.is_library_line(message):
        return None
    request = http_trace.request_in(message)
    return (request.method, request.path) if request and request.method and request.path else None


def _by_library(step: Step) -> bool:
    return step.logger.startswith(LIBRARIES) or http_trace.is_library_line(step.text)


def by_library(step: Step) -> bool:
    """Whether an HTTP library wrote the line of this step."""
    return step.logger.startswith(LIBRARIES) or http_trace.is_library_line(step.text)


class Requests:
    """Holds back an unanswered request for a few steps, until its answer or its library line has come."""

    def __init__(self) -> None:
        self._held: deque[Step] = deque()  # empty, or begins with an unanswered request
        self._recent: deque[tuple[str | None, Told, int | None]] = deque(maxlen=RECENT)  # told by a library, unrepeated
        self._last: tuple[str | None, int] | None = None  # test and status of the last answered request
        self._exchanged: deque[tuple[str | None, Told, int | None]] = deque(maxlen=RECENT)  # whole, with headers
        self._waiting: deque[tuple[str | None, Told, Keys]] = deque(maxlen=KEYS_KEPT)  # keys of silenced exchanges
        self._headers: tuple[str | None, Keys] = (None, ())  # that httpcore logged last

    def push(self, step: Step, library: bool, told: Counter[Told] | None) -> Iterator[Step]:
        if self._held and self._held[0].test != step.test:
            yield from self.flush()
        request = step.request
        if request is None:
            if step.keys and HEADERS_LOGGED in step.text:
                self._headers = (step.test, step.keys)
            yield from self._pass(step)
        elif request.path is None and request.method is None:
            yield from self._answer(step, request)
        elif library:
            yield from self._library(step, request)
        elif self._is_repeat(step, request, told):
            yield from self._pass(_silent(step))
        else:
            yield from self._quiet_held(request)
            if request.status is None and request.method is not None:
                self._held.append(step)
            else:
                self._last = (step.test, request.status) if request.status is not None else None
                yield step

    def exchange(self, step: Step, told: Counter[Told] | None) -> Iterator[Step]:
        """A step that holds a request with all its headers, as curl -v prints it."""
        request = step.request
        if request is None or request.status is None:
            yield from self.push(step, False, told)
            return
        key = (request.method or "", request.path or "")
        if self._is_repeat(step, request, told):
            self._waiting.append((step.test, key, step.keys))
            yield from self._pass(_silent(step))
            return
        yield from self._quiet_held(request)
        self._exchanged.append((step.test, key, request.status))
        self._last = (step.test, request.status)
        yield step

    def flush(self) -> Iterator[Step]:
        while self._held:
            yield self._held.popleft()

    def _pass(self, step: Step) -> Iterator[Step]:
        if not self._held:
            yield step
            return
        self._held.append(step)
        if len(self._held) > LOOK_AHEAD:
            yield from self.flush()

    def _answer(self, step: Step, request: Request) -> Iterator[Step]:
        """A line with only a target or only a status."""
        if request.status is None:
            yield from self._pass(step)
        elif self._held:
            first = self._held.popleft()
            asked = first.request or Request()
            yield msgspec.structs.replace(first, request=msgspec.structs.replace(asked, status=request.status))
            self._last = (step.test, request.status)
            yield from self.flush()
            yield _silent(step)
        elif self._last == (step.test, request.status):
            yield _silent(step)
        else:
            yield step

    def _library(self, step: Step, request: Request) -> Iterator[Step]:
        key = (request.method or "", request.path or "")
        whole = (step.test, key, request.status)
        step = self._with_keys(step, key)
        if whole in self._exchanged:
            self._exchanged.remove(whole)
            yield from self._pass(_silent(step))
            return
        if not self._is_held(request):
            self._recent.append(whole)
        yield from self._quiet_held(request)
        self._last = (step.test, request.status) if request.status is not None else None
        yield step

    def _with_keys(self, step: Step, key: Told) -> Step:
        """The library's line with the keys of headers that were told elsewhere."""
        test, keys = self._headers
        self._headers = (None, ())
        if not keys or test != step.test:
            keys = ()
            for waiting in self._waiting:
                if waiting[:2] == (step.test, key):
                    self._waiting.remove(waiting)
                    keys = waiting[2]
                    break
        return msgspec.structs.replace(step, keys=tuple(dict.fromkeys(step.keys + keys))) if keys else step

    def _is_held(self, request: Request) -> bool:
        said = self._held[0].request if self._held else None
        return said is not None and said.method == request.method and said.path == request.path

    def _quiet_held(self, request: Request) -> Iterator[Step]:
        """Lets go of what is held; where the held words speak of this same request, which is answered, they lose it."""
        if self._is_held(request) and request.status is not None:
            self._held[0] = _silent(self._held[0])
        yield from self.flush()

    def _is_repeat(self, step: Step, request: Request, told: Counter[Told] | None) -> bool:
        key = (request.method or "", request.path or "")
        if told is not None and told[key] > 0:
            told[key] -= 1
            return True
        for recent in self._recent:
            test, known, status = recent
            if test == step.test and known == key and request.status in (None, status):
                self._recent.remove(recent)
                return True
        return False


def _silent(step: Step) -> Step:
    return msgspec.structs.replace(step, request=None)

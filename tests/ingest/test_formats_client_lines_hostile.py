"""Lines made to stall the readers of test output: each is read in time linear in its length, as is a file of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from ingest.formats import pytest_terminal
from ingest.formats.client_logs import http_exchange, http_trace, log_line, log_pairs, loguru, rich_lines
from ingest.formats.pytest_terminal import grammar, header, names, progress, sugar
from tests.ingest.client_parts import read
from tests.ingest.test_reading_hostile import EVIL

SIZE = 60_000
STALLING = {
    "open reason": "t.py::a SKIPPED (" + " " * SIZE,
    "subtests": "t.py::a [" + "] SUBFAIL (" * (SIZE // 11),
    "parameters": "t.py::a[" + "]x" * (SIZE // 2),
    "names": "t.py" + "::a" * (SIZE // 3),
    "summed subtests": "SUBFAILED[" + "] a::" * (SIZE // 5),
    "summed subtests of the plugin": "[a" + "] SUBFAIL x" * (SIZE // 11),
    "a worker's subtests": "[gw0] SUBFAILED[" + " a::" * (SIZE // 4),
    "lanes": "gw0 [1] / " * (SIZE // 10),
    "letters": "a.py " + "." * SIZE + "!",
    "glued": "t.py::a " + "aPASSED " * (SIZE // 8),
    "bar": "= " + "a " * (SIZE // 2) + "=",
    "counts": "1 passed, " * (SIZE // 10) + "in 1s",
    "times": "1.1s " * (SIZE // 5),
    "sweet": " " + "a ✓ " * (SIZE // 4) + "1% ▏",
    "sent": "send: b'" + "\\r\\nHost: " * (SIZE // 10),
    "asked": "> GET " + "a" * SIZE,
    "pairs": "a=b " * (SIZE // 4),
    "quoted pairs": 'a="' + '\\"' * (SIZE // 2),
    "rich": "[1] INFO a" + " x.py:1" * (SIZE // 7),
    "structlog": "2026-11-23T01:30:00Z [info     ] " + " [a]" * (SIZE // 4),
    "aiohttp": "TraceRequestEndParams(method='GET', url=URL('/a')" + "<ClientResponse(" * (SIZE // 16),
    "star": "  200 " + "a" * SIZE + " ★",
    "keys": "x-request-id: " * (SIZE // 14),
    "pids": "x-worker-pid: " * (SIZE // 14) + "gmt",
    "library": "http://" * (SIZE // 7) + ' HTTP "',
    "location": "a.py:1: " * (SIZE // 8),
}
READERS: dict[str, Callable[[str], object]] = {
    "request": http_trace.request_in,
    "keys": lambda text: http_trace.keys_in(text, 1 << 16),
    "library": http_trace.is_library_line,
    "exchange": lambda text: (made := http_exchange.begun(text)) and made.take(text),
    "columns": log_line.read,
    "columns behind a time": lambda text: log_line.read(f"2026-11-23 01:30:00,123 {text}"),
    "pairs": log_pairs.read,
    "rich": lambda text: list(rich_lines.joined([(1, text)])),
    "loguru": loguru.columns,
    "node id": grammar.node_id,
    "summary": grammar.summary,
    "folded": grammar.is_folded_skip,
    "location": grammar.location,
    "last line": grammar.final,
    "progress": progress.progress,
    "outcome": progress.outcome,
    "glued": progress.glued,
    "letters": progress.is_dots,
    "header": header.facts,
    "distributed": header.is_distributed,
    "sugar": sugar.progress,
    "title": lambda text: names.rebuilt(text, (text,)),
    "telltale": pytest_terminal.telltale,
}


@pytest.mark.parametrize("kind", READERS)
def test_no_line_stalls_a_reader(kind):
    """Linear work on 64 KiB takes milliseconds; the bound is generous, a pattern that backtracks takes minutes."""
    began = time.process_time()
    for text in (*EVIL.values(), *STALLING.values()):
        READERS[kind](text[:65_536])
    assert time.process_time() - began < 3


# Each grows what is remembered of a session: attempts of one test, tests of one name, sections, exchanges.
GROWING = {
    "attempts": "t.py::a PASSED\n",
    "namesakes": "a/t{n}.py::a FAILED\n",
    "blocks of one name": f"{'_' * 40} a {'_' * 40}\nE   assert 0\n",
    "sections": f"{'-' * 30} Captured stdout call {'-' * 30}\nGET /a -> 200\n",
    "exchanges": "send: b'GET /a{n} HTTP/1.1\\r\\n'\nreply: 'HTTP/1.1 200 OK\\r\\n'\n",
    "reruns": "t.py::a RERUN\n",
    "workers": "[gw{n}] PASSED t.py::a\n",
    "open reasons": "t.py::a{n} SKIPPED (why\n",
}
HEADS = (
    "============================= test session starts ==============================\ncollected 9 items\n\n",
    "============================= test session starts ==============================\ncollected 9 items\n\n"
    "t.py::a FAILED\nb/t.py::a FAILED\n"
    "=================================== FAILURES ===================================\n"
    f"{'_' * 40} a {'_' * 40}\n",
)


@pytest.mark.parametrize("head", HEADS, ids=["progress", "failures"])
@pytest.mark.parametrize("kind", GROWING)
def test_twice_the_lines_take_about_twice_the_time(kind, head):
    def seconds(lines: int) -> float:
        text = head + "".join(GROWING[kind].format(n=n % 9_999) for n in range(lines))
        gc.disable()  # what other tests left behind is looked through as well, however little this one makes
        try:
            began = time.process_time()
            read(pytest_terminal, text)
            return time.process_time() - began
        finally:
            gc.enable()

    seconds(200)
    short = min(seconds(2_500) for _ in range(2))
    assert seconds(20_000) < max(0.5, 8 * short * 3)

"""Every page's time in the server, with years of runs in the database (bench.large makes them).

    .venv/bin/python -m bench.pages [FOLDER] [--runs 5000] [--rounds 30] [--only search] [--explain]

Each request goes through all of Django as a signed-in person's would: middleware, session, queries, template and
compression; only the socket is left out. The pages are asked for in mixed order; the first answer of each, with a new
connection to Postgres, is told apart. Judged is the processor's time, of this process and of the Postgres process that
answers; what a clock on the wall says beside it depends on what else the machine does. Bytes are what travels for the
first view: the compressed page and all that it loads.
"""

from __future__ import annotations

import argparse
import gzip
import re
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

import msgspec

from bench.history import timed
from bench.large import served

MEDIAN_MS, P95_MS, BYTES = 50, 150, 200_000  # what is promised
SLOWEST = 8  # statements that --explain tells of


class Seen(msgspec.Struct):
    name: str
    url: str
    first_ms: float = 0.0
    taken: list[float] = []  # milliseconds of the processors
    walls: list[float] = []
    queries: int = 0
    bytes: int = 0

    @property
    def p95(self) -> float:
        return quantiles(self.taken, n=20)[-1] if len(self.taken) > 1 else self.taken[0]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path, nargs="?", help="kept from run to run; else a folder that goes again")
    arguments.add_argument("--runs", type=int, default=5_000, help="where the data set has to be made")
    arguments.add_argument("--rounds", type=int, default=30)
    arguments.add_argument("--only", default="", help="pages whose name holds this")
    arguments.add_argument("--explain", action="store_true", help="the slowest statements of each page")
    given = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="lineup-bench-") as passing,
        served(given.folder or Path(passing), given.runs),
    ):
        from bench.page_list import pages

        seen = [Seen(name=name, url=url, taken=[], walls=[]) for name, url in pages() if given.only in name]
        measure(seen, given.rounds, given.explain)
        tell(seen)


def measure(seen: list[Seen], rounds: int, explain: bool) -> None:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client

    import config.wsgi  # noqa: F401  all that gunicorn does before the first request

    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_ENCODING="gzip", raise_request_exception=False)
    client.force_login(User.objects.get(username="person0"))
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {_token()}"  # what the API asks for; pages ask for the session
    for page in list(seen):
        connection.close()
        begun = time.perf_counter()
        answer = client.get(page.url)
        page.first_ms = 1_000 * (time.perf_counter() - begun)
        if answer.status_code != 200:
            print(f"  {page.name}: {answer.status_code} for {page.url}")
            seen.remove(page)
            continue
        page.bytes = _travelling(answer)
        page.queries = _counted(client, page, explain)
    order = [page for page in seen for _ in range(rounds)]
    Random(1).shuffle(order)  # noqa: S311
    for page in order:
        wall, busy = timed(lambda url=page.url: client.get(url))  # type: ignore[misc]
        page.taken.append(1_000 * busy)
        page.walls.append(1_000 * wall)


def _token() -> str:
    """The secret of a token that reads the project whose pages are measured."""
    from triage.access import Scope, digest_of, new_secret
    from triage.models import Project, Token

    secret, project = new_secret(), Project.objects.order_by("pk")[0]
    Token.objects.filter(prefix="bench").delete()
    Token.objects.create(project=project, digest=digest_of(secret), prefix="bench", scopes=[Scope.READ])
    return secret


def tell(seen: list[Seen]) -> None:
    print(f"  {'page':44} {'median':>8} {'p95':>8} {'wall':>8} {'first':>8} {'queries':>8} {'bytes':>9}")
    for page in seen:
        missed = median(page.taken) > MEDIAN_MS or page.p95 > P95_MS or page.bytes > BYTES
        print(
            f"  {page.name:44} {median(page.taken):5.0f} ms {page.p95:5.0f} ms {median(page.walls):5.0f} ms"
            f" {page.first_ms:5.0f} ms {page.queries:8} {page.bytes:9,}{'  MISSED' if missed else ''}"
        )
    print(f"  promised: {MEDIAN_MS} ms at the median, {P95_MS} ms at p95, {BYTES:,} bytes for the first view")


def _counted(client: Any, page: Seen, explain: bool) -> int:
    from django.db import connection, reset_queries

    connection.force_debug_cursor = True
    reset_queries()
    client.get(page.url)
    told = [(float(query["time"]), query["sql"]) for query in connection.queries]
    connection.force_debug_cursor = False
    if explain:
        print(f"{page.name}: {len(told)} queries, {1_000 * sum(seconds for seconds, _ in told):.0f} ms in them")
        for seconds, sql in sorted(told, reverse=True)[:SLOWEST]:
            print(f"    {1_000 * seconds:6.1f} ms  {' '.join(sql.split())[:900]}")
    return len(told)


def _travelling(answer: Any) -> int:
    body = answer.getvalue() if hasattr(answer, "getvalue") else answer.content
    text = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
    assets = set(re.findall(r'(?:src|href)="/static/([^"#?]+)', text.decode()))
    return len(body) + sum(_asset(name) for name in assets)


@cache
def _asset(name: str) -> int:
    """A static file as WhiteNoise sends it."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import find

    collected = Path(settings.STATIC_ROOT) / name
    path = collected if collected.exists() else find(name)
    if path is None:
        sys.exit(f"{name} is loaded by a page and is not there")
    return len(gzip.compress(Path(path).read_bytes(), 9))


if __name__ == "__main__":
    main()

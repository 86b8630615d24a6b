"""A large drop through real web processes: their memory stays flat, and a refusal reaches the client."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
import requests

from ingest import storage
from tests.dashboard import factory
from tests.ingest.test_drop import PYTEST
from tests.ingest.test_upload_served import home, port, served  # noqa: F401  fixtures
from triage.models import Part, Run

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = 200 * 2**20
ROOM = 40 * 2**20  # bytes that a web process may grow by, whatever the size of the files
BOUNDARY = "xYz"


def signed_in(web: int) -> tuple[str, str]:
    """(cookies of somebody who signed in, the token of the form): through the page, for the server's key is its own."""
    factory.person("ada")
    at = f"http://127.0.0.1:{web}"
    with requests.Session() as session:
        token = token_in(session.get(f"{at}/sign-in", timeout=60).text)
        form = {"username": "ada", "password": factory.PASSWORD, "csrfmiddlewaretoken": token}
        session.post(f"{at}/sign-in", form, timeout=60)
        token = token_in(session.get(f"{at}/drop", timeout=60).text)
        return "; ".join(f"{name}={value}" for name, value in session.cookies.items()), token


def token_in(html: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)
    assert found
    return found[1]


def memory() -> int:
    """Of the web processes of this test, resident bytes."""
    found = [p for p in psutil.Process().children(recursive=True) if any("config.wsgi" in a for a in p.cmdline())]
    return sum(p.memory_info().rss for p in found)


def field(name: str, data: bytes, filename: str = "") -> bytes:
    named = f'; filename="{filename}"' if filename else ""
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + data


def sent(web: int, cookies: str, token: str, blocks: Iterator[bytes], size: int) -> tuple[int, str, str]:
    """Sends a form as a browser without JavaScript does: (status, address it leads to, body)."""
    head = field("csrfmiddlewaretoken", token.encode()) + b"\r\n" + field("files", PYTEST, "t.log") + b"\r\n"
    head += field("files", b"", "journal.txt")
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    client = HTTPConnection("127.0.0.1", web, timeout=120)
    client.putrequest("POST", "/drop")
    client.putheader("Cookie", cookies)
    client.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    client.putheader("Content-Length", str(len(head) + size + len(tail)))
    client.endheaders(head)
    for block in blocks:
        client.send(block)
    client.send(tail)
    answer = client.getresponse()
    return answer.status, answer.headers.get("Location", ""), answer.read().decode("utf-8", "replace")


def test_200_mb_are_dropped_with_flat_memory(port: int, home: Path):  # noqa: F811
    cookies, token = signed_in(port)
    line = (
        b"May 23 12:11:07 web1 gunicorn[51463]: [2024-05-23 12:34:06,721] INFO in cars_app: %s\n"
        % os.urandom(32).hex().encode()
    )
    block = line * (2**20 // len(line))
    count = SIZE // len(block) + 1
    peak = before = memory()

    def blocks() -> Iterator[bytes]:
        nonlocal peak
        for n in range(count):
            yield block
            if n % 20 == 0:
                peak = max(peak, memory())

    status, address, _ = sent(port, cookies, token, blocks(), count * len(block))
    peak = max(peak, memory())
    assert (status, address) == (302, f"/runs/{Run.objects.get().pk}")
    part = Part.objects.get(name="journal.txt")
    assert part.size == count * len(block) == storage.path_of(part.sha256).stat().st_size
    assert part.side == "server"
    assert peak - before < ROOM, f"{(peak - before) / 2**20:.0f} MB more"


def test_a_form_without_its_token_is_refused_before_its_files_are_taken(port: int, home: Path):  # noqa: F811
    cookies, _ = signed_in(port)
    block = os.urandom(2**20)
    status, _, body = sent(port, cookies, "x" * 64, iter([block] * 8), 8 * len(block))
    assert status == 403
    assert "The form had expired" in body
    assert not Run.objects.exists()
    folder = home / "parts" / "incoming"
    assert not folder.exists() or not list(folder.iterdir())


def test_a_refusal_in_the_middle_of_a_large_form_is_still_read_by_the_client(port: int, home: Path):  # noqa: F811
    cookies, token = signed_in(port)
    name = field("files", b"", "x.log")
    block = (b"\r\n" + name + b"x") * 120  # more files than one form may have, and then much more
    rest = os.urandom(2**20)
    blocks = [block, *[rest] * 30]
    status, _, body = sent(port, cookies, token, iter(blocks), sum(map(len, blocks)))
    assert status == 413
    assert "more than 100 files" in body

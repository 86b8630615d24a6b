"""The upload through real web processes: slow and lying clients, a dead broker, chunked bodies, the demonstration."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import requests
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection

from ingest import storage
from tests.ingest.uploads import JOURNAL, RUNS, TESTS, a_token, bearer, form, meta
from triage.models import Part, Run, Token

pytestmark = pytest.mark.django_db(transaction=True)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def served(tmp_path_factory, django_db_setup) -> Iterator[tuple[int, Path]]:
    """Two web processes on the tests' own database; the broker they know of is not there. Port and home folder."""
    home = tmp_path_factory.mktemp("home")
    number = free_port()
    where = connection.settings_dict
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgres://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}",
        "BROKER_URL": f"redis://127.0.0.1:{free_port()}/0",
        "LINEUP_HOME": str(home),
        "LINEUP_WEB_PROCESSES": "2",
        "PORT": str(number),
    }
    log = (home / "web.log").open("wb")
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn_conf.py", "config.wsgi"]
    server = subprocess.Popen(command, env=environment, cwd=django_settings.BASE_DIR, stdout=log, stderr=log)
    try:
        for _ in range(400):
            try:
                requests.get(f"http://127.0.0.1:{number}/healthz", timeout=20)
                break
            except requests.ConnectionError:
                assert server.poll() is None, (home / "web.log").read_text()
                time.sleep(0.05)
        yield number, home
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@pytest.fixture
def port(served: tuple[int, Path]) -> int:
    return served[0]


@pytest.fixture
def home(served: tuple[int, Path], settings) -> Path:
    settings.LINEUP_HOME = served[1]
    return served[1]


@pytest.fixture
def incoming(home: Path) -> Path:
    return home / "parts" / "incoming"


def address(port: int) -> str:
    return f"http://127.0.0.1:{port}{RUNS}"


def eventually(condition, seconds: float = 5) -> bool:
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.05)
    return condition()


def nothing_is_left(incoming: Path) -> bool:
    return not incoming.exists() or not list(incoming.iterdir())


def test_an_upload_is_answered_at_once_though_the_broker_is_dead(port):
    token = a_token()
    parts = [("meta", (None, json.dumps({"run_key": "k"}))), ("tests", ("t.log", TESTS)), ("server", ("j", JOURNAL))]
    took = []
    for n in range(8):
        parts[0] = ("meta", (None, json.dumps({"run_key": f"k{n}"})))
        began = time.monotonic()
        answer = requests.post(address(port), files=parts, headers=bearer(token), timeout=30)
        took.append(time.monotonic() - began)
        assert (answer.status_code, answer.json()["status"]) == (202, "queued")
        assert answer.json()["url"] == f"http://127.0.0.1:{port}/runs/{answer.json()['id']}"
    assert sorted(took)[4] < 0.5, took
    assert max(took) < 5, took
    assert Run.objects.filter(status="queued").count() == 8


def test_uploads_of_one_key_through_several_processes_make_one_run(port):
    token = a_token()
    statuses = []

    def one(n: int) -> None:
        files = [("meta", (None, '{"run_key": "k"}')), ("server", (f"web{n}.journal", b"%d" % n))]
        statuses.append(requests.post(address(port), files=files, headers=bearer(token), timeout=30).status_code)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 5 + [202]
    assert Run.objects.get().parts.count() == 6


def test_a_chunked_body_without_a_length_is_read_to_its_end(port):
    body, kind = form(meta(), ("server", "j", JOURNAL * 2000))
    pieces = (body[at : at + 777] for at in range(0, len(body), 777))
    answer = requests.post(address(port), data=pieces, headers={**bearer(a_token()), "Content-Type": kind}, timeout=30)
    assert answer.status_code == 202, answer.text
    assert Part.objects.get().size == len(JOURNAL) * 2000


def test_a_client_that_goes_away_in_the_middle_leaves_nothing(port, incoming):
    body, kind = form(meta(), ("server", "j", JOURNAL * 20_000))
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(request_head(a_token(), kind, len(body)) + body[: len(body) // 2])
        assert eventually(lambda: not nothing_is_left(incoming))
    assert eventually(lambda: nothing_is_left(incoming))
    assert not Run.objects.exists()


def test_a_content_length_that_promises_too_much_is_no_run(port, incoming):
    body, kind = form(meta(), ("server", "j", JOURNAL))
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(request_head(a_token(), kind, len(body) + 1000) + body[:-10])
        client.shutdown(socket.SHUT_WR)
        assert b"400 Bad Request" in client.recv(65_536)
    assert nothing_is_left(incoming)
    assert not Run.objects.exists()


def test_a_content_length_that_promises_too_little_is_no_run(port, incoming):
    body, kind = form(meta(), ("server", "j", JOURNAL))
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(request_head(a_token(), kind, len(body) - 30) + body)
        assert b"400 Bad Request" in client.recv(65_536)
    assert nothing_is_left(incoming)
    assert not Run.objects.exists()


def test_without_a_token_the_answer_comes_before_the_body(port, incoming):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.settimeout(5)
        client.sendall(request_head("lineup_unknown", "multipart/form-data; boundary=xYz", 10 * 2**30))
        assert b"401 Unauthorized" in client.recv(65_536)
    assert nothing_is_left(incoming)


def test_a_client_that_sends_slowly_is_waited_for_and_holds_nobody_up(port):
    token = a_token()
    body, kind = form(meta("slow"), ("server", "j", JOURNAL))
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(request_head(token, kind, len(body)))
        for at in range(0, len(body), 40):
            client.sendall(body[at : at + 40])
            time.sleep(0.02)
            assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code == 200
        assert b"202 Accepted" in client.recv(65_536)


def test_headers_that_are_huge_or_hold_a_line_break_change_nothing(port):
    token = a_token()
    huge = requests.get(address(port), headers={**bearer(token), "X-Long": "x" * 100_000}, timeout=10)
    assert huge.status_code in (400, 431)
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(f"GET {RUNS} HTTP/1.1\r\nHost: evil.example.org\r\nConnection: close\r\n\r\n".encode())
        assert b"evil" not in client.recv(65_536).split(b"\r\n\r\n")[0]


def test_a_large_part_is_streamed_at_disk_speed(port, home):
    size = 64 * 2**20
    body, kind = form(meta(), ("server", "big.log", b"SPLIT"))
    head, _, tail = body.partition(b"SPLIT")
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.putrequest("POST", RUNS)
    for name, value in {**bearer(a_token()), "Content-Type": kind}.items():
        client.putheader(name, value)
    client.putheader("Content-Length", str(len(head) + size + len(tail)))
    client.endheaders(head)
    block = os.urandom(2**20)
    for _ in range(size // len(block)):
        client.send(block)
    client.send(tail)
    assert client.getresponse().status == 202
    part = Part.objects.get()
    assert part.size == size == storage.path_of(part.sha256).stat().st_size


def test_a_hostile_request_leaves_a_line_and_never_a_traceback(port, home):
    log = home / "web.log"
    before = log.stat().st_size
    browser = requests.Session()
    browser.get(f"http://127.0.0.1:{port}/sign-in", timeout=20)  # whose cookie a form is held against
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    large = browser.post(
        f"http://127.0.0.1:{port}/sign-in", data=b"a=" + b"s3cret" * 1_000_000, headers=form, timeout=20
    )
    assert large.status_code == 413 and "1 MB" in large.text
    for kind, body in (
        ("application/x-www-form-urlencoded; charset=utf-7", b"a=1"), ("multipart/form-data", b"junk"),
        ("multipart/form-data; boundary=X", b"--X\r\nContent-Disposition: form-da"),
    ):  # fmt: skip
        answer = browser.post(f"http://127.0.0.1:{port}/sign-in", body, headers={"Content-Type": kind}, timeout=20)
        assert answer.status_code in (400, 403), kind
    for path in (
        "/p/%ff%fe%/groups",
        "/p/%00/groups?q=%00",
        "/static/%00.css",
        "/x%0aERROR%20forged",
        "/" + "a" * 9_000,
    ):
        assert requests.get(f"http://127.0.0.1:{port}{path}", timeout=20, allow_redirects=False).status_code in (
            302, 404, 414,
        )  # fmt: skip
    for headers in ({"Cookie": "sessionid=\x01; ;==" + "x" * 3_000}, {"Host": "evil.example"}, {"X": "a" * 9_000}):
        assert requests.get(f"http://127.0.0.1:{port}/", headers=headers, timeout=20).status_code in (200, 400, 431)
    lines = log.read_text()[before:].splitlines()
    assert lines and not [line for line in lines if not re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z ", line)]
    assert len(lines) <= 2 * 13  # the web server's own line, and at most one of ours
    assert "s3cret" not in "".join(lines)


def test_no_token_is_in_the_log_of_the_web_processes(port, home):
    token = a_token("read")
    for path in (RUNS, f"{RUNS}/nothing", "/api/v1/openapi.json"):
        requests.get(f"http://127.0.0.1:{port}{path}", headers=bearer(token), timeout=10)
        requests.post(f"http://127.0.0.1:{port}{path}", headers=bearer(token), timeout=10)
    assert token not in (home / "web.log").read_text()


def test_the_demonstration_goes_through_the_real_upload_and_is_harmless_to_repeat(port):
    out = StringIO()
    call_command("demo", "--url", f"http://127.0.0.1:{port}", stdout=out)
    runs = Run.objects.count()
    assert runs >= 1
    assert f"{runs} runs are in the project 'demo'." in out.getvalue()
    assert Run.objects.get(run_key="incident/cars-count-two-workers").parts.count() == 2
    call_command("demo", "--url", f"http://127.0.0.1:{port}", stdout=StringIO())
    assert Run.objects.count() == runs
    assert set(Run.objects.values_list("revision", flat=True)) == {1}
    assert not Token.objects.filter(revoked_at=None).exists()


def test_a_demonstration_that_cannot_be_uploaded_says_so(home):
    with pytest.raises(CommandError, match="could not be uploaded"):
        call_command("demo", "--url", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(CommandError, match="There are no incidents"):
        call_command("demo", "--from", str(home / "nowhere"))


def request_head(token: str, kind: str, length: int) -> bytes:
    return (
        f"POST {RUNS} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()

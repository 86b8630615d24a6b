"""Requests to addresses that people typed in: what servers can do to whoever asks them."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.stand_ins.server import Answer, running
from tests.stand_ins.slack import Slack
from triage.notices import outgoing
from triage.notices.outgoing import LARGEST, Refused, Unreachable, ask, pause_of


@contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Hands each connection to `serve`, byte by byte as it likes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                one, _ = listening.accept()
            except OSError:
                return
            with one:
                try:
                    one.recv(65_536)
                    serve(one)
                except OSError:
                    continue

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
    finally:
        listening.close()


def endless(head: bytes) -> Callable[[socket.socket], None]:
    def serve(one: socket.socket) -> None:
        one.sendall(head)
        for _ in range(400):
            one.sendall(b"x" * 65_536)

    return serve


@pytest.mark.parametrize("status", ["200 OK", "302 Found\r\nLocation: http://169.254.169.254/", "404 Not Found"])
def test_an_endless_body_is_cut(status):
    with server(endless(f"HTTP/1.1 {status}\r\n\r\n".encode())) as url:
        answer = ask("POST", url, json={})
        assert len(answer.body) == LARGEST and answer.status in (200, 302, 404)


def test_a_packed_gigabyte_is_not_unpacked():
    packed = gzip.compress(bytes(50_000_000))

    def serve(one: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        one.sendall(head.encode() + packed)

    with server(serve) as url:
        assert len(ask("GET", url).body) == len(packed)


def test_a_body_that_drips_is_broken_off(monkeypatch):
    monkeypatch.setattr(outgoing, "WHOLE_S", 0.5)

    def serve(one: socket.socket) -> None:
        one.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            one.sendall(b"1\r\nx\r\n")
            time.sleep(0.05)

    with server(serve) as url:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            ask("GET", url)
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Long: "])
def test_an_answer_that_comes_byte_by_byte_is_broken_off(monkeypatch, head):
    monkeypatch.setattr(outgoing, "WHOLE_S", 0.5)
    monkeypatch.setattr(outgoing, "READ_S", 0.5)

    def serve(one: socket.socket) -> None:
        one.sendall(head)
        for _ in range(90):
            one.sendall(b"x")
            time.sleep(0.05)

    with server(serve) as url:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            ask("GET", url)
        assert time.monotonic() - began < 3


def test_a_server_that_says_nothing_is_left(monkeypatch):
    monkeypatch.setattr(outgoing, "READ_S", 0.3)
    with server(lambda one: time.sleep(2)) as url, pytest.raises(Unreachable, match="in time"):
        ask("GET", url)


@pytest.mark.parametrize(
    "said",
    [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500, b"\0" * 99],
)
def test_what_is_no_http_is_unreachable(said):
    with server(lambda one: one.sendall(said)) as url, pytest.raises(Unreachable):
        ask("GET", url)


def test_a_name_that_leads_into_the_private_network_is_refused_after_it_is_resolved(settings):
    settings.LINEUP_PRIVATE_TARGETS = False
    with running(Slack()) as slack:
        port = slack.url.rsplit(":", 1)[1]
        for host in ("localhost", "127.0.0.1", "127.1", "0x7f000001"):
            with pytest.raises(Refused, match="private network"):
                ask("POST", f"http://{host}:{port}/services/secret", json={})
        assert slack.asked == []


def test_no_name_and_no_server_are_said_without_the_address():
    for url in ("http://no-such-name.invalid/services/s3cret", "http://127.0.0.1:1/services/s3cret"):
        with pytest.raises(Unreachable) as caught:
            ask("GET", url)
        assert "s3cret" not in repr(caught.value) and caught.value.__cause__ is None
    with pytest.raises(Unreachable, match="its name leads nowhere"):
        ask("GET", "http://no-such-name.invalid/")


def test_a_proxy_of_the_environment_is_used_and_nothing_of_netrc(monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine chat.example login ada password pw\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with running(Slack()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")
        proxy.moods.append(Answer(200, "ok"))
        assert ask("POST", "http://chat.example/services/x", json={"text": "hi"}).status == 200
        (asked,) = proxy.asked
        assert asked.path == "http://chat.example/services/x" and "authorization" not in asked.headers


def test_how_long_to_wait_is_read_in_every_way_it_is_said():
    def told(**headers: str) -> float | None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return pause_of(outgoing.Answer(status=429, headers=names, body=b""))

    assert told(retry_after="7") == 7 and told() is None and told(retry_after="soon") is None
    assert told(retry_after="Wed, 21 Oct 2015 07:28:00 GMT") == 0
    reset = told(x_ratelimit_remaining="0", x_ratelimit_reset=str(int(time.time()) + 60))
    assert reset is not None and 50 < reset < 61
    assert told(x_ratelimit_remaining="3", x_ratelimit_reset="1") is None and told(retry_after="9" * 40) is None

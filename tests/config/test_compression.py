"""Pages travel compressed; streams go out as they come."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import Client, RequestFactory

from config.middleware import Compressed

PAGE = b"<p>the same words</p>" * 200


def answered(response: HttpResponseBase) -> HttpResponseBase:
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip"})
    return Compressed(lambda _: response)(request)


def test_a_page_is_compressed_and_says_on_what_that_depends():
    response = answered(HttpResponse(PAGE))
    assert gzip.decompress(response.content) == PAGE
    assert len(response.content) < 400
    assert "Accept-Encoding" in response.headers["Vary"]


def test_the_same_page_is_not_always_of_the_same_size():
    assert len({len(answered(HttpResponse(PAGE)).content) for _ in range(20)}) > 1


def test_a_stream_is_not_held_back():
    def events() -> Iterator[bytes]:
        yield b"data: 1\n\n"

    response = answered(StreamingHttpResponse(events(), content_type="text/event-stream"))
    assert next(iter(response)) == b"data: 1\n\n"
    assert "Content-Encoding" not in response.headers


@pytest.mark.django_db
def test_pages_are_compressed_for_whoever_can_read_that(client: Client):
    assert client.get("/sign-in", headers={"accept-encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/sign-in").headers

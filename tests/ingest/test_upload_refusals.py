"""What the upload refuses, with a status, a code and the field; and that nothing of it stays."""

from __future__ import annotations

import gzip
import io
import json
import os

import pytest
from django.db import OperationalError

from ingest import storage
from ingest.api.body import BLOCK
from tests.ingest.uploads import JOURNAL, RUNS, TESTS, a_token, bearer, form, meta, post, upload
from triage.models import Part, Run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


@pytest.fixture
def token() -> str:
    return a_token("upload")


def error_of(answer, status: int) -> dict:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json"
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "field"}
    assert error["message"].endswith(".")
    return error


def refused(answer, status: int, code: str, field: str | None = None) -> str:
    error = error_of(answer, status)
    assert (error["code"], error["field"]) == (code, field)
    assert not Run.objects.exists()
    folder = storage.incoming_folder()
    assert not folder.exists() or list(folder.iterdir()) == []
    return error["message"]


@pytest.mark.parametrize(
    ("sent", "code", "field"),
    [
        (b"", "bad_json", "meta"),
        (b"{", "bad_json", "meta"),
        (b"\xff\xfe", "bad_json", "meta"),
        (b'{"run_key": NaN}', "bad_json", "meta"),
        (b"[" * 60_000, "bad_json", "meta"),
        (b"[]", "bad_field", "meta"),
        (b'"run"', "bad_field", "meta"),
        (b"{}", "missing_field", "run_key"),
        (b'{"run_key": null}', "missing_field", "run_key"),
        (b'{"run_key": "  "}', "missing_field", "run_key"),
        (b'{"run_key": 7}', "bad_field", "run_key"),
        (b'{"run_key": "a\\u0000b"}', "bad_field", "run_key"),
        (b'{"run_key": "' + b"k" * 201 + b'"}', "bad_field", "run_key"),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else "",
)
def test_a_broken_meta_is_refused_by_name(client, token, sent, code, field):
    body, kind = form(("meta", None, sent), ("server", "j", JOURNAL))
    refused(post(client, token, body, kind), 400, code, field)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", 3, "bad_field"),
        ("branch", ["main"], "bad_field"),
        ("commit", "c" * 101, "bad_field"),
        ("name", "a\0b", "bad_field"),
        ("ci_url", "javascript:alert(1)", "bad_field"),
        ("ci_url", "https://x/" + "y" * 2000, "bad_field"),
        ("started_at", "2024-05-23T12:11:07", "bad_time"),
        ("started_at", "2024-05-23", "bad_time"),
        ("started_at", "yesterday", "bad_time"),
        ("finished_at", 1716466267, "bad_field"),
        ("finished_at", "2024-02-30T12:00:00Z", "bad_time"),
        ("finished_at", "0001-01-01T00:00:00+05:00", "bad_time"),
        ("client_timezone", "Berlin", "bad_timezone"),
        ("client_timezone", "../../etc/passwd", "bad_timezone"),
        ("server_timezone", "CEST", "bad_timezone"),
        ("server_timezone", 2, "bad_field"),
        ("environment", [], "bad_field"),
        ("environment", {str(n): n for n in range(201)}, "bad_field"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(client, token, field, value, code):
    refused(upload(client, token, **{field: value}), 400, code, field)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"a": None}, "environment.a"),
        ({"a": True}, "environment.a"),
        ({"a": {"b": 1}}, "environment.a"),
        ({"a": "x\0"}, "environment.a"),
        ({"a\0": "x"}, "environment.a"),
        ({"server_workers": "three"}, "environment.server_workers"),
        ({"server_workers": 0}, "environment.server_workers"),
        ({"server_workers": 2.5}, "environment.server_workers"),
    ],
)
def test_an_environment_of_anything_but_strings_and_numbers_is_refused(client, token, value, field):
    refused(upload(client, token, environment=value), 400, "bad_field", field)


def test_a_number_beyond_all_bounds_is_refused(client, token):
    body, kind = form(("meta", None, b'{"run_key": "k", "environment": {"a": 1e999}}'))
    assert error_of(post(client, token, body, kind), 400)["field"] in ("meta", "environment.a")


def test_an_unset_ci_variable_counts_as_not_given(client, token):
    answer = upload(client, token, branch="", ci_url="", started_at="", environment={"server_workers": ""})
    assert answer.status_code == 202
    assert Run.objects.get().environment == {}


def test_a_form_without_meta_is_refused(client, token):
    body, kind = form(("server", "j", JOURNAL))
    refused(post(client, token, body, kind), 400, "missing_field", "meta")


def test_meta_twice_is_refused(client, token):
    body, kind = form(meta(), meta("other"))
    refused(post(client, token, body, kind), 400, "repeated_field", "meta")


def test_a_meta_without_end_is_refused(client, token):
    body, kind = form(("meta", None, b" " * 100_000))
    refused(post(client, token, body, kind), 413, "meta_too_large", "meta")


def test_a_file_sent_as_text_is_refused_and_told_how_to_send_it(client, token):
    body, kind = form(meta(), ("tests", None, TESTS))
    assert "tests=@FILE" in refused(post(client, token, body, kind), 400, "not_a_file", "tests")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "application/x-www-form-urlencoded"])
def test_a_body_that_is_no_form_is_415(client, token, kind):
    refused(post(client, token, b'{"run_key": "k"}', kind), 415, "not_multipart")


@pytest.mark.parametrize("kind", ["multipart/form-data", 'multipart/form-data; boundary="a\nb"'])
def test_a_form_without_a_usable_boundary_is_refused(client, token, kind):
    refused(post(client, token, b"--x--", kind), 400, "bad_multipart")


def test_a_form_that_breaks_off_is_refused_and_leaves_nothing(client, token):
    body, kind = form(meta(), ("server", "j", JOURNAL * 5000))
    for end in (1, 40, 200, len(body) // 2, len(body) - 3):
        refused(post(client, token, body[:end], kind), 400, "bad_multipart")


def test_garbage_instead_of_a_form_is_refused(client, token):
    for garbage in (b"\0" * 1000, os.urandom(5000), b"--xYz\r\n\r\n\r\n--xYz--\r\n", b"--xYz\r\nnonsense\r\n\r\n"):
        refused(post(client, token, garbage, "multipart/form-data; boundary=xYz"), 400, "bad_multipart")


def test_a_part_that_is_too_large_is_named(client, token, settings):
    settings.LINEUP_MAX_PART_BYTES = 1024
    answer = upload(client, token, tests=[("t.log", b"x" * 1024)], server=[("big.log", b"x" * 1025)])
    assert "big.log is larger than 1 KB" in refused(answer, 413, "part_too_large", "server")


def test_a_request_that_is_too_large_is_refused_before_it_is_read(client, token, settings):
    settings.LINEUP_MAX_RUN_BYTES = 1024
    refused(upload(client, token, server=[("j", b"x" * 2000)]), 413, "request_too_large")


def test_more_parts_than_allowed_are_refused(client, token, settings):
    settings.LINEUP_MAX_PARTS = 3
    answer = upload(client, token, server=[(f"{n}.log", JOURNAL) for n in range(4)])
    refused(answer, 413, "too_many_parts", "server")


def test_ten_thousand_fields_are_refused(client, token):
    body, kind = form(*[(f"f{n}", None, b"x") for n in range(10_000)], meta())
    refused(post(client, token, body, kind), 413, "too_many_parts")


def test_a_part_with_a_header_without_end_is_refused(client, token):
    body = (
        b'--xYz\r\nContent-Disposition: form-data; name="server"; filename="'
        + b"a" * 100_000
        + b'"\r\n\r\nx\r\n--xYz--\r\n'
    )
    refused(post(client, token, body, "multipart/form-data; boundary=xYz"), 413, "too_many_parts")


def test_a_request_that_is_no_gzip_though_it_says_so_is_refused(client, token):
    body, kind = form(meta(), ("server", "j", JOURNAL))
    refused(post(client, token, body, kind, **{"Content-Encoding": "gzip"}), 400, "bad_gzip")


def test_a_gzip_request_that_breaks_off_is_refused(client, token):
    body, kind = form(meta(), ("server", "j", os.urandom(BLOCK)))
    packed = gzip.compress(body)
    refused(post(client, token, packed[: len(packed) // 2], kind, **{"Content-Encoding": "gzip"}), 400, "bad_gzip")


def test_a_gzip_bomb_is_refused_at_the_limit(client, token, settings):
    settings.LINEUP_MAX_RUN_BYTES = 4 * 2**20
    body, kind = form(meta(), ("server", "bomb", b"\0" * 64 * 2**20))
    packed = gzip.compress(body)
    assert len(packed) < 100_000
    refused(post(client, token, packed, kind, **{"Content-Encoding": "gzip"}), 413, "request_too_large")


def test_an_unknown_content_encoding_is_415(client, token):
    body, kind = form(meta())
    answer = post(client, token, body, kind, **{"Content-Encoding": "br"})
    refused(answer, 415, "unknown_content_encoding")
    assert answer["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"])
def test_other_methods_are_405_and_name_those_that_there_are(client, token, method):
    answer = client.generic(method, RUNS, headers=bearer(token))
    assert error_of(answer, 405)["code"] == "method_not_allowed"
    assert answer["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/api/v1/runs/", "/api/v1", "/api/v2/runs", "/api/v1/runs/not-a-uuid", "/api/%00"])
def test_an_address_that_nobody_answers_is_a_404_in_json(client, path):
    assert error_of(client.get(path), 404)["code"] == "not_found"
    assert error_of(client.post(path), 404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [(TimeoutError("timed out"), 408, "upload_stalled"), (ConnectionResetError("reset"), 400, "upload_broken_off")],
    ids=["silent", "gone"],
)
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_client_that_falls_silent_or_goes_away_leaves_nothing(client, token, fault, status, code, chunked):
    body, kind = form(meta(), ("server", "j", JOURNAL * 10_000))

    class Broken(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            if self.tell():
                raise fault
            return super().read(size)

    source = {"wsgi.input": Broken(body), "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": kind}
    if chunked:
        source |= {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    refused(client.generic("POST", RUNS, b"", kind, headers=bearer(token), **source), status, code)


def test_an_upload_that_lasts_for_ever_is_ended(client, token, monkeypatch):
    monkeypatch.setattr("ingest.api.body.LONGEST_S", -1.0)
    refused(upload(client, token, server=[("j", JOURNAL)]), 408, "upload_too_slow")


def test_a_full_disk_is_a_507_and_leaves_nothing(client, token, monkeypatch):
    def full(self: storage.Incoming, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.Incoming, "write", full)
    refused(upload(client, token, server=[("j", JOURNAL)]), 507, "storage_failed")


def test_a_fault_of_ours_is_a_500_that_tells_nothing_of_the_inside(client, token, monkeypatch, caplog):
    def broken(*args: object, **named: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("ingest.api.upload.store_upload", broken)
    answer = upload(client, token, server=[("j", JOURNAL)])
    refused(answer, 500, "internal_error")
    assert b"secret detail" not in answer.content
    assert token not in caplog.text


def test_a_database_that_is_away_is_a_503_that_asks_to_come_again(client, token, monkeypatch):
    def away(*args: object, **named: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("ingest.api.upload.store_upload", away)
    answer = upload(client, token, server=[("j", JOURNAL)])
    refused(answer, 503, "database_away")
    assert answer["Retry-After"] == "2"


@pytest.mark.parametrize("path", [RUNS, "/api/", "/api/v1/openapi.json", "/api/nothing"])
def test_a_host_that_is_not_ours_is_a_400_in_json_and_names_nothing(client, path):
    answer = client.get(path, headers={"Host": "evil.example.org"})
    assert error_of(answer, 400)["code"] in ("bad_host", "bad_request")
    assert b"evil" not in answer.content


def test_too_many_gzip_members_are_refused(client, token, monkeypatch):
    monkeypatch.setattr("ingest.api.body.MEMBERS", 100)
    body, kind = form(meta())
    packed = gzip.compress(b"") * 101 + gzip.compress(body)
    refused(post(client, token, packed, kind, **{"Content-Encoding": "gzip"}), 400, "bad_gzip")


def test_a_run_cannot_grow_without_end(client, token, monkeypatch):
    monkeypatch.setattr("triage.store.uploads.PARTS_IN_A_RUN", 2)
    upload(client, token, server=[("1", b"1"), ("2", b"2")])
    answer = upload(client, token, server=[("3", b"3")])
    assert error_of(answer, 413)["code"] == "too_many_parts"
    assert Part.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("journal.txt", "journal.txt"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("/var/log/web1.journal", "web1.journal"),
        ("a\0b\x1b[31m.log", "ab[31m.log"),
        ("..", "server.log"),
        ("/", "server.log"),
        ("", "server.log"),
        (" ", "server.log"),
        ("\u202egpj.log", "gpj.log"),  # right-to-left override
        ("Prüfung лог 🚗.txt", "Prüfung лог 🚗.txt"),
        ("u\u0308.log", "ü.log"),
        ("<script>alert(1)</script>", "script>"),
        ("<b>x", "<b>x"),
        ("a%22b.log", 'a"b.log'),
        ("x" * 300 + ".journal.gz", "x" * 214 + "…" + "x" * 29 + ".journal.gz"),
    ],
)
def test_a_name_is_made_harmless_and_stays_recognisable(client, token, sent, kept):
    body, kind = form(meta(), ("server", sent, JOURNAL))
    assert post(client, token, body, kind).status_code == 202
    part = Part.objects.get()
    assert part.name == kept
    assert len(part.name) <= 255
    assert storage.path_of(part.sha256).read_bytes() == JOURNAL


def test_a_name_in_latin_1_or_in_the_old_extended_form_is_read(client, token):
    disposition = b'--xYz\r\nContent-Disposition: form-data; name="server"; '
    body = disposition + 'filename="prüf.log"'.encode("latin-1") + b"\r\n\r\n1\r\n"
    body += disposition + b"filename*=UTF-8''pr%C3%BCf2.log\r\n\r\n2\r\n"
    last, kind = form(meta())
    assert post(client, token, body + last, kind).status_code == 202
    assert [part.name for part in Part.objects.all()] == ["prüf.log", "prüf2.log"]


def test_a_line_break_in_a_name_makes_no_header(client, token):
    body, kind = form(meta(), ("server", "a%0D%0AX-Broken: 1.log", JOURNAL))
    assert post(client, token, body, kind).status_code == 202
    assert Part.objects.get().name == "aX-Broken: 1.log"


def test_only_digests_name_stored_files():
    for name in ("../../etc/passwd", "a" * 63, "A" * 64, "g" * 64, "a" * 64 + "\n"):
        with pytest.raises(ValueError, match="not a SHA-256"):
            storage.path_of(name)


def test_the_sweep_removes_what_is_stale_and_nothing_else(incoming):
    with storage.Incoming() as fresh:
        fresh.write(b"on its way")
        stale = incoming / "part-stale"
        stale.write_bytes(b"left behind")
        os.utime(stale, (0, 0))
        assert storage.sweep_incoming() == 1
        assert len(list(incoming.iterdir())) == 1
    assert list(incoming.iterdir()) == []


def test_the_body_is_never_held_in_memory(client, token):
    """A part of 64 MiB goes through blocks: what is allocated at once stays a small multiple of one."""
    import tracemalloc

    class Endless(io.RawIOBase):
        def __init__(self, head: bytes, size: int, tail: bytes) -> None:
            self.head, self.left, self.tail = head, size, tail

        def read(self, size: int = -1) -> bytes:
            if self.head:
                head, self.head = self.head[:size], self.head[size:]
                return head
            if self.left:
                size = min(size, self.left)
                self.left -= size
                return b"x" * size
            tail, self.tail = self.tail[:size], self.tail[size:]
            return tail

    size = 64 * 2**20
    body, kind = form(meta(), ("server", "big", b"SPLIT"))
    head, _, tail = body.partition(b"SPLIT")
    length = len(head) + size + len(tail)
    tracemalloc.start()
    answer = client.generic(
        "POST", RUNS, b"", kind, headers=bearer(token), **{
            "wsgi.input": Endless(head, size, tail), "CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind,
        },
    )  # fmt: skip
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 202, answer.content
    assert Part.objects.get().size == size
    assert peak < 16 * 2**20, json.dumps(peak)

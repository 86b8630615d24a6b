"""Native .journal files, read through the real journalctl."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from ingest import native_journal
from ingest.formats.base import Context
from ingest.formats.detect import detect
from ingest.formats.journal import export as journal_export
from ingest.native_journal import exported, is_native
from tests.ingest.server_parts import entries, sample
from triage.core.records import Entry

FOLDER = Path(__file__).parent / "native"
LIMIT = 1 << 30
needs_journalctl = pytest.mark.skipif(bool(native_journal.missing()), reason="needs journalctl, prlimit and setpriv")


def journal(name: str) -> bytes:
    return zstandard.ZstdDecompressor().stream_reader((FOLDER / f"{name}.journal.zst").open("rb")).read()


@pytest.fixture(params=["file", "gzip", "zstd"])
def stored(request, tmp_path) -> Iterator[io.BufferedReader]:
    data = journal("two-boots-1")
    made = {"file": lambda b: b, "gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}[request.param](
        data
    )
    path = tmp_path / "system.journal~"
    path.write_bytes(made)
    with path.open("rb") as file:
        yield file


def read(data: bytes, limit: int = LIMIT) -> tuple[list[Entry], str | None]:
    with exported(io.BytesIO(data), limit) as source:
        made = list(journal_export.parse(source, Context(reference_us=0)))
        return [r for r in made if isinstance(r, Entry)], source.problem


@needs_journalctl
def test_a_journal_is_read_like_its_json_and_the_same_twice(stored):
    with exported(stored, LIMIT) as source:
        assert detect(source).format is journal_export
        passes = [list(journal_export.parse(source, Context(reference_us=0))) for _ in range(2)]
        assert source.problem is None
        assert passes[0] == passes[1]
        assert source.bytes_read == len(journal("two-boots-1"))
        lines = [list(source.lines()) for _ in range(2)]
        assert lines[0] == lines[1]
    found = [r for r in passes[0] if isinstance(r, Entry)]
    printed = entries(sample("journal/two-boots/json.txt"))[: len(found)]
    assert [(e.stamp, e.pid, e.pid_trust, e.host, e.unit, e.boot, e.message, e.request, e.life) for e in found] == [
        (e.stamp, e.pid, e.pid_trust, e.host, e.unit, e.boot, e.message, e.request, e.life) for e in printed
    ]


@needs_journalctl
def test_long_messages_are_whole():
    found, problem = read(journal("pieces"))
    assert problem is None
    assert max(len(e.message) for e in found) > 60_000


@needs_journalctl
def test_of_a_journal_that_was_cut_short_what_is_there_is_used():
    data = journal("two-boots-1").rstrip(b"\0")
    found, problem = read(data[:-20_000])
    assert 100 < len(found) < 259
    assert "cut short" in problem
    assert " of its 260 entries" in problem
    nothing, problem = read(data[:1000])
    assert nothing == []
    assert "none of its entries" in problem
    nothing, problem = read(data[:100])
    assert nothing == []
    assert "cut off in its header" in problem


@needs_journalctl
def test_a_damaged_journal_says_how_much_of_it_was_read():
    data = bytearray(journal("two-boots-1"))
    used = len(data.rstrip(b"\0"))
    data[used - 60_000 : used - 55_000] = os.urandom(5_000)
    found, problem = read(bytes(data))
    assert len(found) < 259
    assert "damaged" in problem


@needs_journalctl
def test_a_journal_of_a_newer_systemd_says_so():
    data = bytearray(journal("two-boots-1"))
    struct.pack_into("<I", data, 12, 0x80 | struct.unpack_from("<I", data, 12)[0])
    found, problem = read(bytes(data))
    assert found == []
    assert "newer systemd" in problem
    assert "-o export" in problem


def test_where_journalctl_is_not_installed_a_sentence_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    found, problem = read(journal("two-boots-2"))
    assert found == []
    assert "journalctl, which reads such files, is not installed" in problem
    assert "Debian package systemd" in problem


def test_only_what_begins_like_a_journal_is_one():
    assert is_native(journal("pieces")[:8])
    assert not is_native(b"")
    assert not is_native(b"LPKSHHR")
    assert not is_native((FOLDER / "pieces.journal.zst").read_bytes())


@needs_journalctl
def test_the_program_dies_with_its_reader(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # others may be reading journals at this moment
    with exported(io.BytesIO(journal("two-boots-1")), LIMIT) as source:
        assert next(source.blocks())
        process = source._output._process
        pid = process.pid if process is not None else None
    assert pid is None or not Path(f"/proc/{pid}").exists()
    assert not list(tmp_path.glob("lineup-*.journal"))


@needs_journalctl
def test_a_program_that_never_answers_is_given_up(monkeypatch, tmp_path):
    slow = tmp_path / "journalctl"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(native_journal, "PATIENCE_S", 0.3)
    began = time.monotonic()
    found, problem = read(journal("two-boots-2"))
    assert found == []
    assert "took longer" in problem
    assert time.monotonic() - began < 5


@needs_journalctl
def test_it_runs_with_bounds_and_without_an_environment(monkeypatch, tmp_path):
    spy = tmp_path / "journalctl"
    spy.write_text("#!/bin/sh\n{ env; ulimit -v; ulimit -t; ulimit -c; ulimit -n; } | tr '\\n' ' '; echo; exit 0\n")
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("SECRET_KEY", "hidden")
    with exported(io.BytesIO(journal("two-boots-2")), LIMIT) as source:
        ((_, line),) = [each for each in source.lines() if each[1]]
    assert "hidden" not in line
    assert line.rstrip().endswith(
        f"{native_journal.MEMORY >> 10} {native_journal.PROCESSOR_S} 0 {native_journal.OPEN_FILES}"
    )


@needs_journalctl
def test_what_unfolds_beyond_the_limit_is_cut_and_said():
    assert len(read(journal("two-boots-1"), 9 << 20)[0]) == 259
    with exported(io.BytesIO(journal("two-boots-1")), 10_000) as source:
        assert sum(len(block) for block in source.blocks()) <= 10_000
        assert source.problem

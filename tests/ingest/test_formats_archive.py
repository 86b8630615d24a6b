"""Archives: whatever they claim, what is read of them is bounded, and what is wrong with them is a sentence."""

from __future__ import annotations

import gzip
import io
import random
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.formats.archive import Damaged, archive_pieces, chosen, kind_of, listed, members, opened_member
from ingest.formats.archive.left_out import LeftOut
from ingest.formats.archive.member import MEMBERS
from ingest.formats.detect import detect
from ingest.formats.read import read
from ingest.formats.source import PartSource
from tests.ingest.client_parts import CONTEXT, FORMATS
from triage.core.records import Entry, TestResult

ACCESS = b'127.0.0.1 - - [23/Nov/2026:06:28:02 +0000] "GET /cars HTTP/1.1" 200 63 "-" "curl/7.88.1"\n' * 30
JUNIT = b'<testsuite name="pytest"><testcase classname="test_a" name="test_b" time="0.1"/></testsuite>'


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file


def tarred(files: dict[str, bytes], mode: str = "w", format: int = tarfile.GNU_FORMAT) -> io.BytesIO:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=format) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return file


def names(file: BinaryIO) -> list[str]:
    return [piece.member for piece in archive_pieces(file, "artifact")]


def refused(file: BinaryIO) -> dict[str, str]:
    return {member.name: member.refused for member in listed(file).members if member.refused}


@pytest.mark.parametrize("path", ["artifact.zip", "stored-with-link.zip", "artifact.tar.gz", "artifact.tar.zst",
                                  "logs.tar", "logs.tar.bz2", "logs.tar.xz"])  # fmt: skip
def test_archives_that_real_programs_made_give_their_files_as_they_were(path):
    with (FORMATS / "archive" / path).open("rb") as file:
        found = {name: opened_member(file, name).read() for name in names(file)}
    access = found.get("logs/access.log") or found["current"]  # zip follows a link unless told otherwise
    assert access.count(b"\n") == 248
    assert gzip.decompress(found["logs/access.log.1.gz"]) == access
    if "reports/junit.xml" in found:
        assert found["reports/junit.xml"] == (FORMATS / "junit/pytest-reruns-subtests.xml").read_bytes()


def test_what_is_left_out_is_said_in_a_sentence():
    with (FORMATS / "archive/stored-with-link.zip").open("rb") as file:
        assert chosen(file, "a.zip").left_out == (
            "Left out of the archive: 3 files, of which 1 is a link, 1 is a picture, a page, a program or the like and "
            "1 is empty (current is a link)."
        )


@pytest.mark.parametrize(
    ("reasons", "sentence"),
    [
        ({}, ""),
        ({"is no log or report by its first lines": 1}, "1 file that is no log or report by its first lines."),
        ({"is no log or report by its first lines": 6}, "6 files that are no logs or reports by their first lines."),
        ({"is empty": 1_200, "has a name with control characters": 2},
         "1,202 files, of which 1,200 are empty and 2 have a name with control characters."),
        ({f"lies beyond the {n}": 2 for n in range(9)},
         f"18 files, of which {', '.join(f'2 lie beyond the {n}' for n in range(8))} and 2 are of no use for other "
         "reasons."),
    ],
)  # fmt: skip
def test_one_file_and_many_are_told_of_in_good_english(reasons, sentence):
    left_out = LeftOut()
    for reason, count in reasons.items():
        left_out.add(reason, count)
    assert left_out.sentence() == (f"Left out of the archive: {sentence}" if sentence else "")


def test_a_member_can_be_read_again_and_from_any_place():
    data = bytes(random.Random(7).randbytes(700_000))
    for file in (zipped({"a.log": data}), tarred({"x": b"1", "a.log": data}), tarred({"a.log": data}, "w:gz")):
        member = opened_member(file, "a.log")
        assert member.read(10) == data[:10]
        member.seek(600_000)
        assert member.tell() == 600_000
        assert member.read() == data[600_000:]
        assert member.read(5) == b""
        member.seek(0)
        assert member.read() == data


def test_two_members_can_be_read_at_the_same_time():
    file = zipped({"a.log": b"a" * 600_000, "b.log": b"b" * 600_000})
    one, other = opened_member(file, "a.log"), opened_member(file, "b.log")
    for _ in range(6):
        assert set(one.read(100_000)) == {ord("a")}
        assert set(other.read(100_000)) == {ord("b")}


def test_names_that_lead_out_of_the_archive_are_refused():
    bad = ["../a.log", "/etc/passwd", "C:\\a.log", "a/../../b.log", "nul\u0001.log", "x" * 1_200 + ".log"]
    for file in (zipped(dict.fromkeys(bad, ACCESS)), tarred(dict.fromkeys(bad, ACCESS))):
        assert len(refused(file)) == 6
        assert not names(file)
        with pytest.raises(Damaged, match="there is no file"):
            opened_member(file, "../a.log")


def test_links_devices_and_pipes_are_refused():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "a"),
            (tarfile.LNKTYPE, "b"),
            (tarfile.CHRTYPE, "c"),
            (tarfile.FIFOTYPE, "d"),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        entry = tarfile.TarInfo("access.log")
        entry.size = len(ACCESS)
        archive.addfile(entry, io.BytesIO(ACCESS))
    assert refused(file) == {"a": "is a link", "b": "is a link", "c": "is a device", "d": "is a pipe"}
    assert names(file) == ["access.log"]
    linked = io.BytesIO()
    with zipfile.ZipFile(linked, "w") as archive:
        info = zipfile.ZipInfo("current.log")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert refused(linked) == {"current.log": "is a link"}


def test_of_two_members_of_one_name_the_last_counts():
    with pytest.warns(UserWarning):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("access.log", b"old")
            archive.writestr("access.log", ACCESS)
    assert opened_member(file, "access.log").read() == ACCESS
    assert refused(file) == {"access.log": "is replaced by a later file of the same name"}
    assert names(file) == ["access.log"]


def test_an_encrypted_member_is_said_to_be_one():
    data = bytearray(zipped({"access.log": ACCESS, "b.log": ACCESS + b"x"}).getvalue())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    file = io.BytesIO(bytes(data))
    assert refused(file) == {"access.log": "is encrypted"}
    assert names(file) == ["b.log"]
    assert "access.log is encrypted" in chosen(file, "a.zip").left_out


@pytest.mark.parametrize(
    ("told", "problem"), [(10, "longer than the archive says"), (9_999, "shorter than the archive")]
)
def test_a_size_that_lies_ends_the_reading_and_is_said(told, problem):
    data = bytearray(zipped({"access.log": ACCESS}).getvalue())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", told)
    member = opened_member(io.BytesIO(bytes(data)), "access.log")
    source = PartSource("access.log", member)
    assert sum(map(len, source.blocks())) <= min(told, len(ACCESS))
    assert source.problem is not None
    assert problem in source.problem


def test_damaged_bytes_are_told_and_those_before_stand():
    noise = bytes(random.Random(1).randbytes(900_000))
    whole = zipped({"a.log": noise}, zipfile.ZIP_STORED).getvalue()
    data = bytearray(whole)
    data[800_000] ^= 1
    source = PartSource("a.log", opened_member(io.BytesIO(bytes(data)), "a.log"))
    assert sum(map(len, source.blocks())) == 900_000
    assert source.problem == ("The part could not be read to its end: its checksum is wrong: the archive is damaged.")
    packed = bytearray(zipped({"a.log": ACCESS * 400}).getvalue())
    packed[200:260] = b"\xff" * 60
    source = PartSource("a.log", opened_member(io.BytesIO(bytes(packed)), "a.log"))
    list(source.blocks())
    assert source.problem and ("damaged" in source.problem or "shorter" in source.problem)


def test_a_bomb_is_stopped_by_its_ratio():
    file = zipped({"a.log": b"\0" * 200_000_000})
    source = PartSource("a.log", opened_member(file, "a.log"))
    assert sum(map(len, source.blocks())) <= 100_000_000
    assert source.problem and "500:1" in source.problem
    packed = tarred({"a.log": b"\0" * 200_000_000}, "w:gz")
    assert (
        sum(map(len, PartSource("a", opened_member(packed, "a.log") if listed(packed).members else packed).blocks()))
        < 100_000_000
    )


def test_members_that_share_their_bytes_are_refused():
    data = bytearray(zipped({"a.log": ACCESS, "b.log": ACCESS}).getvalue())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = struct.pack("<L", 0)
    assert set(refused(io.BytesIO(bytes(data))).values()) == {"shares its bytes with another file"}


def test_a_million_members_are_cut_off_with_a_sentence():
    file = zipped({f"{n}.log": b"" for n in range(MEMBERS + 50)}, zipfile.ZIP_STORED)
    found = listed(file)
    assert len(found.members) == MEMBERS
    assert found.problem == "The archive holds more than 20,000 files; the rest was left out."


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_an_archive_that_is_cut_off_says_so(share):
    files = {f"{n}.log": random.Random(n).randbytes(9_000) for n in range(30)}
    for whole in (zipped(files), tarred(files), tarred(files, "w:gz")):
        data = whole.getvalue()
        found = listed(io.BytesIO(data[: int(len(data) * share)]))
        assert found.problem or share == 0.99


def test_a_zip_of_the_large_kind_is_read():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("access.log", "w", force_zip64=True) as member:
        member.write(ACCESS)
    assert opened_member(file, "access.log").read() == ACCESS
    large = io.BytesIO()
    with zipfile.ZipFile(large, "w") as archive:
        for n in range(65_600):
            archive.writestr(f"{n}.txt", b"")
    assert len(listed(large).members) == MEMBERS


def test_a_zip_that_was_written_as_a_stream_is_read():
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.data += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(cast(BinaryIO, pipe), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("access.log", ACCESS)
        archive.writestr("b/junit.xml", JUNIT)
    file = io.BytesIO(bytes(pipe.data))
    assert opened_member(file, "b/junit.xml").read() == JUNIT
    shifted = io.BytesIO(b"#!/bin/sh\n" + bytes(pipe.data))  # a self-extracting archive's directory is off by its head
    shifted.seek(0)
    assert [each.name for each in listed(io.BytesIO(pipe.data)).members] == ["access.log", "b/junit.xml"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_all_ways_of_compression_give_the_same_bytes(method):
    assert opened_member(zipped({"access.log": ACCESS * 2_000}, method), "access.log").read() == ACCESS * 2_000


def test_a_way_of_compression_that_is_not_read_is_said():
    assert refused(zipped({"a.log": ACCESS}, zipfile.ZIP_LZMA)) == {
        "a.log": "is compressed in a way (number 14) that is not read"
    }


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_and_foreign_names_of_a_tar_are_read(format):
    long = "/".join(["folder"] * 40) + "/übergröße.log"
    file = tarred({long: ACCESS, "b.log": ACCESS + b"\n"}, format=format)
    assert opened_member(file, long).read() == ACCESS
    assert [each.name for each in members(file)] == [long, "b.log"]


def test_a_single_compressed_file_is_no_archive():
    assert kind_of(io.BytesIO(gzip.compress(ACCESS))) == ""
    assert kind_of(io.BytesIO(zstandard.compress(ACCESS))) == ""
    assert kind_of(io.BytesIO(ACCESS)) == kind_of(io.BytesIO(b"")) == kind_of(io.BytesIO(b"\0" * 2_000)) == ""
    assert kind_of(io.BytesIO(zstandard.compress(tarred({"a": b"b"}).getvalue()))) == "tar-packed"


def test_archives_in_an_archive_are_opened_one_level_deep():
    deep = zipped({"inner.zip": zipped({"deepest.log": ACCESS}).getvalue(), "access.log": ACCESS}).getvalue()
    file = zipped({"results/logs.zip": deep, "results/logs.tgz": tarred({"error.log": ACCESS}, "w:gz").getvalue()})
    assert names(file) == ["results/logs.tgz!/error.log", "results/logs.zip!/access.log"]
    assert opened_member(file, "results/logs.zip!/access.log").read() == ACCESS
    assert "1 file that is an archive more than one level deep" in chosen(file, "a.zip").left_out


def test_the_lines_of_a_github_job_are_read_once():
    steps = {
        "build (3.11)/1_Set up job.txt": b"x",
        "build (3.11)/3_Run tests.txt": ACCESS,
        "build (3.11)/system.txt": b"y",
    }
    whole = {"0_build (3.11).txt": ACCESS + ACCESS, "10_lint.txt": ACCESS + b"\n", "2_docs.txt": ACCESS[:-1]}
    file = zipped(steps | whole)
    assert names(file) == ["0_build (3.11).txt", "2_docs.txt", "10_lint.txt"]
    assert "3 files that hold the same lines as the file of its whole job" in chosen(file, "logs.zip").left_out
    assert names(zipped(steps)) == ["build (3.11)/3_Run tests.txt"]


def test_the_same_file_twice_is_read_once():
    assert names(zipped({"log/a.log": ACCESS, "log/temp_a.log": ACCESS})) == ["log/a.log"]


def test_pictures_pages_and_foreign_files_are_left_out():
    file = zipped({
        "a.png": b"\x89PNG", "report/index.html": b"<html>", "node_modules/x/y.log": ACCESS, "__MACOSX/._a.log": ACCESS,
        "data.json": b'[1, 2]', "notes": b"nothing to see", "core": b"\x7fELF" + bytes(500), "access": ACCESS,
    })  # fmt: skip
    assert names(file) == ["access"]


def test_a_journals_own_file_is_left_to_its_program():
    assert names(zipped({"system.journal": b"LPKSHHRH" + bytes(3_000)})) == ["system.journal"]


def test_an_archive_with_nothing_to_read_says_so():
    assert chosen(zipped({"a.png": b"\x89PNG"}), "a.zip").problem == "Nothing in the archive is a log or a report."
    assert chosen(zipped({}), "a.zip").problem == "Nothing in the archive is a log or a report."


def test_a_whole_artifact_gives_both_sides():
    with (FORMATS / "archive/artifact.zip").open("rb") as file:
        found = {}
        for name in names(file):
            source = PartSource(name, opened_member(file, name))
            found[name] = detect(source).format.NAME, list(read(source, None, CONTEXT))
    assert {name: format for name, (format, _) in found.items()} == {
        "current": "access-log",
        "logs/access.log.1.gz": "access-log",
        "logs/error.log": "gunicorn-error",
        "reports/junit.xml": "junit-xml",
        "reports/report.jsonl": "pytest-reportlog",
    }
    assert sum(isinstance(each, Entry) for each in found["logs/error.log"][1]) > 100
    assert sum(isinstance(each, TestResult) for each in found["reports/report.jsonl"][1]) == 19


def test_nothing_is_written_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = zipped({"../../escaped.log": ACCESS, "a/b.log": ACCESS, "c.zip": zipped({"d.log": ACCESS}).getvalue()})
    for name in names(file):
        opened_member(file, name).read()
    assert not list(Path(tmp_path).rglob("*"))


@pytest.mark.parametrize("make", [zipped, tarred, lambda files: tarred(files, "w:gz")])
@given(data=st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_broken_archives_never_raise_anything_but_a_sentence(make, data):
    inner = zipped({"b.log": ACCESS, "trace.trace": b"{}"}).getvalue()
    content = bytearray(make({"a.log": ACCESS, "x/b.zip": inner, "u-result.json": b'{"uuid":1}'}).getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=12))
        content += b"" if content else b"x"
    file = io.BytesIO(bytes(content))
    found = chosen(file, "a")
    for piece in found.pieces:
        try:
            source = PartSource(piece.member, opened_member(file, piece.member))
        except Damaged:
            continue
        assert sum(map(len, source.blocks())) < 1 << 20

"""Corpus files as misfortune and malice leave them: cut, spliced, doubled, shuffled, flipped. Drawn by Hypothesis."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO

from hypothesis import strategies as st

from ingest.formats.archive import kind_of
from ingest.formats.detect import detect
from ingest.formats.registry import FORMATS
from tests.formats.corpus import cases
from tests.fuzz.promises import part

LONGEST = 6_000  # bytes of a file that is mutated: small files find as much, and sooner
STRANGE = (b"\0", b"\xff\xfe", b"\xc3", b"\x1b[31m", b"\x1b]0;", b"\r", b"\n\n", b"\xe2\x80\xa8", b"\x1e", b"\\u0000")
STRANGER = (b"\\ud800", b'{"a":' * 30, b"&#0;", b"9" * 40, b"]]>", b"1e400", b"<!DOCTYPE a>", b"-- Boot ")

Mutation = Callable[[bytes, bytes, st.DataObject], bytes]


@cache
def samples() -> dict[str, list[bytes]]:
    """Beginnings of corpus files, by the name of the format that reads them; each format's own samples too."""
    found: dict[str, list[bytes]] = {each.NAME: [sample.encode() for sample in each.SAMPLES] for each in FORMATS}
    for _, path in cases():
        with path.open("rb") as file:
            content = file.read(LONGEST)
        chosen = detect(part(content, path.name)).format
        if chosen is not None:
            found[chosen.NAME].append(content)
    return found


@cache
def archives() -> list[bytes]:
    """Those of the corpus that are small."""
    contents = [path.read_bytes() for _, path in cases() if path.stat().st_size < 200_000]
    return [content for content in contents if kind_of(BytesIO(content))]


def _at(content: bytes, data: st.DataObject) -> int:
    return data.draw(st.integers(0, len(content)))


def cut(content: bytes, other: bytes, data: st.DataObject) -> bytes:
    return content[_at(content, data) :][: _at(content, data)]


def spliced(content: bytes, other: bytes, data: st.DataObject) -> bytes:
    return content[: _at(content, data)] + other[_at(other, data) :]


def doubled(content: bytes, other: bytes, data: st.DataObject) -> bytes:
    first, last = sorted((_at(content, data), _at(content, data)))
    return content[:last] + content[first:]


def flipped(content: bytes, other: bytes, data: st.DataObject) -> bytes:
    changed = bytearray(content)
    for at in data.draw(st.lists(st.integers(0, max(0, len(content) - 1)), max_size=12)):
        if at < len(changed):
            changed[at] = data.draw(st.integers(0, 255))
    return bytes(changed)


def strewn(content: bytes, other: bytes, data: st.DataObject) -> bytes:
    """With what breaks parsers put in anywhere."""
    for what in data.draw(st.lists(st.sampled_from(STRANGE + STRANGER) | st.binary(max_size=8), max_size=6)):
        at = _at(content, data)
        content = content[:at] + what + content[at:]
    return content


def shuffled(content: bytes, other: bytes, data: st.DataObject) -> bytes:
    lines = content.split(b"\n")[:60]
    return b"\n".join(data.draw(st.permutations(lines)))


def interleaved(content: bytes, other: bytes, data: st.DataObject) -> bytes:
    """As two writers into one file leave it."""
    one, two = content.split(b"\n"), other.split(b"\n")
    step = data.draw(st.integers(1, 5))
    return b"\n".join(line for at in range(0, len(one), step) for line in (*one[at : at + step], *two[at : at + step]))


def dedented(content: bytes, other: bytes, data: st.DataObject) -> bytes:
    """With so many bytes taken off, or blanks put, before every line."""
    count = data.draw(st.integers(-6, 30))
    return b"\n".join(line[count:] if count > 0 else b" " * -count + line for line in content.split(b"\n"))


MUTATIONS: tuple[Mutation, ...] = (cut, spliced, doubled, flipped, strewn, shuffled, interleaved, dedented)


def mutated(data: st.DataObject, name: str) -> bytes:
    """A file of the format of that name, one to three misfortunes later."""
    known = samples()
    content = data.draw(st.sampled_from(known[name]))
    for change in data.draw(st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=3)):
        other = data.draw(st.sampled_from(known[data.draw(st.sampled_from(sorted(known)))]))
        content = change(content, other, data)[: 3 * LONGEST]
    return content

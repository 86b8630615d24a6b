"""The bytes of a JUnit document as XML can hold them: runners put raw terminal colours and broken text into theirs.

Escapes become what pytest makes of them (`#x1B`), so that they are taken out with the colours; nothing else is changed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

DECLARED = re.compile(rb"<\?xml[^>]{0,200}encoding\s{0,5}=\s{0,5}[\"']([\w.-]{1,40})[\"']")
UTF8 = (b"", b"utf-8", b"utf8", b"us-ascii", b"ascii")
# a raw control character                     &#27;  &#x1b;  &#0;    must not: &#10;  &#x9;  &#127;
CONTROL = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:x0{0,6}(?:[0-8bBcCeEfF]|1[0-9a-fA-F])|0{0,6}(?:[0-8]|1[124-9]|2\d|3[01]));"
)
# the two that no XML may hold although they are text, and halves of pairs, as UTF-8 would write them
FORBIDDEN = re.compile(b"\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")
REFERENCE = 14  # bytes of the longest reference above


def cleaned(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same blocks where the document is UTF-8: without what is no XML, and without space before the declaration."""
    first = b""
    for block in blocks:
        first = (first + block).removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
        if first:
            break
    declared = DECLARED.match(first[:400])
    if first[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<"):
        yield first
        yield from blocks
        return
    utf8 = (declared[1].lower() if declared else b"") in UTF8
    decoder = codecs.getincrementaldecoder("utf-8")("replace") if utf8 else None
    held = b""
    for block in _first(first, blocks):
        data = held + (decoder.decode(block).encode("utf-8", "replace") if decoder is not None else block)
        at = data.rfind(b"&", max(0, len(data) - REFERENCE))
        held = data[at:] if at >= 0 and b";" not in data[at:] else b""
        yield _clean(data[: len(data) - len(held)], utf8)
    yield _clean(held, utf8)


def _first(first: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from blocks


def _clean(data: bytes, utf8: bool) -> bytes:
    if CONTROL.search(data):
        data = CONTROL.sub(_shown, data)
    return FORBIDDEN.sub(b"?", data) if utf8 and (b"\xef\xbf" in data or b"\xed" in data) else data


def _shown(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if len(text) == 1:
        code = text[0]
    else:
        digits = text[2:-1]
        code = int(digits[1:], 16) if digits[:1] == b"x" else int(digits)
    return b"#x%02X" % code

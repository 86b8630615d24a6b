"""Which format a part is of: its content decides, every format is asked, and the answer carries its reason.

The slot that a part was sent in is a hint for formats that both sides may have, such as plain Python log lines; where
the content is plainly the other side's, the content wins and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ingest.formats import ansi
from ingest.formats.base import HEAD_BYTES, Format, Head, Recognition, Source
from ingest.formats.decompress import GZIP_MAGIC, ZSTD_MAGIC, archive_name
from ingest.formats.registry import FORMATS
from ingest.formats.wrapping.unwrap import unwrapped, wrappers_of
from triage.core.records import Side

LEAST = 0.02  # a score under this is chance
# Plain log lines, which an application and a test write alike: only among these does the slot decide.
EITHER_SIDE = ("loguru", "python-log", "python-logging", "json-app", "plain")
LEAST_IN_SLOT = 0.2
SURE = 0.99  # plain lines that only one side writes score this: the slot is then not asked
CONTROL_SHARE = 0.1  # of bytes that no text has

MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program (ELF)"),
    (b"MZ\x90", "a Windows program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"OggS", "an audio or video file"),
    (b"\x00\x00\x00\x18ftyp", "a video"),
    (b"\x1a\x45\xdf\xa3", "a video"),
)
CONTROL = bytes(b for b in range(32) if b not in b"\t\n\r\x1b\x0c\x08") + b"\x7f"
SUPPORTED = (
    "Lineup reads, of the tests, pytest's terminal output and log files, unittest's output, JUnit XML, reportlog, "
    "pytest-json-report, CTRF, Allure results and Python logs; of the server, journalctl in every mode, syslog, "
    "gunicorn, uvicorn, hypercorn, granian, uWSGI, waitress, Apache, daphne, Flask, Django, Celery, nginx, puma, "
    "unicorn, PHP-FPM, other access logs and application logs; all also in a CI's console log and as Docker, "
    "Kubernetes and PM2 show them."
)
SHORT_OF_SURE = 0.2  # with no better claim on its beginning, a part is looked at further on as well
SAMPLED_MIB = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)  # where
SAMPLE = 65_536  # bytes looked at in each place
SESSION = b" test session starts ="  # where a long console log becomes one of a test run


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """What a part is, or why it cannot be read."""

    format: Format | None = None
    side: Side | None = None
    score: float = 0.0  # 0 to 1
    reason: str = ""
    problem: str = ""  # a sentence for the status page; "" where it can be read without loss


class Sided(msgspec.Struct, frozen=True):
    """Which side a part is used as."""

    side: Side | None
    remark: str = ""  # said where that is not the side it was sent as


def detect(source: Source, slot: Side | None = None, formats: Sequence[Format] = FORMATS) -> Detection:
    """Looks at the beginning of a part, without what a CI or a container runtime puts before each line, and where that
    tells too little, at places further on. Never raises on content.
    """
    head = source.head()
    cut_short = source.problem or ""
    if not head.data:
        return Detection(problem=cut_short or "The file is empty.")
    if head.data.startswith((GZIP_MAGIC, ZSTD_MAGIC)):
        return Detection(problem="The file was compressed twice; unpack it once and send it again.")
    known = _not_text(head)
    if known:
        return Detection(problem=f"This is {known}, not a log or a report. {SUPPORTED}")
    inner = unwrapped(source)
    found = judged(head if inner is source else inner.head(), slot, formats)
    if found.score < SHORT_OF_SURE and len(head.data) >= HEAD_BYTES:
        found = max([found, *(judged(later, slot, formats) for later in further_on(inner))], key=_how_sure)
    if found.format is None:
        return Detection(problem=_unknown(head, cut_short))
    around = " in ".join(each.TITLE for each in reversed(wrappers_of(inner)))
    return msgspec.structs.replace(found, reason=f"Inside {around}: {found.reason}") if around else found


def judged(head: Head, slot: Side | None = None, formats: Sequence[Format] = FORMATS) -> Detection:
    """What these lines are; a Detection without a format where none fits."""
    claims = [(each, each.recognises(head)) for each in formats]
    fitting = [(each, claim) for each, claim in claims if claim is not None and claim.score >= LEAST]
    if not fitting:
        return Detection()
    best = _detection(max(fitting, key=_score))
    if slot is None or best.side is slot or not may_be_either(best):
        return best
    in_slot = [claim for claim in fitting if claim[0].SIDE is slot and claim[1].score >= LEAST_IN_SLOT]
    return _detection(max(in_slot, key=_score)) if in_slot else best


def further_on(source: Source) -> Iterator[Head]:
    """Samples from behind the beginning: at a few places, and where pytest's first line stands."""
    passed, places = 0, list(reversed(SAMPLED_MIB))
    searching = True
    for block in source.blocks():
        start = -1
        if searching and passed + len(block) > HEAD_BYTES and (start := block.find(SESSION)) >= 0:
            searching = False
            start = max(0, block.rfind(b"\n", 0, start))
        elif places and passed + len(block) > places[-1] << 20:
            while places and passed + len(block) > places[-1] << 20:
                places.pop()
            start = 0
        if start >= 0:
            whole = block[start : start + SAMPLE].split(b"\n")[1:-1]
            text = b"\n".join(whole).decode("utf-8", "replace").replace("\0", "\u2400")
            yield Head(source.name, text.encode(), tuple(ansi.strip(line.rstrip("\r")) for line in text.split("\n")))
        passed += len(block)
        if not places:
            return


def may_be_either(detection: Detection) -> bool:
    """Whether these are plain log lines, of which only their place says which side wrote them."""
    return detection.format is not None and detection.format.NAME in EITHER_SIDE and detection.score < SURE


def _detection(claim: tuple[Format, Recognition]) -> Detection:
    found, recognition = claim
    return Detection(format=found, side=found.SIDE, score=min(1.0, recognition.score), reason=recognition.reason)


def _how_sure(detection: Detection) -> float:
    return detection.score


def _score(claim: tuple[Format, Recognition]) -> float:
    return claim[1].score


def resolve(slot_side: Side | None, detection: Detection) -> Sided:
    """The side that a part is used as: what its content is; where it was sent as the other, that is said."""
    if detection.format is None or detection.side is None:
        return Sided(slot_side)
    if slot_side is None or detection.side is slot_side:
        return Sided(detection.side)
    names = {Side.TESTS: "test output", Side.SERVER: "a server log"}
    return Sided(
        detection.side,
        f"It was sent as {slot_side.value}, but it is {names[detection.side]} ({detection.format.TITLE}); "
        "it is used as that.",
    )


def _not_text(head: Head) -> str | None:
    data = head.data
    archive = archive_name(data)
    if archive:
        return f"{archive}; send the files in it one by one, plain or compressed with gzip or zstd"
    for magic, name in MAGIC:
        if data.startswith(magic):
            return name
    if data.startswith(b"LPKSHHRH"):
        return "a journal's own binary file; send what `journalctl --file NAME -o export` prints of it"
    start = data[:512].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page, perhaps a sign-in page that was saved in place of the log"
    return None


def _unknown(head: Head, cut_short: str) -> str:
    data = head.data[:65_536]
    if cut_short:
        return f"{cut_short} No known format fits what could be read."
    controls = len(data) - len(data.translate(None, CONTROL))
    if controls > CONTROL_SHARE * len(data) or data.decode("utf-8", "replace").count("\ufffd") * 5 > len(data):
        return f"This is binary data, not text. {SUPPORTED}"
    if not head.data.strip():
        return "The file holds nothing but blank lines."
    if not head.lines:
        return f"Its first line alone is longer than {len(head.data) >> 10} KiB, and no known format has such lines."
    return f"No known format fits: no line has a time, a request or a test result that Lineup can read. {SUPPORTED}"

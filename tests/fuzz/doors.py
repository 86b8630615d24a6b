"""The doors through which bytes from outside come in, each as a function that says which promises the bytes break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO

from ingest.formats import ansi, stamps
from ingest.formats.archive import Damaged, chosen, kind_of, opened_member
from ingest.formats.detect import detect
from ingest.formats.line_format.custom import compiled
from ingest.formats.line_format.record import BadPattern, Kind, LineFormat
from ingest.formats.messages.registry import GRAMMARS
from ingest.formats.messages.understand import understand
from ingest.formats.pieces import cut, laid_out
from ingest.formats.read import read
from ingest.formats.registry import FORMATS
from ingest.formats.source import PartSource
from ingest.formats.wrapping.unwrap import unwrapped
from ingest.redaction.redactor import Redactor
from tests.formats.corpus import cases
from tests.fuzz.promises import CONTEXT, broken, part, wrong_in
from triage.core.records import Entry, Side, Unparsed, instant

Door = Callable[[bytes], list[str]]


def recognised(content: bytes) -> list[str]:
    """Detection, then the format that it chose."""
    detection = detect(part(content))
    if detection.format is None:
        return [] if detection.problem else ["detection says nothing"]
    if not detection.reason or not 0 < detection.score <= 1:
        return ["detection without a reason"]
    return broken(detection.format, content)


def understood(content: bytes) -> list[str]:
    """Each line as a message, through all grammars and through each."""
    for line in content.decode("utf-8", "replace").split("\n"):
        understand(line)
        for grammar in GRAMMARS:
            if not grammar.STARTS or line[:1] in grammar.STARTS:
                grammar.understand(line)
    return []


def timed(content: bytes) -> list[str]:
    """Each line through every reader of times."""
    calendar = stamps.Calendar(CONTEXT.reference_us)
    readers = (stamps.iso, stamps.slashed, stamps.clf, stamps.asctime, stamps.clock, stamps.epoch, calendar.syslog)
    for line in content.decode("utf-8", "replace").split("\n"):
        text = ansi.strip(line)
        for reader in readers:
            read = reader(text, 0)
            if read is None:
                continue
            if not 0 < read[1] <= len(text):
                return ["a time ends outside its text"]
            try:
                instant(read[0].us)
            except OverflowError:
                return ["a time outside the years that there are"]
    return []


def in_pieces(content: bytes) -> list[str]:
    """A file of several logs: each of its lines in one piece or outside, each piece read."""
    source = part(content)
    layout = laid_out(source)
    taken: set[int] = set()
    for piece in layout.pieces:
        stretch = cut(source, piece)
        numbers = {number for number, _ in stretch.lines()}
        if taken & numbers:
            return ["a line is in several pieces"]
        taken |= numbers
        detection = detect(stretch)
        if detection.format is None:
            continue
        for record in read(stretch, detection.format, CONTEXT):
            if isinstance(record, Entry | Unparsed) and record.line not in numbers:
                return [f"a record of {piece} lies outside of it"]
    # A CI's stamp alone is a blank line.
    outside = sum(1 for number, text in unwrapped(source).lines() if text.strip() and number not in taken)
    return ["lines outside are not counted"] if layout.split and outside != layout.outside else []


def unpacked(content: bytes) -> list[str]:
    """An archive, if that is one: what is chosen of it can be opened and recognised."""
    file = BytesIO(content)
    if not kind_of(file):
        return []
    for piece in chosen(file, "all.zip").pieces:
        try:
            detect(PartSource(piece.member, opened_member(file, piece.member)))
        except Damaged:
            continue
    return []


def redacted(content: bytes) -> list[str]:
    """Texts and records come out without secrets, the same in number, and go in again unchanged."""
    text = content.decode("utf-8", "replace")
    redactor = Redactor(b"key of a project")
    once = redactor.text(text)
    said = [] if redactor.text(once) == once else ["what was redacted is redacted again"]
    detection = detect(part(content))
    if detection.format is None:
        return said
    records = list(read(part(content), detection.format, CONTEXT))
    clean = list(redactor.records(records))
    if [type(each) for each in clean] != [type(each) for each in records]:
        said.append("redaction adds or drops records")
    return said + [wrong for record in clean for wrong in wrong_in(record)]


def described(content: bytes) -> list[str]:
    """A line format of a team's own: its pattern in the first line, its log behind."""
    first, _, rest = content.partition(b"\n")
    pattern = first.decode("utf-8", "replace")
    kind = Kind.REGEX if "(" in pattern else Kind.TEMPLATE
    said: list[str] = []
    for side in Side:
        try:
            own = compiled(LineFormat(name="own", pattern=pattern, side=side, kind=kind))
        except BadPattern as error:
            if not error.sentence:
                said.append("a pattern is refused without a reason")
        else:
            said += broken(own, rest)
    return said


OWN_PATTERNS = (
    b"{time} [{pid}] {level} {message}",
    b"{time:%d/%b/%Y %H:%M:%S} {host} {method} {path} {status} {duration_ms}",
    rb"(?P<time>\S+ \S+) (?P<level>\w+) \[(?P<pid>\d+)\] (?P<message>.*)",
)

DOORS: tuple[tuple[str, Door], ...] = (
    ("detect", recognised),
    ("understand", understood),
    ("stamps", timed),
    ("pieces", in_pieces),
    ("archive", unpacked),
    ("redaction", redacted),
    ("line format", described),
    *((each.NAME, partial(broken, each)) for each in FORMATS),
)


def seeds(longest: int) -> Iterator[bytes]:
    """The corpus, each file for its own door and for detection's, and every format's samples."""
    number = {name: at for at, (name, _) in enumerate(DOORS)}
    for _, path in cases():
        content = path.read_bytes()
        found = detect(part(content)).format
        for door in ("pieces", "archive", "redaction"):
            yield bytes([number[door]]) + content[:longest]
        for at, pattern in enumerate(OWN_PATTERNS):
            if len(content) % len(OWN_PATTERNS) == at:
                yield bytes([number["line format"]]) + pattern + b"\n" + content[:1_000]
        for length in (longest, 1_000, 200):
            yield bytes([number["detect"]]) + content[:length]
            if found is not None:
                yield bytes([number[found.NAME]]) + content[:length]
    for each in FORMATS:
        for sample in each.SAMPLES:
            yield bytes([number[each.NAME]]) + sample.encode()[:longest]
            yield bytes([number["understand"]]) + sample.encode()[:longest]
            yield bytes([number["stamps"]]) + sample.encode()[:longest]

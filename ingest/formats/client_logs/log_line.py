"""One line that a Python logger wrote, taken apart: stamp, level, logger, process, message.

Log formats are free, so the columns are recognised by what they are, from the left, until something is plain message.
What only the whole file can tell (is the word after the level a logger or the message?) is learned from lines whose
logger is known: urllib3, httpx and httpcore name themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from ingest.formats import stamps
from triage.core.records import Stamp

COLUMNS = 12  # at most so many columns before the message
LEVELS = {
    "TRACE": "debug",
    "DEBUG": "debug",
    "NOTSET": "debug",
    "INFO": "info",
    "NOTICE": "info",
    "SUCCESS": "info",
    "WARNING": "warning",
    "WARN": "warning",
    "ERROR": "error",
    "EXCEPTION": "error",
    "CRITICAL": "critical",
    "FATAL": "critical",
}
_NAMES = "|".join(LEVELS)
# INFO    [INFO]    (INFO)    INFO:    [info     ]      must not: INFORMATION, Error
LEVEL = re.compile(
    rf"(?:[\[(<](?P<boxed>(?i:{_NAMES}))[ ]{{0,10}}[\])>]|(?P<plain>{_NAMES})(?![\w.]))(?:[ ]{{0,10}}:(?!\S))?"
)
# cars:conftest.py:4      urllib3.connectionpool:connectionpool.py:550
PLACED = re.compile(r"(?P<name>[^\s:|\[\]]{1,200}):(?P<file>[^\s:/|]{1,200}):(?P<line>\d{1,7})(?=\s|$)")
LOCATION = re.compile(
    r"[\[({]?[\w./<>-]{1,200}\.py(?::|, line | )\d{1,7}(?::\w{1,80}(?:\(\))?)?[\])}]?(?=[\s:|]|$)"
)  # [test_cars.py:13]
NAME = re.compile(r"[A-Za-z_][\w.<>-]{0,199}")
BOXED_NAME = re.compile(r"[\[(](?P<name>[A-Za-z_][\w.<>-]{0,199})[\])]")
PID = re.compile(r"(?:\[|\(|<)?(?:(?:pid|process|PID)[=: ]{1,2})?(?P<pid>\d{1,10})(?:\]|\)|>)?(?=[\s:|-]|$)")
BOXED_PID = re.compile(
    r"(?:[\[(<](?:(?:pid|process|PID)[=: ]{1,2})?(?P<boxed>\d{1,10})[\])>]|(?:pid|PID)=(?P<named>\d{1,10}))"
    r"(?=[\s:|-]|$)"
)
# MainThread    [Thread-3]    (MainProcess)    [gw0]
THREAD = re.compile(
    r"[\[(]?(?:(?P<worker>gw\d{1,4}|master)|Main(?:Thread|Process)|Thread-\d{1,6}(?: \(\w{1,80}\))?|"
    r"ThreadPoolExecutor-\d{1,6}_\d{1,6}|ForkPoolWorker-\d{1,6}|Dummy-\d{1,6})[\])]?(?=[\s:|]|$)"
)
# MainProcess(27936)      SpawnProcess-2(27940)
PROCESS = re.compile(r"(?:Main|Spawn|Fork)?(?:Process|PoolWorker)(?:-\d{1,6})?\((?P<pid>\d{1,10})\)(?=[\s:|]|$)")
# connectionpool 27937 139739038514048: module, process and thread, as Django's own documentation orders them
MODULE_PROCESS_THREAD = re.compile(r"(?P<name>[A-Za-z_][\w.]{0,199}) (?P<pid>\d{1,10}) \d{12,18}(?= |$)")
# 28091 INFO cars setup base: a process before anything else
PROCESS_FIRST = re.compile(rf"(?P<pid>\d{{2,10}})[ |:-]{{1,5}}(?=(?:{_NAMES})(?![\w.]))")
# [info     ] answer 201                     [cars.client] process=28019: structlog's console, the logger last
PADDED_LEVEL = re.compile(r"\[(?:debug|info|warning|error|critical) {0,8}\]")
LAST_LOGGER = re.compile(r"\[(?P<name>[A-Za-z_][\w.]{0,199})\](?P<pairs>(?: [\w.-]{1,60}=.{0,4000})?)$")
PAIRED_PID = re.compile(r" (?:process|pid)=(?P<pid>\d{1,10})(?= |$)")
BASIC = re.compile(rf"(?P<level>{_NAMES}):(?P<name>[^\s:]{{1,200}}):")  # logging.basicConfig: INFO:cars:setup base
# INFO     cars:conftest.py:4 setup base: pytest's own format, in which nothing but the message follows the place
DEFAULT = re.compile(rf"({_NAMES}) {{1,9}}([^\s:|\[\]]{{1,200}}):[^\s:/|]{{1,200}}:\d{{1,7}}(?:\s|$)")
LEVEL_STARTS = frozenset("TDNISWEFC")  # of the names in LEVELS
BOXES = frozenset("[(<")
STAMP_STARTS = frozenset("[(MTWFS")  # a box, or a weekday
THREAD_STARTS = frozenset("[(gmMTFDSP")
GAPS = frozenset(" \t|:->")
GAP = re.compile(r"(?:[ \t]|[|:](?=[ \t]|$)|-{1,2}(?=[ \t]|$)|>(?=[ \t]))*")
LIBRARY_LOGGERS = re.compile(
    r"(?:urllib3\.connectionpool|urllib3\.util\.retry|httpx|httpcore\.\w{1,20}|requests|werkzeug|asyncio)(?![\w.])"
)


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """The columns of one log line."""

    message: str
    stamp: Stamp | None = None
    level: str = ""  # lower case; "" where the line has none
    logger: str = ""
    pid: int | None = None
    worker: str = ""


class Shape(msgspec.Struct, frozen=True, gc=False):
    """What the lines of one log have in common and a single line does not tell."""

    logger_after: str = ""  # what follows the logger that stands after the level: " ", ":", "" for no such column
    pid_after_level: bool = False


PLAIN = Shape()
_UNNAMED = Shape(logger_after="?")  # leaves what may be a logger in the message
MILLI = 1000  # microseconds


def learn(lines: Iterable[str]) -> Shape:
    """The shape of a log from some of its lines."""
    after: Counter[str] = Counter()
    numbers = levels = 0
    for text in lines:
        head = read(text, _UNNAMED)
        if head is None or not head.level:
            continue
        rest = head.message
        levels += 1
        if (pid := PID.match(rest)) and pid["pid"] == pid[0] and len(pid["pid"]) > 2:
            numbers += 1
            rest = rest[pid.end() :].lstrip(" |-:")
        if found := LIBRARY_LOGGERS.match(rest):
            after[":" if rest[found.end() : found.end() + 1] == ":" else " "] += 1
    return Shape(after.most_common(1)[0][0] if after else "", levels >= 2 and numbers * 10 > levels * 9)


def read(text: str, shape: Shape = PLAIN) -> LogLine | None:
    """The columns of `text`; None where it begins with neither a time nor a level, so may continue a line before."""
    if text[:1] in LEVEL_STARTS:
        if found := DEFAULT.match(text):  # most lines of pytest's own logs
            return LogLine(text[found.end() :], None, LEVELS[found[1]], found[2])
        if found := BASIC.match(text):
            return LogLine(text[found.end() :], None, LEVELS[found["level"]], found["name"])
    return _Columns(text, shape).read()


class _Columns:
    """The scan of one line from the left."""

    __slots__ = ("at", "level", "logger", "padded", "pid", "shape", "stamp", "text", "worker")

    def __init__(self, text: str, shape: Shape) -> None:
        self.text, self.shape, self.at = text, shape, 0
        self.stamp: Stamp | None = None
        self.level = self.logger = self.worker = ""
        self.pid: int | None = None
        self.padded = False

    def read(self) -> LogLine | None:
        text = self.text
        if text[:1].isdigit() and (found := PROCESS_FIRST.match(text)):
            self.pid, self.at = int(found["pid"]), found.end()
        for _ in range(COLUMNS):
            self._skip()
            if not self._column(text[self.at : self.at + 1]):
                break
        if self.stamp is None and not self.level:
            return None
        self._skip()
        if self.padded and not self.logger:
            return self._structlog()
        return LogLine(text[self.at :], self.stamp, self.level, self.logger, self.pid, self.worker)

    def _structlog(self) -> LogLine:
        message = self.text[self.at :]
        start = message.rfind(" [")
        found = LAST_LOGGER.match(message, start + 1) if start >= 0 else None
        if found is not None:
            paired = PAIRED_PID.search(found["pairs"])
            self.pid = int(paired["pid"]) if paired and self.pid is None else self.pid
            self.logger, message = found["name"], message[:start].rstrip() + found["pairs"]
        return LogLine(message, self.stamp, self.level, self.logger, self.pid, self.worker)

    def _column(self, first: str) -> bool:
        """Takes one column off, of the kinds that may begin with this character."""
        if first == "":
            return False
        if self.stamp is None and (first.isdigit() or first in STAMP_STARTS) and self._stamp():
            return True
        if not self.level and (first in LEVEL_STARTS or first in BOXES) and self._level():
            return True
        if self.stamp is None and not self.level:
            return False
        if first in THREAD_STARTS and self._thread():
            return True
        if self.stamp is not None and self.level and not self.logger and self.pid is None and self._module():
            return True
        return self._place() or self._pid() or self._name()

    def _skip(self) -> None:
        text, at = self.text, self.at
        if text[at : at + 1] == " " and text[at + 1 : at + 2] not in GAPS:
            self.at = at + 1  # nearly always one blank
        elif text[at : at + 1] in GAPS and (found := GAP.match(text, at)):
            self.at = found.end()

    def _stamp(self) -> bool:
        text, at = self.text, self.at
        boxed = text[at] in "[("
        at += boxed
        first = text[at : at + 1]
        if first.isdigit():
            read = stamps.iso(text, at) or stamps.clock(text, at) or stamps.slashed(text, at)
        elif first in STAMP_STARTS:
            read = stamps.asctime(text, at)
        else:
            return False
        if read is None and not boxed and (whole := stamps.epoch(text, at)) and "." in text[at : whole[1]]:
            read = whole
        if read is None:
            return False
        end = read[1]
        if boxed:
            if text[end : end + 1] not in ("]", ")"):
                return False
            end += 1
        elif text[end : end + 1] not in ("", " ", "\t", "|", ":", "-", ";", "]", ","):
            return False
        stamp = read[0]
        if stamp.tick_us < MILLI and stamp.us % MILLI == 0:
            # A logging record knows milliseconds: pytest's %f writes them with three zeros behind.
            stamp = Stamp(stamp.us, stamp.zoned, MILLI, stamp.dated)
        self.stamp, self.at = stamp, end
        return True

    def _level(self) -> bool:
        if not (found := LEVEL.match(self.text, self.at)):
            return False
        self.padded = PADDED_LEVEL.match(self.text, self.at) is not None
        self.level, self.at = LEVELS[(found["boxed"] or found["plain"]).upper()], found.end()
        return True

    def _thread(self) -> bool:
        if self.pid is None and (found := PROCESS.match(self.text, self.at)):
            self.pid, self.at = int(found["pid"]), found.end()
            return True
        if not (found := THREAD.match(self.text, self.at)):
            return False
        worker = found["worker"] or ""
        self.worker, self.at = self.worker or ("" if worker == "master" else worker), found.end()
        return True

    def _module(self) -> bool:
        if not (found := MODULE_PROCESS_THREAD.match(self.text, self.at)):
            return False
        self.logger, self.pid, self.at = found["name"], int(found["pid"]), found.end()
        return True

    def _place(self) -> bool:
        if not self.logger and (found := PLACED.match(self.text, self.at)):
            self.logger, self.at = found["name"], found.end()
            return True
        if ".py" in self.text[self.at : self.at + 210] and (found := LOCATION.match(self.text, self.at)):
            self.at = found.end()
            return True
        return False

    def _pid(self) -> bool:
        if self.pid is not None:
            return False
        first = self.text[self.at]
        digits, end = None, 0
        if (first in BOXES or first in "pP") and (found := BOXED_PID.match(self.text, self.at)):
            digits, end = found["boxed"] or found["named"], found.end()
        elif (not self.level or self.shape.pid_after_level) and (found := PID.match(self.text, self.at)):
            digits, end = found["pid"], found.end()
        if digits is None:
            return False
        self.pid, self.at = int(digits), end
        return True

    def _name(self) -> bool:
        """A logger's name: before the level anything that a level follows; after it only what cannot be a message."""
        if self.logger:
            return False
        if self.text[self.at] in "[(" and (found := BOXED_NAME.match(self.text, self.at)):
            if self.level and not self.shape.logger_after and "." not in found["name"]:
                return False
            self.logger, self.at = found["name"], found.end()
            return True
        if not (found := NAME.match(self.text, self.at)):
            return False
        end = found.end()
        rest = self.text[end : end + 260]
        if not self.level:
            gap = GAP.match(rest)
            after = gap.end() if gap else 0
            if not after and not rest.startswith(":"):
                return False
            if not self._level_within(rest, after):
                return False
        elif self.shape.logger_after == "?":
            return False
        elif self.shape.logger_after == ":":
            if not rest.startswith(":"):
                return False
        elif not self.shape.logger_after:
            dotted = "." in found[0] and rest.startswith((" - ", " | "))
            library = LIBRARY_LOGGERS.fullmatch(found[0]) and rest[:1] in (" ", ":")
            if not (dotted or library):
                return False
        self.logger, self.at = found[0].rstrip(":"), end
        if self.text[end : end + 1] == ":":
            self.at += 1
        return True

    def _level_within(self, rest: str, at: int) -> bool:
        """Whether a level stands at `at`, behind at most one process id, thread or place."""
        for pattern in (THREAD, LOCATION, PID):
            if found := pattern.match(rest, at):
                gap = GAP.match(rest, found.end())
                at = gap.end() if gap else found.end()
                break
        return LEVEL.match(rest, at) is not None

"""The fields that a line may have: what each means, what it looks like, and on which side it tells something."""

from __future__ import annotations

from difflib import get_close_matches

import msgspec

from ingest.formats.line_format.record import BadPattern
from triage.core.records import Side

BOTH = frozenset(Side)
SERVER = frozenset((Side.SERVER,))
TESTS = frozenset((Side.TESTS,))

WORD = r"\S+"
UNITS = ("us", "ms", "s")  # of a duration whose number stands alone
SKIPPED = "_"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One name that may stand in braces or name a group."""

    name: str
    means: str
    sides: frozenset[Side]
    looks: str = ""  # an expression; "" for text that ends where the pattern goes on
    words: bool = False  # may hold blanks where a bracket, a bar or the like ends it
    types: tuple[str, ...] = ()  # what may follow the colon


FIELDS: tuple[Field, ...] = (
    Field(
        name="time",
        means="when, in any known form; {time:%d.%m.%Y %H:%M:%S} spells it out",
        sides=BOTH,
        types=("iso", "epoch", "%Y-%m-%d %H:%M:%S,%f"),
    ),
    Field(name="level", means="DEBUG, INFO, W …", sides=BOTH, looks=r"[A-Za-z]{1,20}"),
    Field(name="message", means="what the program said; requests and life events in it are found", sides=BOTH),
    Field(name="pid", means="process id, as the process itself writes it", sides=BOTH, looks=r"\d{1,10}|-"),
    Field(name="host", means="machine", sides=SERVER),
    Field(name="unit", means="service or program", sides=SERVER, words=True),
    Field(name="method", means="GET, POST …", sides=SERVER, looks=r"[A-Za-z]{3,20}|-"),
    Field(name="path", means="/cars?page=2", sides=SERVER),
    Field(name="status", means="200, 404 …", sides=SERVER, looks=r"\d{3}|-"),
    Field(
        name="duration",
        means="how long the request took: 12ms, 0.2 s; {duration:ms} for a bare number",
        sides=SERVER,
        looks=r"\d{1,12}(?:[.,]\d{1,9})?(?: ?(?:us|µs|ms|s|sec))?|-",
        types=UNITS,
    ),
    Field(name="size", means="bytes of the answer", sides=SERVER, looks=r"\d{1,18}|-"),
    Field(name="client", means="address that asked, with or without port", sides=SERVER),
    Field(name="request_id", means="id that both logs share", sides=SERVER),
    Field(name="trace", means="trace id or traceparent", sides=SERVER),
    Field(name="thread", means="thread; shown, not used", sides=BOTH, words=True),
    Field(name="logger", means="logger", sides=TESTS, words=True),
    Field(name="test", means="node id or name of the test", sides=TESTS, words=True),
    Field(name="worker", means="pytest-xdist worker such as gw0", sides=TESTS),
    Field(name=SKIPPED, means="anything that is of no use", sides=BOTH, words=True),
)
BY_NAME = {field.name: field for field in FIELDS}
ALIASES = {
    "timestamp": "time", "asctime": "time", "date": "time", "datetime": "time", "ts": "time", "levelname": "level",
    "severity": "level", "lvl": "level", "msg": "message", "text": "message", "process": "pid", "hostname": "host",
    "service": "unit", "program": "unit", "app": "unit", "name": "logger", "uri": "path", "url": "path",
    "verb": "method", "code": "status", "elapsed": "duration", "took": "duration", "bytes": "size", "ip": "client",
    "remote_addr": "client", "threadName": "thread", "rid": "request_id", "trace_id": "trace", "traceparent": "trace",
    "skip": SKIPPED, "ignore": SKIPPED, "any": SKIPPED,
}  # fmt: skip


def named(name: str, side: Side, written: str) -> Field:
    """The field of that name on that side. Raises BadPattern, naming what was `written` and what may be meant."""
    field = BY_NAME.get(name)
    if field is None:
        close = ALIASES.get(name) or next(iter(get_close_matches(name.lower(), BY_NAME, 1, 0.6)), "")
        meant = f"perhaps you mean {close}" if close else f"there are {', '.join(on(side))}"
        raise BadPattern(f"{written} is no field that Lineup knows: {meant}.")
    if side not in field.sides:
        other = "the server's" if side is Side.TESTS else "the tests'"
        raise BadPattern(
            f"{written} is a field of {other} side only. Leave that part of the line in the message, or skip it with "
            "{_}."
        )
    return field


def on(side: Side) -> tuple[str, ...]:
    """The names that mean something on that side."""
    return tuple(field.name for field in FIELDS if side in field.sides and field.name != SKIPPED)

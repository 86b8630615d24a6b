"""What stands between a session's title and its first test: versions, plugins, what was collected, the workers."""

from __future__ import annotations

import re

Facts = tuple[tuple[str, str], ...]

_PLATFORM = re.compile(
    r"^platform (?P<platform>\S{1,40}) -- Python (?P<python>[^\s,]{1,40}),? pytest-(?P<pytest>[^\s,]{1,40})"
)
_HEADER = re.compile(r"^(?P<name>rootdir|configfile|inifile|plugins|testpaths|cachedir): ?(?P<value>.{0,4000})$")
_COLLECTED = re.compile(r"(?:^|collecting \.\.\. )collected (?P<n>\d{1,9}) items?\b")
_ITEMS = re.compile(r"^(?P<n>\d{1,5}) workers? \[(?P<items>\d{1,9}) items?\]")
_LANE = re.compile(r"^gw\d{1,5} (?:\[(?P<items>\d{1,9})\]|[A-Za-z?]{1,4})$")  # gw0 [4] / gw1 [4], until xdist 3
_CREATED = re.compile(r"^created: (?P<n>\d{1,5})/\d{1,5} workers?")
_DISTRIBUTED = re.compile(
    r"^(?:bringing up nodes\.\.\.|scheduling tests via \w{1,40}|replacing crashed worker gw\d{1,5}|initialized: \d|"
    r"ready: \d|worker gw\d{1,5} crashed|xdist: .{1,200}|"
    r"\[gw\d{1,5}\] (?:node down: |\w{1,20} Python |Python |\w{1,20} -- Python ))"
)
_NODE_DOWN = re.compile(r"^\[(?P<worker>gw\d{1,5})\] node down: (?P<why>.{1,400})")
_FILE = re.compile(r"^[^\s:]{1,1000}\.\w{1,8}: \d{1,9}$")  # tests/test_cars.py: 36
LANES = 512  # workers of one session


def facts(text: str) -> Facts | None:
    """What a header line says; None where it is none of pytest's own."""
    if found := _PLATFORM.match(text):
        return tuple((name, found[name].rstrip(",")) for name in ("platform", "python", "pytest"))
    if found := _HEADER.match(text):
        return (("configfile" if found["name"] == "inifile" else found["name"], found["value"]),)
    if found := _COLLECTED.search(text[:400]):
        return (("collected", found["n"]),)
    return None


def is_collected(facts: Facts) -> bool:
    """Whether the tests begin behind this line."""
    return any(name == "collected" for name, _ in facts)


def is_collected_file(text: str) -> bool:
    """A line of `--collect-only -qq`: a file and how many tests it has."""
    return _FILE.match(text) is not None


def is_distributed(text: str) -> bool:
    """Whether pytest-xdist wrote the line."""
    if text[:1] not in "0123456789gcbsriwx[":
        return False
    return bool(_ITEMS.match(text) or _CREATED.match(text) or _lanes(text) or _DISTRIBUTED.match(text))


def _lanes(text: str) -> list[re.Match[str]] | None:
    if not text.startswith("gw"):
        return None
    lanes = [_LANE.match(lane) for lane in text.split(" / ", LANES)]
    known = [lane for lane in lanes if lane is not None]
    return known if len(known) == len(lanes) else None


def lanes(text: str) -> Facts:
    """What a line of pytest-xdist says; () where nothing is kept of it."""
    if found := _ITEMS.match(text):
        return ("xdist_workers", found["n"]), ("collected", found["items"])
    if found := _CREATED.match(text):
        return (("xdist_workers", found["n"]),)
    if found := _NODE_DOWN.match(text):
        return (("xdist_worker_down", f"{found['worker']}: {found['why']}"),)
    if (known := _lanes(text)) and all(lane["items"] for lane in known):
        return ("xdist_workers", str(len(known))), ("collected", known[0]["items"])
    return ()

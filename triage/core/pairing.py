"""Which answer made a test fail, and which earlier write it should have shown."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import msgspec

from triage.core.case import Case, Exchange
from triage.core.failure import Failure
from triage.core.findings import TestCase
from triage.core.listeners import UPGRADED
from triage.core.paths import identifiers, is_identifier, kinship
from triage.core.verbs import SESSION_PATHS
from triage.core.words import names, shares_any, words

SESSION = SESSION_PATHS
LEAVING = ("logout", "signout", "sign-out", "log-out", "revoke", "invalidate")
SETTING = ("flag", "feature", "config", "setting", "toggle", "switch", "preference", "option", "mode", "maintenance")
FORM = ("csrf", "xsrf", "form", "nonce", "state", "captcha", "handshake", "sid", "connect", "sse", "callback")
LISTEN = (
    "/ws",
    "websocket",
    "stream",
    "feed",
    "event",
    "sse",
    "listen",
    "subscri",
    "channel",
    "notif",
    "updates",
    "poll",
)
COUNTED = ("metric", "counter", "/hits", "/stats", "statistic", "/visits")
UNHEARD = (
    "received nothing",
    "no message",
    "not receive",
    "never received",
    "nothing arrived",
    "did not arrive",
    "never arrived",
    "nothing heard",
    "heard nothing",
    "no event",
)
# matches `assert None == 'tea is ready'`, `assert [] == ['one']`, `assert 0 == 1`, `is not None`
_NOTHING = re.compile(r"assert (?:None|\[\]|\(\)|0|''|\"\") ==|is not None|assert not None|\bassert (?:\[\]|None)\b")
REPEAT = (
    "once",
    "repeat",
    "again",
    "already",
    "charged",
    "limit",
    "throttl",
    "too many",
    "duplicate",
    "unique",
    "differ",
    "distinct",
    "counter",
    "sequence",
    "increment",
    "idempot",
    "twice",
    "metrics",
    "total",
    "hits",
    "count",
    "number",
)
CALLS = ("graphql", "rpc", "soap")
_LIMITED = frozenset({423, 429})
NUMBERED = ("_id", "number", "sequence", "serial", "unique")  # in the name of a test that compares what was given out
ONCE = ("once", "twice", "repeat", "again", "duplicate", "idempot", "retry", "retries", "same_key")
_REFUSED = frozenset({302, 303, 307, 400, 401, 403, 419, 422, 440})


def pair(test: TestCase, failure: Failure, exchanges: tuple[Exchange, ...]) -> Case:
    """The case of a failing test with its read and its write, as far as they can be told."""
    special = (
        _listening(test, failure, exchanges)
        or _twice(test, failure, exchanges)
        or _never_too_many(test, failure, exchanges)
    )
    if special is not None:
        return special
    read = _disappointing(failure, exchanges)
    if read is None:
        return Case(test=test, failure=failure, exchanges=exchanges, read=None, write=None)
    repeats = _repeated(failure) or shares_any(test.test.rpartition("::")[2], (*ONCE, *NUMBERED))
    before = exchanges[: exchanges.index(read)]
    scored = [
        (found[0], order, found[1], write)
        for order, write in enumerate(before)
        if (found := _depends(write, read, failure, repeats))
    ]
    if not scored:
        return Case(test=test, failure=failure, exchanges=exchanges, read=read, write=None)
    kin, _, relation, write = max(scored, key=lambda each: (each[0], each[1]))
    if relation not in ("object", "creator"):
        # A reading of many things lacks whatever another process was told: the last such write is the telling one.
        apart = [each for each in scored if each[0] >= kin - 0.25 and _apart(each[3], read)]
        if apart:
            kin, _, relation, write = max(apart, key=lambda each: (each[1], each[0]))
    case = Case(test=test, failure=failure, exchanges=exchanges, read=read, write=write, kin=kin, relation=relation)
    return _baseline(case)


def _listening(test: TestCase, failure: Failure, exchanges: tuple[Exchange, ...]) -> Case | None:
    """A listener that waited in vain: its own request came before the write that it should have heard of."""
    socket = any(each.status == UPGRADED for each in exchanges)
    empty = socket and _NOTHING.search(failure.said) is not None
    if not (failure.waited or empty or shares_any(failure.said, UNHEARD)):
        return None
    writes = [each for each in exchanges if each.writes and each.ok]
    for listener in exchanges:
        if not listener.writes and listener.ok and (listener.status == UPGRADED or _speaks(listener, LISTEN)):
            later = [
                write
                for write in writes
                if write.when >= listener.when or exchanges.index(write) > exchanges.index(listener)
            ]
            if later:
                return Case(
                    test=test,
                    failure=failure,
                    exchanges=exchanges,
                    read=listener,
                    write=later[-1],
                    kin=0.8,
                    relation="broadcast",
                )
    return None


def _twice(test: TestCase, failure: Failure, exchanges: tuple[Exchange, ...]) -> Case | None:
    """The same request for the same thing, taken by two processes as if it were the first."""
    if not (_repeated(failure) or shares_any(test.test, ONCE) or failure.want in _LIMITED):
        return None
    spoken = Counter(word for each in exchanges for word in set(names(each.lines)))
    for first, second in combinations([each for each in exchanges if each.writes and each.ok][-20:], 2):
        if first.path != second.path or first.method != second.method or not _apart(first, second):
            continue
        in_path = _things(first)
        keys = [set(filter(is_identifier, names(each.lines))) - in_path for each in (first, second)]
        # What other requests of the test speak of as well is the thing itself, not the key of one deed.
        if any(len(key) > 7 and spoken[key] == 2 for key in keys[0] & keys[1]):
            return Case(
                test=test, failure=failure, exchanges=exchanges, read=second, write=first, kin=0.9, relation="repeat"
            )
    return None


def _never_too_many(test: TestCase, failure: Failure, exchanges: tuple[Exchange, ...]) -> Case | None:
    """Tries that were refused one by one, and should at last have been too many: each process counts for itself."""
    read = _disappointing(failure, exchanges) if failure.want in _LIMITED else None
    if read is None or read.ok or read.status in _LIMITED:
        return None
    tries = [each for each in exchanges[: exchanges.index(read)] if each.kind == read.kind and each.path == read.path]
    apart = [each for each in tries if _apart(each, read) and (each.status or 0) < 500]
    if not apart:
        return None
    return Case(test=test, failure=failure, exchanges=exchanges, read=read, write=apart[-1], kin=0.7, relation="repeat")


def _repeated(failure: Failure) -> bool:
    return 429 in failure.codes or shares_any(failure.said, REPEAT)


def _apart(write: Exchange, read: Exchange) -> bool:
    return write.process is not None and read.process is not None and write.process != read.process


def _disappointing(failure: Failure, exchanges: tuple[Exchange, ...]) -> Exchange | None:
    """The exchange whose answer the test could not accept."""
    mine = [exchange for exchange in exchanges if exchange.phase != "teardown"] or list(exchanges)
    if not mine:
        return None
    last = mine[-1]
    # A redirect to the login page is the answer; the page itself only shows it.
    if len(mine) > 1 and last.method == "GET" and _speaks(last, SESSION) and mine[-2].status in (301, 302, 303, 307):
        return mine[-2]
    # What the error names is what it is about, whatever else the log has in that place.
    named = set(filter(is_identifier, names(failure.said)))
    mine = _about(named, mine)
    last = mine[-1]
    if failure.got is not None:
        same = [exchange for exchange in mine if exchange.status == failure.got]
        if same and (failure.got >= 400 or same[-1] is last):
            return same[-1]
    told = [each for each in mine if each.status is not None and each.status >= 400 and each.status in failure.codes]
    if told:
        return told[-1]
    if failure.symptom:
        refused = [exchange for exchange in mine if exchange.status is not None and exchange.status >= 400]
        if refused:
            return refused[-1]
    return last


def _about(named: set[str], mine: list[Exchange]) -> list[Exchange]:
    """The exchanges on what is named; all of them where it was only written, and looked for in a list afterwards."""
    found = [exchange for exchange in mine if named & _things(exchange)]
    if not found:
        return mine
    last = found[-1]
    listed = last.writes and last.ok and any(not each.writes and each.ok for each in mine[mine.index(last) + 1 :])
    return mine if listed else found


def _things(exchange: Exchange) -> set[str]:
    """The names of single objects in a path."""
    return {word for name in identifiers(exchange.path or "") for word in names(name)}


def _speaks(exchange: Exchange, of: tuple[str, ...]) -> bool:
    return shares_any(exchange.path or exchange.text, of)


def _depends(write: Exchange, read: Exchange, failure: Failure, repeats: bool) -> tuple[float, str] | None:
    """How much the answer to `read` depends on `write`, and in which way."""
    if not write.ok:
        return None
    if write.path is None or read.path is None:
        return _in_words(write, read)
    leaving = _speaks(write, LEAVING)
    if _speaks(read, COUNTED) and not read.writes and write.path != read.path:
        return 0.7, "counter"
    if write.writes or _speaks(write, LEAVING):
        named = identifiers(read.path)
        if named and write.method == "POST" and named & set(names(write.text)):
            return 1.0, "creator"  # the server's own line on the write names the object that the read asked for
        kin = kinship(write.path, read.path)
        listed = write.method == "POST" and not read.writes and kin == 1.0  # what is added to a list shows in the list
        alike = write.kind == read.kind and write.method == read.method == "POST"
        if kin >= 0.95 and not listed and not alike and (named or write.method in ("PUT", "PATCH", "DELETE")):
            return kin, "object"
        if kin >= 0.6 and write.kind == read.kind and write.method == read.method:
            if repeats or read.status in (409, 500) or failure.want in _LIMITED:
                return kin - 0.1, "repeat"
            # A single address for everything: what an earlier call wrote, a later one reads.
            return (0.6, "collection") if shares_any(read.path, CALLS) else None
        if kin >= 0.6:
            return kin, "collection"
        refused = (
            read.status in _REFUSED
            or failure.want in (401, 403)
            or shares_any(failure.said, ("log in", "login", "unauthor"))
        )
        if (_speaks(write, SESSION) or leaving) and refused:
            return (0.85 if leaving else 0.8), "session"
        if _speaks(write, SETTING):
            return 0.65, "setting"
        return 0.35, "only"
    if (
        read.writes
        and read.status in _REFUSED | {404}
        and (kinship(write.path, read.path) >= 0.6 or _speaks(write, FORM))
    ):
        told = shares_any(
            f"{failure.said} {read.text}", (*FORM, "session", "unknown", "invalid", "mismatch", "expired")
        )
        return (0.7, "form") if told else None
    if _speaks(read, FORM) and read.status in _REFUSED and _speaks(write, (*SESSION, *FORM)):
        return 0.7, "form"
    if write.kind == read.kind and not read.writes and _repeated(failure) and "metric" in (read.path or "").lower():
        return 0.5, "repeat"
    return None


def _in_words(write: Exchange, read: Exchange) -> tuple[float, str] | None:
    """Steps in prose: what was added and what was fetched are related by their words."""
    if not write.writes or read.writes:
        return None
    shared = {word for word in names(f"{write.path or ''} {write.text}") if is_identifier(word)}
    if shared & set(names(f"{read.path or ''} {read.text}")):
        return 0.95, "creator"
    about = set(words(f"{write.path or ''} {write.text}"))
    asked = set(words(f"{read.path or ''} {read.text}"))
    return (0.8, "collection") if about & asked else (0.4, "only")


def _baseline(case: Case) -> Case:
    """Write and last read on one process, but the count to compare with came from another one: that one disagrees."""
    write, read = case.write, case.read
    if write is None or read is None or read.process is None or write.process != read.process:
        return case
    for earlier in case.exchanges:
        if earlier is write:
            break
        if (
            earlier.kind == read.kind
            and earlier.path == read.path
            and earlier.process is not None
            and earlier.process != read.process
            and case.relation == "collection"
            and read.ok
            and shares_any(case.failure.said, ("==", "count", "len(", "grow"))
        ):
            return msgspec.structs.replace(case, read=earlier, relation="baseline")
    return case

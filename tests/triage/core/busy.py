"""Evidence in a crowd: what a busy server writes besides, put between the lines of a run."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from triage.core.records import Entry, PartRecords, PidTrust, Request, RunEvidence, Side
from triage.core.sift import Sieve
from triage.core.wanted import wanted

OTHER_PATHS = ("/zz/blobs", "/zz/blobs/41", "/zz/thumbs/a81f03", "/zz/healthy")
EVERY = 3  # strangers after each end of a request
TALKERS = range(77_000, 77_003)  # PIDs of processes that serve nothing


def in_a_crowd(evidence: RunEvidence, every: int = EVERY) -> RunEvidence:
    """The evidence with requests of others after each request of the log, by the same processes, and talk of others."""
    parts = tuple(
        msgspec.structs.replace(part, entries=tuple(_crowded(part, every))) if part.side is Side.SERVER else part
        for part in evidence.parts
    )
    return msgspec.structs.replace(evidence, parts=parts)


def sifted(evidence: RunEvidence) -> RunEvidence:
    """The evidence as the sieve leaves it, however short its logs are."""
    asked = wanted(evidence)
    parts = []
    for part in evidence.parts:
        if part.side is Side.SERVER:
            sieve = Sieve(asked, head=0)
            for entry in part.entries:
                sieve.see(entry)
            left = sieve.end()
            part = msgspec.structs.replace(part, entries=left.entries, left_out=left.left_out)
        parts.append(part)
    return msgspec.structs.replace(evidence, parts=tuple(parts))


def _crowded(part: PartRecords, every: int) -> Iterator[Entry]:
    number = line = 0
    serving: dict[int | None, Entry] = {}
    for entry in part.entries:
        line += 1
        yield msgspec.structs.replace(entry, line=line)
        request = entry.request
        if request is None or not request.ended:
            continue
        serving[entry.pid] = entry
        for _ in range(every):
            number += 1
            for stranger in _strangers(list(serving.values())[number % len(serving)], entry, number):
                line += 1
                yield msgspec.structs.replace(stranger, line=line)


def _strangers(like: Entry, now: Entry, number: int) -> Iterator[Entry]:
    """What another client's request leaves behind, by the process that wrote `like`, at the time of `now`."""
    path = OTHER_PATHS[number % len(OTHER_PATHS)]
    request = Request(method="GET", path=path, status=200, size=17 + number % 5, ended=True)
    access = msgspec.structs.replace(
        like, stamp=now.stamp, inner=None, message=f'10.9.9.9 - - "GET {path} HTTP/1.1" 200', request=request, keys=()
    )
    if like.pid is not None and number % 2:
        yield msgspec.structs.replace(access, message=f"blobber looked zzq{number % 7} up", request=None)
    yield access
    if not number % 4:
        yield msgspec.structs.replace(
            access, unit="cronny", pid=TALKERS[number % len(TALKERS)], message="qqsession opened", request=None,
            pid_trust=PidTrust.PROVEN,
        )  # fmt: skip

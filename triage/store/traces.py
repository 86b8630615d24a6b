"""Traces as rows keep them: a few dozen compressed bytes each, bounded whatever the logs say."""

from __future__ import annotations

import msgspec
import zstandard

from triage.core.findings import Holder, Trace, Visit
from triage.core.records import Outcome
from triage.store.text import clean

VERSION = b"\x01"  # of this form; a row of another one reads as "no trace"
NAME = 160  # characters of a kind of request, or of a process's name
VISITS, HOLDERS = 60, 64  # what the core keeps; the store holds it to that
UNFOLDED = 256 * 1024  # bytes: several times what so many names and numbers can take
_FAR = 2**62  # microseconds: beyond that a time is none


class _Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    outcome: str
    start: int  # microseconds; the times below count from here
    kinds: tuple[str, ...]
    visits: tuple[tuple[int, int | None, int, int | None], ...]  # index in kinds, holder, time, status
    holders: tuple[tuple[str, int, int | None, int | None], ...]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Packed)


def pack(trace: Trace) -> bytes | None:
    """None where the trace tells nothing."""
    visits = trace.visits[-VISITS:]
    if not visits:
        return None
    start = _time(visits[0].at_us)
    kinds = {kind: index for index, kind in enumerate(dict.fromkeys(clean(visit.kind, NAME) for visit in visits))}
    packed = _Packed(
        outcome=trace.outcome,
        start=start,
        kinds=tuple(kinds),
        visits=tuple((kinds[clean(v.kind, NAME)], v.process, _time(v.at_us) - start, _small(v.status)) for v in visits),
        holders=tuple(
            (clean(h.name, NAME), _small(h.requests) or 0, _since(h.born_us, start), _since(h.died_us, start))
            for h in trace.holders[:HOLDERS]
        ),
    )
    return VERSION + zstandard.ZstdCompressor(level=3).compress(_encoder.encode(packed))


def unpack(blob: bytes | memoryview | None, test: str) -> Trace | None:
    """The trace of a row; None where there is none, or none that this version can read."""
    if blob is None:
        return None
    kept = bytes(blob)
    if kept[:1] != VERSION:
        return None
    try:
        packed = _decoder.decode(zstandard.ZstdDecompressor().decompress(kept[1:], max_output_size=UNFOLDED))
        return Trace(
            test=test,
            outcome=Outcome(packed.outcome),
            visits=tuple(
                Visit(kind=packed.kinds[kind], process=holder, at_us=packed.start + at, status=status)
                for kind, holder, at, status in packed.visits
            ),
            holders=tuple(
                Holder(name=name, requests=requests, born_us=_at(born, packed), died_us=_at(died, packed))
                for name, requests, born, died in packed.holders
            ),
        )
    except (zstandard.ZstdError, msgspec.MsgspecError, IndexError, ValueError):
        return None


def _time(us: int) -> int:
    return min(max(us, -_FAR), _FAR)


def _since(us: int | None, start: int) -> int | None:
    return None if us is None else _time(us) - start


def _at(since: int | None, packed: _Packed) -> int | None:
    return None if since is None else packed.start + since


def _small(value: int | None) -> int | None:
    return None if value is None else min(max(value, 0), 2**31 - 1)

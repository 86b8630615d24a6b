"""From a server's time to the client's and back, as one host's clock says: its offset, its skew and its jumps."""

from __future__ import annotations

from collections.abc import Sequence

from triage.core.findings import Clock, Jump

MILLION = 1_000_000
_PAUSE = 8  # a pause is hardly ever as long as a jump that came with a pause of this part of its length


def offset_of(clock: Clock, server_us: int) -> tuple[int, int, int]:
    """Server minus client at a server's instant: the likeliest, and bounds that grow with the distance from `at_us`.

    Around a jump whose moment is not known, and where a clock that was set back shows a time twice, the bounds hold
    both offsets.
    """
    if clock.at_us is None and not clock.jumps:
        return clock.offset_us, clock.low_us, clock.high_us
    regime, doubtful = _regime(clock, server_us)
    offset, low, high = _within(clock, regime, _client_in(clock, regime, server_us))
    for other in doubtful:
        _, least, most = _within(clock, other, _client_in(clock, other, server_us))
        low, high = min(low, least), max(high, most)
    return offset, low, high


def to_client(clock: Clock, server_us: int) -> int:
    """The client's reading at a server's instant."""
    return server_us - offset_of(clock, server_us)[0]


def to_server(clock: Clock, client_us: int) -> int:
    """The server's reading at a client's instant; of one that the client's clock showed twice, the likelier."""
    regime = 0
    for number, jump in enumerate(clock.jumps, start=1):
        if _after(client_us, _until(jump), jump.at_us):
            regime = number
    return client_us + _within(clock, regime, client_us)[0]


def bounds(clock: Clock, low_us: int, high_us: int) -> tuple[int, int]:
    """The client's interval for what happened in the server's interval [low_us, high_us]."""
    if clock.at_us is None and not clock.jumps:
        return low_us - clock.high_us, high_us - clock.low_us
    return low_us - offset_of(clock, low_us)[2], high_us - offset_of(clock, high_us)[1]


def surely_before(clocks: Sequence[Clock], one: tuple[str, int], other: tuple[str, int]) -> bool:
    """Whether one host's instant, (host, microseconds), was not after another's, however their clocks may differ."""
    if one[0] == other[0]:
        return one[1] <= other[1]
    first, second = clock_of(clocks, one[0]), clock_of(clocks, other[0])
    if first is None or second is None:
        return False
    return bounds(first, one[1], one[1])[1] <= bounds(second, other[1], other[1])[0]


def clock_of(clocks: Sequence[Clock], host: str) -> Clock | None:
    """The clock of a host; the busiest host's where it has none."""
    return next((clock for clock in clocks if clock.host == host), clocks[0] if clocks else None)


def _until(jump: Jump) -> int:
    return jump.until_us if jump.until_us is not None else jump.at_us


def _after(us: int, ended: int, begun: int) -> bool:
    """Whether a time lies after a jump, before which a clock had shown `ended` and after which it showed `begun`.

    A clock that was set back shows what lies between them twice: what is close to an edge is taken to be of its side.
    """
    middle = (ended + begun) // 2
    if begun < ended:
        return us > ended or begun <= us < middle
    return us >= middle


def _regime(clock: Clock, server_us: int) -> tuple[int, list[int]]:
    """How many jumps had been at a server's instant, and which other numbers it may have been."""
    regime, doubtful = 0, []
    for number, jump in enumerate(clock.jumps, start=1):
        until = _until(jump)
        before, after = _within(clock, number - 1, until), _within(clock, number, jump.at_us)
        ended, begun = until + before[0], jump.at_us + after[0]
        first, last = until + before[1], jump.at_us + after[2]
        if jump.server_until_us is not None and jump.server_at_us is not None:
            ended, begun = first, last = jump.server_until_us, jump.server_at_us
        first, last = _doubtful(jump, first, last)
        if first <= server_us <= last:
            doubtful += [number - 1, number]
        if _after(server_us, ended, begun):
            regime = number
    return regime, [number for number in doubtful if number != regime]


def _doubtful(jump: Jump, ended: int, begun: int) -> tuple[int, int]:
    """Server times from which on the jump may have been, and until which it may not; `ended`, `begun`: surely so.

    In between it may have come at once or not until the end, and either clock may have been the one that was set.
    """
    by_client, by_server = (ended, begun), (ended + jump.by_us, begun - jump.by_us)
    passed = jump.at_us - _until(jump) if jump.by_us > 0 else begun - ended  # on the clock that was not set forward
    if passed < 0:
        return by_client if jump.by_us > 0 else by_server
    if passed * _PAUSE < abs(jump.by_us):
        return by_server if jump.by_us > 0 else by_client
    return min(by_client[0], by_server[0]), max(by_client[1], by_server[1])


def _within(clock: Clock, regime: int, client_us: int) -> tuple[int, int, int]:
    """Offset and bounds at a client's instant after so many jumps."""
    offset, low, high = clock.offset_us, clock.low_us, clock.high_us
    for jump in clock.jumps[:regime]:
        offset += jump.by_us
        low, high = min(high + jump.low_us, offset), max(low + jump.high_us, offset)
    if clock.at_us is None:
        return offset, low, high
    passed = client_us - clock.at_us
    grown = round(clock.skew_ppm * passed / MILLION)
    spread = round(clock.skew_error_ppm * abs(passed) / MILLION)
    return offset + grown, low + grown - spread, high + grown + spread


def _client_in(clock: Clock, regime: int, server_us: int) -> int:
    """The client's reading at a server's instant after so many jumps."""
    offset = clock.offset_us + sum(jump.by_us for jump in clock.jumps[:regime])
    if clock.at_us is None:
        return server_us - offset
    rate = clock.skew_ppm / MILLION
    return clock.at_us + round((server_us - offset - clock.at_us) / (1 + rate))

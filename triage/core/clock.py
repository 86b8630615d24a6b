"""How far a server's clock is from the client's: the best guess or guesses, then bounds from the pairs that fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from triage.core.causal import from_pairs
from triage.core.clock_scale import to_server
from triage.core.events import ClientEvent, ServerEvent
from triage.core.findings import Clock
from triage.core.records import SECOND
from triage.core.votes import guesses, tokens_of, unique_pairs

UNDECIDED = 5 * SECOND  # what is assumed of a clock that nothing decides


def estimate(
    client: Sequence[ClientEvent],
    server: Sequence[ServerEvent],
    client_zoned: bool,
    zoned: dict[str, bool],
    order: Mapping[int, int] | None = None,
    written: Mapping[int, int] | None = None,
) -> tuple[Clock, ...]:
    """One clock a host, the busiest first. `order` and `written`: place of each step and served request in its log."""
    by_host: dict[str, list[ServerEvent]] = defaultdict(list)
    for event in server:
        if event.timed:
            by_host[event.host].append(event)
    clocks = []
    for host in sorted(by_host, key=lambda host: -len(by_host[host])):
        events = by_host[host]
        absolute = client_zoned and zoned.get(host, False)
        clocks.append(_clock(host, client, events, absolute, order or {}, written or {}))
    # A host that decides nothing by itself, next to one that does, most likely keeps the same time.
    sure = [clock for clock in clocks if clock.decided]
    if sure:
        lead = sure[0]
        clocks = [
            clock
            if clock.decided or zoned.get(clock.host, False) != zoned.get(lead.host, False)
            else Clock(
                host=clock.host,
                offset_us=lead.offset_us,
                low_us=lead.low_us - SECOND,
                high_us=lead.high_us + SECOND,
                basis=f"assumed to be as on {lead.host or 'the other host'}",
            )
            for clock in clocks
        ]
    return tuple(clocks)


def in_order(client: Sequence[ClientEvent], clocks: Sequence[Clock]) -> list[ClientEvent]:
    """Steps in the order in which they happened, which is not that of their stamps where a clock was set in mid-run."""
    jumped = next((clock for clock in clocks if clock.jumps), None)
    if jumped is None or any(event.low is None for event in client):
        return list(client)
    return sorted(client, key=lambda event: to_server(jumped, event.low or 0))


def _clock(
    host: str,
    client: Sequence[ClientEvent],
    server: list[ServerEvent],
    absolute: bool,
    order: Mapping[int, int],
    written: Mapping[int, int],
) -> Clock:
    tokens = tokens_of(client, server)
    found = guesses(tokens, absolute, order)
    best = found[0] if found else None
    if best is None or best.hits == 0:
        return _assumed(host, absolute)
    rival = next((guess for guess in found if guess.far_from(best)), None)
    margin = best.score - rival.score if rival is not None else best.score
    if margin < 1.0 or best.score < 1.5:
        return _assumed(host, absolute)
    return from_pairs(host, unique_pairs(tokens, best), best.offset, best.hits, order=order, written=written)


def _assumed(host: str, absolute: bool) -> Clock:
    basis = "both sides' stamps carry a zone" if absolute else "nothing to go by: equal clocks are assumed"
    return Clock(host=host, offset_us=0, low_us=-UNDECIDED, high_us=UNDECIDED, basis=basis)

"""From evidence to the lineup: who served which step, on which clock, and which processes there were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from triage.core.align import Alignment, align
from triage.core.assemble import Assembled, assemble
from triage.core.causal import from_pairs
from triage.core.clock import estimate, in_order
from triage.core.clock_remarks import remarks_on
from triage.core.derive import derive
from triage.core.events import ClientEvent, Owner, ServerEvent, client_events, server_events, vocabulary
from triage.core.findings import Clock, Lineup, Served
from triage.core.likeness import Habit, Scale, habit
from triage.core.processes import Population, left_out, populate
from triage.core.records import RunEvidence, Side
from triage.core.relays import joined, relayed
from triage.core.serve import Requests, group, infer_pids
from triage.core.server_time import FOREVER, NEVER, ServerLines, place_lines
from triage.core.servers import Server, servers_seen
from triage.core.telling import tie_lines
from triage.core.totals import told_totals

SAMPLE, STRETCH = 3_000, 50  # steps that set the clocks, and how many of them in a row
_ENOUGH = 2  # pairs that make better bounds than the first guess


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """The lineup with everything that a detector may want to look at again."""

    evidence: RunEvidence
    assembled: Assembled
    lines: ServerLines
    population: Population
    requests: Requests
    client: tuple[ClientEvent, ...]
    lineup: Lineup
    servers: tuple[Server, ...] = ()  # the programs that the server's lines are of


def line_up(evidence: RunEvidence) -> Scene:
    """Build the lineup. Pure; near-linear in steps and entries."""
    assembled = assemble(evidence)
    lines = place_lines(evidence)
    sifted = frozenset(index for index, part in enumerate(evidence.parts) if part.left_out)
    infer_pids(lines.lines, sifted)
    parents = frozenset(
        index
        for index, part in enumerate(evidence.parts)
        if part.side is Side.SERVER and any(fact.name == "pid_is_parents" for fact in part.facts)
    )
    population = populate(lines.lines, parents)
    requests = group(lines.lines, population)
    client = client_events(assembled)
    spokesman = tie_lines(client)
    owners = {each.index: Owner(each.host, each.unit, each.pid) for each in population.living}
    said = vocabulary(client)
    server = server_events(requests, owners, said)
    order = {step.index: (step.ref.part << 40) + step.ref.line for step in assembled.steps}
    clocks = estimate(client, server, assembled.zoned, lines.zoned, order, _written(requests))
    client = in_order(client, clocks)
    told_again = relayed(server, Scale({clock.host: clock for clock in clocks}, server))
    if told_again:
        requests = joined(requests, told_again)
        server = server_events(requests, owners, said)
    first = align(_sample(client), server, requests.served, clocks, spokesman)
    clocks = tuple(_sharper(clock, first, order, _written(requests)) for clock in clocks)
    alignment = align(client, server, requests.served, clocks, spokesman, _habits(first, clocks), first)
    clocks = tuple(_remarked(clock, evidence, assembled, lines) for clock in clocks)
    counts = left_out(evidence, lines.lines)
    for served in requests.served:
        counts[served.process] = counts.get(served.process, 0) + 1
    lineup = Lineup(
        tests=assembled.tests,
        steps=tuple(
            msgspec.structs.replace(step, matches=alignment.matches.get(step.index, ())) for step in assembled.steps
        ),
        processes=population.records(counts),
        served=_timed(requests.served, clocks, assembled),
        clocks=clocks,
        remarks=_remarks(assembled, lines),
        totals=told_totals(evidence, assembled.tests),
    )
    if not sifted:  # else others use the server as well, and far more than the tests
        lineup = derive(evidence, lineup, requests)
    return Scene(
        evidence=evidence,
        assembled=assembled,
        lines=lines,
        population=population,
        requests=requests,
        client=tuple(client),
        lineup=lineup,
        servers=servers_seen(evidence),
    )


def _sample(client: list[ClientEvent]) -> list[ClientEvent]:
    """Enough of the steps to set the clocks by: stretches from all over the run, its end among them."""
    stride = -(-len(client) // SAMPLE)
    stretches = range(0, len(client), STRETCH)
    return [
        event
        for number, start in enumerate(stretches)
        if number % stride == 0 or start + STRETCH >= len(client)
        for event in client[start : start + STRETCH]
    ]


def _habits(alignment: Alignment, clocks: Sequence[Clock]) -> dict[str, Habit]:
    """How each host's lines and the client's usually lie to each other; none where a clock does not keep step."""
    steady = {clock.host for clock in clocks if clock.at_us is None and not clock.jumps}
    by_host: dict[str, list[tuple[ClientEvent, ServerEvent]]] = {}
    for pair in alignment.sure:
        by_host.setdefault(pair[1].host, []).append(pair)
    return {host: found for host, pairs in by_host.items() if host in steady and (found := habit(pairs)) is not None}


def _remarked(clock: Clock, evidence: RunEvidence, assembled: Assembled, lines: ServerLines) -> Clock:
    absolute = assembled.zoned and lines.zoned.get(clock.host, False)
    told = remarks_on(clock, absolute, evidence.client_timezone, evidence.server_timezone)
    return msgspec.structs.replace(clock, remarks=clock.remarks + told + lines.remarks.get(clock.host, ()))


def _written(requests: Requests) -> dict[int, int]:
    """Place of each served request in its log; nothing where the logs are several, as none tells their order."""
    if len({each.entries[0].part for each in requests.served}) > 1:
        return {}
    return {each.index: each.entries[0].line for each in requests.served}


def _sharper(clock: Clock, alignment: Alignment, order: Mapping[int, int], written: Mapping[int, int]) -> Clock:
    """The clock again, from all pairs that the alignment is sure of."""
    pairs = [(c, s) for c, s in alignment.sure if s.host == clock.host and c.request is not None and c.low is not None]
    if not clock.decided:
        pairs = [(c, s) for c, s in pairs if s.timed]
        if len(pairs) < 3:
            return clock
    elif len(pairs) < _ENOUGH:
        return clock
    sharp = from_pairs(clock.host, pairs, clock.offset_us, len(pairs), clock.remarks, order, written)
    if clock.jumps and sharp.matched <= clock.matched:
        return clock  # around a jump little is sure: too little to deny it, or to tell another
    return sharp if sharp.matched * 3 >= len(pairs) * 2 else clock


def _timed(served: tuple[Served, ...], clocks: tuple[Clock, ...], assembled: Assembled) -> tuple[Served, ...]:
    """Requests of logs without any stamp stand at the run's time, so that they can be shown."""
    if all(each.low_us != NEVER and each.high_us != FOREVER for each in served):
        return served
    times = [step.at_us for step in assembled.steps if step.at_us is not None]
    times += [test.started_us for test in assembled.tests if test.started_us is not None]
    known = [each.low_us for each in served if each.low_us != NEVER]
    low = min(times, default=min(known, default=0))
    high = max(times, default=max(known, default=0))
    return tuple(
        msgspec.structs.replace(
            each,
            low_us=low if each.low_us == NEVER else each.low_us,
            high_us=max(
                high if each.high_us == FOREVER else each.high_us, low if each.low_us == NEVER else each.low_us
            ),
        )
        for each in served
    )


def _remarks(assembled: Assembled, lines: ServerLines) -> tuple[str, ...]:
    """What is wrong with what was declared; what the logs lack is for the audit to say."""
    return tuple(dict.fromkeys((*assembled.remarks, *filter(None, (lines.problem,)))))

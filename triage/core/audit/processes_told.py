"""Whether the logs tell which process served a request: no PID, the parent's, a proxy's, or one that hosts share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from triage.core.audit.lines import (
    APP_PID,
    GUNICORN_LOGGER,
    HOST_NAMES,
    JOURNAL_FINE,
    KUBERNETES_NAMES,
    NEW_CONNECTIONS,
    NGINX_UPSTREAM,
    Line,
    pid_line,
)
from triage.core.audit.seen import SURE, Seen
from triage.core.findings import Gap, LineRef, PlacedStep, Served, TestCase
from triage.core.records import Side
from triage.core.servers import Server

_LOOKED_AT = 50
_MOST = 0.5  # of the requests; what a few lines lack is a gap only where a failing test's are among them


def unknown_process(seen: Seen) -> Iterator[Gap]:
    """Requests of which no line tells the process, by what keeps it from being told."""
    missing = seen.anonymous
    hurts = seen.hurt(seen.failing, lambda test: _hurt(seen, test))
    most = len(missing) > _MOST * len(seen.served)
    if not missing or not (most or hurts):
        return
    alone = seen.evidence.server_workers == 1 and not hurts
    if alone:
        return
    example = _example(seen, missing)
    if seen.scene.population.parent_pids:
        yield _gap("parent_pid", PARENT, _parent_line(seen), example, hurts)
    elif _relayed(seen, missing):
        yield _gap("proxy_hides_process", PROXY, _behind_proxy(seen), example, hurts)
    elif not any(seen.scene.requests.ended[each.index] for each in missing):
        yield _gap("no_pid_in_app_lines", APP, APP_PID, example, hurts)
    elif seen.server is Server.UVICORN_WORKER:
        yield _gap("uvicorn_worker_format", UVICORN_WORKER, GUNICORN_LOGGER, example, hurts)
    else:
        yield _gap("no_pid", NO_PID, pid_line(seen.server), example, hurts)


NO_PID = "The access lines carry no PID, so they cannot tell which worker served a request."
PARENT = (
    "Every request line carries the PID of the process that started the workers, as journald before systemd 244 and"
    " output through a pipe do, so these lines cannot tell which worker served a request."
)
PROXY = (
    "Only a proxy's lines tell of these requests; its PID is its own, so which worker of the application answered"
    " cannot be told."
)
APP = "The application's lines carry no PID and there is no access line with one, so the worker cannot be told."
UVICORN_WORKER = (
    "The access lines carry no PID: under gunicorn, UvicornWorker ignores --access-logformat. Which worker served a"
    " request cannot be told."
)


def _hurt(seen: Seen, test: TestCase) -> bool:
    if seen.served_by_unknown(test):
        return True
    return seen.is_loose(test) and len(seen.anonymous) > _MOST * len(seen.served)


def _example(seen: Seen, missing: tuple[Served, ...]) -> tuple[LineRef, ...]:
    """An access line where there is one: that is the line to change."""
    for each in missing[:_LOOKED_AT]:
        for line in seen.scene.requests.lines[each.index]:
            if line.entry.request is not None and line.entry.request.ended:
                return (LineRef(line.part, line.entry.line),)
    return missing[0].entries[:1]


def _gap(kind: str, text: str, line: Line, example: tuple[LineRef, ...], hurts: int) -> Gap:
    return Gap(kind=kind, text=text, fix=line.text, where=line.where, lines=example, hurts=hurts)


def _parent_line(seen: Seen) -> Line:
    """The workers have to write their own PID, as what stamps the lines from outside does not know it."""
    return APP_PID if seen.server is Server.HYPERCORN else pid_line(seen.server)


def _relayed(seen: Seen, missing: tuple[Served, ...]) -> bool:
    """Whether most of them are known from a proxy's lines alone."""
    told = sum(
        any(name == "upstream" for name, _ in seen.scene.requests.keys[each.index].items()) or _by_proxy(seen, each)
        for each in missing
    )
    return told > _MOST * len(missing)


def _by_proxy(seen: Seen, served: Served) -> bool:
    return any("nginx" in entry.unit.lower() for entry in seen.entries_of(served))


def _behind_proxy(seen: Seen) -> Line:
    upstream = any("upstream" in seen.scene.requests.keys[each.index] for each in seen.anonymous)
    if upstream or seen.server is not None:
        return Line(pid_line(seen.server).text, f"{pid_line(seen.server).where}; upload its log beside the proxy's")
    return NGINX_UPSTREAM


def nameless_containers(seen: Seen) -> Iterator[Gap]:
    """In a container the first process is PID 1 in each of them: without a name they are all the same."""
    ones = [process for process in seen.answering if process.pid == 1 and not process.host]
    if not ones:
        return
    mine = {process.index for process in ones}
    example = next(each.entries[:1] for each in seen.served if each.process in mine)
    yield Gap(
        kind="containers_share_pid",
        text="The server's PID is 1, as in every container, and no line names the container: replicas cannot be told"
        " apart.",
        fix=KUBERNETES_NAMES.text,
        where=KUBERNETES_NAMES.where,
        lines=example,
        hurts=len(seen.weak),
    )


def nameless_hosts(seen: Seen) -> Iterator[Gap]:
    """The logs of several servers of one kind, and nothing says which is whose."""
    serving: Counter[str] = Counter()
    example: dict[str, LineRef] = {}
    for index, part in enumerate(seen.evidence.parts):
        if part.side is not Side.SERVER or part.of:
            continue
        asked = next((e for e in part.entries if e.request is not None and e.request.ended and not e.host), None)
        if asked is not None and not any(name == "upstream" for name, _ in asked.keys):
            serving[part.format] += 1
            example.setdefault(part.format, LineRef(index, asked.line))
    format, count = serving.most_common(1)[0] if serving else ("", 0)
    if count < 2:
        return
    line = JOURNAL_FINE if seen.has(Server.JOURNALD) else HOST_NAMES
    yield Gap(
        kind="no_host_names",
        text=f"{count} logs of one kind name no host: the same PID in two of them is taken for one process, so what"
        " happened between hosts cannot be told.",
        fix=line.text,
        where=line.where,
        lines=(example[format],),
        hurts=len(seen.weak),
    )


def pinned(seen: Seen) -> Iterator[Gap]:
    """All requests of a test on one connection: one worker answers them all, whatever the others know."""
    if len(seen.answering) < 2:
        return
    opened = any(_opens(step) for step in seen.lineup.steps)
    several = [test for test in seen.lineup.tests if len(_surely(seen, test)) > 1]
    held = [test for test in several if _on_one_connection(seen, test, opened)]
    if len(held) < 2 or len(held) * 2 < len(several):
        return
    weak = {test.test for test in seen.weak}
    yield Gap(
        kind="kept_alive",
        text=f"{len(held)} of {len(several)} tests sent all their requests over one connection each, which one worker"
        " answers: that they passed proves nothing of the other workers.",
        fix=NEW_CONNECTIONS.text,
        where=NEW_CONNECTIONS.where,
        lines=(_surely(seen, held[0])[0].ref,),
        hurts=sum(test.test in weak for test in held),
    )


def _surely(seen: Seen, test: TestCase) -> tuple[PlacedStep, ...]:
    """The requests of a test whose process is surely known."""
    return tuple(
        step
        for step in seen.asked(test)
        if step.matches
        and step.matches[0].confidence >= SURE
        and seen.known(seen.lineup.served[step.matches[0].served].process)
    )


def _on_one_connection(seen: Seen, test: TestCase, opened: bool) -> bool:
    """Whether the client's port says so, or the lines in which urllib3 tells of each new connection do."""
    served = [seen.lineup.served[step.matches[0].served] for step in _surely(seen, test)]
    if len({each.process for each in served}) > 1:
        return False
    ports = {seen.scene.requests.keys[each.index].get("client_port", "") for each in served}
    if ports != {""}:
        return len(ports) == 1
    return opened and sum(_opens(seen.lineup.steps[index]) for index in test.steps) < 2


def _opens(step: PlacedStep) -> bool:
    return step.text.startswith(("Starting new HTTP", "Resetting dropped connection"))

"""All auditors, the gravest gap first: where two hurt as many tests, the one that stands earlier is named first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from triage.core.audit import logs_whole, processes_told, requests_told, times_told
from triage.core.audit.seen import Seen
from triage.core.findings import Gap

Auditor = Callable[[Seen], Iterator[Gap]]

SERVER_LOG: Auditor = logs_whole.server_log
AUDITORS: tuple[Auditor, ...] = (
    SERVER_LOG,
    processes_told.unknown_process,
    requests_told.no_test_requests,
    logs_whole.begins_or_ends_within,
    requests_told.no_access_log,
    times_told.clocks,
    requests_told.silent_failures,
    requests_told.unnamed_tests,
    times_told.no_test_times,
    times_told.no_server_times,
    times_told.coarse_server_stamps,
    times_told.coarse_test_stamps,
    requests_told.no_request_id,
    processes_told.nameless_hosts,
    processes_told.nameless_containers,
    logs_whole.left_out,
    processes_told.pinned,
    requests_told.only_failures,
)

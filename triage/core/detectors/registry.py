"""All detectors, in the order in which their findings are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.detectors import (
    bereft_process,
    broken_test,
    cannot_tell,
    change_seen,
    counts_seen,
    done_everywhere,
    holder_replaced,
    no_answer,
    nobody_listening,
    objects_seen,
    one_process,
    repeated_requests,
    rival_test_workers,
    same_everywhere,
    server_raised,
    shared_connection,
    sibling_tests,
    split_process,
    two_releases,
    values_seen,
)

Detector = Callable[[Case, Court], Iterator[Finding]]

DETECTORS: tuple[Detector, ...] = (
    broken_test.detect,
    no_answer.detect,
    server_raised.detect,
    shared_connection.detect,
    bereft_process.detect,
    holder_replaced.detect,
    rival_test_workers.detect,
    split_process.detect,
    nobody_listening.detect,
    two_releases.detect,
    done_everywhere.detect,
    repeated_requests.detect,
    objects_seen.detect,
    values_seen.detect,
    change_seen.detect,
    counts_seen.detect,
    sibling_tests.detect,
    one_process.detect,
    same_everywhere.detect,
    cannot_tell.detect,
)

"""Every weight of the verdict in one table: log-odds that a finding adds to its kind of verdict.

The scores of the seven kinds go through a softmax; what comes out is the confidence. Priors are what is left when
nothing is found. Fitted by hand on labelled laboratory runs: first the signs, then sizes until stated confidence and
measured share agreed.
"""

from __future__ import annotations

from triage.core.findings import VerdictKind as Kind

PRIOR = {
    Kind.CONSISTENT_FAILURE: 0.0,
    Kind.UNEXPLAINED: -2.0,
    Kind.SPLIT_STATE: -3.0,
    Kind.LOST_STATE: -4.0,
    Kind.SERVER_ERROR: -4.0,
    Kind.SERVER_UNAVAILABLE: -4.0,
    Kind.TEST_ERROR: -4.0,
}

WEIGHT = {
    # split_state, server side
    "pid_switch": 1.6,
    "answer_lacks_write": 2.8,
    "answer_differs": 2.4,
    "weak_relation": -0.9,
    "same_process": -4.0,
    "one_process": -4.0,
    "objects_disagree": 1.0,  # times the log Bayes factor, bounded
    "values_disagree": 2.6,
    "values_agree": -3.0,
    "reader_saw_it_later": -3.0,
    "learned_from_others": -2.2,
    "reader_knew_it": -4.5,
    "reader_was_fresh": -1.2,
    "sibling_crossed_and_passed": -1.1,  # each, at most three
    "sibling_same_process_failed": -2.6,
    "sibling_same_process_passed": 0.4,
    "sibling_crossed_and_failed": 0.5,
    "split_symptom": 2.4,  # no such table, unknown session, bad signature
    "several_hosts": 0.2,
    "lacks_what_others_have": 5.0,
    "duplicate_across_processes": 2.2,
    "limit_across_processes": 2.2,
    # lost_state
    "holder_ended": 5.0,
    "writes_outlive_processes": -2.0,  # each, at most three
    "single_worker": 0.8,
    # server_error
    "answered_5xx": 7.0,
    "raised_in_this_test": 2.0,
    "error_elsewhere_in_test": 2.6,
    "error_during_run": 5.6,
    # server_unavailable
    "no_answer": 9.0,
    "worker_timeout": 9.0,
    "gateway_status": 6.0,
    "server_never_up": 9.0,
    "process_ended_while_serving": 5.0,
    # test_error
    "test_broke": 9.0,
    "code_error": 6.2,
    "no_request_in_setup": 2.0,
    # split_state between test processes
    "other_test_worker_wiped": 7.0,
    "other_test_worker_took_it": 6.0,
    # consistent_failure and unexplained
    "refused_by_rule": 3.0,
    "no_write_before": 0.2,
    "process_unknown": 3.4,
    "no_server_lines": 4.8,
    "no_request_known": 3.2,
}
CAP = 5.0  # of what objects tell, either way
FEW, EACH = 0.5, 0.8  # and of what a few of them tell: so much, and so much more for each

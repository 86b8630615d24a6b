"""Every weight of the verdict in one table: log-odds that a finding adds to its kind of verdict.

The scores of the seven kinds go through a softmax. Priors are what is left when nothing is found. Priors and weights
were set by hand on labelled laboratory runs, of the half of the scenarios that may be looked at: first the signs, then
sizes until that half came out right without any finding deciding alone that may be chance.

The share that the softmax gives the likeliest kind is then calibrated to how often such verdicts are right: one slope,
and one bias a kind, of a logistic function, by maximum likelihood on the same half with a normal prior around slope 1
and bias 0. `python -m lab fit --write` makes those numbers and prints what they change on both halves.
"""

from __future__ import annotations

from math import exp, log

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
    "change_was_seen": -3.5,
    "old_value_again": 0.4,
    "count_fits": 0.5,
    "count_does_not_fit": -2.5,
    "nobody_listening_there": 2.5,
    "two_releases_answered": 2.8,
    "done_by_every_process": 7.5,
    "connection_shared": 6.5,
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

# made by `python -m lab fit --write`
SLOPE = 1.437
BIAS: dict[Kind, float] = {
    Kind.SPLIT_STATE: 1.590,
    Kind.LOST_STATE: 0.028,
    Kind.SERVER_ERROR: 0.085,
    Kind.SERVER_UNAVAILABLE: 0.003,
    Kind.CONSISTENT_FAILURE: 1.933,
    Kind.TEST_ERROR: 0.457,
    Kind.UNEXPLAINED: -2.183,
}
# end of what it makes
_EXTREME = 0.999  # of a chance: log-odds beyond tell nothing more


def log_odds(chance: float) -> float:
    """Of a chance, bounded."""
    bounded = min(max(chance, 1 - _EXTREME), _EXTREME)
    return log(bounded / (1 - bounded))


def calibrated(kind: Kind, chance: float) -> float:
    """How often verdicts of this kind with this share of the softmax are right."""
    return 1 / (1 + exp(-(BIAS[kind] + SLOPE * log_odds(chance))))

"""The measures of verdicts: what counts as right, in both ways of counting, and how calibration is fitted."""

from __future__ import annotations

from typing import Any

import pytest

from lab.fit import MADE, Sample, constants, error, fit
from lab.verdict_score import AFTER, TARGETS, Ruling, measure, measure_rulings, print_verdicts, ruling
from triage.core.findings import Level, Mechanism, Verdict, VerdictKind
from triage.core.records import Outcome
from triage.core.weights import calibrated


def _verdict(
    kind: VerdictKind, confidence: float = 0.9, level: Level = Level.LIKELY, mechanism: Mechanism | None = None
) -> Verdict:
    return Verdict(
        test="t.py::test_it",
        outcome=Outcome.FAILED,
        message="",
        kind=kind,
        level=level,
        confidence=confidence,
        summary="…",
        mechanism=mechanism,
    )


def _expected(kind: str, mechanism: str | None = None, honest: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"kind": kind, "mechanism": mechanism, "honest": list(honest)}


SPLIT, UNEXPLAINED = VerdictKind.SPLIT_STATE, VerdictKind.UNEXPLAINED


def test_a_suspicion_counts_for_recall_and_not_for_precision_at_likely() -> None:
    found = measure(
        [
            (_expected("split_state"), _verdict(SPLIT)),
            (_expected("split_state"), _verdict(SPLIT, level=Level.SUSPECTED)),
            (_expected("consistent_failure"), _verdict(SPLIT, level=Level.SUSPECTED)),
            (_expected("split_state"), None),
        ]
    )
    assert found.value("split_precision") == 1.0
    assert found.value("split_recall") == pytest.approx(2 / 3)


def test_a_verdict_on_a_test_that_passed_is_wrong() -> None:
    assert measure([({"kind": "(passed)"}, _verdict(SPLIT))]).value("split_precision") == 0.0


def test_cannot_tell_is_right_where_nobody_could_and_an_error_when_counted_strictly() -> None:
    pairs = [(_expected("split_state", honest=("unexplained",)), _verdict(UNEXPLAINED, 0.4, Level.SUSPECTED))]
    lenient, strict = measure(pairs), measure(pairs, honest=False)
    assert lenient.f1 == {"unexplained": 1.0}
    assert lenient.value("split_recall") is None
    assert strict.f1 == {"split_state": 0.0}
    assert strict.value("split_recall") == 0.0


def test_a_kind_that_never_is_the_truth_is_left_out_of_the_average_and_named() -> None:
    found = measure([(_expected("split_state"), _verdict(SPLIT)), (_expected("test_error"), _verdict(SPLIT))])
    assert found.macro_f1 == pytest.approx((2 / 3 + 0.0) / 2)
    assert "lost_state" in found.absent and "split_state" not in found.absent


def test_a_mechanism_is_right_only_on_a_right_kind() -> None:
    pairs = [
        (_expected("split_state", "in_memory"), _verdict(SPLIT, mechanism=Mechanism.IN_MEMORY)),
        (_expected("consistent_failure"), _verdict(SPLIT, mechanism=Mechanism.IN_MEMORY)),
        (_expected("split_state"), _verdict(SPLIT, mechanism=Mechanism.IN_MEMORY)),  # the truth names none
    ]
    assert measure(pairs).value("mechanism") == 1 / 2
    assert measure(pairs, honest=False).value("mechanism") == 1 / 3


def test_confidence_is_held_against_what_was_right() -> None:
    rulings = [Ruling("split_state", "split_state", "likely", 0.8)] * 6
    rulings += [Ruling("test_error", "split_state", "likely", 0.8)] * 4
    assert measure_rulings(rulings).ece == pytest.approx(0.2)


def test_every_measure_is_printed_for_both_ways_of_counting(capsys: pytest.CaptureFixture[str]) -> None:
    rulings = [ruling(_expected("split_state", "in_memory"), _verdict(SPLIT, level=Level.CONFIRMED))]
    print_verdicts({"tune": rulings, "held out": rulings}, AFTER, "After the history")
    told = capsys.readouterr().out
    assert all(meaning in told for _, meaning, *_ in TARGETS)
    assert "held out, strict" in told
    assert "MISSED" not in told.splitlines()[2]


def test_numbers_for_a_file_hold_the_table_and_the_levels() -> None:
    numbers = measure([(_expected("split_state"), _verdict(SPLIT))]).as_numbers()
    assert numbers["split_recall"] == {"value": 1.0, "hits": 1, "total": 1}
    assert numbers["levels"] == [{"level": "likely", "right": True, "count": 1}]
    assert numbers["reliability"][0]["count"] == 1


def test_a_fit_brings_stated_confidence_closer_to_what_is_right() -> None:
    samples = [Sample(SPLIT, 0.6, right=n % 10 > 0) for n in range(200)]
    samples += [Sample(UNEXPLAINED, 0.8, right=n % 10 == 0) for n in range(200)]
    found = fit(samples)
    assert error(samples, found.confidence) < 0.05 < error(samples, lambda each: each.chance)


def test_a_fit_on_nothing_changes_nothing() -> None:
    found = fit([])
    assert found.slope == 1.0 and not any(found.bias.values())


def test_a_few_right_verdicts_do_not_make_a_kind_infallible() -> None:
    found = fit([Sample(SPLIT, 0.6, right=True)] * 5)
    assert found.confidence(Sample(SPLIT, 0.6, right=True)) < 0.95


def test_what_is_fitted_fits_into_the_file_of_weights() -> None:
    text = "before\n# made by `python -m lab fit --write`\nSLOPE = 0\n# end of what it makes\nafter\n"
    made = MADE.sub(lambda match: match[1] + constants(fit([])) + match[2], text)
    assert "SLOPE = 1.000\n" in made and "Kind.UNEXPLAINED: 0.000" in made
    assert made.startswith("before\n") and made.endswith("# end of what it makes\nafter\n")


@pytest.mark.parametrize("kind", list(VerdictKind))
def test_more_of_the_softmax_is_never_less_confidence(kind: VerdictKind) -> None:
    stated = [calibrated(kind, share / 20) for share in range(21)]
    assert stated == sorted(stated)
    assert all(0 < each < 1 for each in stated)

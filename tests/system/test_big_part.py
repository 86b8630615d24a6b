"""A big journal through the running system: little memory in every process, and progress that moves.

The full gigabyte is `python -m bench.big_part`; this is its twentieth, in the same way.
"""

from __future__ import annotations

from bench.big_part import LIMIT_MB, measure, write_journal
from bench.running import Running

STAGES = ("unpacking", "parsing", "lining up", "deciding", "saving")


def test_a_big_journal_takes_little_memory_and_tells_how_far_it_is(tmp_path):
    journal = tmp_path / "journal.json"
    at = write_journal(journal, 50, "json")
    with Running() as lineup:
        seen = measure(lineup, journal, at, patience=120)
    assert seen.status == "ready"
    assert seen.entries > 45_000
    assert 2 <= seen.kept < seen.entries / 10
    name, peak = seen.highest
    assert peak < LIMIT_MB, (name, seen.peaks)
    told = [step for step in seen.steps if step[0] not in ("waiting", "")]
    assert len(told) >= 3, seen.steps
    assert [stage for stage, _ in told] == sorted((stage for stage, _ in told), key=STAGES.index)
    for stage in STAGES:
        done = [value for at, value in told if at == stage]
        assert done == sorted(done), seen.steps

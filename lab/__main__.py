"""python -m lab: stage the original case, run scenarios, verify their causes, score the verdicts."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from dashboard.timeline.terminal import PLAIN, draw
from lab.corpus import CORPUS, rebuild
from lab.evidence import gathered
from lab.fit import fit_folder
from lab.history import HISTORIES, record
from lab.history_tables import score_histories
from lab.keep import keep
from lab.needs import needs
from lab.registry import SCENARIOS, by_slug
from lab.run import run_scenario
from lab.score import score_folder
from lab.upload import upload_and_wait
from lab.verify import verify
from triage.core.analyse import analyse

DEFAULT_FOLDER = Path(os.environ.get("LAB_HOME", "var/lab"))


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that every block is left and nothing stays behind
    options = _parser().parse_args(arguments)
    try:
        return int(options.do(options) or 0)
    except KeyError as problem:
        print(problem.args[0], file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    parser.set_defaults(do=_original, upload="", token="", out=DEFAULT_FOLDER, attempts=5)
    commands = parser.add_subparsers(metavar="COMMAND", description="Without a command: original.")

    listing = commands.add_parser("list", help="every scenario in a line")
    listing.set_defaults(do=_list)

    run = commands.add_parser("run", help="run scenarios and keep what CI would upload, and the truth")
    run.add_argument("slugs", nargs="*", metavar="SCENARIO", help="all, where none is named")
    run.add_argument("--runs", type=int, default=1, help="how often each")
    run.add_argument("--out", type=Path, default=DEFAULT_FOLDER, help="folder for SCENARIO/NUMBER/…")
    run.add_argument("--verify", action="store_true", help="check the causes: run with the remedy and compare")
    run.set_defaults(do=_run)

    original = commands.add_parser("original", help="stage the original case and print the verdict on it")
    original.add_argument("--upload", default="", metavar="URL", help="a running Lineup: http://127.0.0.1:8000")
    original.add_argument("--token", default=os.environ.get("LINEUP_TOKEN", ""), help="with the scopes upload and read")
    original.add_argument("--out", type=Path, default=DEFAULT_FOLDER)
    original.add_argument("--attempts", type=int, default=5, help="the fault is a race: try until the test fails")
    original.set_defaults(do=_original)

    keeping = commands.add_parser("keep", help="make an incident of a recorded run")
    keeping.add_argument("run", type=Path)
    keeping.add_argument("incident", type=Path, help="such as tests/incidents/SLUG")
    keeping.set_defaults(do=lambda given: keep(given.run, given.incident))

    score = commands.add_parser("score", help="what Lineup makes of recorded runs, against the truth")
    score.add_argument("folder", type=Path, nargs="?", default=CORPUS, help="the recorded corpus, where none is named")
    score.add_argument("--wrong", action="store_true", help="list what misses the truth, in the half to tune on")
    score.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    score.set_defaults(do=lambda given: score_folder(given.folder, wrong=given.wrong, numbers=given.json))

    fit = commands.add_parser("fit", help="calibrate the confidence of verdicts on the half to tune on")
    fit.add_argument("folder", type=Path, nargs="?", default=CORPUS, help="the recorded corpus, where none is named")
    fit.add_argument("--write", action="store_true", help="into triage/core/weights.py")
    fit.set_defaults(do=lambda given: fit_folder(given.folder, write=given.write))

    corpus = commands.add_parser("corpus", help="record the corpus anew; it goes on where it was interrupted")
    corpus.add_argument("slugs", nargs="*", metavar="SCENARIO", help="all, where none is named")
    corpus.add_argument("--runs", type=int, default=3, help="how many of each")
    corpus.add_argument("--work", type=Path, default=DEFAULT_FOLDER / "corpus", help="where runs lie before packing")
    corpus.add_argument("--out", type=Path, default=CORPUS)
    corpus.set_defaults(do=_corpus)

    history = commands.add_parser("history", help="record scenarios' histories: many runs, then experiments")
    history.add_argument("slugs", nargs="+", metavar="SCENARIO")
    history.add_argument("--runs", type=int, default=12, help="how many as the scenario stands")
    history.add_argument("--controls", type=int, default=5, help="how many with the remedy, or with a fix")
    history.add_argument(
        "--work", type=Path, default=DEFAULT_FOLDER / "histories", help="where runs lie before packing"
    )
    history.add_argument("--out", type=Path, default=HISTORIES)
    history.set_defaults(do=_history)

    after = commands.add_parser("score-history", help="what Lineup makes of failures once it knows all runs")
    after.add_argument("folder", type=Path, nargs="?", default=HISTORIES, help="the recorded histories, where none")
    after.add_argument("--wrong", action="store_true", help="list what misses the truth, in the half to tune on")
    after.set_defaults(do=lambda given: score_histories(given.folder, wrong=given.wrong))
    return parser


def _list(_: argparse.Namespace) -> int:
    for scenario in SCENARIOS:
        cause = "/".join(part for part in (scenario.truth.kind, scenario.truth.mechanism) if part)
        print(f"{scenario.slug:28} {cause:34} {scenario.about}")
    return 0


def show(folder: Path) -> int:
    """What Lineup says of a recorded run, from its pure core; no running Lineup is needed."""
    found = gathered(folder)
    for line in draw(analyse(found.evidence), found.evidence, width=110, ink=PLAIN):
        print(line)
    return 0


def _run(options: argparse.Namespace) -> int:
    chosen = [by_slug(slug) for slug in options.slugs] or list(SCENARIOS)
    problems = 0
    for scenario in chosen:
        needed = needs(scenario)
        if needed:
            print(f"--  {scenario.slug}: {needed}")
            continue
        if options.verify:
            holds, sentence = verify(scenario, options.out / "verify" / scenario.slug, options.runs)
            problems += not holds
            print(f"{'ok ' if holds else 'NOT'} {scenario.slug}: {sentence}", flush=True)
            continue
        for number in range(1, options.runs + 1):
            try:
                truth = run_scenario(scenario, number, options.out / scenario.slug / str(number))
            except (TimeoutError, RuntimeError, OSError) as problem:
                problems += 1
                print(f"NOT {scenario.slug} {number}: {problem}", flush=True)
                continue
            failed = [failure["test"].rpartition("::")[2] for failure in truth["failures"]]
            print(f"ok  {scenario.slug} {number}: {len(truth['tests'])} tests, failed: {', '.join(failed) or 'none'}")
    return 1 if problems else 0


def _corpus(options: argparse.Namespace) -> int:
    chosen = [by_slug(slug) for slug in options.slugs] or list(SCENARIOS)
    return rebuild(chosen, options.runs, options.work, options.out)


def _history(options: argparse.Namespace) -> int:
    chosen = [by_slug(slug) for slug in options.slugs]
    return record(chosen, options.runs, options.controls, options.work, options.out)


def _original(options: argparse.Namespace) -> int:
    if options.upload and not options.token:
        print("no token: give --token or set LINEUP_TOKEN (manage.py token PROJECT --scope upload,read)")
        return 2
    needed = needs(by_slug("original"))
    if needed:
        print(needed, file=sys.stderr)
        return 2
    for attempt in range(1, options.attempts + 1):
        folder = options.out / "original" / str(attempt)
        truth = run_scenario(by_slug("original"), attempt, folder)
        if truth["failures"]:
            print(f"recorded: {folder}")
            return upload_and_wait(folder, options.upload, options.token, truth) if options.upload else show(folder)
        print(f"attempt {attempt}: both requests met the same worker, the test passed; once more")
    print("the fault did not show; it is a race: try again")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

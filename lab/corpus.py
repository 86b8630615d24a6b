"""The recorded corpus: all runs of a scenario in one small archive, the same bytes for the same runs."""

from __future__ import annotations

import io
import lzma
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab.needs import needs
from lab.run import run_scenario
from lab.scenario import Scenario

CORPUS = Path(__file__).resolve().parent / "corpus"
SUFFIX = ".tar.xz"


@contextmanager
def unpacked(folder: Path, slugs: Sequence[str] = ()) -> Iterator[list[Path]]:
    """The recorded runs below `folder`, SCENARIO/NUMBER each, those in SCENARIO.tar.xz too, for as long as it lasts.

    `slugs` names the scenarios; all, where there is none.
    """
    found = [path.parent for path in folder.glob("*/*/truth.json") if not slugs or path.parts[-3] in slugs]
    with tempfile.TemporaryDirectory(prefix="lineup-corpus-") as name:
        for archive in folder.glob(f"*{SUFFIX}"):
            if slugs and archive.name.removesuffix(SUFFIX) not in slugs:
                continue
            with tarfile.open(archive, "r:xz") as packed:
                packed.extractall(name, filter="data")
        found += [path.parent for path in Path(name).glob("*/*/truth.json")]
        yield sorted(found, key=lambda run: (run.parent.name, run.name))


def pack(runs: Path, archive: Path) -> int:
    """Packs SCENARIO/NUMBER/… below the scenario's folder `runs`; gives the archive's size in bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as packed:
        for path in sorted(runs.rglob("*")):
            if not path.is_file():
                continue
            member = tarfile.TarInfo(f"{runs.name}/{path.relative_to(runs).as_posix()}")
            member.size, member.mode = path.stat().st_size, 0o644  # no owner, no time: nothing but the content
            with path.open("rb") as content:
                packed.addfile(member, content)
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(lzma.compress(buffer.getvalue(), preset=9 | lzma.PRESET_EXTREME))
    return archive.stat().st_size


def record_all(scenarios: Sequence[Scenario], record: Callable[[Scenario, Path], str], work: Path, out: Path) -> int:
    """Records each scenario under `work` and packs it into `out`; what `work` has already is not recorded again.

    `record` gives what went wrong, or nothing. A scenario that fails is named and keeps the archive that it has. Exit
    status 1 where one failed.
    """
    failed: list[str] = []
    for scenario in scenarios:
        problem = needs(scenario) or record(scenario, work / scenario.slug)
        if problem:
            failed.append(scenario.slug)
            print(f"NOT {scenario.slug}: {problem}", flush=True)
            continue
        size = pack(work / scenario.slug, out / f"{scenario.slug}{SUFFIX}")
        print(f"ok  {scenario.slug}: {size / 1024:.1f} KiB", flush=True)
    whole = sum(path.stat().st_size for path in out.glob(f"*{SUFFIX}"))
    print(f"{len(scenarios) - len(failed)} scenarios recorded, {whole / 1_048_576:.2f} MiB in {out}")
    if failed:
        print(f"failed: {' '.join(failed)}")
    return 1 if failed else 0


def rebuild(scenarios: Sequence[Scenario], runs: int, work: Path, corpus: Path) -> int:
    """Records so many runs of each scenario into the corpus, as `record_all` does."""
    return record_all(scenarios, lambda scenario, folder: _record(scenario, runs, folder), work, corpus)


def _record(scenario: Scenario, runs: int, folder: Path) -> str:
    """What went wrong; empty where all runs are there."""
    for number in range(1, runs + 1):
        run = folder / str(number)
        if (run / "truth.json").exists():
            continue
        shutil.rmtree(run, ignore_errors=True)  # what an interrupted recording left
        try:
            run_scenario(scenario, number, run)
        except Exception as problem:  # whatever one scenario does, the others are recorded
            shutil.rmtree(run, ignore_errors=True)
            return f"run {number}: {type(problem).__name__}: {problem}"
    for beyond in folder.iterdir():
        if beyond.name.isdigit() and int(beyond.name) > runs:
            shutil.rmtree(beyond)
    return ""

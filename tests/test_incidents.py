"""Every incident in tests/incidents: evidence as a user would send it, through the formats and the core.

`--rewrite-incidents` writes what comes out as the new expectation: read the difference before committing it.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.formats.gather import Gathered, Offered, gather
from ingest.formats.source import PartSource
from triage.core.analyse import analyse
from triage.core.findings import Report, Verdict
from triage.core.records import Side, micros

FOLDER = Path(__file__).parent / "incidents"
INCIDENTS = sorted(p for p in FOLDER.iterdir() if p.is_dir())


def read_incident(folder: Path) -> tuple[Gathered, Report]:
    meta = json.loads((folder / "meta.json").read_text()) if (folder / "meta.json").exists() else {}
    files = [(side, path) for side in Side for path in sorted((folder / side.value).glob("*"))]
    handles = [path.open("rb") for _, path in files]
    try:
        gathered = gather(
            [Offered(PartSource(path.name, handle), side) for (side, path), handle in zip(files, handles, strict=True)],
            now_us=_time(meta.get("started_at")) or micros(datetime.fromisoformat("2026-11-23T00:00:00+00:00")),
            started_us=_time(meta.get("started_at")),
            finished_us=_time(meta.get("finished_at")),
            client_timezone=meta.get("client_timezone"),
            server_timezone=meta.get("server_timezone"),
            server_workers=meta.get("environment", {}).get("server_workers"),
        )
    finally:
        for handle in handles:
            handle.close()
    return gathered, analyse(gathered.evidence)


def _time(text: str | None) -> int | None:
    return micros(datetime.fromisoformat(text)) if text else None


def told(verdict: Verdict) -> dict[str, Any]:
    """What an expectation may name of a verdict."""
    return {
        "test": verdict.test,
        "kind": verdict.kind.value,
        "side": verdict.side.value if verdict.side else None,
        "mechanism": verdict.mechanism.value if verdict.mechanism else None,
        "level": verdict.level.value,
        "write_pid": verdict.write.pid if verdict.write else None,
        "read_pid": verdict.read.pid if verdict.read else None,
    }


@pytest.mark.parametrize("folder", INCIDENTS, ids=lambda p: p.name)
def test_an_incident_gets_the_verdict_it_should(folder: Path, request: pytest.FixtureRequest):
    gathered, report = read_incident(folder)
    assert all(part.format for part in gathered.parts), [part.problem for part in gathered.parts]
    expected = json.loads((folder / "expected.json").read_text())
    found = [told(verdict) for verdict in report.verdicts]
    if request.config.getoption("--rewrite-incidents"):
        named = [sorted(wanted) for wanted in expected["failures"]]
        expected["failures"] = [
            {k: v for k, v in f.items() if i >= len(named) or k in named[i]} for i, f in enumerate(found)
        ]
        (folder / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")
    assert [f["test"] for f in found] == [f["test"] for f in expected["failures"]]
    for got, wanted in zip(found, expected["failures"], strict=True):
        assert {key: got[key] for key in wanted} == wanted


@pytest.mark.parametrize("folder", INCIDENTS, ids=lambda p: p.name)
def test_an_incident_says_where_it_came_from(folder: Path):
    assert (folder / "ABOUT.md").read_text().startswith("# ")

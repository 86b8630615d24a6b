"""Makes an incident of a recorded run: the evidence as a user would send it, and the verdict that it deserves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

NAMES = ("test", "kind", "side", "mechanism", "write_pid", "read_pid")
ABOUT = """# {title}

{about}

Recorded by the lab, scenario `{scenario}`: `python -m lab run {scenario}`.
"""


def keep(run: Path, incident: Path) -> None:
    """Copies `run` to `incident` with expected.json from its truth; an ABOUT.md that is there stays."""
    truth = json.loads((run / "truth.json").read_text())
    for side in ("tests", "server"):
        shutil.copytree(run / side, incident / side, dirs_exist_ok=True)
    meta = json.loads((run / "meta.json").read_text()) | {"run_key": f"incident/{incident.name}"}
    (incident / "meta.json").write_text(json.dumps(meta, indent=2) + "\n")
    failures = [_expected(failure) for failure in truth["failures"]]
    (incident / "expected.json").write_text(json.dumps({"failures": failures}, indent=2) + "\n")
    about = incident / "ABOUT.md"
    if not about.exists():
        title = incident.name.replace("-", " ").capitalize()
        about.write_text(ABOUT.format(title=title, about=truth["about"], scenario=truth["scenario"]))


def _expected(failure: dict[str, Any]) -> dict[str, Any]:
    """What the verdict has to say; where the logs cannot tell, that it says so."""
    if "honest" in failure:
        return {"test": failure["test"], "kind": failure["honest"][0]}
    return {name: failure[name] for name in NAMES if failure.get(name) is not None}

"""What a notice says of a failure, so that it is true when it is sent late."""

from __future__ import annotations

from typing import Any

from triage.models import FailureGroup, Run


def of_group(group: FailureGroup, run: Run | None) -> dict[str, Any]:
    """JSON of a failure, and of the run in which it was seen. It asks the database nothing."""
    said = {
        "group": group.pk, "test": group.test, "summary": group.summary, "kind": group.kind, "level": group.level,
        "confidence": group.confidence, "path": f"/groups/{group.pk}",
    }  # fmt: skip
    if run is None:
        return said
    return said | {
        "run": str(run.pk), "run_name": run.name or run.run_key, "branch": run.branch, "commit": run.commit,
        "ci_url": run.ci_url,
    }  # fmt: skip

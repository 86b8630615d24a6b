"""A recorded run as the core sees it: the same detection, formats and window that an upload goes through."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.formats.gather import Gathered, Offered, gather
from ingest.formats.source import PartSource
from triage.core.records import Side, micros


def gathered(folder: Path) -> Gathered:
    """Reads `folder`/{meta.json,tests/*,server/*}; truth.json is not looked at."""
    meta: dict[str, Any] = json.loads((folder / "meta.json").read_text())
    with ExitStack() as stack:
        offered = [
            Offered(PartSource(path.name, stack.enter_context(path.open("rb"))), side)
            for side in (Side.TESTS, Side.SERVER)
            for path in sorted((folder / side.value).iterdir())
        ]
        started, finished = (micros(datetime.fromisoformat(meta[name])) for name in ("started_at", "finished_at"))
        return gather(
            offered,
            now_us=finished,
            started_us=started,
            finished_us=finished,
            client_timezone=meta.get("client_timezone"),
            server_timezone=meta.get("server_timezone"),
            server_workers=meta.get("environment", {}).get("server_workers"),
        )

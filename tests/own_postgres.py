"""Every test session gets its own real Postgres, unless DATABASE_URL names one."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "DATABASE_URL" not in os.environ:
    from config.embedded import temporary_postgres

    _folder = Path(tempfile.mkdtemp(prefix="lineup-test-", dir="/tmp"))
    _postgres = temporary_postgres(_folder)
    os.environ["DATABASE_URL"] = _postgres.__enter__()

    def _stop() -> None:
        _postgres.__exit__(None, None, None)
        shutil.rmtree(_folder, ignore_errors=True)

    atexit.register(_stop)
if "LINEUP_HOME" not in os.environ:
    os.environ["LINEUP_HOME"] = tempfile.mkdtemp(prefix="lineup-home-")

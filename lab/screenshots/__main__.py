"""python -m lab.screenshots: pictures of the main pages for the documentation, and what looks broken on them."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from lab.screenshots.shots import take
from lab.screenshots.stage import ROOT, staged


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m lab.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--every-size", action="store_true", help="390, 1280 and 2560 pixels wide, light and dark")
    parser.add_argument("--runs", type=int, default=12, help="of each recorded history")
    given = parser.parse_args(arguments)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("needs chromium", file=sys.stderr)
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="lineup-screenshots-") as home,
        staged(Path(home), each=given.runs) as stage,
    ):
        broken = take(stage, chromium, given.out, everything=given.every_size)
    for name, found in broken.items():
        print(f"{name}: {'; '.join(found)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Which repository and pull request a run belongs to, as far as the run itself tells it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from triage.core.notices.records import Told

REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_SHA = re.compile(r"[0-9a-fA-F]{7,64}")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_KEY = re.compile(r"github/([^/]{1,39}/[^/]{1,100})/")
# matches `refs/pull/12/merge`, `pull/12/head` and the `12/merge` that actions call a branch
_REF = re.compile(r"(?:(?:refs/)?pull/)?([1-9][0-9]{0,8})/(?:merge|head)")


def belongs(told: Told, repository: str) -> bool:
    """False where the run's own address or key names another repository: nothing is ever said elsewhere."""
    named = {name.lower() for name in (_of_key(told.run_key), _of_address(told.ci_url)) if name}
    return named <= {repository.lower()}


def number(told: Told) -> int | None:
    """The pull request's number: from the run's environment, its branch, or its address; None where none tells."""
    if _NUMBER.fullmatch(told.pull_request.strip()):
        return int(told.pull_request)
    found = _REF.fullmatch(told.branch.strip())
    if found:
        return int(found[1])
    parts = _path(told.ci_url)
    if len(parts) > 3 and parts[2] == "pull" and _NUMBER.fullmatch(parts[3]):
        return int(parts[3])
    return None


def commit(told: Told) -> str:
    """The commit's name, whole or short; "" where the run tells none that could be one."""
    name = told.commit.strip().lower()
    return name if _SHA.fullmatch(name) else ""


def branch(told: Told) -> str:
    """The branch to look a pull request up by; "" where none is told."""
    return told.branch.strip().removeprefix("refs/heads/")


def _of_key(run_key: str) -> str:
    found = _KEY.match(run_key)
    return found[1] if found else ""


def _of_address(ci_url: str) -> str:
    """`owner/name` of an address below a repository's pages, such as `…/owner/name/actions/runs/12`."""
    parts = _path(ci_url)
    return "/".join(parts[:2]) if len(parts) > 3 and parts[2] in ("actions", "pull", "runs", "commit") else ""


def _path(url: str) -> list[str]:
    try:
        return urlsplit(url).path.strip("/").split("/")
    except ValueError:
        return []

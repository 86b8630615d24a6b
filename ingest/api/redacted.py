"""What an upload says of its run, without secrets: a URL with a password in it, an environment with a token."""

from __future__ import annotations

from dataclasses import replace

from ingest.api.meta import LENGTHS
from ingest.redaction.redactor import Redactor
from triage.core.records import Fact
from triage.store.uploads import RunMeta


def redacted(meta: RunMeta, redactor: Redactor) -> RunMeta:
    """The run's key and commit stay as they are: programs find the run by them."""

    def clean(field: str, value: str | None) -> str | None:
        return None if value is None else redactor.text(value)[: LENGTHS[field]]

    def of_environment(name: str, value: str | int | float) -> str | int | float:
        if not isinstance(value, str):
            return value
        (fact,) = redactor.records((Fact(name=name, value=value),))  # the name tells what the value is
        return fact.value if isinstance(fact, Fact) else value

    return replace(
        meta,
        name=clean("name", meta.name),
        branch=clean("branch", meta.branch),
        ci_url=clean("ci_url", meta.ci_url),
        environment={name: of_environment(name, value) for name, value in meta.environment.items()},
    )

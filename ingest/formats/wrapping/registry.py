"""Every wrapper, as a literal tuple: the order is the order of trying, the one that says more before the other."""

from __future__ import annotations

from ingest.formats.wrapping import (
    azure,
    buildkite,
    circleci,
    compose,
    cri,
    docker_json,
    docker_stamps,
    github,
    github_cli,
    gitlab,
    honcho,
    jenkins,
    kubectl,
    pm2,
    stamped,
    stern,
)
from ingest.formats.wrapping.wrapper import Wrapper

CI_WRAPPERS: tuple[Wrapper, ...] = (azure, github, github_cli, gitlab, buildkite, jenkins, circleci)
CONTAINER_WRAPPERS: tuple[Wrapper, ...] = (docker_json, cri, docker_stamps, compose, kubectl, pm2, honcho, stern)
WRAPPERS: tuple[Wrapper, ...] = (*CI_WRAPPERS, *CONTAINER_WRAPPERS, stamped)

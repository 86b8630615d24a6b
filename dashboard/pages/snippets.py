"""The lines to copy into a CI, with the project's own address. None of them can break or hold up a build."""

from __future__ import annotations

import msgspec

WAIT_S = 60


class Snippet(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: str
    where: str
    text: str


def curl_line(site: str, secret: str = "") -> str:
    """One line that uploads two files. It waits a minute at most, and its failure does not fail the build."""
    token = secret or "$LINEUP_TOKEN"
    return (
        f'curl -sS --max-time {WAIT_S} -H "Authorization: Bearer {token}" '
        '-F \'meta={"run_key": "try/1"}\' -F tests=@pytest.log -F server=@journal.txt '
        f"{site}/api/v1/runs || true"
    )


def _curl(site: str, key: str, indent: str) -> str:
    return f"\n{indent}".join(
        (
            f'curl -sS --max-time {WAIT_S} -H "Authorization: Bearer $LINEUP_TOKEN" \\',
            f"  -F meta='{{\"run_key\": \"'{key}'\"}}' \\",
            "  -F tests=@pytest.log -F server=@journal.txt \\",
            f"  {site}/api/v1/runs || true",
        )
    )


def snippets(site: str) -> tuple[Snippet, ...]:
    """`site` is the address that CI jobs reach, such as https://lineup.example.org."""
    return (_github(site), _gitlab(site), _jenkins(site), _buildkite(site), _azure(site), _circleci(site), _shell(site))


def _github(site: str) -> Snippet:
    key = '"github/$GITHUB_REPOSITORY/$GITHUB_RUN_ID/$GITHUB_RUN_ATTEMPT"'
    return Snippet(
        key="github",
        name="GitHub Actions",
        where="as the last step of the job; LINEUP_TOKEN is a repository secret",
        text=(
            "- name: Send the logs to Lineup\n"
            "  if: always()\n"
            "  env:\n"
            "    LINEUP_TOKEN: ${{ secrets.LINEUP_TOKEN }}\n"
            "  run: |\n"
            f"    {_curl(site, key, '    ')}"
        ),
    )


def _gitlab(site: str) -> Snippet:
    key = '"gitlab/$CI_PROJECT_PATH/$CI_PIPELINE_ID/$CI_JOB_ID"'
    return Snippet(
        key="gitlab",
        name="GitLab CI",
        where="in the job that runs the tests; LINEUP_TOKEN is a masked variable",
        text=f"after_script:\n  - |\n    {_curl(site, key, '    ')}",
    )


def _jenkins(site: str) -> Snippet:
    key = '"jenkins/$JOB_NAME/$BUILD_NUMBER"'
    return Snippet(
        key="jenkins",
        name="Jenkins",
        where="in the pipeline; LINEUP_TOKEN is a secret text credential",
        text=(
            "post {\n"
            "  always {\n"
            "    withCredentials([string(credentialsId: 'lineup', variable: 'LINEUP_TOKEN')]) {\n"
            "      sh '''\n"
            f"        {_curl(site, key, '        ')}\n"
            "      '''\n"
            "    }\n"
            "  }\n"
            "}"
        ),
    )


def _buildkite(site: str) -> Snippet:
    # In a pipeline's YAML a variable of the job itself is written with two dollar signs.
    curl = _curl(site, '"buildkite/$BUILDKITE_PIPELINE_SLUG/$BUILDKITE_BUILD_NUMBER/$BUILDKITE_JOB_ID"', "      ")
    return Snippet(
        key="buildkite",
        name="Buildkite",
        where="in the step that runs the tests; LINEUP_TOKEN is a cluster secret",
        text=(
            "steps:\n"
            "  - command: |\n"
            "      status=0\n"
            "      pytest > pytest.log 2>&1 || status=$$?\n"
            f"      {curl.replace('$', '$$')}\n"
            "      exit $$status\n"
            "    secrets:\n"
            "      - LINEUP_TOKEN"
        ),
    )


def _azure(site: str) -> Snippet:
    key = '"azure/$SYSTEM_TEAMPROJECT/$BUILD_BUILDID/$SYSTEM_JOBID/$SYSTEM_JOBATTEMPT"'
    return Snippet(
        key="azure",
        name="Azure Pipelines",
        where="as the last step of the job; LINEUP_TOKEN is a secret variable",
        text=(
            "- bash: |\n"
            f"    {_curl(site, key, '    ')}\n"
            "  displayName: Send the logs to Lineup\n"
            "  condition: always()\n"
            "  env:\n"
            "    LINEUP_TOKEN: $(LINEUP_TOKEN)"
        ),
    )


def _circleci(site: str) -> Snippet:
    key = '"circleci/$CIRCLE_PROJECT_REPONAME/$CIRCLE_WORKFLOW_ID/$CIRCLE_BUILD_NUM"'
    return Snippet(
        key="circleci",
        name="CircleCI",
        where="as the last step of the job; LINEUP_TOKEN is a variable of the project or a context",
        text=(
            "- run:\n"
            "    name: Send the logs to Lineup\n"
            "    when: always\n"
            "    command: |\n"
            f"      {_curl(site, key, '      ')}"
        ),
    )


def _shell(site: str) -> Snippet:
    return Snippet(
        key="shell",
        name="Any other CI, or a shell",
        where="after the tests, whatever they came to; each run needs a run_key of its own",
        text=_curl(site, '"ci/$(date +%s)"', ""),
    )

"""Keys that their makers gave a shape of their own, so that they can be told anywhere, without a name before them."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.redaction.engine import compiled, spans
from ingest.redaction.found import Found

# (kind, how it begins, the whole expression). The first whose beginning fits names the kind. The shapes are those that
# the makers document for secret scanning.
SHAPES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("jwt", ("eyJ",), r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+){0,2}"),
    ("aws-key", ("AKIA", "ASIA", "ABIA", "ACCA"), r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    ("gcp-key", ("AIza", "GOCSPX-", "ya29.", "1//0"),
     r"\bAIza[\w-]{35}|\bGOCSPX-[\w-]{20,}|\bya29\.[\w-]{20,}|\b1//0[\w-]{30,}"),
    ("azure-key", (), r"\b[\w.~-]{3}[78]Q~[\w.~-]{31,34}"),
    ("github-token", ("gh", "github_pat_"), r"\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{22,}"),
    ("gitlab-token", ("gl", "GR1348941"), r"\bgl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct|oas)-[\w.-]{16,}"
     r"|\bGR1348941[\w-]{20}"),
    ("slack-token", ("xox", "xapp-"), r"\bxox[a-z]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{10,}"),
    ("slack-webhook", ("hooks.slack",), r"\bhooks\.slack\.com/(?:services|workflows)/[\w/-]{20,}"),
    ("stripe-key", ("sk_", "rk_", "whsec_"), r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9]{20,}"),
    ("npm-token", ("npm_",), r"\bnpm_[A-Za-z0-9]{30,}"),
    ("pypi-token", ("pypi-",), r"\bpypi-AgE[\w-]{16,}"),
    ("sendgrid-key", ("SG.",), r"\bSG\.[\w-]{16,32}\.[\w-]{16,64}"),
    ("twilio-key", ("SK",), r"\bSK[0-9a-f]{32}\b"),
    ("anthropic-key", ("sk-ant-",), r"\bsk-ant-[\w-]{16,}"),
    ("openai-key", ("sk-",), r"\bsk-(?:proj|svcacct|admin|None)-[\w-]{16,}|\bsk-[A-Za-z0-9]{20,}"),
    ("digitalocean-token", ("do",), r"\bdo[oprt]_v1_[a-f0-9]{40,}"),
    ("heroku-key", ("HRKU-",), r"\bHRKU-[\w-]{20,}"),
    ("vault-token", ("hv",), r"\bhv[sbr]\.[\w-]{20,}"),
    ("lineup-token", ("lineup_",), r"\blineup_[\w-]{43}"),
    ("databricks-token", ("dapi",), r"\bdapi[0-9a-f]{32}\b"),
    ("docker-token", ("dckr_",), r"\bdckr_(?:pat|oat)_[\w-]{20,}"),
    ("huggingface-token", ("hf_",), r"\bhf_[A-Za-z0-9]{30,}"),
    ("grafana-token", ("glsa_", "glc_"), r"\bglsa_[A-Za-z0-9_]{32,}|\bglc_[A-Za-z0-9+/]{32,}={0,2}"),
    ("shopify-token", ("shp",), r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b"),
    ("telegram-token", (), r"\b[0-9]{8,10}:AA[\w-]{33}\b"),
    ("newrelic-key", ("NRAK-",), r"\bNRAK-[A-Z0-9]{27}\b"),
    ("sentry-token", ("sntry",), r"\bsntry[su]_[\w+/=-]{30,}"),
    ("atlassian-token", ("ATATT3",), r"\bATATT3[\w=-]{40,}"),
    ("age-key", ("AGE-SECRET",), r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,}"),
)  # fmt: skip
TRIGGER = "|".join(expression for _, _, expression in SHAPES)
_KEY = compiled(TRIGGER)


def find(text: str) -> Iterator[Found]:
    for start, end in spans(_KEY, text):
        kind = _kind(text, start, end)
        if kind == "slack-webhook":
            start = text.index("/", start) + 1
        if kind == "openai-key" and not any(map(str.isdigit, text[start:end])):
            continue
        yield Found(start, end, kind)


def _kind(text: str, start: int, end: int) -> str:
    for kind, beginnings, _ in SHAPES:
        if beginnings and text.startswith(beginnings, start):
            return kind
    return "azure-key" if "Q~" in text[start:end] else "telegram-token"

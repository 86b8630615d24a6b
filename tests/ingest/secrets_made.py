"""Secrets that look real and are none. They are put together here, so that no scanner takes this file for a leak."""

from __future__ import annotations

HEX = "0123456789abcdef"
WORD = "Zx8Kq2Lm5Np7Rt9Vw3By"  # twenty letters and digits
LONG = WORD * 5

JWT = ".".join(("eyJ" + "hbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "eyJ" + "zdWIiOiI0MiJ9", "s5yDqnQ" + WORD))
SIGNED_SESSION = "eyJ" + "1c2VyX2lkIjo3fQ" + ".aSD9Yg." + WORD
BASIC = "dXNlcjpw" + "YXNzd29yZA=="  # user:password
PEM_BODY = ("MIIE" + LONG[:60], LONG[3:67], LONG[5:20] + "==")

KNOWN = {
    "aws-key": ["AK" + "IA" + "IOSFODNN7EXAMPLQ", "AS" + "IA" + "IOSFODNN7EXAMPLQ"],
    "gcp-key": ["AI" + "za" + LONG[:35], "GOC" + "SPX-" + LONG[:28], "ya" + "29." + LONG[:40]],
    "azure-key": ["abc" + "8Q~" + LONG[:34]],
    "github-token": [f"gh{kind}" + "_" + LONG[:36] for kind in "posur"] + ["github" + "_pat_" + LONG[:60]],
    "gitlab-token": ["gl" + "pat-" + WORD],
    "slack-token": ["xo" + "xb-123456789012-123456789012-" + WORD],
    "stripe-key": ["sk" + "_live_" + WORD, "rk" + "_test_" + WORD, "wh" + "sec_" + LONG[:32]],
    "npm-token": ["np" + "m_" + LONG[:36]],
    "pypi-token": ["py" + "pi-" + "AgEIcHlwaS5vcmc" + LONG[:40]],
    "sendgrid-key": ["S" + "G." + LONG[:22] + "." + LONG[:43]],
    "twilio-key": ["S" + "K" + HEX * 2],
    "openai-key": ["s" + "k-proj-" + LONG[:48], "s" + "k-" + LONG[:48]],
    "anthropic-key": ["s" + "k-ant-api03-" + LONG[:60]],
    "digitalocean-token": ["do" + "p_v1_" + HEX * 4],
    "heroku-key": ["HR" + "KU-" + LONG[:40]],
    "vault-token": ["hv" + "s." + LONG[:24]],
    "lineup-token": ["line" + "up_" + LONG[:43]],
    "huggingface-token": ["h" + "f_" + LONG[:34]],
    "jwt": [JWT, SIGNED_SESSION],
}


def pem(kind: str = "RSA ", end: str = "\n") -> str:
    return end.join((f"-----BEGIN {kind}PRIVATE" + " KEY-----", *PEM_BODY, f"-----END {kind}PRIVATE" + " KEY-----"))

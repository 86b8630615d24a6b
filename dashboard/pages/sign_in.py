"""The page that asks who one is: the ways in that there are, and what was wrong with the last try."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from django.urls import reverse


class SignInPage(msgspec.Struct, frozen=True, kw_only=True):
    problem: str
    name: str  # as it was typed
    goes_on: str
    passwords: bool
    mails: bool  # whether a forgotten password can be mailed about
    provider: str  # what the single sign-on is called; "" where there is none
    provider_href: str


def sign_in_page(provider: str, *, problem: str, name: str, goes_on: str, passwords: bool, mails: bool) -> SignInPage:
    query = f"?{urlencode({'next': goes_on})}" if goes_on else ""
    return SignInPage(
        problem=problem,
        name=name,
        goes_on=goes_on,
        passwords=passwords,
        mails=mails,
        provider=provider,
        provider_href=reverse("single-sign-on") + query,
    )

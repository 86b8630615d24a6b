"""The OIDC_… variables: who signs people in, and what becomes of somebody who comes for the first time."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from config import environment

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
ROLES = ("none", "viewer", "triager", "admin")


class SingleSignOn(NamedTuple):
    issuer: str = ""  # "": there is none
    client_id: str = ""
    client_secret: str = ""  # "" for a public client
    name: str = ""  # what the button says
    domains: tuple[str, ...] = ()  # of verified mail addresses; none: everybody whom the provider lets in
    operators: tuple[str, ...] = ()  # verified mail addresses or subjects of people who see every project
    makes_accounts: bool = True
    links_by_mail: bool = False
    role: str = ""  # of a new person, in `projects`; "" for none
    projects: tuple[str, ...] = ()  # slugs; none: all that there are


def read() -> SingleSignOn:
    issuer = environment.url("OIDC_ISSUER", ("https", "http"))
    if not issuer:
        return SingleSignOn()
    if issuer.startswith("http:") and urlsplit(issuer).hostname not in LOOPBACK:
        raise environment.BadVariable("OIDC_ISSUER must begin with https://: over plain http anybody could be anybody.")
    client_id = environment.text("OIDC_CLIENT_ID")
    if not client_id:
        raise environment.BadVariable("OIDC_CLIENT_ID must be set where OIDC_ISSUER is: the provider gives it to you.")
    role = environment.choice("OIDC_DEFAULT_ROLE", "none", ROLES)
    return SingleSignOn(
        issuer=issuer,
        client_id=client_id,
        client_secret=environment.text("OIDC_CLIENT_SECRET"),
        name=environment.text("OIDC_NAME", "single sign-on"),
        domains=tuple(word.lower().removeprefix("@") for word in environment.words("OIDC_DOMAINS")),
        operators=environment.words("OIDC_ADMINS"),
        makes_accounts=environment.flag("OIDC_NEW_PEOPLE", True),
        links_by_mail=environment.flag("OIDC_LINK_BY_MAIL"),
        role="" if role == "none" else role,
        projects=environment.words("OIDC_DEFAULT_PROJECTS"),
    )

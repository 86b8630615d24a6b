"""GitHub's REST API, as far as a comment and a status need it: what a token may do, pages, its words for errors."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.stand_ins.server import Answer, Asked, StandIn

TOKEN = "github_pat_11ABCDEFG0123456789_carstoken"
SHA = "9f2c1ab7d0" + "4" * 30


class GitHub(StandIn):
    """One repository, `acme/cars`, with pull request 12 from branch `figo` and an issue 13."""

    def __init__(self) -> None:
        super().__init__()
        self.comments: dict[int, dict[str, Any]] = {}
        self.statuses: dict[str, list[dict[str, Any]]] = {}
        self.pulls = {12: {"number": 12, "state": "open", "head": {"ref": "figo", "sha": SHA}}}
        self.permissions = {"pull": True, "push": True}
        self._next = 1000

    def somebody_comments(self, body: str, number: int = 12) -> int:
        self._next += 1
        self.comments[self._next] = {"id": self._next, "body": body, "issue": number, "user": {"login": "mallory"}}
        return self._next

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(401, {"message": "Bad credentials"})
        url = urlsplit(asked.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        prefix = "/repos/acme/cars"
        if not url.path.startswith(prefix):
            return Answer(404, {"message": "Not Found"})
        if asked.method != "GET" and not self.permissions["push"]:
            return Answer(403, {"message": "Resource not accessible by personal access token"})
        return self._in_repository(asked, url.path.removeprefix(prefix), query)

    def _in_repository(self, asked: Asked, path: str, query: dict[str, str]) -> Answer:
        match asked.method, path.strip("/").split("/"):
            case "GET", [""]:
                return Answer(200, {"full_name": "acme/cars", "permissions": self.permissions})
            case "GET", ["pulls"]:
                head = query.get("head", "")
                return Answer(200, [p for p in self.pulls.values() if f"acme:{p['head']['ref']}" == head])
            case "GET", ["pulls", number]:
                found = self.pulls.get(int(number))
                return Answer(200, found) if found else Answer(404, {"message": "Not Found"})
            case "GET", ["commits", sha, "pulls"]:
                if not SHA.startswith(sha):
                    return Answer(422, {"message": f"No commit found for SHA: {sha}"})
                return Answer(200, [p for p in self.pulls.values() if p["head"]["sha"].startswith(sha)])
            case "GET", ["commits", sha]:
                return Answer(200, {"sha": SHA}) if SHA.startswith(sha) else Answer(422, {"message": "No commit found"})
            case "POST", ["statuses", sha]:
                return self._status(sha, json.loads(asked.body))
            case "GET", ["issues", number, "comments"]:
                return self._page(int(number), query)
            case "POST", ["issues", number, "comments"]:
                return Answer(201, self.comments[self._new(int(number), json.loads(asked.body)["body"])])
            case "PATCH", ["issues", "comments", key]:
                if int(key) not in self.comments:
                    return Answer(404, {"message": "Not Found"})
                self.comments[int(key)]["body"] = json.loads(asked.body)["body"]
                return Answer(200, self.comments[int(key)])
        return Answer(404, {"message": "Not Found"})

    def _new(self, number: int, body: str) -> int:
        self._next += 1
        self.comments[self._next] = {"id": self._next, "body": body, "issue": number, "user": {"login": "lineup"}}
        return self._next

    def _page(self, number: int, query: dict[str, str]) -> Answer:
        each, page = min(int(query.get("per_page", 30)), 100), int(query.get("page", 1))
        of_issue = [one for one in self.comments.values() if one["issue"] == number]
        return Answer(200, of_issue[(page - 1) * each : page * each])

    def _status(self, sha: str, body: dict[str, Any]) -> Answer:
        if not re.fullmatch(r"[0-9a-f]{40}", sha):
            return Answer(422, {"message": f"No commit found for SHA: {sha}"})
        if body.get("state") not in ("error", "failure", "pending", "success") or len(body["description"]) > 140:
            return Answer(422, {"message": "Validation Failed"})
        self.statuses.setdefault(sha, []).append(body)
        return Answer(201, body)

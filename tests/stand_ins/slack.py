"""Slack's incoming webhooks, after its documentation: what it refuses and in which words."""

from __future__ import annotations

import json
from typing import Any

from tests.stand_ins.server import Answer, Asked, StandIn

PATH = "/services/T0CARS/B0TRIAGE/s3cr3tW3bh00kAddr3ss"
STYLES = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}


class Slack(StandIn):
    def __init__(self) -> None:
        super().__init__()
        self.webhook = self.url + PATH
        self.messages: list[dict[str, Any]] = []

    def answer(self, asked: Asked) -> Answer:
        if asked.path != PATH:
            return Answer(404, "no_service")
        try:
            message = json.loads(asked.body)
        except ValueError:
            return Answer(400, "invalid_payload")
        if not isinstance(message, dict) or not (message.get("text") or message.get("blocks")):
            return Answer(400, "no_text")
        wrong = wrong_with(message.get("blocks", []))
        if wrong or len(message.get("text", "")) > 40_000:
            return Answer(400, "invalid_blocks")
        self.messages.append(message)
        return Answer(200, "ok", {"Content-Type": "text/html"})


SECTION = 3_000  # characters of one block
WHOLE = 13_000  # of a message's blocks; longer ones are `msg_blocks_too_long`


def wrong_with(blocks: Any) -> str:
    """What Slack would find wrong with blocks; "" for nothing."""
    if not isinstance(blocks, list) or len(blocks) > 50:
        return "more than 50 blocks"
    if sum(map(_length, blocks)) > WHOLE:
        return "msg_blocks_too_long"
    for block in blocks:
        if _length(block) > SECTION:
            return "a block of more than 3,000 characters"
        if block.get("type") != "rich_text":
            return f"unknown block {block.get('type')}"
        for element in block["elements"]:
            wrong = _wrong_with_element(element)
            if wrong:
                return wrong
    return ""


def _length(element: dict[str, Any]) -> int:
    return len(element.get("text", "")) + sum(map(_length, element.get("elements", ())))


def _wrong_with_element(element: dict[str, Any]) -> str:
    if element.get("type") not in STYLES or not element.get("elements"):
        return f"unknown or empty element {element}"
    if element["type"] == "rich_text_list" and (
        element.get("style") not in ("bullet", "ordered") or not 0 <= element.get("indent", 0) <= 8
    ):
        return f"unknown list {element.get('style')}"
    for leaf in element["elements"]:
        if element["type"] == "rich_text_list":
            wrong = _wrong_with_element(leaf)
        elif leaf.get("type") == "text":
            wrong = "" if isinstance(leaf.get("text"), str) and 0 < len(leaf["text"]) <= 3_000 else "bad text"
        elif leaf.get("type") == "link":
            wrong = "" if leaf.get("url", "").startswith("http") and len(leaf["url"]) <= 3_000 else "bad link"
        else:
            wrong = f"unknown leaf {leaf}"
        if wrong:
            return wrong
    return ""

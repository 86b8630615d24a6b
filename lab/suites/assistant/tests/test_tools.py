import json
import logging
import os
import time

import pytest
import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("assistant")


class Conversation:
    """Answers come over the stream, questions go by POST to the address that the stream names first."""

    def __init__(self):
        self.stream = requests.get(URL + "/sse", stream=True, timeout=5)
        self.lines = self.stream.iter_lines(decode_unicode=True)
        self.address = self.next_data()
        self.asked = 0

    def next_data(self):
        return next(line for line in self.lines if line.startswith("data: ")).removeprefix("data: ")

    def ask(self, method, **params):
        self.asked += 1
        question = {"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}
        time.sleep(0.03)
        response = requests.post(URL + self.address, json=question, timeout=5)
        LOG.info("%s: %s %s", method, response.status_code, response.text)
        assert response.status_code == 202, response.text
        return json.loads(self.next_data())["result"]


@pytest.fixture
def conversation():
    conversation = Conversation()
    yield conversation
    conversation.stream.close()


def test_health():
    assert requests.get(URL + "/health", timeout=5).json() == {"status": "ok"}


def test_unknown_session_is_refused():
    question = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    response = requests.post(URL + "/messages/?session_id=0badcafe", json=question, timeout=5)
    assert response.status_code == 404


def test_server_introduces_itself(conversation):
    assert conversation.ask("initialize")["server"] == "toolbox"


def test_tools_are_listed(conversation):
    conversation.ask("initialize")
    assert conversation.ask("tools/list")["tools"] == ["echo", "shout"]


def test_echo(conversation):
    assert conversation.ask("tools/call", name="echo", text="hello")["text"] == "hello"


def test_shout_after_echo(conversation):
    conversation.ask("initialize")
    assert conversation.ask("tools/call", name="echo", text="hi")["text"] == "hi"
    assert conversation.ask("tools/call", name="shout", text="hi")["text"] == "HI"

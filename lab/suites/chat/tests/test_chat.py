import json
import logging
import os
import time

import pytest
import requests
import websocket

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("chat")


@pytest.fixture
def join():
    """Opens a connection to a room; all are closed afterwards."""
    opened = []

    def join(room):
        opened.append(websocket.create_connection(URL.replace("http", "ws") + f"/ws/rooms/{room}", timeout=1.2))
        LOG.info("joined %s", room)
        time.sleep(0.05)
        return opened[-1]

    yield join
    for connection in opened:
        connection.close(timeout=1)


def say(room, text):
    response = requests.post(f"{URL}/rooms/{room}/messages", json={"text": text}, timeout=5)
    LOG.info("said %r in %s: %s", text, room, response.status_code)
    assert response.status_code == 201


def heard(connection):
    try:
        return json.loads(connection.recv())["text"]
    except websocket.WebSocketTimeoutException:
        LOG.info("nothing heard")
        return None


def test_history_has_the_message():
    say("history", "first")
    time.sleep(0.05)
    messages = requests.get(URL + "/rooms/history/messages", timeout=5).json()["messages"]
    assert [message["text"] for message in messages] == ["first"]


def test_message_reaches_the_room(join):
    connection = join("kitchen")
    say("kitchen", "tea is ready")
    assert heard(connection) == "tea is ready"


def test_announcement_reaches_the_lobby(join):
    lobby = join("lobby")
    say("lobby", "doors open at nine")
    assert heard(lobby) == "doors open at nine", "the message never arrived"


def test_a_second_message_follows_the_first(join):
    connection = join("garden")
    say("garden", "one")
    assert heard(connection) == "one"
    say("garden", "two")
    assert heard(connection) == "two"


def test_other_rooms_stay_silent(join):
    cellar = join("cellar")
    say("attic", "a bat!")
    assert heard(cellar) is None

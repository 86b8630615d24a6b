import logging
import os
import time

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("board")


def put(name, text):
    assert requests.put(f"{URL}/notices/{name}", json={"text": text}, timeout=5).status_code == 200
    LOG.info("notice %s written", name)
    time.sleep(0.05)


def get(name):
    response = requests.get(f"{URL}/notices/{name}", timeout=5)
    LOG.info("notice %s answered %s", name, response.status_code)
    return response


def test_unknown_notice_is_404():
    assert get("nothing").status_code == 404


def test_new_notice_is_shown():
    put("canteen", "closed on Friday")
    assert get("canteen").status_code == 200, "notice is missing"


def test_changed_notice_is_shown():
    put("parking", "free")
    put("parking", "full until noon")
    response = get("parking")
    assert response.status_code == 200
    assert response.json()["text"] == "full until noon"

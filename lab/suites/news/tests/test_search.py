import time

import pytest


def publish(call, title):
    response = call("POST", "/articles", json={"title": title})
    assert response.status_code == 201
    return response.json()["id"]


@pytest.mark.parametrize("title", ["harbour closed", "bridge opened"])
def test_article_can_be_read(call, title):
    key = publish(call, title)
    assert call("GET", f"/articles/{key}").json()["title"] == title


def test_article_is_found_later(call):
    key = publish(call, "a quiet lighthouse")
    time.sleep(0.9)
    assert key in call("GET", "/search?q=lighthouse").json()["hits"]


@pytest.mark.parametrize("word", ["tramway", "carnival"])
def test_new_article_is_found(call, word):
    key = publish(call, f"all about the {word}")
    assert key in call("GET", f"/search?q={word}").json()["hits"], f"article {key} is not found"

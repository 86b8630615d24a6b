import pytest


def price(call, name):
    return call("GET", f"/prices/{name}").json()["value"]


@pytest.mark.parametrize(("name", "value"), [("paper", 3), ("ink", 12)])
def test_first_price_is_shown(call, name, value):
    assert call("PUT", f"/prices/{name}", json={"value": value}).status_code == 200
    assert price(call, name) == value


def test_changed_price_is_shown(call):
    call("PUT", "/prices/poster", json={"value": 7})
    assert price(call, "poster") == 7
    call("PUT", "/prices/poster", json={"value": 9})
    assert price(call, "poster") == 9, "old price"

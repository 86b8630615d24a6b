def sign_in(portal, user):
    return portal.call("POST", "/login", 200, json={"user": user, "password": "pa55"}).json()["token"]


def test_account_needs_a_sign_in(portal):
    assert portal.call("GET", "/account").text == "Please sign in"


def test_account_shows_the_user(portal):
    sign_in(portal, "greta")
    response = portal.call("GET", "/account", 200)
    assert "greta" in response.text, "signed out again"


def test_token_is_void_after_sign_out(portal):
    headers = {"Authorization": "Bearer " + sign_in(portal, "hugo")}
    portal.call("GET", "/orders", 200, headers=headers)
    portal.call("DELETE", "/tokens/current", 204, headers=headers)
    assert portal.call("GET", "/orders", headers=headers).status_code == 401, "the token still works"


def test_account_is_locked_after_three_misses(portal):
    for _ in range(3):
        portal.call("POST", "/login", 401, json={"user": "ida", "password": "?"})
    response = portal.call("POST", "/login", json={"user": "ida", "password": "?"})
    assert response.status_code == 423, "a fourth try was allowed"


def test_connection_with_the_bank(portal):
    state = portal.call("GET", "/connect/start", 200).json()["state"]
    assert portal.call("GET", "/connect/return", params={"state": state, "code": "abc"}).json() == {"connected": True}

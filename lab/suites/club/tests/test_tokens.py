import time


def sign_in(call, user):
    token = call("POST", "/tokens", json={"user": user}).json()["token"]
    return {"Authorization": "Bearer " + token}


def test_profile_after_signing_in(call):
    assert call("GET", "/profile", headers=sign_in(call, "kurt")).json()["user"] == "kurt"


def test_profile_twice(call):
    headers = sign_in(call, "lena")
    assert call("GET", "/profile", headers=headers).status_code == 200
    assert call("GET", "/profile", headers=headers).status_code == 200


def test_wrong_token(call):
    assert call("GET", "/profile", headers={"Authorization": "Bearer x"}).status_code == 401


def test_profile_after_a_long_form(call):
    headers = sign_in(call, "mona")
    assert call("GET", "/profile", headers=headers).status_code == 200
    time.sleep(0.6)
    assert call("GET", "/profile", headers=headers).status_code == 200, "not signed in any more"

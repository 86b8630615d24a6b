import pytest


@pytest.fixture(params=["first", "second"])
def helga(call, request):
    """Every test of hers wants Helga to join anew."""
    response = call("POST", "/members", json={"email": "helga@club.example"})
    assert response.status_code == 201, f"{request.param} time: {response.text}"
    return response.json()["id"]


def test_new_member_is_known(call, helga):
    assert call("GET", f"/members/{helga}").json()["email"] == "helga@club.example"


@pytest.mark.parametrize("name", ["ivan", "jutta"])
def test_member_is_known(call, name):
    key = call("POST", "/members", json={"email": f"{name}@club.example"}).json()["id"]
    assert call("GET", f"/members/{key}").json()["email"] == f"{name}@club.example"


def test_unknown_member(call):
    assert call("GET", "/members/00000000").status_code == 404

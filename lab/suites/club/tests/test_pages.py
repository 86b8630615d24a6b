import pytest


def join(call, name):
    response = call("POST", "/members", json={"email": f"{name}@page.example"})
    assert response.status_code == 201
    return response.json()["id"]


@pytest.mark.parametrize("number", range(2))
def test_early_member_is_in_the_list(call, number):
    key = join(call, f"early-{number}")
    assert key in [member["id"] for member in call("GET", "/members").json()["members"]]


def test_four_more_join(call):
    assert len({join(call, f"more-{number}") for number in range(4)}) == 4


@pytest.mark.parametrize("number", range(2))
def test_late_member_is_in_the_list(call, number):
    key = join(call, f"late-{number}")
    assert key in [member["id"] for member in call("GET", "/members").json()["members"]], f"{key} is not listed"


def test_there_are_pages(call):
    assert call("GET", "/members?page=2").json()["pages"] >= 2

import re


def signups(portal):
    return int(re.search(r"portal_signups_total (\d+)", portal.call("GET", "/metrics", 200).text).group(1))


def test_contact_form_can_be_sent(portal):
    token = portal.call("GET", "/contact", 200).json()["csrf"]
    portal.call("POST", "/contact", 201, json={"csrf": token, "text": "hello"})


def test_contact_form_without_token_is_refused(portal):
    portal.call("POST", "/contact", 403, json={"csrf": "none", "text": "hello"})


def test_new_banner_is_shown(portal):
    portal.call("PUT", "/admin/config/banner", 200, json={"text": "closed on Monday"})
    assert portal.call("GET", "/banner", 200).json()["banner"] == "closed on Monday"


def test_new_category_is_in_the_menu(portal):
    for _ in range(3):
        portal.call("GET", "/menu", 200)
    portal.call("POST", "/categories", 201, json={"name": "garden"})
    assert "garden" in portal.call("GET", "/menu", 200).json()["categories"]


def test_signups_are_counted(portal):
    before = signups(portal)
    for _ in range(2):
        portal.call("POST", "/signups", 201)
    assert signups(portal) == before + 2

import requests


def test_health(base_url):
    assert requests.get(base_url + "/health", timeout=5).status_code == 200


def test_new_item(base_url, new_item):
    key = new_item("cup")
    assert requests.get(f"{base_url}/items/{key}", timeout=5).status_code == 200


def test_report_of_all_items(base_url, new_item):
    new_item("mirror")
    response = requests.get(base_url + "/report", timeout=8)
    assert response.status_code == 200
